"""The routes of a new correction: which table, which rows, which changes. Nothing is changed before its preview."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.corrections import addresses, form, tables, writing
from admin_app.corrections.writing import Writing
from admin_app.pages import StaffPage, page
from admin_app.staff import staff_of
from enrolment.corrections import recipes, steering
from enrolment.errors import DomainError, Refused
from enrolment.records.filters import WrongFilters
from schema.base import Table, table_of
from schema.enums import CorrectionSource
from schema.history import Actor
from schema.tables import Correction
from web.parts import Crumb
from web.routing import form_of

PATH = "/nouvelle-correction"


class NewCorrectionPage(StaffPage):
    """« Nouvelle correction »."""

    name = "Nouvelle correction"

    @page(PATH, permission="corrections")
    def choose(self, request: Request) -> Response:
        """Which table."""
        found = [
            (
                model,
                ", ".join(spec.label for spec in recipes.correctable(model)),
                addresses.new(table_of(model).name),
                addresses.of_file(table_of(model).name),
            )
            for model in tables.correctables(staff_of(request))
        ]
        crumbs = [Crumb("Corrections", addresses.LIST), Crumb("Nouvelle correction")]
        return self.office.render(request, "corrections/choose.html", {"tables": found, "crumbs": crumbs})

    @page(f"{PATH}/{{table}}", permission="corrections")
    def write(self, request: Request) -> Response:
        """Which rows and which changes, from the filter or the ticks of a list if one led here."""
        model = tables.to_correct(staff_of(request), request.path_params["table"])
        return self._form(request, model, Writing.start(request.query_params.multi_items()))

    @page(f"{PATH}/{{table}}", permission="corrections", methods=("POST",))
    def prepare(self, request: Request) -> Response:
        """Ask for the preview; or follow another button of the form. What was typed comes back with what is wrong."""
        staff, sent = staff_of(request), form_of(request)
        model = tables.to_correct(staff, request.path_params["table"])
        typed = Writing.read(sent)
        if typed.step != writing.PREPARE:
            return self._form(request, model, typed.after_step(model, sent.get(writing.ADDED)))
        try:
            with self.office.database.writing(staff.actor) as session:
                correction = _ask(session, staff.actor, model, typed)
        except WrongFilters as error:
            # The form itself says what is wrong with each filter.
            return self._form(request, model, typed, status=error.http_status)
        except _Wrong as error:
            return self._form(request, model, typed, error.errors, status=error.http_status)
        except Refused as error:
            return self._form(request, model, typed, problem=error.message, status=error.http_status)
        return RedirectResponse(addresses.show(correction.public_id), 303)

    def _form(
        self,
        request: Request,
        model: type[Table],
        typed: Writing,
        errors: dict[str, str] | None = None,
        *,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        with self.office.database.reading() as session:
            context = form.context(session, model, typed, errors or {})
        context |= {
            "problem": problem,
            "crumbs": [
                Crumb("Corrections", addresses.LIST),
                Crumb("Nouvelle correction", addresses.NEW),
                Crumb(model.label_plural),
            ],
        }
        return self.office.render(request, "corrections/new.html", context, status)


class _Wrong(DomainError):
    """Fields that are wrong, each with its reason."""

    status = 422

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


def _ask(session: Session, actor: Actor, model: type[Table], typed: Writing) -> Correction:
    """Raises DomainError."""
    assigned, errors = form.assignments(session, model, typed)
    known = {spec.name for spec in recipes.correctable(model)}
    if any(column not in known for column in errors):
        # No page of ours offers such a column.
        raise Refused(" ".join(message for column, message in errors.items() if column not in known))
    if not typed.reason:
        errors[writing.REASON] = "Dites pourquoi : le motif est inscrit dans l'historique de chaque ligne."
    if errors:
        raise _Wrong(errors)
    return steering.new(
        session,
        actor,
        model,
        title=typed.title or recipes.said(model, assigned)[:255],
        reason=typed.reason,
        source=CorrectionSource.ticked if typed.keys else CorrectionSource.filter,
        recipe=typed.recipe(assigned),
    )
