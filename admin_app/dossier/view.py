"""What the page of a file shows, put together from the service's reading of it and from what was typed so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from starlette.requests import Request

from admin_app import addresses as tables
from admin_app.corrections import offering
from admin_app.dossier import addresses, answers, declared, history
from admin_app.dossier import typed as names
from admin_app.dossier.typed import Typed
from admin_app.mails import addresses as mails
from admin_app.permissions import Right
from admin_app.staff import Staff, staff_of
from enrolment import clock
from enrolment.services import choices, decisions, dossier, notes, pending, recalling, resubmitting, taking
from enrolment.services.choices import Choice
from enrolment.services.dossier import Dossier, Piece
from enrolment.workflow import WAITS_FOR_VENDOR
from schema.enums import ReviewState, Verb
from schema.tables import DocumentKind, EnrolmentRequest, PendingDecision, ReasonTemplate
from schema.types import Siren, show_as
from web.parts import Crumb, Event, status_tone


@dataclass(frozen=True)
class Template:
    """A ready-made reason."""

    key: str
    title: str
    body: str
    kind_code: str | None


@dataclass(frozen=True)
class AskedView:
    """One kind of document that may be asked for."""

    code: str
    name: str
    asked: bool
    note: str


@dataclass(frozen=True)
class ChoiceView:
    """One decision on the page: what it does, why it may be closed, and the start of its form."""

    choice: Choice
    open: bool
    message: str
    needs_reason: bool
    documents: tuple[AskedView, ...]
    templates: tuple[Template, ...]
    letter: Any

    @property
    def name(self) -> str:
        """Stands in the ids of its fields."""
        return self.choice.verb.value

    @property
    def flags(self) -> bool:
        """Whether answers are flagged for it, beside the declared data."""
        return self.choice.verb is Verb.ask_correction


def context(
    request: Request,
    session: Session,
    request_id: int,
    *,
    typed: Typed | None = None,
    problem: str = "",
    redo: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """What `dossier/file.html` needs. `redo` is a refused review: the piece and the reason that was typed."""
    staff = staff_of(request)
    file = dossier.read(session, request_id)
    waits = pending.of(session, request_id)
    is_waiting = waits is not None and waits.problem is None
    may_decide = staff.may_open("decide") and not is_waiting
    possible = decisions.possible_decisions(session, staff.actor, file.request) if may_decide else ()
    open_verbs = [verb for verb in possible if staff.may_decide(verb)]
    templates = reasons(session)
    piece = file.piece(redo[0] if redo else request.query_params.get("piece", ""))
    views = [_choice(file, choice, templates, typed) for choice in choices.choices(file, open_verbs)]
    may_flag = staff.may_open("instruct") and file.reviewable and not is_waiting
    sections = declared.sections(session, file, typed, may_flag=may_flag)
    changes = history.entries(session, file.request)
    return {
        "file": file,
        "request_row": file.request,
        "delay": dossier.delay_of(session, file),
        "held_by_vendor": file.request.status in WAITS_FOR_VENDOR,
        "today": clock.today(),
        "siren": show_as(Siren, file.provider.siren),
        "answered": answers.answered(session, file.request),
        "reminders": sum(mail.template == "vendor_silent" for mail in file.mails),
        "former_reason": _former_reason(session, file),
        "crumbs": [Crumb("File d'attente", addresses.QUEUE), Crumb(file.request.number)],
        "addresses": addresses,
        "names": names,
        "piece": piece,
        "before": _beside(file, piece, -1),
        "after": _beside(file, piece, 1),
        "mail_url": mails.show if staff.may_open("mail_log") else None,
        "viewed": _viewed(piece),
        "may_view": staff.may_open("view_pieces"),
        "notes": notes.of(session, request_id),
        "may_note": staff.may_open("write_notes"),
        "colleagues": [one for one in taking.managers(session) if one.id != file.request.assigned_to_id],
        "waits": _waiting(session, waits, staff),
        "may_review": may_flag,
        "may_take": staff.may_open("instruct")
        and not is_waiting
        and not file.request.decided_at
        and file.request.status.value != "withdrawn",
        "is_mine": file.request.assigned_to_id == staff.id,
        "held_since": taking.since(session, file.request),
        "ReviewState": ReviewState,
        "redo_reason": redo[1] if redo else "",
        "redo_open": redo is not None,
        "redo_templates": [
            one for one in templates.get(Verb.ask_documents, ()) if piece and one.kind_code == piece.kind_code
        ],
        "choices": views,
        "withheld": [choices.TITLES[verb] for verb in choices.ORDER if verb in possible and verb not in open_verbs],
        "sections": sections,
        # Where no correction may be asked, ticks have a form of their own.
        "flags_alone": may_flag and not any(one.flags for one in views),
        "flagged": declared.flagged(sections),
        "flag_templates": templates.get(Verb.ask_correction, ()) if may_flag else (),
        "typed": typed,
        "problem": problem,
        "events": [_event(event) for event in file.events],
        "entries": changes,
        "corrections": offering.of_batches(session, staff, (one.batch for one in changes)),
        "edit_url": tables.edit("request", request_id) if staff.may("request", Right.edit) else None,
        "row_url": tables.details("request", request_id) if staff.may("request", Right.details) else None,
        "provider_url": tables.details("provider", file.provider.id) if staff.may("provider", Right.details) else None,
    }


@dataclass(frozen=True)
class Waiting:
    """A decision that has not taken effect: whose, when it will, or why it could not.

    Whoever decides may recall it, since that sends nothing; sending it now takes the right to this very decision.
    """

    title: str
    by: str
    at: datetime
    problem: str | None
    may_act: bool
    may_send: bool


def _waiting(session: Session, kept: PendingDecision | None, staff: Staff) -> Waiting | None:
    if kept is None:
        return None
    by = recalling.actor_of(session, kept).label
    return Waiting(
        choices.TITLES[kept.verb],
        by,
        kept.effective_at,
        kept.problem,
        staff.may_open("decide"),
        staff.may_decide(kept.verb),
    )


def _former_reason(session: Session, file: Dossier) -> str:
    """Why the request that this one takes up was refused."""
    if file.previous is None:
        return ""
    return resubmitting.former(session, session.get_one(EnrolmentRequest, file.previous.id)).reason


def reasons(session: Session) -> Mapping[Verb, tuple[Template, ...]]:
    """The ready-made reasons in use, by decision."""
    rows = session.exec(
        select(ReasonTemplate, DocumentKind.code)
        .outerjoin(DocumentKind, col(ReasonTemplate.document_kind_id) == DocumentKind.id)
        .where(col(ReasonTemplate.active).is_(True))
        .order_by(col(ReasonTemplate.title))
    )
    found: dict[Verb, list[Template]] = {}
    for row, code in rows:
        found.setdefault(row.verb, []).append(Template(str(row.id), row.title, row.body, code))
    return {verb: tuple(templates) for verb, templates in found.items()}


def with_template(session: Session, given: Typed) -> str:
    """The message with the chosen ready-made reason at its end."""
    chosen = next((one for one in reasons(session).get(given.verb, ()) if one.key == given.template), None)
    if chosen is None:
        return given.message
    return f"{given.message.rstrip()}\n\n{chosen.body}" if given.message.strip() else chosen.body


def _choice(
    file: Dossier,
    choice: Choice,
    templates: Mapping[Verb, tuple[Template, ...]],
    typed: Typed | None,
) -> ChoiceView:
    mine = typed if typed is not None and typed.verb is choice.verb else None
    asked = mine.documents if mine else {item.code: item.note for item in choice.documents}
    notes = mine.notes if mine else asked
    documents = tuple(
        AskedView(code, name, code in asked, notes.get(code, ""))
        for code, name in file.kinds
        if choice.verb in {Verb.ask_documents, Verb.ask_correction}
    )
    return ChoiceView(
        choice=choice,
        open=mine is not None,
        message=mine.message if mine else choice.message,
        needs_reason=choice.verb in {Verb.reject, Verb.refuse_certificate},
        documents=tuple(sorted(documents, key=lambda item: not item.asked)),
        templates=templates.get(choice.verb, ()),
        letter=mine.letter if mine else None,
    )


def _viewed(piece: Piece | None) -> str:
    """How a piece is shown: in a frame, as a picture, or not at all."""
    if piece is None or piece.closed:
        return ""
    return "frame" if piece.content_type == "application/pdf" else "image"


def _beside(file: Dossier, piece: Piece | None, step: int) -> Piece | None:
    """The piece before or after this one in the list."""
    place = file.pieces.index(piece) + step if piece is not None else -1
    return file.pieces[place] if 0 <= place < len(file.pieces) else None


def _event(event: Any) -> Event:
    return Event(
        at=event.at,
        title=f"{event.verb.label} → {event.target.label}",
        text=event.message or "",
        by=event.actor_label,
        tone=status_tone(event.target),
    )
