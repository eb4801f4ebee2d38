"""A demand of the ASP as its vendor answers it: each point asked, what was given so far, what is still missing.

Nothing is written here (`answering` does). The points of a demand of documents are its items. Those of a correction are
its items and whatever the new answers make necessary. Those of certificates are read from the rules (E2).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock
from enrolment.application.questions import CONFIRMATIONS, Question, question
from enrolment.application.rules import problems_of
from enrolment.application.state import Application, Problem, StoredFile
from enrolment.documents import Facts, Kind, owed_later
from enrolment.errors import Conflict, NotFound
from enrolment.services import banks, reference
from enrolment.services.notices import stored_facts
from enrolment.services.retyping import application_of, stored_files
from enrolment.typography import moment
from schema.enums import DemandKind, DemandState, ReviewState, Step, Verb
from schema.tables import Attachment, Demand, DemandItem, DocumentKind, EnrolmentRequest
from schema.types import InvalidValue

HOSTING = "request.hosts_health_data"
EMPTIED = " "
"""What an item keeps when the vendor empties an optional answer: it was answered, with nothing."""

MADE_NECESSARY = "Rendu nécessaire par votre correction."
ENDINGS = {
    DemandKind.documents: Verb.complete_deposit,
    DemandKind.correction: Verb.complete_correction,
    DemandKind.certificates: Verb.complete_certificates,
}
"""The verb that ends the answer to each kind of demand."""

_GONE = (
    "Cette demande de l'ASP n'existe pas ou n'existe plus. Ouvrez votre demande d'enrôlement pour voir où elle en est."
)


class NoLongerAsked(Conflict):
    """The demand is answered or cancelled: there is nothing to send any more."""

    def __init__(self, demand: Demand) -> None:
        said = (
            "Votre réponse a déjà été envoyée" if demand.state is DemandState.answered else "L'ASP n'attend plus rien"
        )
        on = f" le {moment(demand.closed_at)}" if demand.closed_at else ""
        super().__init__(f"{said}{on} pour cette demande : rien n'a été changé.")


@dataclass(frozen=True)
class Point:
    """One thing asked: a document (`kind`) or an answer (`question`). `version` is 0 before anything is kept of it.

    `prefilled` is what the field of a correction holds, as a form sends it, while nobody has answered.
    """

    name: str
    label: str
    reason: str
    version: int
    kind: Kind | None = None
    question: Question | None = None
    old: str = ""
    typed: str | None = None
    prefilled: str | None = None
    file: StoredFile | None = None

    @property
    def is_given(self) -> bool:
        """Whether the vendor has given something."""
        return self.file is not None or self.typed is not None


@dataclass(frozen=True)
class Answer:
    """A demand and its points. `problems` are what stands in the way of ending it; `application` is set for those that
    edit answers."""

    demand: Demand
    request: EnrolmentRequest
    points: tuple[Point, ...]
    problems: tuple[Problem, ...]
    application: Application | None = None
    conditional: tuple[tuple[Point, str], ...] = ()
    """Documents that depend on the answer to `HOSTING`, with that answer as a form sends it."""

    @property
    def is_complete(self) -> bool:
        """Whether the answer can be ended."""
        return not self.problems

    @property
    def documents(self) -> tuple[Point, ...]:
        """The points that are documents."""
        return tuple(point for point in self.points if point.kind is not None)

    @property
    def questions(self) -> tuple[Point, ...]:
        """The points that are answers."""
        return tuple(point for point in self.points if point.question is not None)

    @property
    def is_late(self) -> bool:
        """Whether the last day to answer is past."""
        due_on: date | None = self.demand.due_on
        return due_on is not None and clock.today() > due_on

    def point(self, name: str) -> Point:
        """A point by its name. Raises NotFound."""
        found = next((point for point in self.points if point.name == name), None)
        if found is None:
            raise NotFound("Ce point n'est pas demandé, ou ne l'est plus. Rechargez la page.")
        return found


def find(session: Session, public_id: str, *, lock: bool = False) -> Demand:
    """A demand by its public id, open or not. Raises NotFound."""
    statement = select(Demand).where(Demand.public_id == public_id)
    found = session.exec(statement.with_for_update() if lock else statement).first()
    if found is None:
        raise NotFound(_GONE)
    return found


def open_of(session: Session, request_id: int, *, lock: bool = False) -> Demand | None:
    """What the ASP waits for, for a request: one demand at most."""
    statement = select(Demand).where(Demand.request_id == request_id, Demand.state == DemandState.open)
    return session.exec(statement.with_for_update() if lock else statement).first()


def latest(session: Session, request_public_id: str) -> Demand | None:
    """The open demand of a request, else the last one that was closed."""
    return session.exec(
        select(Demand)
        .join(EnrolmentRequest, col(Demand.request_id) == EnrolmentRequest.id)
        .where(EnrolmentRequest.public_id == request_public_id)
        .order_by(sa.case((col(Demand.state) == DemandState.open, 0), else_=1), col(Demand.id).desc())
    ).first()


def read(session: Session, demand: Demand) -> Answer:
    """A demand with its points."""
    request = session.get_one(EnrolmentRequest, demand.request_id)
    reader = {
        DemandKind.documents: _documents,
        DemandKind.certificates: _certificates,
        DemandKind.correction: _correction,
    }[demand.kind]
    return reader(session, demand, request)


def items_of(session: Session, demand: Demand) -> dict[str, DemandItem]:
    """The items of a demand by the name of their point, in their order."""
    rows = session.execute(
        sa.select(DemandItem, col(DocumentKind.code))
        .outerjoin(DocumentKind, col(DemandItem.document_kind_id) == DocumentKind.id)
        .where(col(DemandItem.demand_id) == demand.id)
        .order_by(col(DemandItem.id))
    )
    return {item.field or document(code): item for item, code in rows}


def document(code: str) -> str:
    """The name of the point that asks for a kind of document."""
    return f"document.{code}"


def label_of(name: str) -> str:
    """The French name of a field; its own when the form no longer has it."""
    try:
        return question(name).label
    except KeyError:
        return name


def typed_so_far(items: Mapping[str, DemandItem]) -> dict[str, str]:
    """What the vendor has typed, by question."""
    return {name: item.new_value.strip() for name, item in items.items() if item.field and item.new_value is not None}


def _documents(session: Session, demand: Demand, request: EnrolmentRequest) -> Answer:
    points = tuple(_document_points(session, demand, items_of(session, demand)))
    return Answer(demand, request, points, tuple(_missing(points)))


def _certificates(session: Session, demand: Demand, request: EnrolmentRequest) -> Answer:
    """The certificate, and where the DSR wants it the HDS question with its document; nothing else is taken (A4)."""
    items = items_of(session, demand)
    application = application_of(session, request, typed_so_far(items), {})
    facts = stored_facts(session, request)
    answers = {answer: _owed(session, facts, hosts=answer) for answer in (True, False)}
    asks_hosting = set(answers[True]) != set(answers[False])
    fine = _fine(session, request) - {name.removeprefix("document.") for name in items}
    wanted = {code: kind for code, kind in (answers[True] | answers[False]).items() if code not in fine}
    wanted |= {kind.code: kind for kind in reference.document_kinds(session) if document(kind.code) in items}
    conditions = {
        code: "oui" if code in answers[True] else "non"
        for code in wanted
        if asks_hosting and (code in answers[True]) != (code in answers[False])
    }
    every = list(_document_points(session, demand, {**dict.fromkeys(map(document, wanted)), **items}))
    conditional = tuple(
        (point, conditions[point.kind.code]) for point in every if point.kind and point.kind.code in conditions
    )
    hosting = application.answers.get(HOSTING) if application.value(HOSTING) is not None else None
    points = [point for point in every if point.kind and point.kind.code not in conditions]
    problems: list[Problem] = []
    if asks_hosting:
        points.append(_question_point(items.get(HOSTING), HOSTING, typed=application.answers.get(HOSTING)))
        points += [point for point, answer in conditional if answer == hosting]
        if hosting is None:
            problems.append(Problem(HOSTING, f"Répondez à la question « {label_of(HOSTING)} » par Oui ou par Non."))
    return Answer(demand, request, tuple(points), (*_missing(points), *problems), application, conditional)


def _owed(session: Session, facts: Facts, *, hosts: bool) -> dict[str, Kind]:
    """The kinds that a validated referencing asks for beyond those of the early request."""
    answered = dataclasses.replace(facts, hosts_health_data=hosts if facts.needs_hds else None)
    return {item.kind.code: item.kind for item in owed_later(reference.document_rules(session), answered)}


def _fine(session: Session, request: EnrolmentRequest) -> set[str]:
    """The kinds in force in the request that no manager wants again."""
    rows = session.exec(
        select(DocumentKind.code)
        .join(Attachment, col(Attachment.document_kind_id) == DocumentKind.id)
        .where(
            Attachment.request_id == request.id,
            col(Attachment.replaced_by_id).is_(None),
            Attachment.review != ReviewState.to_redo,
        )
    )
    return set(rows)


def _correction(session: Session, demand: Demand, request: EnrolmentRequest) -> Answer:
    """The items, and what the new answers make necessary: another field that must follow, a document now due."""
    items = items_of(session, demand)
    typed = typed_so_far(items)
    if banks.IBAN in typed and banks.DOMICILIATION not in typed:
        banks.fill_domiciliation(session, typed)
    files = stored_files(session, Attachment.demand_id == demand.id)
    before = application_of(session, request, {}, {})
    after = application_of(session, request, typed, files)
    known = {(problem.field, problem.message) for problem in _all_problems(before)}
    new = [problem for problem in _all_problems(after) if (problem.field, problem.message) not in known]
    asked_before = {item.name for step in Step for item in before.asked(step)}
    implied = [item.name for step in Step for item in after.asked(step) if item.name not in asked_before]
    implied += [problem.field for problem in new if problem.field not in implied]
    names = [
        name
        for name in dict.fromkeys([*items, *map(_asked_as, implied)])
        if name not in NEVER_CORRECTED and _still_applies(after, items.get(name), name)
    ]
    documents = {name: items.get(name) for name in names if name.startswith("document.")}
    points = [
        _question_point(items.get(name), name, typed=typed.get(name), old=before)
        for name in names
        if name not in documents and _is_question(name)
    ]
    points += _document_points(session, demand, documents)
    unanswered = [
        Problem(point.name, f"Corrigez « {point.label} ».")
        for point in points
        if point.question is not None and point.typed is None and point.name in items
    ]
    wrong = [problem for problem in _judged(after, points) if problem.field not in {one.field for one in unanswered}]
    return Answer(demand, request, tuple(points), (*unanswered, *wrong, *_missing(points)), after)


NEVER_CORRECTED = frozenset({"referencing.ans_number", "provider.siret"})
"""What makes a request this request: a correction never reaches it."""


def _still_applies(application: Application, item: DemandItem | None, name: str) -> bool:
    """What a former answer made necessary is not asked any more once another answer takes it back."""
    if item is None or item.reason != MADE_NECESSARY:
        return True
    if name.startswith("document."):
        return any(document(one.kind.code) == name for one in application.due)
    return _is_question(name) and application.applies(question(name))


def _asked_as(name: str) -> str:
    """A confirmation of a mail address is not asked for again: the address itself is."""
    return CONFIRMATIONS.get(name, name)


def _is_question(name: str) -> bool:
    try:
        question(name)
    except KeyError:
        return False
    return True


def _all_problems(application: Application) -> list[Problem]:
    now = clock.now()
    steps = [step for step in Step if step is not Step.summary]
    return [
        problem
        for step in steps
        for problem in problems_of(step, application, now)
        if problem.field not in NEVER_CORRECTED
    ]


def _judged(application: Application, points: list[Point]) -> list[Problem]:
    """What the rules say of the points that are answers. Whether a document is there is judged apart."""
    names = {point.name for point in points if point.question is not None}
    return [problem for problem in _all_problems(application) if problem.field in names]


def _question_point(item: DemandItem | None, name: str, *, typed: str | None, old: Application | None = None) -> Point:
    asked = question(name)
    before = item.old_value if item is not None and item.old_value else _shown(old, asked) if old else ""
    return Point(
        name=name,
        label=asked.label,
        reason=(item.reason or "") if item is not None else MADE_NECESSARY if old else "",
        version=item.row_version if item is not None else 0,
        question=asked,
        old=before,
        typed=typed,
        prefilled=old.answers.get(name, "").strip() if old else None,
    )


def _shown(application: Application, asked: Question) -> str:
    """An answer as a person reads it."""
    typed = application.answers.get(asked.name, "")
    try:
        return asked.shown(asked.spec.clean(typed), application.street_types)
    except InvalidValue:
        return typed


def shown_of(application: Application, name: str) -> str:
    """The answer to a question as a person reads it, « (vide) » when there is none."""
    return _shown(application, question(name)) or "(vide)"


def _document_points(session: Session, demand: Demand, items: Mapping[str, DemandItem | None]) -> Iterator[Point]:
    kinds = {document(kind.code): kind for kind in reference.document_kinds(session)}
    files = stored_files(session, Attachment.demand_id == demand.id)
    for name, item in items.items():
        kind = kinds.get(name)
        if kind is not None:
            yield Point(
                name=name,
                label=kind.name,
                reason=(item.reason or "") if item is not None else "",
                version=item.row_version if item is not None else 0,
                kind=kind,
                file=files.get(kind.code),
            )


def _missing(points: tuple[Point, ...] | list[Point]) -> Iterator[Problem]:
    for point in points:
        if point.kind is not None and point.file is None:
            yield Problem(point.name, f"Importez « {point.label} ».")
