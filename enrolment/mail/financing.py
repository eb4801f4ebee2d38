"""The mails about financing requests, as typed messages. See `messages`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from enrolment.mail.greeting import SITE, ToPerson
from enrolment.mail.variables import Message, data, lines, link, message, moment, prose

_NOW = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)


@message
class AboutFinancing(ToPerson):
    """A mail about one financing request."""

    financing_number: str = data("Numéro de la demande de financement", "FIN-2026-000004")
    request_number: str = data("Numéro de la demande d'enrôlement", "ENR-2026-000123")
    software_name: str = data("Nom de la solution logicielle", "Hospidoc")
    financing_link: str = link("Page de la demande de financement", f"{SITE}/espace/financements/exemple")


@message
class FinancingReceived(AboutFinancing):
    """The files of a financing request arrived: the receipt."""

    name: ClassVar[str] = "financing_received"
    label: ClassVar[str] = "Accusé de dépôt d'une demande de financement"

    received_at: datetime = moment("Date et heure du dépôt", _NOW)
    line_count: str = data("Nombre de prestations du fichier", "12")
    total: str = data("Total TTC du fichier", "5 160,00 €")
    proofs: tuple[str, ...] = lines("Documents de l'archive de preuves", ("facture-0001.pdf",))


@message
class FinancingToModify(AboutFinancing):
    """The ASP sends a financing request back, with what to change."""

    name: ClassVar[str] = "financing_to_modify"
    label: ClassVar[str] = "Demande de financement à modifier"

    message: str = prose("Ce qui est à modifier", "La facture de la deuxième ligne n'est pas dans l'archive.")


@message
class FinancingAccepted(AboutFinancing):
    """A financing request is accepted."""

    name: ClassVar[str] = "financing_accepted"
    label: ClassVar[str] = "Demande de financement acceptée"

    total: str = data("Total TTC du fichier", "5 160,00 €")
    message: str = prose("Message du gestionnaire ; peut être vide", "Le versement suivra sous trente jours.")


@message
class FinancingRefused(AboutFinancing):
    """A financing request is refused, with the reason."""

    name: ClassVar[str] = "financing_refused"
    label: ClassVar[str] = "Demande de financement refusée"

    message: str = prose("Motif du refus", "Les prestations ont déjà été financées.")
    appeal_rule: str = prose(
        "Voies et délais de recours", "Vous pouvez contester cette décision dans un délai de deux mois."
    )


ALL: tuple[type[Message], ...] = (FinancingReceived, FinancingToModify, FinancingAccepted, FinancingRefused)
