"""« Contacter l'assistance »: the form, open to all, and the number that the question gets.

Who is signed in finds its name, its mail address and its requests there, and no captcha: its account is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from enrolment import parameters
from enrolment.errors import Refused
from enrolment.services import attempts, tickets
from enrolment.services.tickets import Question
from public_site.account.guard import Visitor, current
from public_site.captcha import ANSWER, PASS, PROOF, TOKEN, captcha_view, pass_for, problem_with
from public_site.pace import wait_message
from public_site.site import portal_of, render, visitor_address
from schema.describe import field
from schema.history import Actor
from schema.tables import Ticket
from schema.types import InvalidValue, RequestNumber, parse_as
from web.fields import FieldView
from web.forms import SMALL_LIMITS
from web.routing import Access, form_of, page

_ASKED = ("name", "email", "subject", "ans_number", "request_number", "body")
_KINDS = {"email": "email", "body": "textarea"}
_HELPS = {
    "name": "Pour savoir à qui nous répondons.",
    "email": "Notre réponse y sera envoyée.",
    "ans_number": "Si votre question porte sur un référencement.",
    "request_number": "Si votre question porte sur une demande déjà déposée.",
    "body": "Dites ce que vous vouliez faire et ce qui s'est passé. N'y mettez ni mot de passe, ni IBAN.",
}
_TRAP = "site_web"
"""A field that no person sees: only programs fill it in."""

_CONTROLS = frozenset({_TRAP, "action", TOKEN, ANSWER, PROOF, PASS})
_PURPOSE, _SUBJECT = "assistance", "question"
_LONGEST_CARRIED = 64


@dataclass(frozen=True)
class _Asker:
    """Who asks: nobody known, or a signed-in vendor and its requests."""

    visitor: Visitor | None
    offered: Sequence[tuple[str, str]] = ()

    @property
    def owned(self) -> frozenset[str]:
        """The numbers it may choose from."""
        return frozenset(number for number, _ in self.offered)


def show_form(request: Request) -> Response:
    """The form; the number that could not be found, or the request one was reading, is carried over."""
    carried = request.query_params
    asker = _asker(request)
    demande = carried.get("demande", "")[:_LONGEST_CARRIED]
    typed = {
        "ans_number": carried.get("numero", "")[:_LONGEST_CARRIED],
        "request_number": demande if not asker.offered or demande in asker.owned else "",
        "subject": "Numéro de référencement inconnu" if carried.get("numero") else "",
    }
    if asker.visitor is not None:
        account = asker.visitor.account
        typed |= {"name": f"{account.first_name} {account.last_name}", "email": account.email}
    return _page(request, asker, typed, {})


def send(request: Request) -> Response:
    """Keep the question and say its number."""
    form = form_of(request)
    if set(form) - {*_ASKED, *_CONTROLS}:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    asker = _asker(request)
    typed = {name: form.get(name) for name in _ASKED}
    if form.get("action") == "new-code":
        return _page(request, asker, typed, {})
    read, errors = _read(typed)
    if asker.offered and read.get("request_number") and read["request_number"] not in asker.owned:
        errors["request_number"] = "Choisissez l'une de vos demandes, ou aucune."
    captcha_problem = None if asker.visitor else problem_with(request, form, _PURPOSE, _SUBJECT)
    if captcha_problem is not None:
        errors[ANSWER] = captcha_problem
    passed = "" if captcha_problem else pass_for(request, _PURPOSE, _SUBJECT)
    if errors:
        return _page(request, asker, typed, errors, passed)
    if form.get(_TRAP):
        return render(request, "pages/assistance_sent.html", {"number": None, "email": read["email"]})
    portal = portal_of(request)
    actor = asker.visitor.actor if asker.visitor else Actor.visitor()
    with portal.database.writing(actor) as session:
        counters = attempts.mail_counters("assistance", read["email"] or "", visitor_address(request))
        if asker.visitor:
            counters += attempts.question_counters(asker.visitor.account.id)
        turn = attempts.allowed(session, counters)
        if turn.wait:
            ticket_number = None
        else:
            question = Question(
                name=read["name"] or "",
                email=read["email"] or "",
                subject=read["subject"] or "",
                body=read["body"] or "",
                ans_number=read["ans_number"],
                request_number=read["request_number"],
            )
            ticket_number = tickets.open_ticket(session, actor, question, portal.addresses).number
    if turn.wait:
        return _page(request, asker, typed, {"email": wait_message(turn.wait)}, passed)
    return render(request, "pages/assistance_sent.html", {"number": ticket_number, "email": read["email"]})


def _read(typed: Mapping[str, str]) -> tuple[dict[str, str | None], dict[str, str]]:
    """The values that could be read, and what is wrong with the others."""
    read: dict[str, str | None] = {}
    errors: dict[str, str] = {}
    for name in _ASKED:
        spec = field(Ticket, name)
        try:
            read[name] = spec.clean(typed[name])
            if name == "request_number" and read[name]:
                read[name] = parse_as(RequestNumber, typed[name])
        except InvalidValue as error:
            errors[name] = error.message if typed[name].strip() else f"Renseignez « {spec.label} »."
    return read, errors


def _asker(request: Request) -> _Asker:
    visitor = current(request)
    if visitor is None:
        return _Asker(None)
    with portal_of(request).database.reading() as session:
        return _Asker(visitor, tickets.requests_offered(session, visitor.account.id))


def _page(
    request: Request, asker: _Asker, typed: Mapping[str, str], errors: Mapping[str, str], passed: str = ""
) -> Response:
    captcha = None
    if asker.visitor is None:
        captcha = captcha_view(request, _PURPOSE, _SUBJECT, error=errors.get(ANSWER), passed=passed)
    fields = [_view(name, typed, errors, asker.offered) for name in _ASKED]
    portal = portal_of(request)
    with portal.database.reading() as session:
        hours, phone = parameters.text(session, "support_hours"), parameters.text(session, "asp_phone")
    context = {
        "fields": fields,
        "views": fields + ([captcha.view] if captcha else []),
        "captcha": captcha,
        "trap": _TRAP,
        "hours": hours,
        "phone": phone,
    }
    return render(request, "pages/assistance.html", context, 422 if errors else 200)


def _view(
    name: str, typed: Mapping[str, str], errors: Mapping[str, str], offered: Sequence[tuple[str, str]]
) -> FieldView:
    spec = field(Ticket, name)
    changes: dict[str, object] = {"help": _HELPS.get(name, spec.help), "example": None, "rows": 8}
    if name in _KINDS:
        changes["kind"] = _KINDS[name]
    if name.endswith("_number"):
        changes["width"] = "medium"
    if name == "request_number" and offered:
        changes |= {
            "label": "Votre demande concernée",
            "help": "Si votre question porte sur l'une de vos demandes.",
            "kind": "select",
            "choices": [(number, f"{number} – {software}") for number, software in offered],
            "width": "long",
        }
    return FieldView.of(spec, typed.get(name, ""), errors.get(name), **changes)


ROUTES = (
    page("/assistance", show_form, access=Access.PUBLIC, name="assistance"),
    page("/assistance", send, access=Access.PUBLIC, methods=["POST"], limits=SMALL_LIMITS, name="ask_assistance"),
)
