"""Keeps what a page of the form sends: first what was typed, then every file that can be taken, whatever else is wrong.

Files are checked and stored outside the transactions, since that takes time.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request

from enrolment.application.questions import names
from enrolment.application.rules import BOXES, box
from enrolment.errors import Refused
from enrolment.services import banks, drafts
from public_site import keeping
from public_site.site import portal_of
from public_site.wizard.desk import Desk, desk_of, find_open
from schema.enums import Step
from schema.history import Actor
from schema.tables import Attachment
from web.forms import Form, Upload

VISITOR = Actor.visitor()
CONTROLS = frozenset(
    {"action", "previous", "remove", "confirmed", "captcha_token", "captcha_answer", "captcha_proof", "captcha_pass"}
)
"""Names of buttons and of the captcha: part of every page, kept nowhere."""


def keep(request: Request, step: Step, form: Form) -> tuple[Desk, dict[str, str]]:
    """Save everything that the form holds. Gives the desk afterwards, and what is wrong with the files by field.

    Raises Refused for a field that the page does not have (SEC-19).
    """
    _refuse_strangers(form, step)
    typed = {name: form.get(name) for name in form if name not in CONTROLS}
    with portal_of(request).database.writing(VISITOR) as session:
        draft = find_open(session, request, lock=True)
        if step is Step.bank:
            banks.fill_domiciliation(session, typed)
        drafts.save(session, draft, step, typed)
    desk = desk_of(request, step)
    errors = keep_files(request, desk, form.uploads)
    return (desk_of(request, step) if form.uploads else desk), errors


def keep_files(request: Request, desk: Desk, uploads: Iterable[Upload]) -> dict[str, str]:
    """Take every file that can be taken; what is wrong with the others, by field. Raises Refused for a stranger."""

    def attach(attachment: Attachment) -> None:
        with portal_of(request).database.writing(VISITOR) as session:
            drafts.attach(session, find_open(session, request, lock=True), attachment)

    return keeping.keep_files(request, desk.offers, uploads, attach)


def remove_file(request: Request, desk: Desk, field: str) -> None:
    """Take a file out of the draft; one that is already gone is no error."""
    stored = desk.application.files.get(field.removeprefix("document."))
    if stored is None:
        return
    with portal_of(request).database.writing(VISITOR) as session:
        drafts.detach(session, find_open(session, request, lock=True), stored.public_id)


def _refuse_strangers(form: Form, step: Step) -> None:
    known = names(step) | CONTROLS
    if step is Step.summary:
        known |= {box(kind) for kind in BOXES}
    if set(form) - known:
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
