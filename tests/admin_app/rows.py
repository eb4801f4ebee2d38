"""At least one row in every table, with hostile values where a vendor may type freely."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, select

from enrolment.corrections.recipes import Recipe
from enrolment.services import passwords
from schema.base import Table, table_of, utc_now
from schema.database import Database
from schema.enums import (
    AccountState,
    ActorKind,
    BulkVerb,
    CorrectionSource,
    CorrectionState,
    DemandKind,
    Operation,
    PersonRole,
    ReferencingStatus,
    RegistryOutcome,
    RequestKind,
    RequestStatus,
    StaffRole,
    Verb,
    WebAudience,
)
from schema.history import Actor
from schema.tables import (
    ALL,
    Account,
    AccountProvider,
    Attachment,
    AttachmentAccess,
    Attempt,
    BankAccount,
    BankOverride,
    BulkAction,
    BulkLine,
    Correction,
    CorrectionRule,
    DataCheck,
    Demand,
    DemandItem,
    DocumentKind,
    DocumentModel,
    Draft,
    Dsr,
    EmailChange,
    EnrolmentRequest,
    FieldFlag,
    Figure,
    FinancingAccess,
    FinancingDeposit,
    FinancingRequest,
    HistoryEntry,
    HistorySeal,
    LegalText,
    MessageTemplate,
    OutgoingMail,
    Parameter,
    PendingDecision,
    Person,
    PlannedChange,
    Profile,
    Provider,
    Referencing,
    RegistryEntry,
    RequestCounter,
    RequestEvent,
    RequestNote,
    RoleWithdrawal,
    SavedView,
    SpentToken,
    StaffUser,
    StreetType,
    TermsAcceptance,
    Ticket,
    WebSession,
)

Row = TypeVar("Row", bound=Table)
PASSWORD = "Un mot de passe assez long 2026"
HOSTILE = '<script>alert("x")</script>'
FORMULA = '=HYPERLINK("http://attacker.example";"clic")'
NOW = datetime(2026, 3, 3, 13, 5, tzinfo=UTC)
_SIRETS = ("73282932000074", "35600000049837")
_IBANS = ("FR7630006000011234567890189", "FR1420041010050500013M02606")


def email_of(role: StaffRole) -> str:
    """The address by which the person of a role signs in."""
    return f"{role.value}@asp.example"


def first(session: Session, model: type[Row]) -> Row:
    """Any row of a table."""
    return session.exec(select(model).limit(1)).one()


def fill(database: Database) -> None:
    """Fill every table."""
    with database.writing(Actor.system("Jeu d'essai")) as session:
        _people(session)
        _references(session)
        for number in (1, 2):
            _file(session, number)
        _traces(session)
    with database.reading() as session:
        empty = [table_of(model).name for model in ALL if session.exec(select(model).limit(1)).first() is None]
    assert not empty, f"nothing in {empty}"


def _add(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row


def _people(session: Session) -> None:
    for role in StaffRole:
        _add(
            session,
            StaffUser(
                email=email_of(role),
                last_name="Moreau",
                first_name="Inès",
                role=role,
                password_hash=passwords.hashed(PASSWORD),
            ),
        )


def _references(session: Session) -> None:
    dsr = first(session, Dsr)
    if session.exec(select(Profile).limit(1)).first() is None:
        _add(session, Profile(code="ESSAI", name="Général", dsr_id=dsr.id))
    if session.exec(select(MessageTemplate).limit(1)).first() is None:
        _add(session, MessageTemplate(code="essai", name="Essai", subject="Objet", body="Texte"))
    if session.exec(select(BankOverride).limit(1)).first() is None:
        _add(session, BankOverride(country="FR", bank_code="30003", name="Société Générale", bic="SOGEFRPP"))
    if session.exec(select(CorrectionRule).limit(1)).first() is None:
        _add(session, CorrectionRule(name="Essai", table_name="bank_account"))
    if session.exec(select(Parameter).limit(1)).first() is None:
        _add(session, Parameter(code="essai", value="1", about_fr="Essai"))
    _add(session, RegistryEntry(siret=_SIRETS[0], siren=_SIRETS[0][:9], legal_name="ALIZE SANTE"))
    for number in (1, 2, 3):
        _add(
            session,
            Referencing(
                ans_number=f"ANS-V2-HOP-0041{number}",
                software_name=f"Dossier Patient Alizé {number}",
                software_version="4.2",
                publisher_name="Éditions Besançon",
                dsr_id=dsr.id,
                status=ReferencingStatus.validated,
                validated_on=date(2026, 1, number),
            ),
        )


def _file(session: Session, number: int) -> None:
    provider = _add(
        session,
        Provider(
            siret=_SIRETS[number - 1],
            legal_name="Alizé Santé" if number == 1 else HOSTILE,
            trade_name="Alizé" if number == 1 else FORMULA,
            street_type_id=first(session, StreetType).id,
            street_name="des Lilas",
            post_code="25000",
            city="BESANÇON" if number == 1 else "Lyon",
            registry_outcome=RegistryOutcome.found,
        ),
    )
    _add(
        session,
        Person(
            provider_id=provider.id,
            role=PersonRole.representative,
            last_name="Lefèvre",
            first_name="Claire",
            email=f"claire.lefevre{number}@alize-sante.fr",
            phone="+33478001234",
        ),
    )
    _add(
        session,
        BankAccount(
            provider_id=provider.id,
            iban=_IBANS[number - 1],
            bic="AGRIFRPPXXX",
            holder="Alizé Santé",
            domiciliation="Crédit Agricole",
        ),
    )
    account = _add(
        session,
        Account(
            login=f"clefevre{number}",
            email=f"claire.lefevre{number}@alize-sante.fr",
            last_name="Lefèvre",
            first_name="Claire",
            state=AccountState.active,
        ),
    )
    _add(session, AccountProvider(account_id=account.id, provider_id=provider.id))
    _add(session, EmailChange(account_id=account.id, new_email=f"claire{number}@nouvelle.fr", expires_at=utc_now()))
    referencing = session.exec(select(Referencing).order_by(Referencing.ans_number.desc()).offset(number)).first()  # type: ignore[attr-defined]
    assert referencing is not None
    request = _add(
        session,
        EnrolmentRequest(
            number=f"ENR-2026-00000{number}",
            kind=RequestKind.initial,
            referencing_id=referencing.id,
            provider_id=provider.id,
            account_id=account.id,
            submitted_at=NOW + timedelta(days=number),
            status_since=NOW,
        ),
    )
    _papers(session, request, number)


def _papers(session: Session, request: EnrolmentRequest, number: int) -> None:
    kind = first(session, DocumentKind)
    attachment = _add(
        session,
        Attachment(
            request_id=request.id,
            document_kind_id=kind.id,
            file_name="kbis.pdf" if number == 1 else FORMULA,
            content_type="application/pdf",
            size=1234,
            sha256="0" * 64,
            storage_key=f"key-{number}",
        ),
    )
    demand = _add(session, Demand(request_id=request.id, kind=DemandKind.documents, message="Merci"))
    _add(session, DemandItem(demand_id=demand.id, document_kind_id=kind.id, reason="Illisible"))
    _add(
        session,
        RequestEvent(
            request_id=request.id,
            verb=Verb.submit,
            target=RequestStatus.in_review,
            actor_kind=ActorKind.vendor,
            actor_label="Claire Lefèvre",
        ),
    )
    text = first(session, LegalText)
    _add(session, TermsAcceptance(request_id=request.id, legal_text_id=text.id, wording="J'accepte"))
    financing = _add(session, FinancingRequest(number=f"FIN-2020-00000{number}", request_id=request.id))
    deposit = _add(
        session,
        FinancingDeposit(
            financing_request_id=financing.id,
            lines=2,
            total_cents=516_000,
            file_name="financement.json",
            file_size=1200,
            file_key=f"file-{number}",
            file_sha256="0" * 64,
            proofs_name="preuves.zip",
            proofs_size=90_000,
            proofs_key=f"proofs-{number}",
            proofs_sha256="0" * 64,
            proofs_count=3,
        ),
    )
    _add(
        session,
        FinancingAccess(
            financing_deposit_id=deposit.id, proofs=True, actor_kind=ActorKind.staff, actor_label="Inès Moreau"
        ),
    )
    _add(
        session,
        AttachmentAccess(attachment_id=attachment.id, actor_kind=ActorKind.staff, actor_label="Inès Moreau"),
    )
    _add(
        session,
        OutgoingMail(
            event_key=f"event-{number}",
            template="acknowledgement",
            recipient="claire.lefevre@alize-sante.fr",
            subject="Votre demande",
            text_body="secret body of the mail",
            html_body="secret body of the mail",
            request_id=request.id,
        ),
    )


def _traces(session: Session) -> None:
    later = NOW + timedelta(days=3650)
    _add(session, Draft(kind=RequestKind.initial, answers={"x": "secret answer"}, step="referencing", expires_at=later))
    _add(
        session,
        Ticket(
            number="AST-2026-000001",
            email="claire.lefevre1@alize-sante.fr",
            name="Claire Lefèvre",
            subject=HOSTILE,
            body="Bonjour",
        ),
    )
    _add(
        session,
        HistoryEntry(
            table_name="provider",
            row_id=999,
            operation=Operation.delete,
            changes={"city": ["Lyon", None]},
            actor_kind=ActorKind.system,
            actor_label="Portail",
        ),
    )
    _office_work(session)
    _add(session, HistorySeal(first_id=1, last_id=2, rows=2, digest="0" * 64))
    _add(session, RequestCounter(series="ENR", year=2026, last=2))
    person = first(session, StaffUser)
    _add(
        session,
        WebSession(key_hash="f" * 64, audience=WebAudience.staff, staff_user_id=person.id, expires_at=later),
    )
    _add(session, SpentToken(key="t" * 64, expires_at=later))
    _add(session, Attempt(key="k" * 64))


def _office_work(session: Session) -> None:
    """What the teams of the back office keep."""
    request, author = first(session, EnrolmentRequest), first(session, StaffUser)
    _add(
        session, FieldFlag(request_id=request.id, field="bank.holder", reason="Le nom commercial.", author_id=author.id)
    )
    _add(session, RequestNote(request_id=request.id, author_id=author.id, body="Rappeler le fournisseur lundi."))
    _add(
        session,
        PendingDecision(
            request_id=request.id,
            verb=Verb.reject,
            staff_user_id=author.id,
            effective_at=utc_now() + timedelta(days=1),
            seen_version=1,
            content={"message": "Le mandat ne porte pas de date.", "documents": [], "fields": [], "letter": None},
        ),
    )
    action = _add(
        session,
        BulkAction(
            verb=BulkVerb.assign, author_id=author.id, selection="Toutes les demandes « En cours »", content={}, total=1
        ),
    )
    _add(session, BulkLine(bulk_action_id=action.id, request_id=request.id, seen_version=1))
    _add(
        session,
        Correction(
            title="Saint-Denis : commune mal écrite",
            reason="Courriel de la préfecture",
            table_name="provider",
            source=CorrectionSource.filter,
            selection="Toutes les lignes de « Fournisseurs »\nCommune : mettre « Saint-Denis »",
            recipe=Recipe(columns=("city",)).as_data(),
            author_id=author.id,
            author_label=str(author),
            state=CorrectionState.cancelled,
        ),
    )
    _add(session, SavedView(owner_id=author.id, page="request", name="Mes dossiers", query="status=in_review"))
    _add(
        session,
        PlannedChange(
            table_name="deadline",
            row_id=1,
            changes={"days": "30"},
            effective_at=utc_now() + timedelta(days=1),
            author_id=session.exec(select(StaffUser.id).where(StaffUser.role == StaffRole.administrator)).one(),
        ),
    )
    kind = first(session, DocumentKind)
    _add(
        session,
        DocumentModel(
            document_kind_id=kind.id,
            file_name="modele-d-essai.pdf",
            content_type="application/pdf",
            size=1,
            sha256="0" * 64,
            storage_key="00/00/modele",
        ),
    )
    _add(session, DataCheck(code="mail_parked", found=0, examples={}, checked_at=utc_now()))
    # Beyond the ceiling: it takes away what no reader has.
    _add(session, RoleWithdrawal(role=StaffRole.reader, subject="request", right_name="delete"))
    _add(session, Figure(chart="statuts", key="in_review", value=2, computed_at=utc_now()))
