"""What the demonstration tells: who signs in, and each request's story. Fictitious, and the same each time.

Plain data. `load` plays the stories through the services; `guide` prints what there is to try.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schema.enums import DepositaryQuality, RequestStatus, StaffRole

UNKNOWN_ANS_NUMBER = "ANS-V2-XXX-99999"
UNKNOWN_SIRET = "99992603300013"
CLOSED_SIRET = "99991918600018"
NOT_DIFFUSIBLE_SIRET = "99992055600019"
FREE_SIRET = "99992192700011"


@dataclass(frozen=True)
class StaffMember:
    """Somebody of the ASP, with a password that the guide prints."""

    email: str
    first_name: str
    last_name: str
    role: StaffRole
    password: str


STAFF = (
    StaffMember("ines.moreau@asp.example", "Inès", "Moreau", StaffRole.manager, "Instruire-2026-Dossiers!"),
    StaffMember("karim.benali@asp.example", "Karim", "Benali", StaffRole.steward, "Corriger-2026-Donnees!"),
    StaffMember("helene.roussel@asp.example", "Hélène", "Roussel", StaffRole.administrator, "Gouverner-2026-Portail!"),
    StaffMember("paul.garnier@asp.example", "Paul", "Garnier", StaffRole.reader, "Consulter-2026-Registre!"),
)
MANAGER, STEWARD, ADMINISTRATOR, READER = STAFF


@dataclass(frozen=True)
class Human:
    """A representative or a depositary."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True)
class Story:
    """A vendor's request: who it is, what it answers, and how far it gets.

    `days_ago` is when it was filed; `answers` replace or complete those made from the rest; `password` is that of the
    account which its validation opens, where the guide shows one.
    """

    ans_number: str
    siret: str
    representative: Human
    iban: str
    bic: str
    days_ago: int
    ends: RequestStatus
    depositary: Human | None = None
    quality: DepositaryQuality | None = None
    is_distributor: bool = False
    hosts_health_data: bool | None = None
    vat_liable: bool = True
    answers: Mapping[str, str] = field(default_factory=dict)
    password: str | None = None
    becomes_validated: bool = False


_S = RequestStatus
EARLY_PASSWORD = "Anticipe-2026-Demo!"  # noqa: S105  Printed by the demonstration on purpose.
VALIDATED_PASSWORD = "Valide-2026-Demo!!"  # noqa: S105  The same.
WAVE_1_PASSWORD = "Vague1-2026-Demo!!"  # noqa: S105  The same.
WAVE_1 = Human("Bruno", "Vernier", "bruno.vernier@vernier-gestion.example", "03 53 01 40 51")
WAVE_1_REPRESENTATIVE = Human("Odile", "Vernier", "odile.vernier@vernier-gestion.example", "03 53 01 40 52")
WAVE_1_LOGIN = "bvernier"
WAVE_1_SIRET = "99992329500011"

