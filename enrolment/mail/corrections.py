"""The mail that tells a vendor of a correction of many rows, as a typed message. See `messages`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from enrolment.mail.greeting import SITE, ToPerson
from enrolment.mail.variables import Message, data, link, message, moment, recap

Changes = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@message
class DataCorrected(ToPerson):
    """The ASP corrected what is kept of a vendor, and a rule of corrections says that it is told."""

    name: ClassVar[str] = "data_corrected"
    label: ClassVar[str] = "Données corrigées"

    corrected_at: datetime = moment("Date et heure de la correction", datetime(2026, 3, 3, 13, 5, tzinfo=UTC))
    changes: Changes = recap(
        "Ce qui a changé : (ligne concernée, ((libellé, valeurs avant et après), …))",
        (
            (
                "Fournisseur",
                (("Nom", "Alizé Santé"), ("Commune", "«\u00a0ST DENIS\u00a0» devient «\u00a0Saint-Denis\u00a0»")),
            ),
        ),
    )
    others: str = data("Nombre d'autres lignes corrigées, non citées ; vide s'il n'y en a pas", "12")
    sign_in_link: str = link("Page « Se connecter »", f"{SITE}/connexion")


ALL: tuple[type[Message], ...] = (DataCorrected,)
