"""The financing requests of the demonstration: one sent back by the ASP, one to instruct, both through the services."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta
from typing import Any

from sqlmodel import select

from enrolment import clock
from enrolment.financing.example import example
from enrolment.services import accounts, financing, financing_decisions, financing_files
from enrolment.services.financing_files import Given
from schema.enums import FinancingStatus
from schema.tables import Account, EnrolmentRequest, FinancingRequest, Provider, Referencing
from seeds.demo.data import VALIDATED
from seeds.demo.papers import paper
from seeds.demo.stories import Tale, Teller, days_ago

_TO_MODIFY = (
    "La facture FAC-0002 n'est pas dans l'archive. Ajoutez-la, puis déposez de nouveau les deux fichiers sous le même "
    "numéro."
)


def tell_financing(teller: Teller) -> Tale:
    """The validated vendor asks twice for financing."""
    session = teller.session
    for place, ago in ((1, 20), (2, 3)):
        yield days_ago(ago, hour=10)
        enrolment = session.exec(
            select(EnrolmentRequest).join(Referencing).where(Referencing.ans_number == VALIDATED.ans_number)
        ).one()
        row = _deposit(teller, enrolment, session.get_one(Account, enrolment.account_id), place)
        if place == 1:
            yield days_ago(ago - 4, hour=15)
            financing_decisions.decide(
                session,
                teller.manager(),
                row.id,
                FinancingStatus.to_modify,
                _TO_MODIFY,
                teller.addresses,
                row_version=row.row_version,
            )
            session.flush()


def _deposit(teller: Teller, enrolment: EnrolmentRequest, account: Account, place: int) -> FinancingRequest:
    session = teller.session
    actor = teller.act(accounts.actor_of(account))
    file = json.dumps(_file(teller, enrolment, place), ensure_ascii=False, indent=2).encode()
    proofs = _archive()
    pair = financing_files.take(
        teller.storage,
        financing.rules(session, account.id),
        financing_files.sizes(session),
        Given(f"financement-{place}.json", len(file), io.BytesIO(file)),
        Given("preuves.zip", len(proofs), io.BytesIO(proofs)),
        None,
    )
    row = financing.deposit(session, actor, account.id, enrolment.public_id, pair, teller.addresses)
    session.flush()
    return row


def _file(teller: Teller, enrolment: EnrolmentRequest, place: int) -> dict[str, Any]:
    """The published example, with the vendor's own numbers and days of the weeks before."""
    content = example()
    today = clock.today()
    provider = teller.session.get_one(Provider, enrolment.provider_id)
    content["entete"] |= {
        "date": str(today),
        "numero_ans": VALIDATED.ans_number,
        "siret_fournisseur": provider.siret,
        "periode_debut": str(today - timedelta(days=60)),
        "periode_fin": str(today - timedelta(days=1)),
    }
    for index, line in enumerate(content["prestations"], 1):
        line |= {"reference": f"FAC-000{index}-{place}", **_days(today - timedelta(days=40 + index))}
    return content


def _days(ordered: date) -> dict[str, str]:
    return {
        "date_commande": str(ordered),
        "date_realisation": str(ordered + timedelta(days=20)),
        "date_facture": str(ordered + timedelta(days=25)),
    }


def _paper(name: str) -> bytes:
    title = name.removesuffix(".pdf").replace("-", " ").capitalize()
    return paper(
        title, "Alizé Santé", "Prestation Ségur numérique, installation et paramétrage.", (("Total TTC", "4 200,00 €"),)
    )


def _archive() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in ("facture-0001.pdf", "bon-de-commande-0001.pdf"):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), _paper(name))
    return kept.getvalue()