EARLY = Story(
    "ANS-V2-HOP-00421",
    "99990274500010",
    Human("Nadia", "Lambert", "nadia.lambert@hospidoc.example", "02 61 91 20 11"),
    "FR7630003012340001234567854",
    "SOGEFRPP",
    days_ago=34,
    ends=_S.awaiting_certificates,
    password=EARLY_PASSWORD,
)
VALIDATED = Story(
    "ANS-V2-HOP-00501",
    "99990137400010",
    Human("Claire", "Lefèvre", "claire.lefevre@alize-sante.example", "04 65 71 10 12"),
    "FR7630004012340001234567862",
    "BNPAFRPP",
    days_ago=52,
    ends=_S.validated,
    password=VALIDATED_PASSWORD,
)
STORIES = (
    VALIDATED,
    EARLY,
    Story(
        "ANS-V2-MDV-00101",
        "99990822100016",
        Human("Hugo", "Peyrat", "hugo.peyrat@medicabinet.example", "05 36 49 22 10"),
        "FR7610107012340001234567863",
        "BREDFRPP",
        days_ago=6,
        ends=_S.in_review,
    ),
    Story(
        "ANS-V2-MS-01001",
        "99991370000012",
        Human("Agnès", "Faucher", "agnes.faucher@residelys.example", "05 36 49 30 40"),
        "FR7620041012340001234567892",
        "PSSTFRPPLIM",
        days_ago=4,
        ends=_S.in_review,
        depositary=Human("Théo", "Marchand", "theo.marchand@residelys.example", "05 36 49 30 42"),
        quality=DepositaryQuality.employee,
        becomes_validated=True,
    ),
    Story(
        "ANS-V2-HOP-00440",
        "99991781800018",
        Human("Rose-May", "Hoarau", "rosemay.hoarau@oceane-esante.example", "0262 41 00 13"),
        "FR7610207012340001234567887",
        "CCBPFRPPMTG",
        days_ago=9,
        ends=_S.in_review,
        depositary=Human("Bruno", "Vernier", "depots@vernier-gestion.example", "03 53 01 40 50"),
        quality=DepositaryQuality.management_centre,
        is_distributor=True,
        hosts_health_data=True,
        answers={"provider.legal_name": "Océane e-Santé et Associés", "request.is_distributor": "oui"},
    ),
    Story(
        "ANS-V2-BIO-00210",
        "99991507700013",
        Human("Solène", "Guérin", "solene.guerin@distri-sante.example", "02 61 91 44 07"),
        "FR7613807012340001234567878",
        "CCBPFRPPNAN",
        days_ago=21,
        ends=_S.awaiting_documents,
        is_distributor=True,
    ),
    Story(
        "ANS-V2-IMG-00310",
        "99991644800015",
        Human("Jean-Marc", "Thévenot", "jm.thevenot@clarte-ris.example", "03 53 01 18 20"),
        "FR7630002012340001234567846",
        "CRLYFRPPXXX",
        days_ago=17,
        ends=_S.awaiting_correction,
        answers={"bank.holder": "Jean-Marc Thévenot"},
    ),
    Story(
        "ANS-V2-BIO-00202",
        "99990548200017",
        Human("Maëlle", "Le Goff", "maelle.legoff@biolog.example", "02 61 91 35 35"),
        "FR7615589012340001234567875",
        "CMBRFR2BARK",
        days_ago=41,
        ends=_S.certificates_to_review,
        becomes_validated=True,
    ),
    Story(
        "ANS-V2-OFF-00601",
        "99990685200010",
        Human("Sylvain", "Roques", "sylvain.roques@officinea.example", "05 36 49 61 00"),
        "FR7617515012340001234567860",
        "CEPAFRPP751",
        days_ago=29,
        ends=_S.rejected,
        depositary=Human("Lucie", "Cazals", "lucie.cazals@officinea.example", "05 36 49 61 02"),
        quality=DepositaryQuality.employee,
    ),
    Story(
        "ANS-V2-CD-00801",
        "99991096100013",
        Human("Marius", "Castelli", "marius.castelli@dentalis.example", "04 65 71 13 01"),
        "FR7642559012340001234567810",
        "CCOPFRPPXXX",
        days_ago=13,
        ends=_S.withdrawn,
    ),
    Story(
        "ANS-V2-SF-00701",
        "99990959100011",
        Human("Ludivine", "Schmitt", "ludivine.schmitt@sagefil.example", "03 53 01 67 10"),
        "FR7610278012340001234567873",
        "CMCIFR2A",
        days_ago=3,
        ends=_S.in_review,
        vat_liable=False,
    ),
    Story(
        "ANS-V2-MDV-00120",
        "99992740300017",
        Human("Étienne", "Delmas", "etienne.delmas@atelier-delmas.example", "01 99 00 24 66"),
        "FR7699999012340001234567841",
        "BLPOFRPP",
        days_ago=1,
        ends=_S.in_review,
        answers={
            "provider.legal_name": "Delmas et Fille",
            "provider.trade_name": "Delmas",
            "provider.street_number": "4",
            "provider.street_type_id": "RUE",
            "provider.street_name": "des Tanneurs",
            "provider.post_code": "86000",
            "provider.city": "Poitiers",
            "bank.domiciliation": "Banque Locale du Poitou",
        },
    ),
    Story(
        "ANS-V2-PARA-00901",
        "99991233000019",
        Human("Camille", "Berthier", "camille.berthier@kineo.example", "04 65 71 38 54"),
        "FR7618206012340001234567859",
        "AGRIFRPP882",
        days_ago=2,
        ends=_S.in_review,
    ),
)
FURTHER = (
    replace(VALIDATED, ans_number="ANS-V2-HOP-00413", days_ago=5, ends=_S.in_review, password=None),
    replace(
        EARLY, ans_number="ANS-V2-HOP-00420", days_ago=8, ends=_S.in_review, password=None, hosts_health_data=False
    ),
)
"""Complementary requests of the two vendors that have an account: one early, one whose first enrolment is."""
DRAFT = Story(
    "ANS-V2-IMG-00301",
    "99990411300019",
    Human("Vincent", "Delattre", "vincent.delattre@novalys.example", "03 53 01 59 00"),
    "FR7640618012340001234567802",
    "BOUSFRPPXXX",
    days_ago=0,
    ends=_S.in_review,
)
"""Typed up to the bank details, never submitted."""
