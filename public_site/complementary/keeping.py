"""Keeps what the page of a complementary request sends: the company, what was typed, then every file."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request

from enrolment.application.questions import names, names_asked_again
from enrolment.errors import Refused
from enrolment.services import drafts
from public_site import keeping
from public_site.account.guard import visitor_of
from public_site.complementary.desk import STEPS, ShortDesk, desk_of, find_open
from public_site.site import portal_of
from schema.tables import Attachment
from web.forms import Form, Upload

COMPANY = "fournisseur"
CONTROLS = frozenset({"action", "remove", "confirmed", COMPANY})


def keep(request: Request, form: Form) -> tuple[ShortDesk, dict[str, str]]:
    """Save everything that the form holds. Gives the desk afterwards, and what is wrong with files and company."""
    asked = names_asked_again()
    if set(form) - asked - CONTROLS:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    errors: dict[str, str] = {}
    with portal_of(request).database.writing(visitor_of(request).actor) as session:
        draft = find_open(session, request, lock=True)
        chosen = form.get(COMPANY)
        if chosen:
            try:
                drafts.choose_company(session, draft, int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
            except Refused as error:
                errors[COMPANY] = error.message
        for step in STEPS:
            typed = {name: form.get(name) for name in form if name in names(step)}
            if typed:
                drafts.save(session, draft, step, typed)
    desk = desk_of(request)
    errors |= keep_files(request, desk, form.uploads)
    return (desk_of(request) if form.uploads else desk), errors


def keep_files(request: Request, desk: ShortDesk, uploads: Iterable[Upload]) -> dict[str, str]:
    """Take every file that can be taken; what is wrong with the others, by field."""

    def attach(attachment: Attachment) -> None:
        with portal_of(request).database.writing(visitor_of(request).actor) as session:
            drafts.attach(session, find_open(session, request, lock=True), attachment)

    return keeping.keep_files(request, desk.offers, uploads, attach)


def remove_file(request: Request, desk: ShortDesk, field: str) -> None:
    """Take a file out of the draft; one that is already gone is no error."""
    stored = desk.application.files.get(field.removeprefix("document."))
    if stored is not None:
        with portal_of(request).database.writing(visitor_of(request).actor) as session:
            drafts.detach(session, find_open(session, request, lock=True), stored.public_id)
