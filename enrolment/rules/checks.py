"""What binds a rule table beyond its description: asked when a form is saved, and again when a planned change is made.

Each check is found by the name of its table, and refuses at the field to correct. Document rules have their own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment import clock, parameters
from enrolment.errors import Impossible, Refused
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.rendering import Source, check_syntax, check_template
from enrolment.rules import corrections, documents, needed, referencings
from enrolment.services import choices
from enrolment.typography import moment
from schema.base import Table, table_of
from schema.describe import field
from schema.enums import LegalTextKind
from schema.tables import (
    CorrectionRule,
    Deadline,
    DocumentRule,
    Dsr,
    LegalText,
    MessageTemplate,
    Parameter,
    Profile,
    ReasonTemplate,
    Referencing,
    Retention,
    Wave,
)

Before = Mapping[str, Any] | None

FIXED: Mapping[str, str] = MappingProxyType(
    {
        "dsr": "code",
        "document_kind": "code",
        "message_template": "code",
        "parameter": "code",
        "deadline": "status",
        "retention": "subject",
    }
)
"""Table → the column by which the program looks its rows up: it never changes once the row exists."""

OFFERED: Mapping[tuple[str, str], frozenset[str]] = MappingProxyType(
    {("reason_template", "verb"): frozenset(verb.value for verb in choices.ORDER)}
)
"""Table and column → the choices that a rule may make, where the type of the column knows more."""

_APPEAL_DAYS = 62
"""Two months: a refusal may be contested for that long, so its traces are kept at least as long."""


def check(session: Session, row: Table, before: Before) -> None:
    """Refuse what a rule table forbids. `before` is None for a new row. Raises Impossible or Refused."""
    table = table_of(type(row)).name
    fixed = FIXED.get(table)
    if fixed is not None and before is not None and _changed(row, before, fixed):
        said = field(type(row), fixed).label
        raise Impossible({fixed: f"« {said} » ne change pas : le portail s'en sert pour retrouver la ligne."})
    found = _CHECKS.get(table)
    if found is not None:
        # What is being checked is not written yet: the database would refuse it in its own words.
        with session.no_autoflush:
            found(session, row, before)


def check_removal(session: Session, row: Table) -> None:
    """Refuse a deletion that a rule table forbids; what still points to the row is the database's business."""
    del session
    if isinstance(row, LegalText):
        _keep_text_in_force(row.effective_from)
    needed.keep(row)


def _changed(row: Table, before: Before, *names: str) -> bool:
    return before is None or any(name in before and before[name] != getattr(row, name) for name in names)


def _order(opens_at: datetime, closes_at: datetime | None) -> None:
    """Rule R4: dates in the wrong order would close what they were to open."""
    if closes_at is not None and closes_at <= opens_at:
        raise Impossible({"closes_at": "La fermeture doit venir après l'ouverture. Corrigez l'une des deux dates."})


def _wave(session: Session, row: Wave, before: Before) -> None:
    if not _changed(row, before, "opens_at", "closes_at"):
        return
    _order(row.opens_at, row.closes_at)
    for other in session.exec(select(Wave).order_by(col(Wave.opens_at))):
        if other.id == row.id:
            continue
        starts_before_its_end = other.closes_at is None or row.opens_at < other.closes_at
        if starts_before_its_end and (row.closes_at is None or other.opens_at < row.closes_at):
            until = f"jusqu'au {moment(other.closes_at)}" if other.closes_at else "sans date de fermeture"
            field = "opens_at" if row.opens_at >= other.opens_at else "closes_at"
            raise Impossible(
                {
                    field: f"Ces dates chevauchent celles de « {other.name} », ouverte le {moment(other.opens_at)}, "
                    f"{until}. Deux vagues ne sont pas ouvertes ensemble : changez l'une des deux."
                }
            )
    if before is None:
        return
    for dsr in session.exec(select(Dsr).where(Dsr.wave_id == row.id)):
        if row.closes_at is not None and dsr.enrolment_opens_at >= row.closes_at:
            raise Impossible(
                {"closes_at": f"Le DSR « {dsr.name} » de cette vague n'ouvre qu'ensuite. Changez d'abord ses dates."}
            )
        if row.closes_at is not None and (dsr.closes_at or row.closes_at) > row.closes_at:
            raise Impossible(
                {"closes_at": f"Le DSR « {dsr.name} » de cette vague ferme plus tard. Avancez d'abord sa fermeture."}
            )


