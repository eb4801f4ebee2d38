"""« Règles » : the administrator's way in to all that changes without a developer, and what is planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.addresses import create, details, list_of, with_query
from admin_app.menu import PageEntry, Section
from admin_app.messages import DONE
from admin_app.pages import StaffPage, page
from admin_app.permissions import Right
from admin_app.row_history import said_of
from admin_app.rules import addresses, steps
from admin_app.staff import require_right, staff_of
from enrolment.errors import NotFound, Refused
from enrolment.records import presentation
from enrolment.rules import checks, documents, opening, planned, versions
from schema.base import table_of
from schema.describe import FieldKind, field, model_named
from schema.enums import PlannedState
from schema.tables import DocumentKind, DocumentRule, PlannedChange, StaffUser
from web.parts import Crumb

_LARGEST_KEY = 2**31 - 1

_GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Quelle pièce, quand", "Les pièces demandées, et à qui.", ("document_rule", "document_kind")),
    ("Vagues et DSR", "Ce qui s'enrôle, et de quand à quand.", ("wave", "dsr", "profile", "corridor")),
    ("Mails", "Ce que le portail écrit aux fournisseurs.", ("message_template",)),
    ("Motifs", "Les phrases prêtes des décisions.", ("reason_template",)),
    ("Textes légaux", "Ce que le site public affiche ou fait accepter.", ("legal_text",)),
    ("Délais et relances", "Le temps de chacun, et les rappels.", ("deadline",)),
    ("Conservation", "Ce que le portail efface, et quand.", ("retention",)),
    ("Paramètres", "Nombres et coordonnées que citent les pages et les mails.", ("parameter",)),
)


@dataclass(frozen=True)
class TableLine:
    """One table of rules on the first page."""

    label: str
    url: str
    count: int
    changed: datetime | None


@dataclass(frozen=True)
class PlannedLine:
    """A planned change as the page shows it."""

    id: int
    what: str
    url: str | None
    at: datetime
    by: str
    reason: str
    state: PlannedState
    problem: str
    changes: tuple[tuple[str, str], ...]

    @property
    def waits(self) -> bool:
        """Whether it may still be cancelled or made."""
        return self.state in planned.WAITING


class RulesPage(StaffPage):
    """The pages of rules."""

    name = "Règles"
    entry: ClassVar[PageEntry | None] = PageEntry("Règles", addresses.RULES, "rules", Section.rules)

    @page("/regles", permission="rules")
    def show(self, request: Request) -> Response:
        """What rules there are, in words."""
        with self.office.database.reading() as session:
            groups = [
                (title, about, [_line(session, table) for table in tables if staff_of(request).may(table, Right.list)])
                for title, about, tables in _GROUPS
            ]
            context = {"groups": groups, "coming": _lines(session, planned.waiting(session))}
            context["failed"] = _lines(session, planned.failed(session))
        return self._render(request, "rules/index.html", context)

    @page("/regles/pieces", permission="rules")
    def pieces(self, request: Request) -> Response:
        """Every document rule as a sentence."""
        with self.office.database.reading() as session:
            rows = session.exec(
                select(DocumentRule)
                .join(DocumentKind, col(DocumentRule.document_kind_id) == DocumentKind.id)
                .order_by(col(DocumentKind.name), col(DocumentRule.id))
            ).all()
            said = [
                (documents.sentence(session, row), details("document_rule", row.id), row.active, row.reason)
                for row in rows
            ]
        may_add = staff_of(request).may("document_rule", Right.create)
        context = {"rules": said, "create_url": create("document_rule") if may_add else None}
        return self._render(request, "rules/pieces.html", context, Crumb("Quelle pièce, quand"))

    @page("/regles/ouvrir-une-vague", permission="rules")
    def open_wave(self, request: Request) -> Response:
        """The checklist of a wave."""
        raw = request.query_params.get("vague", "")
        with self.office.database.reading() as session:
            waves = opening.waves(session)
            chosen = next((wave for wave in waves if str(wave.id) == raw), None)
            if raw and chosen is None:
                raise NotFound("Cette vague n'existe pas ou n'existe plus.")
            found = opening.steps(session, chosen)
        context = {
            "waves": waves,
            "chosen": chosen,
            "steps": [steps.line(staff_of(request), step, chosen) for step in found],
            "missing": sum(1 for step in found if not step.done and not step.optional),
        }
        return self._render(request, "rules/opening.html", context, Crumb("Ouvrir une vague"))

    @page("/regles/versions/{table}/{pk:int}", permission="rules")
    def versions(self, request: Request) -> Response:
        """Every version of a rule, with what changed."""
        table, key = request.path_params["table"], request.path_params["pk"]
        if table not in checks.TABLES:
            raise NotFound("Cette liste n'a pas de versions.")
        view = self.office.view_of(table)
        with self.office.database.reading() as session:
            row = view.row(session, request, key)
            name = presentation.title_of(session, row)
            shown = {spec.name: spec for spec in presentation.visible(view.model)}
            found = [
                {
                    "version": one,
                    "changes": [
                        (
                            shown[column].label,
                            said_of(session, shown[column], old),
                            said_of(session, shown[column], new),
                        )
                        for column, (old, new) in one.changes.items()
                        if column in shown
                    ],
                    "values": [
                        (shown[column].label, said_of(session, shown[column], value))
                        for column, value in one.values.items()
                        if column in shown and column not in presentation.TECHNICAL
                    ],
                }
                for one in versions.versions_of(session, row)
            ]
        context = {"name": name, "view": view, "versions": found, "back": details(table, key)}
        return self._render(request, "rules/versions.html", context, Crumb(name, details(table, key)))

    @page("/regles/programmes", permission="rules")
    def planned(self, request: Request) -> Response:
        """Changes to come, and those that could not be made."""
        with self.office.database.reading() as session:
            waiting = [*planned.failed(session), *planned.waiting(session)]
            ended = session.exec(
                select(PlannedChange)
                .where(col(PlannedChange.state).in_([PlannedState.applied, PlannedState.cancelled]))
                .order_by(col(PlannedChange.id).desc())
                .limit(20)
            ).all()
            context: dict[str, Any] = {"waiting": _lines(session, waiting), "ended": _lines(session, ended)}
        context["may_change"] = staff_of(request).may_open("change_rules")
        return self._render(request, "rules/planned.html", context, Crumb("Changements programmés"))

    @page("/regles/programmes/{pk:int}/annuler", permission="change_rules", methods=("POST",))
    def cancel(self, request: Request) -> Response:
        """Give a change up."""
        staff = staff_of(request)
        with self.office.database.writing(staff.actor) as session:
            planned.cancel(session, _key(request))
        return RedirectResponse(with_query(addresses.PLANNED, {DONE: "programme-annule"}), 303)

    @page("/regles/programmes/{pk:int}/appliquer", permission="change_rules", methods=("POST",))
    def apply(self, request: Request) -> Response:
        """Make a change at once, in one's own name."""
        staff, key = staff_of(request), _key(request)
        with self.office.database.reading() as session:
            change = session.get(PlannedChange, key)
        if change is not None:
            require_right(request, change.table_name, Right.create if change.row_id is None else Right.edit)
        if not planned.apply(self.office.database, key, by=staff.actor):
            with self.office.database.reading() as session:
                problem = session.get_one(PlannedChange, key).problem
            raise Refused(problem or "Ce changement vient d'être fait ou annulé. Rechargez la page.")
        return RedirectResponse(with_query(addresses.PLANNED, {DONE: "programme-fait"}), 303)

    def _render(self, request: Request, name: str, context: dict[str, Any], *crumbs: Crumb) -> Response:
        first = Crumb("Règles", addresses.RULES) if crumbs else Crumb("Règles")
        return self.office.render(request, name, {**context, "crumbs": [first, *crumbs], "links": addresses})


