"""The numbers and phrases that the ASP changes by itself: rows of the table `parameter` (rule R4).

`DEFAULTS` is what a new installation is filled with; at run time the table decides. A row that somebody removed closes
no page: its first value stands in, the log says so, and the doctor finds it.
"""

from __future__ import annotations

import logging
import re

import sqlalchemy as sa
from sqlmodel import Session, col, select

from enrolment.errors import DomainError
from schema.tables import Parameter

_log = logging.getLogger(__name__)

_SILENCE = (
    "Si vous n'avez reçu aucune réponse deux mois après la date de réception de votre demande, elle est réputée "
    "refusée. Vous pouvez alors former un recours devant le tribunal administratif dans les deux mois suivants."
)

DEFAULTS: dict[str, tuple[str, str]] = {
    "draft_days": ("60", "Jours pendant lesquels un brouillon est conservé après sa dernière modification."),
    "draft_warning_days": ("7", "Jours avant la suppression d'un brouillon où son auteur est prévenu."),
    "resume_link_days": ("60", "Jours de validité du lien de reprise d'un brouillon."),
    "status_link_days": ("730", "Jours de validité du lien de suivi d'une demande."),
    "action_link_days": (
        "60",
        "Jours de validité des liens qui permettent de répondre à l'ASP, de retirer ou de redéposer une demande.",
    ),
    "password_link_hours": ("72", "Heures de validité du lien de création du mot de passe."),
    "email_change_hours": (
        "72",
        "Heures pendant lesquelles un changement d'adresse email peut être confirmé par les deux adresses.",
    ),
    "session_idle_minutes": (
        "30",
        "Minutes sans activité après lesquelles une personne connectée est déconnectée.",
    ),
    "session_hours": (
        "10",
        "Heures après lesquelles une personne connectée doit se reconnecter, même active.",
    ),
    "undo_minutes": (
        "1",
        "Minutes pendant lesquelles une décision peut encore être annulée, effet et mail compris. Zéro : aucune.",
    ),
    "bulk_confirm_above": (
        "100",
        "Nombre de demandes au-delà duquel une action groupée se confirme en tapant ce nombre et son mot de passe.",
    ),
    "correction_confirm_above": (
        "100",
        "Nombre de lignes au-delà duquel une correction se confirme en tapant ce nombre et son mot de passe.",
    ),
    "asp_service": (
        "Service Ségur du numérique en santé",
        "Service chargé des demandes, cité dans l'accusé de réception.",
    ),
    "asp_address": (
        "2 rue du Maupas, 87040 Limoges Cedex 1",
        "Adresse postale du service chargé des demandes.",
    ),
    "asp_email": ("segur-numerique@asp.example", "Adresse mail du service chargé des demandes."),
    "asp_phone": ("05 55 12 00 00", "Téléphone du service chargé des demandes."),
    "support_hours": ("du lundi au vendredi, de 9 h à 12 h et de 14 h à 17 h", "Horaires de l'assistance."),
    "silence_rule": (
        _SILENCE,
        "Ce que vaut le silence de l'ASP et à partir de quand, cité dans l'accusé de réception.",
    ),
    "appeal_rule": (
        "Vous pouvez contester cette décision devant le tribunal administratif dans un délai de deux mois.",
        "Voies et délais de recours, cités dans le message de refus.",
    ),
    "financing_file_mb": ("10", "Taille maximale d'un fichier de financement, en Mo."),
    "financing_proofs_mb": ("20", "Taille maximale d'une archive de preuves et de son contenu, en Mo."),
    "financing_proofs_count": ("60", "Nombre maximal de documents dans une archive de preuves."),
    "financing_vat_rates": (
        "0.00; 2.10; 5.50; 8.50; 10.00; 20.00",
        "Taux de TVA admis dans un fichier de financement, en pourcentage, séparés par des points-virgules.",
    ),
    "export_pieces_most": ("500", "Nombre maximal de pièces dans une archive exportée d'une liste."),
    "dpo_contact": ("dpo@asp.example", "Contact du délégué à la protection des données."),
}
"""Code of each parameter → (first value, meaning in French)."""


_LEAST = {"undo_minutes": 0}
"""The least value of a number, where it is not one."""

_MOST = 36_500
"""A hundred years of days: beyond, dates cannot be counted any more."""

_RATES = re.compile(r"\d{1,2}\.\d{2}(?: *; *\d{1,2}\.\d{2})*")


class ParameterError(DomainError):
    """A parameter is unknown or is not what it should be: only an administrator can put it right."""

    status = 503


def text(session: Session, code: str) -> str:
    """The phrase in force. Raises ParameterError for a code that no parameter has."""
    found = session.exec(select(Parameter.value).where(Parameter.code == code)).first()
    return _present(code, found)


def number(session: Session, code: str) -> int:
    """The number in force. Raises ParameterError when it is not a whole number."""
    return as_number(code, text(session, code))


def subquery(code: str) -> sa.ScalarSelect[str]:
    """The value as part of another query, for a caller that may afford only one; read it with `as_number`."""
    return sa.select(col(Parameter.value)).where(col(Parameter.code) == code).scalar_subquery()


def as_number(code: str, value: str | None) -> int:
    """A stored value as a positive whole number. Raises ParameterError."""
    digits = _present(code, value).strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        raise ParameterError(
            f"Le paramètre « {_meaning(code)} » doit être un nombre entier. Prévenez l'administrateur du portail, "
            "qui peut le corriger."
        )
    return int(digits)


def problem_with(code: str, value: str) -> str | None:
    """What forbids this value for a parameter, in French; None when it can be read."""
    default = DEFAULTS.get(code)
    if default is None:
        return None
    if code in {"asp_email", "dpo_contact"} and "@" not in value:
        return "Saisissez une adresse mail, par exemple segur-numerique@asp.example."
    if code == "financing_vat_rates":
        return None if _RATES.fullmatch(value.strip()) else "Saisissez des taux séparés par des points-virgules : 5.50."
    return _problem_with_number(code, value) if default[0].isdecimal() else None


def _problem_with_number(code: str, value: str) -> str | None:
    try:
        number = as_number(code, value)
    except ParameterError:
        return "Saisissez un nombre entier, en chiffres : d'autres pages en dépendent."
    if number > _MOST:
        return f"Saisissez au plus {_MOST} : le portail calcule des dates avec ce nombre."
    return None if number >= _LEAST.get(code, 1) else "Saisissez un nombre supérieur à zéro."


def _present(code: str, value: str | None) -> str:
    if value is not None:
        return value
    if code not in DEFAULTS:
        raise ParameterError(
            f"Le paramètre « {code} » manque. Prévenez l'administrateur du portail, qui peut le rétablir."
        )
    _log.warning("Parameter %s is missing, its first value is used", code)
    return DEFAULTS[code][0]


def _meaning(code: str) -> str:
    """A parameter in French, as a sentence names it."""
    return DEFAULTS[code][1].rstrip(".") if code in DEFAULTS else code