def _dsr(session: Session, row: Dsr, before: Before) -> None:
    if _changed(row, before, "enrolment_opens_at", "closes_at", "wave_id"):
        _order(row.enrolment_opens_at, row.closes_at)
    if row.advance_opens_at is not None and row.closes_at is not None and row.advance_opens_at > row.closes_at:
        raise Impossible({"advance_opens_at": "Les avances ouvriraient après la fermeture du DSR."})
    wave = session.get(Wave, row.wave_id)
    if wave is None:
        return
    if (
        _changed(row, before, "closes_at", "wave_id")
        and wave.closes_at
        and (row.closes_at or wave.opens_at) > wave.closes_at
    ):
        raise Impossible({"closes_at": f"La vague « {wave.name} » ferme avant, le {moment(wave.closes_at)}."})
    if _changed(row, before, "enrolment_opens_at", "wave_id"):
        if wave.closes_at is not None and row.enrolment_opens_at >= wave.closes_at:
            raise Impossible(
                {"enrolment_opens_at": f"La vague « {wave.name} » est fermée depuis le {moment(wave.closes_at)}."}
            )
        if before is None and row.enrolment_opens_at < wave.opens_at:
            raise Impossible(
                {"enrolment_opens_at": f"La vague « {wave.name} » n'ouvre que le {moment(wave.opens_at)}."}
            )
    if before is not None and _changed(row, before, "wave_id"):
        used = _count(session, Referencing.dsr_id == row.id)
        if used:
            raise Impossible(
                {"wave_id": f"{used} référencements sont de ce DSR : il ne change plus de vague. Créez un autre DSR."}
            )


def _profile(session: Session, row: Profile, before: Before) -> None:
    if before is not None and _changed(row, before, "dsr_id"):
        used = _count(session, Referencing.profile_id == row.id)
        if used:
            raise Impossible(
                {"dsr_id": f"{used} référencements ont ce profil : il ne change plus de DSR. Créez un autre profil."}
            )


def _referencing(session: Session, row: Referencing, before: Before) -> None:
    if not _changed(row, before, "dsr_id", "profile_id"):
        return
    problem = referencings.judge(session)(row.dsr_id, row.profile_id)
    if problem is not None:
        raise Impossible({"profile_id": problem})


def _count(session: Session, condition: Any) -> int:
    return int(
        session.execute(sa.select(sa.func.count()).select_from(table_of(Referencing)).where(condition)).scalar_one()
    )


def _document_rule(session: Session, row: DocumentRule, before: Before) -> None:
    del before
    documents.check(session, row)


def _correction_rule(session: Session, row: CorrectionRule, before: Before) -> None:
    del session, before
    corrections.check(row)


def _message_template(session: Session, row: MessageTemplate, before: Before) -> None:
    """SEC-12: a template that cannot be rendered, or asks for what its mail does not have, is refused."""
    del session, before
    if row.code not in {str(kind.name) for kind in ALL_MESSAGES}:
        raise Impossible({"code": "Le portail n'envoie aucun courriel de ce code."})
    problems = check_template(row.code, row.subject, row.body)
    of_subject = {str(problem) for problem in check_syntax(row.code, Source(row.subject, "-"))}
    errors: dict[str, str] = {}
    for problem in problems:
        field = "subject" if str(problem) in of_subject else "body"
        errors[field] = f"{errors.get(field, '')} {problem}".strip()
    if errors:
        raise Impossible(errors)


