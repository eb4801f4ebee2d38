"""The charts of the dashboard: their names, what each number means, and what a filter changes of it. Nothing counts."""

from __future__ import annotations

from enum import Enum, unique

from enrolment.workflow import WAITS_FOR_ASP, WAITS_FOR_VENDOR
from schema.enums import Verb

ASP_ANSWERS = (
    Verb.validate,
    Verb.validate_partially,
    Verb.reject,
    Verb.ask_documents,
    Verb.ask_correction,
    Verb.refuse_certificate,
)
VENDOR_ANSWERS = (Verb.complete_deposit, Verb.complete_correction, Verb.complete_certificates)
DECISIONS = (Verb.validate, Verb.validate_partially, Verb.reject)
REFUSALS = (Verb.reject, Verb.refuse_certificate)
ABANDONED_AFTER = 7
"""Days without a change after which a draft counts as abandoned."""

AGES = ((0, 7), (8, 15), (16, 30), (31, 60), (61, 90), (91, None))
"""Runs of days that the ages of the queue are shown in; the last one is open."""

ASP_STATUSES = tuple(sorted(WAITS_FOR_ASP))
VENDOR_STATUSES = tuple(sorted(WAITS_FOR_VENDOR))


_QUEUE = (
    "Jours comptés depuis le début du délai de l'ASP, sans le temps passé chez le fournisseur. La période porte sur la "
    "semaine du dépôt."
)
_REFUSALS = (
    "Refus de demandes et de certificats. Le motif est celui du motif type reconnu dans le message ; à défaut, la "
    "première pièce à refaire du dossier. Un message récrit entièrement ne peut pas être classé."
)
_DRAFTS = (
    f"Brouillons sans modification depuis plus de {ABANDONED_AFTER} jours, à l'étape atteinte, selon la semaine de "
    "leur création. Les brouillons déjà effacés ne sont plus comptés."
)


@unique
class Chart(Enum):
    """One chart: its code (stored, and in addresses), its title, and what it counts."""

    status = (
        "statuts",
        "Demandes par statut",
        "Statut actuel des demandes. La période porte sur la semaine du dépôt.",
        True,
    )
    flow = (
        "flux",
        "Dépôts et décisions par semaine",
        "Dépôts reçus ; validations, validations partielles et refus, à la semaine où ils ont eu lieu.",
        True,
    )
    queue = (
        "attente",
        "Âge des dossiers à traiter par l'ASP",
        _QUEUE,
        True,
    )
    asp_time = (
        "temps-asp",
        "Temps de réponse de l'ASP",
        "Chaque passage d'un dossier à l'ASP, de son arrivée à la réponse. Jours entiers écoulés.",
        True,
    )
    vendor_time = (
        "temps-fournisseur",
        "Temps de réponse des fournisseurs",
        "Chaque attente d'un fournisseur, de la demande de l'ASP au dépôt de la réponse. Jours entiers écoulés.",
        True,
    )
    refusals = (
        "refus",
        "Motifs de refus",
        _REFUSALS,
        True,
    )
    drafts = (
        "brouillons",
        "Brouillons abandonnés par étape",
        _DRAFTS,
        False,
    )
    mails = (
        "courriels",
        "Courriels par état",
        "État actuel des courriels, selon la semaine où ils ont été écrits.",
        True,
    )
    mail_delay = (
        "delai-courriels",
        "Délai d'envoi des courriels",
        "De l'écriture du courriel à son acceptation par le serveur de messagerie, en minutes entières.",
        True,
    )

    def __init__(self, code: str, title: str, about: str, by_dsr: bool) -> None:
        self.code = code
        self.title = title
        self.about = about
        self.by_dsr = by_dsr


def age_label(low: int, high: int | None) -> str:
    """How a run of days is named."""
    return f"{low} à {high} jours" if high is not None else f"Plus de {low - 1} jours"
