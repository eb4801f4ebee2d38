"""What a status means for its vendor, in plain words: what is happening, and who must act. One text for every page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schema.enums import RequestKind, RequestStatus


class Turn(StrEnum):
    """Who must act."""

    asp = "L'ASP"
    vendor = "Vous"
    nobody = "Personne"


@dataclass(frozen=True)
class StatusWords:
    """`meaning` says where the request stands, `next_step` what happens now."""

    meaning: str
    next_step: str
    turn: Turn


_S = RequestStatus
STATUS_WORDS: Mapping[RequestStatus, StatusWords] = {
    _S.in_review: StatusWords(
        "Votre demande est enregistrée et attend d'être instruite par un gestionnaire de l'ASP.",
        "Vous n'avez rien à faire. Nous vous écrirons dès qu'une décision sera prise ou s'il manque un document.",
        Turn.asp,
    ),
    _S.awaiting_certificates: StatusWords(
        "Votre enrôlement anticipé est validé partiellement : vous pouvez vous connecter à votre compte.",
        "Dès que l'ANS aura validé votre référencement, déposez votre certificat : votre enrôlement sera alors complet "
        "et vous pourrez demander un financement.",
        Turn.vendor,
    ),
    _S.awaiting_documents: StatusWords(
        "Le gestionnaire a besoin de documents supplémentaires pour instruire votre demande.",
        "Préparez les pièces demandées ci-dessous. L'instruction reprendra dès qu'elles seront déposées.",
        Turn.vendor,
    ),
    _S.awaiting_correction: StatusWords(
        "Le gestionnaire a relevé des points à corriger dans votre demande.",
        "Corrigez les points signalés ci-dessous. L'instruction reprendra dès que vous aurez terminé.",
        Turn.vendor,
    ),
    _S.certificates_to_review: StatusWords(
        "Nous avons reçu votre ou vos certificats et nous les vérifions.",
        "Vous n'avez rien à faire. Nous vous écrirons dès que la vérification sera terminée.",
        Turn.asp,
    ),
    _S.validated: StatusWords(
        "Votre enrôlement est validé.",
        "Vous pouvez déposer vos demandes de financement depuis votre compte.",
        Turn.nobody,
    ),
    _S.rejected: StatusWords(
        "Votre demande a été refusée, pour le motif indiqué ci-dessous.",
        "Vous pouvez déposer une nouvelle demande en tenant compte de ce motif.",
        Turn.vendor,
    ),
    _S.withdrawn: StatusWords(
        "Vous avez retiré cette demande : elle ne sera pas instruite.",
        "Vous pouvez déposer une nouvelle demande pour le même logiciel quand vous le souhaitez.",
        Turn.nobody,
    ),
}


def enrolment_type(kind: RequestKind, *, is_early: bool) -> str:
    """« Type d'enrôlement » (rule E4)."""
    return f"{kind.label} anticipé" if is_early else kind.label