def _reason_template(session: Session, row: ReasonTemplate, before: Before) -> None:
    """A reason is read as it stands: what looks like a variable would be sent as such."""
    del session
    if _changed(row, before, "verb") and row.verb.value not in OFFERED["reason_template", "verb"]:
        raise Impossible({"verb": "Personne de l'ASP ne donne de motif à cet acte : choisissez une décision."})
    for number, line in enumerate(row.body.splitlines(), 1):
        if any(mark in line for mark in ("{{", "}}", "{%", "%}", "{#")):
            raise Impossible(
                {"body": f"Ligne {number} : un motif n'a pas de variables, le fournisseur lirait ces accolades."}
            )


def _keep_text_in_force(effective_from: datetime) -> None:
    """Rule S2: a text that may have been accepted is never changed; a new version is added."""
    if effective_from <= clock.now():
        raise Refused(
            "Ce texte est ou a été en vigueur : il ne se modifie plus. Créez une nouvelle version, à une date à venir."
        )


def _legal_text(session: Session, row: LegalText, before: Before) -> None:
    if before is not None:
        _keep_text_in_force(before.get("effective_from", row.effective_from))
    if row.kind not in {kind.value for kind in LegalTextKind}:
        known = ", ".join(kind.value for kind in LegalTextKind)
        raise Impossible({"kind": f"Le portail n'affiche aucun texte de ce code. Codes connus : {known}."})
    if row.effective_from <= clock.now():
        raise Impossible({"effective_from": "Un nouveau texte prend effet à une date à venir : personne ne l'a lu."})
    twin = session.exec(
        select(LegalText).where(LegalText.kind == row.kind, LegalText.effective_from == row.effective_from)
    ).all()
    if any(other.id != row.id for other in twin):
        raise Impossible(
            {"effective_from": f"La version « {twin[0].version} » de ce texte prend effet au même moment."}
        )


def _deadline(session: Session, row: Deadline, before: Before) -> None:
    del session, before
    for name in ("remind_before", "remind_after"):
        days = getattr(row, name)
        if days is not None and days >= row.days:
            raise Impossible({name: f"Une relance de {days} jours ne tient pas dans un délai de {row.days} jours."})


def _retention(session: Session, row: Retention, before: Before) -> None:
    del before
    least, why = _least_kept(session, row.subject)
    if row.days < least:
        raise Impossible({"days": f"Pas moins de {least} jours : {why}."})


def _least_kept(session: Session, subject: str) -> tuple[int, str]:
    longest = max([row.days for row in session.exec(select(Deadline))], default=1)
    if subject in {"request_validated", "identity_document", "account"}:
        return longest, "c'est le plus long délai d'un statut, pendant lequel la demande se traite encore"
    if subject in {"request_rejected", "request_withdrawn", "outgoing_mail"}:
        return _APPEAL_DAYS, "une décision se conteste pendant deux mois"
    if subject == "draft":
        warned = parameters.number(session, "draft_warning_days")
        return warned + 1, f"l'auteur d'un brouillon est prévenu {warned} jours avant"
    return 1, "rien ne s'efface le jour même"


def _parameter(session: Session, row: Parameter, before: Before) -> None:
    """A number stays a number: every form of the public site reads some."""
    del session, before
    problem = parameters.problem_with(row.code, row.value)
    if problem is not None:
        raise Impossible({"value": problem})


_Check = Callable[[Session, Any, Before], None]
_CHECKS: Mapping[str, _Check] = MappingProxyType(
    {
        "wave": _wave,
        "dsr": _dsr,
        "profile": _profile,
        "referencing": _referencing,
        "document_rule": _document_rule,
        "correction_rule": _correction_rule,
        "message_template": _message_template,
        "reason_template": _reason_template,
        "legal_text": _legal_text,
        "deadline": _deadline,
        "retention": _retention,
        "parameter": _parameter,
    }
)

_UNBOUND = frozenset({"corridor", "document_kind"})
"""Tables that hold rules too, of which nothing more is asked than their description says."""

_DATA = frozenset({"referencing"})
"""Tables of data, where a row must agree with the rules."""

TABLES = (_CHECKS.keys() - _DATA) | _UNBOUND
"""The tables that hold rules: what is said of versions, dates and previews holds for them."""