def _key(request: Request) -> int:
    key: int = request.path_params["pk"]
    if not 0 < key <= _LARGEST_KEY:
        raise NotFound("Ce changement n'existe pas ou n'existe plus.")
    return key


def _line(session: Session, table: str) -> TableLine:
    model = model_named(table)
    columns = table_of(model).c
    count, changed = session.execute(sa.select(sa.func.count(columns.id), sa.func.max(columns.updated_at))).one()
    return TableLine(model.label_plural, list_of(table), count, changed)


def _lines(session: Session, rows: Any) -> list[PlannedLine]:
    found = []
    for row in rows:
        model = model_named(row.table_name)
        target = session.get(model, row.row_id) if row.row_id is not None else None
        what = (
            f"{model.label} « {presentation.title_of(session, target)} »"
            if target is not None
            else (f"Ajout : {model.label}")
        )
        author = session.get_one(StaffUser, row.author_id)
        changes = tuple(
            (field(model, name).label, _typed(session, row.table_name, name, raw)) for name, raw in row.changes.items()
        )
        found.append(
            PlannedLine(
                row.id,
                what,
                details(row.table_name, target.id) if target is not None else None,
                row.effective_at,
                f"{author.first_name} {author.last_name}",
                row.reason or "",
                row.state,
                row.problem or "",
                changes,
            )
        )
    return found


def _typed(session: Session, table: str, name: str, raw: str) -> str:
    """A kept text as one reads it."""
    spec = field(model_named(table), name)
    if not raw:
        return "(vide)"
    if spec.references is not None and raw.isdecimal():
        return presentation.titles(session, {spec.references: {int(raw)}}).get((spec.references, int(raw)), raw)
    if spec.kind in {FieldKind.moment, FieldKind.date, FieldKind.boolean, FieldKind.choice}:
        return spec.show(spec.clean(raw))
    return raw
