"""The vendor answers a demand of the ASP: gives files, corrects answers, and ends with « Terminer » (A3, A4).

What is given stays with the demand until it ends; then all of it reaches the request at once. A file that arrives when
the ASP has just cancelled its demand joins the request: nothing is lost. Who may answer is the caller's question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.addresses import Addresses
from enrolment.application.state import Application, Problem
from enrolment.errors import Conflict, Refused
from enrolment.mail import messages
from enrolment.services import notices, reviewing, transition
from enrolment.services.demands import (
    EMPTIED,
    ENDINGS,
    MADE_NECESSARY,
    Answer,
    NoLongerAsked,
    Point,
    find,
    items_of,
    read,
    shown_of,
)
from enrolment.services.recaps import rows_of
from enrolment.services.submission import bank_check_of, to_verify
from enrolment.workflow import WAITS_FOR_ASP
from schema.enums import DemandKind, DemandState, PersonRole
from schema.history import Actor
from schema.tables import Attachment, BankAccount, Demand, DemandItem, EnrolmentRequest, Person

_LONGEST_ANSWER = 500


class Unfinished(Refused):
    """Something asked is missing or wrong. `problems` says what."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


class TakenOver(Conflict):
    """Somebody answered the same point meanwhile, in another browser: theirs is kept, and this says so.

    `name` is the point.
    """

    def __init__(self, point: Point, given: str, mine: str) -> None:
        super().__init__(
            f"Depuis un autre navigateur, « {point.label} » vient d'être renseigné : « {given} ». Votre réponse "
            f"« {mine} » n'a pas été enregistrée. Si elle doit remplacer l'autre, donnez-la de nouveau."
        )
        self.name = point.name


@dataclass(frozen=True)
class Kept:
    """What became of what was typed: the points that somebody else answered meanwhile, whose answer stays, and by name
    the version of each point that now holds what was typed."""

    conflicts: list[TakenOver] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, str]:
        """What is said of each conflict, by the name of its point."""
        return {error.name: error.message for error in self.conflicts}


def find_open(session: Session, public_id: str) -> Demand:
    """An open demand, kept from others until the end. Raises NotFound or NoLongerAsked."""
    demand = find(session, public_id, lock=True)
    if demand.state is not DemandState.open:
        raise NoLongerAsked(demand)
    return demand


def attach(session: Session, public_id: str, name: str, seen: int, attachment: Attachment) -> bool:
    """Give the file of a point, checked and stored. `seen` is the version of the point that the vendor saw.

    True when the file joined the request itself, because the demand had just been cancelled.

    Raises NotFound for a point that is not asked, TakenOver when somebody gave a file for it meanwhile, NoLongerAsked
    once the answer has left.
    """
    demand = find(session, public_id, lock=True)
    if demand.state is DemandState.cancelled and _still_takes(session, demand, name):
        _join(session, attachment, demand.request_id)
        return True
    if demand.state is not DemandState.open:
        raise NoLongerAsked(demand)
    point = read(session, demand).point(name)
    if point.kind is None or attachment.document_kind_id != point.kind.id:
        raise Refused("Ce point n'attend pas de fichier.")
    if point.file is not None and point.version != seen:
        raise TakenOver(point, point.file.name, attachment.file_name)
    attachment.demand_id = demand.id
    session.add(attachment)
    session.flush()
    item = _item_for(session, demand, point)
    item.attachment_id = attachment.id
    _save(session, item)
    _drop(session, demand, point, but=attachment.id)
    return False


def detach(session: Session, public_id: str, name: str) -> None:
    """Take back the file of a point; one that is already gone is no error. Raises NotFound or NoLongerAsked."""
    demand = find_open(session, public_id)
    point = read(session, demand).point(name)
    item = items_of(session, demand).get(name)
    if item is not None and item.attachment_id is not None:
        item.attachment_id = None
        _save(session, item)
    _drop(session, demand, point)


def keep(
    session: Session, public_id: str, typed: Mapping[str, str], seen: Mapping[str, int], *, changed_only: bool = False
) -> Kept:
    """Keep what was typed, exactly as typed. `seen` are the versions of the points that the vendor saw.

    With `changed_only` a field that still holds what it was filled in with is no answer, and takes back the vendor's
    own one. Names that are not asked are refused. What comes when the ASP has just cancelled its demand is kept there,
    and changes nothing else. Raises NotFound or NoLongerAsked.
    """
    demand = find(session, public_id, lock=True)
    if demand.state is DemandState.cancelled:
        _keep_late(session, demand, typed)
        return Kept()
    if demand.state is not DemandState.open:
        raise NoLongerAsked(demand)
    answer = read(session, demand)
    asked = {point.name: point for point in answer.questions}
    if set(typed) - set(asked):
        raise Refused("Ce formulaire contient un champ inconnu. Rechargez la page et recommencez.")
    kept = Kept()
    for name, value in typed.items():
        point = asked[name]
        given = value[:_LONGEST_ANSWER].strip()
        if point.typed == given:
            kept.versions[name] = point.version
            continue
        is_theirs = point.typed is not None and point.version != seen.get(name, 0)
        is_answer = not changed_only or given != point.prefilled
        if not is_answer and (point.typed is None or is_theirs):
            continue
        if is_theirs:
            kept.conflicts.append(TakenOver(point, point.typed or "(vide)", given or "(vide)"))
            continue
        item = _item_for(session, demand, point)
        item.new_value = (given or EMPTIED) if is_answer else None
        _save(session, item)
        kept.versions[name] = item.row_version
    return kept


