"""The wording of the documents to download (« Documents utiles »): what each says and what is filled in.

Plain data in our own words. How it is drawn is `document_pdf`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Heading:
    """A heading inside a document."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Blank:
    """A line to fill in, by hand or on screen. `lines` above 1 makes a box."""

    label: str
    lines: int = 1


@dataclass(frozen=True)
class Signatures:
    """Where each party writes the place, the date and signs."""

    parties: tuple[str, ...]


Block = Heading | Text | Items | Blank | Signatures


@dataclass(frozen=True)
class Document:
    """A document to download. `file` is the name that `document_kind.template_file` holds.

    `updated` is the day its words last changed: it is written in the file and said beside it.
    """

    file: str
    title: str
    blocks: tuple[Block, ...]
    updated: date = date(2026, 11, 23)


_WARNING = Text(
    "Une attestation ou un certificat inexact expose à un an d'emprisonnement et à 15 000 € d'amende (article 441-7 du "
    "code pénal)."
)
_COMPANY = (Blank("Dénomination sociale"), Blank("Numéro SIRET"), Blank("Adresse du siège"))
_SOFTWARE = (
    Blank("Numéro unique de référencement ANS"),
    Blank("Nom et version du logiciel"),
)
_REPRESENTATIVE = (Blank("Nom et prénom du représentant légal"), Blank("Fonction"))
_ACTS = Items(
    (
        "saisir et déposer les demandes d'enrôlement et les pièces qui les accompagnent ;",
        "répondre aux demandes de pièces et de corrections de l'ASP ;",
        "signer et déposer les demandes de financement ;",
        "recevoir, à son adresse mail, les messages et les notifications du portail.",
    )
)

NO_HOSTING = Document(
    "attestation-non-hebergement.pdf",
    "Attestation sur l'honneur de non-hébergement de données de santé",
    (
        Text(
            "À joindre par le fournisseur d'un SONS DPI qui n'héberge de données de santé pour aucun de ses clients. "
            "Pour l'hébergeur, c'est le certificat d'hébergement des données de santé qui est demandé."
        ),
        Heading("Le fournisseur"),
        *_COMPANY,
        Heading("Le signataire"),
        *_REPRESENTATIVE,
        Heading("Le logiciel"),
        *_SOFTWARE,
        Heading("L'attestation"),
        Text(
            "J'atteste sur l'honneur qu'à la date de la signature, le fournisseur nommé ci-dessus n'héberge, pour le "
            "compte d'aucun de ses clients, de données de santé à caractère personnel au sens de l'article L. 1111-8 "
            "du code de la santé publique, et n'exerce aucune des activités soumises au certificat HDS."
        ),
        Text(
            "Je m'engage à en informer l'ASP sans délai si cette situation change, et à déposer alors le certificat "
            "d'hébergement des données de santé."
        ),
        _WARNING,
        Signatures(("Le représentant légal",)),
    ),
)

PUBLISHER_MANDATE = Document(
    "mandat-editeur.pdf",
    "Mandat de l'éditeur au distributeur",
    (
        Text("À joindre par le distributeur d'un logiciel édité par une autre société."),
        Heading("L'éditeur, qui donne le mandat"),
        Blank("Dénomination sociale de l'éditeur"),
        Blank("Numéro SIREN ou d'immatriculation"),
        Blank("Nom, prénom et fonction du signataire"),
        Heading("Le distributeur, qui le reçoit"),
        Blank("Dénomination sociale du distributeur"),
        Blank("Numéro SIRET"),
        Heading("Le logiciel"),
        *_SOFTWARE,
        Heading("Le mandat"),
        Text(
            "L'éditeur autorise le distributeur à commercialiser et à installer le logiciel nommé ci-dessus, et à le "
            "représenter auprès de l'Agence de services et de paiement (ASP) pour la vague 2 du Ségur du numérique en "
            "santé : enrôlement, demandes d'avance et demandes de financement."
        ),
        Text(
            "L'éditeur certifie être le titulaire du référencement auprès de l'ANS et ne pas demander lui-même de "
            "financement pour les prestations que le distributeur facture."
        ),
        Blank("Durée ou date de fin du mandat"),
        Signatures(("L'éditeur", "Le distributeur")),
    ),
)

