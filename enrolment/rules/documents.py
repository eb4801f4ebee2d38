"""What a document rule may not be: never true, twice the same, or against another one. Also how it reads as a sentence.

Pure but for the rows it reads; which piece is due is decided by `enrolment.documents` alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from enrolment.documents import CONDITIONS
from enrolment.errors import Impossible
from schema.enums import RequestKind
from schema.tables import DocumentKind, DocumentRule, Dsr, Wave

_YES_NO = {
    "referencing_validated": ("le référencement est validé", "le référencement n'est pas encore validé"),
    "needs_hds": ("le DSR exige le HDS", "le DSR n'exige pas le HDS"),
    "hosts_health_data": (
        "le fournisseur héberge des données de santé",
        "le fournisseur n'héberge pas de données de santé",
    ),
    "legal_name_changed": ("la dénomination est modifiée", "la dénomination n'est pas modifiée"),
    "is_distributor": ("le fournisseur est distributeur", "le fournisseur n'est pas distributeur"),
    "is_representative": (
        "la personne qui dépose est le représentant légal",
        "la personne qui dépose n'est pas le représentant légal",
    ),
    "vat_liable": ("le fournisseur est assujetti à la TVA", "le fournisseur n'est pas assujetti à la TVA"),
    "first_of_wave": (
        "c'est la première demande de la vague",
        "ce n'est pas la première demande de la vague",
    ),
}
"""Condition → what is said of it when it must be true, and when it must be false."""


def check(session: Session, row: DocumentRule) -> None:
    """Refuse a rule that is wrong by itself or with the others. Raises Impossible."""
    if not row.active:
        # A rule that is switched off contradicts nothing.
        return
    kind = session.get(DocumentKind, row.document_kind_id)
    if kind is not None and not kind.active:
        raise Impossible(
            {"document_kind_id": f"Le type de pièce « {kind.name} » n'est plus proposé. Réactivez-le d'abord."}
        )
    dsrs = {dsr.id: dsr for dsr in session.exec(select(Dsr))}
    implied = _implied(row, dsrs)
    _check_possible(row, dsrs)
    others = session.exec(
        select(DocumentRule).where(
            DocumentRule.document_kind_id == row.document_kind_id,
            col(DocumentRule.active).is_(True),
            col(DocumentRule.id) != row.id if row.id is not None else col(DocumentRule.id).is_not(None),
        )
    ).all()
    for other in others:
        if _set(other) == _set(row):
            raise Impossible(
                {
                    "document_kind_id": f"La règle « {other.code} » demande déjà cette pièce aux mêmes conditions. "
                    "Modifiez-la plutôt."
                }
            )
        if other.required != row.required and _overlap(implied, _implied(other, dsrs)):
            raise Impossible(
                {
                    "required": f"La règle « {other.code} » rend cette pièce "
                    f"{'obligatoire' if other.required else 'facultative'} dans des cas que celle-ci couvre aussi. "
                    "Précisez les conditions de l'une des deux."
                }
            )


def _set(row: DocumentRule) -> dict[str, object]:
    return {name: value for name in CONDITIONS if (value := getattr(row, name)) is not None}


def _implied(row: DocumentRule, dsrs: Mapping[int, Dsr]) -> dict[str, object]:
    """The conditions of a rule with what they say of other facts: a DSR has one wave, and exigences of its own."""
    known = _set(row)
    dsr = dsrs.get(row.dsr_id) if row.dsr_id is not None else None
    if dsr is not None:
        known.setdefault("wave_id", dsr.wave_id)
        known.setdefault("needs_hds", dsr.needs_hds)
    if row.quality is not None:
        known.setdefault("is_representative", False)
    if row.first_of_wave is not None:
        known.setdefault("request_kind", RequestKind.complementary)
    return known


def _overlap(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(other.get(name, value) == value for name, value in one.items())


def _check_possible(row: DocumentRule, dsrs: Mapping[int, Dsr]) -> None:
    dsr = dsrs.get(row.dsr_id) if row.dsr_id is not None else None
    if dsr is not None and row.wave_id not in {None, dsr.wave_id}:
        raise Impossible({"dsr_id": f"Le DSR « {dsr.name} » n'est pas de cette vague : la règle ne jouerait jamais."})
    if dsr is not None and row.needs_hds not in {None, dsr.needs_hds}:
        said = "exige" if dsr.needs_hds else "n'exige pas"
        raise Impossible({"needs_hds": f"Le DSR « {dsr.name} » {said} le document HDS : la règle ne jouerait jamais."})
    if row.quality is not None and row.is_representative:
        raise Impossible(
            {
                "quality": "La qualité du dépositaire n'est demandée que s'il n'est pas le représentant légal : "
                "la règle ne jouerait jamais."
            }
        )
    if row.hosts_health_data is not None and row.referencing_validated is False:
        raise Impossible(
            {
                "hosts_health_data": "La question de l'hébergement n'est pas posée avant la validation du "
                "référencement : la règle ne jouerait jamais."
            }
        )
    if row.first_of_wave is not None and row.request_kind is RequestKind.initial:
        raise Impossible(
            {
                "first_of_wave": "La première demande de la vague ne se distingue que pour une demande "
                "complémentaire : la règle ne jouerait jamais."
            }
        )


def sentence(session: Session, row: DocumentRule) -> str:
    """The rule as one reads it: « La pièce « … » est exigée quand … »."""
    kind = session.get(DocumentKind, row.document_kind_id)
    name = kind.name if kind is not None else "?"
    start = f"La pièce « {name} » est {'exigée' if row.required else 'proposée, sans être exigée,'}"
    said = list(_said(session, row))
    if not said:
        return f"{start} dans tous les cas."
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} et {said[-1]}"
    return f"{start} quand {listed}."


def _said(session: Session, row: DocumentRule) -> list[str]:
    said = []
    if row.wave_id is not None and (wave := session.get(Wave, row.wave_id)) is not None:
        said.append(f"la vague est « {wave.name} »")
    if row.dsr_id is not None and (dsr := session.get(Dsr, row.dsr_id)) is not None:
        said.append(f"le DSR est « {dsr.name} »")
    if row.request_kind is not None:
        said.append(f"la demande est « {row.request_kind.label} »")
    if row.quality is not None:
        said.append(f"le dépositaire est « {row.quality.label} »")
    for name, (yes, no) in _YES_NO.items():
        value = getattr(row, name)
        if value is not None:
            said.append(yes if value else no)
    return said
