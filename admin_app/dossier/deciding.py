"""The way of a decision: prepared on the file, its mail read and edited, then sent. Nothing typed is ever lost.

The rules are the services'; here is only what each page shows next.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from admin_app.dossier import addresses, view
from admin_app.dossier import typed as names
from admin_app.dossier.typed import Typed
from admin_app.messages import said
from admin_app.staff import Staff, staff_of
from enrolment.errors import Conflict, DomainError, Refused
from enrolment.mail import markup
from enrolment.mail.french_names import NAMES
from enrolment.mail.outbox import Letter
from enrolment.portal import Portal
from enrolment.services import choices, decisions, dossier, flagging, pending, recalling, rights, taking, transition
from enrolment.services.demands import label_of
from enrolment.services.dossier import Dossier
from enrolment.workflow import target_of
from schema.enums import Verb
from web.parts import Crumb
from web.routing import form_of

if TYPE_CHECKING:
    from admin_app.office import BackOffice

INSERT, EDIT, SEND = "inserer", "modifier", "envoyer"
"""What the button that was pressed asks for; any other word shows the mail."""


def go_on(office: BackOffice, request: Request, request_id: int) -> Response:
    """The next page of a decision, by the button that was pressed."""
    typed = names.read(form_of(request))
    stage = form_of(request).get(names.STAGE)
    if stage == SEND:
        return _send(office, request, request_id, typed)
    if typed.verb is Verb.ask_correction and stage in {"", INSERT} and staff_of(request).may_open("instruct"):
        # From the page of the file. What forbids it forbids the decision too, and is said there.
        with suppress(DomainError):
            _keep_flags(office, request, request_id)
    return _prepare(office, request, request_id, typed, stage)


def _prepare(office: BackOffice, request: Request, request_id: int, typed: Typed, stage: str) -> Response:
    """The mail of a decision, to read and edit; or the file again, to go on typing."""
    staff = staff_of(request)
    with office.database.reading() as session:
        dossier.find(session, request_id)
        if stage == INSERT:
            typed = dataclasses.replace(typed, message=view.with_template(session, typed))
        if stage in {INSERT, EDIT}:
            return _file(office, request, session, request_id, typed)
        file = dossier.read(session, request_id)
        if file.request.row_version != typed.version:
            return _conflict(office, request, file, typed, decisions.what_happened(session, file.request))
        try:
            choices.require_open(file, typed.verb)
            letter = decisions.preview(session, staff.actor, file.request, typed.decision, office.portal.addresses)
        except Conflict as error:
            return _conflict(office, request, file, typed, error.message)
        except Refused as error:
            return _file(office, request, session, request_id, typed, error)
        return _preview(office, request, session, file, typed, typed.letter or letter)


def flag(office: BackOffice, request: Request, request_id: int) -> Response:
    """Keep what is ticked beside the declared data. A form that holds a decision too comes back as it was typed."""
    form = form_of(request)
    typed = names.read(form) if names.VERB in form else None
    try:
        _keep_flags(office, request, request_id)
    except Refused as error:
        with office.database.reading() as session:
            context = view.context(request, session, request_id, typed=typed, problem=error.message)
        return office.render(request, "dossier/file.html", context, error.http_status)
    if typed is None:
        return RedirectResponse(addresses.file(request_id), 303)
    with office.database.reading() as session:
        kept = {one.name: one.reason for one in flagging.of(session, dossier.find(session, request_id))}
        typed = dataclasses.replace(typed, flagged=kept, reasons=typed.reasons | kept)
        return _file(office, request, session, request_id, typed, done="signale")


def _keep_flags(office: BackOffice, request: Request, request_id: int) -> None:
    staff = staff_of(request)
    ticked, seen = names.flags(form_of(request))
    with office.database.writing(staff.actor) as session:
        dossier.find(session, request_id)
        flagging.save(session, staff.id, request_id, ticked, seen)


def take_back(office: BackOffice, request: Request, request_id: int) -> Response:
    """Recall the decision that waits: everything that was typed is back in the form, ready to be changed."""
    with office.database.writing(staff_of(request).actor) as session:
        dossier.find(session, request_id)
        decision, letter = recalling.recall(session, request_id)
    with office.database.reading() as session:
        row = dossier.find(session, request_id)
        return _file(office, request, session, request_id, names.of(decision, letter, row.row_version), done="annule")


def forget(office: BackOffice, request: Request, request_id: int) -> Response:
    """Put aside a decision that could not take effect, once it was read."""
    with office.database.writing(staff_of(request).actor) as session:
        dossier.find(session, request_id)
        recalling.recall(session, request_id)
    return RedirectResponse(addresses.file(request_id), 303)


def hurry(office: BackOffice, request: Request, request_id: int) -> Response:
    """Let the decision that waits take effect now."""
    with office.database.reading() as session:
        dossier.find(session, request_id)
        kept = pending.of(session, request_id)
        if kept is not None:
            rights.require_decision(session, staff_of(request).actor, kept.verb)
        actor = recalling.actor_of(session, kept) if kept is not None else staff_of(request).actor
    with office.database.writing(actor) as session:
        if recalling.take_effect(session, request_id, office.portal.addresses) is None:
            raise Conflict("Cette décision a déjà pris effet, ou un collègue l'a annulée. Rechargez le dossier.")
    return RedirectResponse(addresses.file(request_id, done="decide"), 303)


def _send(office: BackOffice, request: Request, request_id: int, typed: Typed) -> Response:
    """Take the decision, which can be recalled for some minutes; the file is its manager's from now on."""
    staff = staff_of(request)
    try:
        with office.database.writing(staff.actor) as session:
            waits = _decide(office, session, staff, request_id, typed)
    except (Conflict, Refused) as error:
        with office.database.reading() as session:
            file = dossier.read(session, request_id)
            if isinstance(error, Conflict) or typed.letter is None:
                return _conflict(office, request, file, typed, error.message)
            return _preview(office, request, session, file, typed, typed.letter, error)
    return RedirectResponse(addresses.file(request_id, done="decide-bientot" if waits else "decide"), 303)