SIGNATURE_MANDATE = Document(
    "mandat-delegation-signature.pdf",
    "Mandat de délégation de signature du représentant légal",
    (
        Text("À joindre par le dépositaire qui est employé du fournisseur."),
        Heading("Le fournisseur"),
        *_COMPANY,
        Heading("Le représentant légal, qui délègue"),
        *_REPRESENTATIVE,
        Heading("Le dépositaire, employé du fournisseur, qui reçoit la délégation"),
        Blank("Nom et prénom du dépositaire"),
        Blank("Fonction du dépositaire"),
        Blank("Adresse mail du dépositaire"),
        Heading("La délégation"),
        Text(
            "Le représentant légal délègue sa signature au dépositaire, pour les demandes du fournisseur auprès de "
            "l'ASP au titre de la vague 2 du Ségur du numérique en santé, afin de :"
        ),
        _ACTS,
        Text(
            "La délégation prend effet à la date de la signature. Elle prend fin avec la vague 2, avec le contrat de "
            "travail du dépositaire, ou dès que le représentant légal en informe l'ASP par écrit."
        ),
        Signatures(("Le représentant légal", "Le dépositaire")),
    ),
)

REPRESENTATIVE_MANDATE = Document(
    "mandat-representant-legal.pdf",
    "Mandat du représentant légal",
    (
        Text(
            "À joindre, une seule fois pour la vague 2, par le dépositaire dont le premier enrôlement de cette vague "
            "est un enrôlement complémentaire, même s'il est connu de l'ASP depuis la vague 1."
        ),
        Heading("Le fournisseur"),
        *_COMPANY,
        Heading("Le représentant légal, qui donne le mandat"),
        *_REPRESENTATIVE,
        Heading("Le dépositaire, qui le reçoit"),
        Blank("Nom et prénom du dépositaire"),
        Blank("Société du dépositaire, si elle est différente"),
        Blank("Identifiant du compte sur le portail de l'ASP"),
        Heading("Le mandat"),
        Text(
            "Le représentant légal confirme que le dépositaire agit en son nom pour toutes les demandes du "
            "fournisseur au titre de la vague 2 du Ségur du numérique en santé, et peut à ce titre :"
        ),
        _ACTS,
        Text("Le mandat vaut pour toute la vague 2. Il peut être retiré à tout moment, par écrit, auprès de l'ASP."),
        Signatures(("Le représentant légal", "Le dépositaire")),
    ),
)

SERVICE_CONTRACT = Document(
    "contrat-prestation.pdf",
    "Contrat de prestation spécifiant la délégation de signature",
    (
        Text(
            "Trame à adapter par le fournisseur et son centre de gestion, expert-comptable ou autre prestataire. Un "
            "contrat existant convient s'il contient un article équivalent à l'article 3."
        ),
        Heading("Entre le fournisseur"),
        *_COMPANY,
        *_REPRESENTATIVE,
        Heading("Et le prestataire"),
        Blank("Dénomination sociale du prestataire"),
        Blank("Numéro SIRET du prestataire"),
        Blank("Nom, prénom et fonction du signataire"),
        Blank("Nom et prénom du dépositaire désigné"),
        Heading("Article 1 - Objet"),
        Text(
            "Le fournisseur confie au prestataire la préparation et le suivi de ses demandes auprès de l'Agence de "
            "services et de paiement (ASP) pour la vague 2 du Ségur du numérique en santé."
        ),
        Heading("Article 2 - Obligations des parties"),
        Text(
            "Le fournisseur transmet des informations exactes et les pièces nécessaires. Le prestataire les dépose "
            "sans les modifier, répond aux demandes de l'ASP dans les délais et rend compte au fournisseur."
        ),
        Heading("Article 3 - Délégation de signature"),
        Text("Le représentant légal du fournisseur délègue sa signature au dépositaire désigné ci-dessus, afin de :"),
        _ACTS,
        Heading("Article 4 - Confidentialité et données personnelles"),
        Text(
            "Le prestataire n'utilise les informations et les pièces reçues que pour ces demandes, les protège et les "
            "restitue ou les détruit à la fin du contrat."
        ),
        Heading("Article 5 - Durée et fin"),
        Blank("Date d'effet et durée"),
        Text(
            "Chaque partie peut mettre fin au contrat par écrit, avec un préavis d'un mois. Le fournisseur en "
            "informe l'ASP le jour même."
        ),
        Heading("Article 6 - Conditions financières"),
        Blank("Prix et modalités", lines=2),
        Signatures(("Le fournisseur", "Le prestataire")),
    ),
)

DOCUMENTS = (NO_HOSTING, PUBLISHER_MANDATE, SIGNATURE_MANDATE, REPRESENTATIVE_MANDATE, SERVICE_CONTRACT)