def finish(session: Session, actor: Actor, public_id: str, addresses: Addresses) -> EnrolmentRequest:
    """« Terminer »: everything given reaches the request, which goes back to the ASP.

    Raises NotFound, NoLongerAsked, Unfinished, or TransitionRefused.
    """
    demand = find_open(session, public_id)
    answer = read(session, demand)
    if not answer.is_complete:
        raise Unfinished(answer.problems)
    request = session.exec(
        select(EnrolmentRequest).where(EnrolmentRequest.id == demand.request_id).with_for_update()
    ).one()
    line = transition.allowed(session, actor, request, ENDINGS[demand.kind])
    given = tuple(point.label for point in answer.points if point.is_given)
    changed: list[str] = []
    if demand.kind is not DemandKind.documents and answer.application is not None:
        changed = _apply(session, demand, request, answer, answer.application)
    hand_over(session, demand)
    reviewing.reopen(session, request.id, changed)
    close(session, demand, DemandState.answered)
    event = transition.apply(session, actor, request, line)
    notice = messages.DepositReceived(
        **notices.about(session, request, addresses),
        received_at=event.at,
        items=given,
        status_label=request.status.label,
        status_link=addresses.status(request),
    )
    transition.notify(session, request, event, notice)
    return request


def hand_over(session: Session, demand: Demand) -> None:
    """Give the request the files that were given to a demand; the older ones of the same kind are replaced."""
    for file in session.exec(select(Attachment).where(Attachment.demand_id == demand.id)).all():
        _join(session, file, demand.request_id)


def _join(session: Session, file: Attachment, request_id: int) -> None:
    """Give a file to a request, where it replaces the older one of its kind."""
    older = session.exec(
        select(Attachment).where(
            Attachment.request_id == request_id,
            Attachment.document_kind_id == file.document_kind_id,
            col(Attachment.replaced_by_id).is_(None),
        )
    ).all()
    file.demand_id, file.request_id = None, request_id
    session.add(file)
    session.flush()
    for row in older:
        row.replaced_by_id = file.id
        session.add(row)
    session.flush()


def close(session: Session, demand: Demand, state: DemandState) -> None:
    """End a demand."""
    demand.state, demand.closed_at = state, clock.now()
    session.add(demand)
    session.flush()


def _apply(
    session: Session, demand: Demand, request: EnrolmentRequest, answer: Answer, application: Application
) -> list[str]:
    """Write the corrected answers into the rows they are about, and judge again what follows from them.

    Gives the names of the answers that are not what they were.
    """
    rows = rows_of(session, request)
    items = items_of(session, demand)
    changed: list[str] = []
    for point in answer.questions:
        assert point.question is not None  # noqa: S101  `questions` holds nothing else.
        prefix = point.question.section.prefix
        row = rows.get(prefix)
        if row is None:
            row = rows[prefix] = _new_person(request, prefix)
        given = application.value(point.name)
        if getattr(row, point.question.spec.name) != given:
            changed.append(point.name)
        setattr(row, point.question.spec.name, given)
        session.add(row)
        item = items.get(point.name)
        if item is not None:
            item.new_value = shown_of(application, point.name)
            session.add(item)
    if answer.demand.kind is DemandKind.correction:
        request.legal_name_changed = bool(application.legal_name_changed)
        request.to_verify = to_verify(application)
        bank = rows.get("bank")
        if isinstance(bank, BankAccount):
            # The bank's name follows the IBAN.
            bank.domiciliation = application.value("bank.domiciliation") or bank.domiciliation
            bank.bank_check = bank_check_of(application)
            session.add(bank)
        session.add(request)
    session.flush()
    return changed


def _new_person(request: EnrolmentRequest, prefix: str) -> Person:
    """A correction may say that somebody else files: that person has no row yet."""
    return Person(provider_id=request.provider_id, role=PersonRole(prefix))


def _item_for(session: Session, demand: Demand, point: Point) -> DemandItem:
    """The item of a point; one is made for what an answer or a rule made necessary."""
    known = items_of(session, demand).get(point.name)
    if known is not None:
        return known
    return DemandItem(
        demand_id=demand.id,
        document_kind_id=point.kind.id if point.kind else None,
        field=point.question.name if point.question else None,
        reason=MADE_NECESSARY if demand.kind is DemandKind.correction else None,
        old_value=point.old or None,
    )


def _drop(session: Session, demand: Demand, point: Point, but: int | None = None) -> None:
    """Remove the files of a point that never left; their content goes with the sweep of orphans."""
    if point.kind is None:
        return
    rows = session.exec(
        select(Attachment).where(
            Attachment.demand_id == demand.id, Attachment.document_kind_id == point.kind.id, Attachment.id != but
        )
    ).all()
    for row in rows:
        session.delete(row)
    session.flush()


def _still_takes(session: Session, demand: Demand, name: str) -> bool:
    """Whether a file for a demand that was cancelled can still join the request: it was asked, and the ASP is at it."""
    request = session.get_one(EnrolmentRequest, demand.request_id)
    return request.status in WAITS_FOR_ASP and name in items_of(session, demand)


def _keep_late(session: Session, demand: Demand, typed: Mapping[str, str]) -> None:
    items = items_of(session, demand)
    for name, value in typed.items():
        if name in items and items[name].field:
            items[name].new_value = value[:_LONGEST_ANSWER].strip() or EMPTIED
            _save(session, items[name])


def _save(session: Session, item: DemandItem) -> None:
    session.add(item)
    session.flush()