def _decide(office: BackOffice, session: Session, staff: Staff, request_id: int, typed: Typed) -> bool:
    """Whether the decision waits for its effect."""
    decisions.locked(session, request_id, typed.version)
    choices.require_open(dossier.read(session, request_id), typed.verb)
    kept = recalling.decide(
        session,
        staff.id,
        staff.actor,
        request_id,
        typed.decision,
        office.portal.addresses,
        row_version=typed.version,
        letter=typed.letter,
    )
    return kept is not None


def _file(
    office: BackOffice,
    request: Request,
    session: Session,
    request_id: int,
    typed: Typed,
    error: Refused | None = None,
    done: str = "",
) -> Response:
    context = view.context(request, session, request_id, typed=typed, problem=error.message if error else "")
    if done:
        context["done"] = said(done)
    return office.render(request, "dossier/file.html", context, error.http_status if error else 200)


def _preview(
    office: BackOffice,
    request: Request,
    session: Session,
    file: Dossier,
    typed: Typed,
    letter: Letter,
    error: Refused | None = None,
) -> Response:
    staff = staff_of(request)
    line = transition.allowed(session, staff.actor, file.request, typed.verb)
    target = target_of(line, transition.situation(session, file.request))
    kinds = dict(file.kinds)
    context: dict[str, Any] = {
        **_shared(file, typed, "Mail à relire"),
        "letter": letter,
        "read_as": as_read(office.portal, letter, file.request.number),
        "target": target,
        "is_mine": file.request.assigned_to_id == staff.id,
        "held_since": taking.since(session, file.request),
        "opens_account": line.opens_account and file.request.account_id is None,
        "documents": _asked(typed, kinds),
        "problem": error.message if error else "",
    }
    return office.render(request, "dossier/preview.html", context, error.http_status if error else 200)


def _asked(typed: Typed, kinds: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the decision asks, in words: fields, then documents."""
    if typed.verb not in {Verb.ask_documents, Verb.ask_correction}:
        return []
    fields = [(label_of(name), reason) for name, reason in typed.flagged.items()]
    return fields + [(kinds.get(code, code), note) for code, note in typed.documents.items()]


def as_read(portal: Portal, letter: Letter, number: str) -> str:
    """The text of the mail; the links that are the recipient's alone stay short."""
    short = f"{portal.settings.base_url}/lien-personnel"
    known = portal.addresses
    links = dict.fromkeys(markup.placeholders(letter.body), short)
    links |= {NAMES["sign_in_link"]: known.sign_in(), NAMES["support_link"]: known.assistance(number)}
    read = markup.to_text(markup.with_links(letter.body, links))
    # An address is written in ASCII; this one is only looked at.
    return read.replace(quote("…"), "…")


def _conflict(office: BackOffice, request: Request, file: Dossier, typed: Typed, message: str) -> Response:
    kinds = dict(file.kinds)
    context = {
        **_shared(file, typed, "Dossier modifié"),
        "message": message,
        "documents": _asked(typed, kinds),
        "stage": EDIT,
    }
    return office.render(request, "dossier/conflict.html", context, 409)


def _shared(file: Dossier, typed: Typed, here: str) -> dict[str, Any]:
    number = file.request.number
    return {
        "file": file,
        "request_row": file.request,
        "typed": typed,
        "names": names,
        "addresses": addresses,
        "title": next(title for verb, title in choices.TITLES.items() if verb is typed.verb),
        "crumbs": [
            Crumb("File d'attente", addresses.QUEUE),
            Crumb(number, addresses.file(file.request.id)),
            Crumb(here),
        ],
    }
