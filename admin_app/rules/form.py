"""What the form of a rule has more than that of any row: a date of effect, a preview, and what is already planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session
from starlette.requests import Request

from admin_app import forms, writes
from admin_app.rules import addresses
from admin_app.staff import Staff, staff_of
from enrolment.mail import markup
from enrolment.records import presentation
from enrolment.rules import checks, documents, letters, planned, preview
from enrolment.rules.letters import Sample
from enrolment.rules.preview import Effect
from enrolment.typography import moment
from schema.base import Table
from schema.describe import field
from schema.tables import DocumentRule, LegalText, MessageTemplate, Parameter, PlannedChange, ReasonTemplate
from schema.types import InvalidValue
from web.fields import FieldView
from web.forms import Form
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice
    from admin_app.views import TableView

_OWN_DATE = frozenset({"legal_text"})
"""Tables whose rows already say from when they hold."""


@dataclass(frozen=True)
class Preview:
    """What a preview shows; empty parts are not shown."""

    effects: tuple[Effect, ...] = ()
    mail: Sample | None = None
    text: str = ""
    sentence: str = ""


def is_rule(table: str) -> bool:
    """Whether a table holds rules."""
    return table in checks.TABLES


def wants_preview(view: TableView, form: Form) -> bool:
    """Whether the button « Prévisualiser » was pressed."""
    return is_rule(view.identity) and bool(form.get(forms.PREVIEW))


def read_date(view: TableView, form: Form, typed: forms.Typed) -> datetime | None:
    """The date of effect, None for now. Notes its error in `typed`."""
    raw = form.get(forms.EFFECTIVE).strip()
    if not raw or not is_rule(view.identity) or view.identity in _OWN_DATE:
        return None
    try:
        found: datetime = field(PlannedChange, "effective_at").clean(raw)
    except InvalidValue as error:
        typed.errors[forms.EFFECTIVE] = str(error)
        return None
    if found <= datetime.now(found.tzinfo):
        typed.errors[forms.EFFECTIVE] = "Cette date est passée : choisissez une date à venir, ou laissez vide."
    return found


def fields(view: TableView, request: Request, typed: forms.Typed | None) -> list[FieldView]:
    """The fields after those of the row."""
    if not is_rule(view.identity):
        return []
    form = form_of(request)
    errors = typed.errors if typed is not None else {}
    found = []
    if view.identity not in _OWN_DATE:
        found.append(
            FieldView(
                forms.EFFECTIVE,
                "Prend effet le",
                help="Heure de Paris. Vide : tout de suite.",
                kind="datetime-local",
                value=form.get(forms.EFFECTIVE),
                required=False,
                autocomplete="off",
                error=errors.get(forms.EFFECTIVE),
            )
        )
    if view.model is MessageTemplate:
        found.append(
            FieldView(
                forms.EXAMPLE,
                "Demande pour l'aperçu",
                help="Numéro de la demande qui remplit l'aperçu. Vide : la dernière.",
                value=form.get(forms.EXAMPLE),
                required=False,
                autocomplete="off",
            )
        )
    return found


def plan(
    office: BackOffice,
    request: Request,
    view: TableView,
    typed: forms.Typed,
    effective_at: datetime,
    key: int | None = None,
) -> None:
    """Keep the typed values for a date to come: tried first, undone, then kept. Raises what saving would."""
    staff = staff_of(request)
    with office.database.writing(staff.actor, typed.reason) as session:
        before = view.row(session, request, key) if key is not None else None
        old = forms.raw_row(view.model, before) if before is not None else {}
        specs = presentation.editable(view.model)
        new = {spec.name: forms.raw_of(spec, typed.values[spec.name]) for spec in specs}
        # A number that stands where a row was found by its name is its key.
        changes = {name: raw for name, raw in new.items() if old.get(name) != raw}
        attempt = session.begin_nested()
        _write(session, staff, request, view, typed, key)
        attempt.rollback()
        planned.plan(
            session,
            view.model,
            key,
            changes,
            effective_at=effective_at,
            author_id=staff.id,
            reason=typed.reason,
        )


def make_preview(
    office: BackOffice, request: Request, view: TableView, typed: forms.Typed, key: int | None = None
) -> Preview:
    """What saving would do, with nothing kept. Raises what saving would."""
    staff = staff_of(request)
    measure, tell = preview.MEASURES.get(view.identity, (lambda _: None, lambda _, __: []))
    with office.database.writing(staff.actor) as session:
        try:
            before = measure(session)
            row = _write(session, staff, request, view, typed, key)
            effects = tuple(tell(before, measure(session)))
            return _shown(office, session, row, effects, form_of(request).get(forms.EXAMPLE).strip())
        finally:
            session.rollback()


def _write(
    session: Session, staff: Staff, request: Request, view: TableView, typed: forms.Typed, key: int | None
) -> Table:
    if key is None:
        return writes.insert(session, staff, view.model, typed.values)
    row = writes.locked(session, view.row_query(request, key))
    writes.update(session, staff, row, typed.version, typed.values)
    return row


def _shown(office: BackOffice, session: Session, row: Table, effects: tuple[Effect, ...], number: str) -> Preview:
    if isinstance(row, DocumentRule):
        return Preview(effects, sentence=documents.sentence(session, row))
    if isinstance(row, MessageTemplate):
        return Preview(effects, mail=letters.sample(session, row, office.portal.addresses, number))
    if isinstance(row, ReasonTemplate):
        return Preview(effects, text=markup.to_text(row.body))
    if isinstance(row, LegalText):
        return Preview(effects, text=f"{row.title}\n\n{row.body}")
    if isinstance(row, Parameter):
        return Preview((Effect(f"« {row.value} » : {row.about_fr}"),))
    return Preview(effects or (Effect("Ce changement est possible. Il ne change aucun dossier déjà déposé."),))


def context_of(session: Session, view: TableView, row: Table | None) -> dict[str, Any]:
    """What the page and the form of a rule say of it: its sentence, its version, what is planned, its variables."""
    if not is_rule(view.identity):
        return {}
    found: dict[str, Any] = {"rule": {"version": None, "variables": ()}}
    if row is None:
        return found
    found["rule"] |= {
        "version": row.row_version,
        "since": row.updated_at,
        "versions_url": addresses.versions(view.identity, row.id),
        "planned": [moment(change.effective_at) for change in planned.waiting(session, view.identity, row.id)],
        "planned_url": addresses.PLANNED,
        "sentence": documents.sentence(session, row) if isinstance(row, DocumentRule) else "",
        "variables": letters.variables_of(row.code) if isinstance(row, MessageTemplate) else (),
    }
    return found
