"""Rules of the ASP that contradict one another or cannot be applied: documents, DSRs, templates, legal texts, plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from enrolment import clock
from enrolment.doctor.check import Check, Context, Key, Keys, Severity, Way, by_query, only
from enrolment.mail.messages import ALL_MESSAGES
from enrolment.mail.rendering import check_template
from enrolment.rules import referencings
from schema.base import table_of
from schema.enums import ENDED, LegalTextKind, PlannedState, ReferencingStatus
from schema.tables import (
    DocumentKind,
    DocumentRule,
    Dsr,
    EnrolmentRequest,
    LegalText,
    MessageTemplate,
    PlannedChange,
    Referencing,
)

_KIND = table_of(DocumentKind).c
_RULE = table_of(DocumentRule).c
_DSR = table_of(Dsr).c
_REFERENCING = table_of(Referencing).c


def _rule_on_inactive(context: Context) -> sa.Select[Any]:
    del context
    return (
        sa.select(_RULE.id)
        .join(table_of(DocumentKind), _RULE.document_kind_id == _KIND.id)
        .where(_RULE.active.is_(True), _KIND.active.is_(False))
    )


def _kind_without_rule(context: Context) -> sa.Select[Any]:
    del context
    ruled = sa.exists().where(_RULE.document_kind_id == _KIND.id, _RULE.active.is_(True))
    return sa.select(_KIND.id).where(_KIND.active.is_(True), ~ruled)


def _closed_dsr(context: Context) -> sa.Select[Any]:
    """Closed while software that the ANS validated for it has never been enrolled."""
    enrolled = sa.exists().where(
        col(EnrolmentRequest.referencing_id) == _REFERENCING.id, col(EnrolmentRequest.status).not_in(sorted(ENDED))
    )
    left = sa.exists().where(
        _REFERENCING.dsr_id == _DSR.id, _REFERENCING.status == ReferencingStatus.validated, ~enrolled
    )
    return sa.select(_DSR.id).where(_DSR.closes_at < context.now, left)


def _same_number(context: Context) -> sa.Select[Any]:
    del context
    bare = sa.func.upper(sa.func.replace(sa.func.replace(_REFERENCING.ans_number, "-", ""), " ", ""))
    shared = sa.select(bare).group_by(bare).having(sa.func.count() > 1)
    return sa.select(_REFERENCING.id).where(bare.in_(shared))


def _broken_templates(context: Context, keys: Keys | None) -> Iterator[Key]:
    names = {str(message.name) for message in ALL_MESSAGES}
    rows = context.session.exec(select(MessageTemplate).order_by(col(MessageTemplate.id))).all()
    broken = (row.id for row in rows if row.code in names and check_template(row.code, row.subject, row.body))
    return only(broken, keys)


def _missing_texts(context: Context, keys: Keys | None) -> Iterator[Key]:
    in_force = set(context.session.exec(select(LegalText.kind).where(col(LegalText.effective_from) <= clock.now())))
    return only((kind.label for kind in LegalTextKind if kind.value not in in_force), keys)


def _failed_plans(context: Context) -> sa.Select[Any]:
    del context
    return sa.select(col(PlannedChange.id)).where(col(PlannedChange.state) == PlannedState.failed)


def _give_up(context: Context, key: Key) -> None:
    context.session.get_one(PlannedChange, key).state = PlannedState.cancelled


CHECKS = (
    Check(
        "rule_on_inactive_kind",
        Severity.warning,
        "Règles actives sur un type de pièce désactivé",
        "Désactivez la règle, ou réactivez le type de pièce.",
        by_query(_rule_on_inactive),
        table="document_rule",
    ),
    Check(
        "kind_without_rule",
        Severity.note,
        "Types de pièce actifs qu'aucune règle ne demande",
        "Ajoutez une règle, ou désactivez le type de pièce s'il ne sert plus.",
        by_query(_kind_without_rule),
        table="document_kind",
    ),
    Check(
        "dsr_closed_early",
        Severity.note,
        "DSR fermés alors que des logiciels validés n'y sont pas enrôlés",
        "Vérifiez la date de fermeture du DSR.",
        by_query(_closed_dsr),
        table="dsr",
    ),
    Check(
        "referencing_number_twice",
        Severity.error,
        "Numéros de référencement qui ne diffèrent que par des espaces, des traits ou la casse",
        "Gardez le bon numéro et supprimez l'autre, ou corrigez-le.",
        by_query(_same_number),
        table="referencing",
    ),
    Check(
        "referencing_other_profile",
        Severity.error,
        "Référencements dont le profil est d'un autre DSR",
        "Choisissez un profil du DSR, ou corrigez le DSR.",
        by_query(lambda _: referencings.at_odds()),
        table="referencing",
    ),
    Check(
        "template_broken",
        Severity.error,
        "Modèles de messages qui ne peuvent pas être écrits",
        "Corrigez le modèle : en attendant, le texte livré avec le portail part à sa place.",
        _broken_templates,
        table="message_template",
    ),
    Check(
        "legal_text_missing",
        Severity.error,
        "Textes légaux qui ne sont pas en vigueur",
        "Publiez une version du texte, à une date passée.",
        _missing_texts,
        way=Way.create,
        fix_table="legal_text",
        fix_label="Ajouter un texte légal",
    ),
    Check(
        "planned_change_failed",
        Severity.warning,
        "Changements programmés qui n'ont pas pu être faits",
        "Lisez l'empêchement, faites le changement à la main s'il le faut, puis classez-le.",
        by_query(_failed_plans),
        table="planned_change",
        fix_label="Ouvrir la liste",
        state=PlannedState.failed.value,
        repair=_give_up,
        repair_label="Classer",
    ),
)
