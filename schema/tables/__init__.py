"""Every table of the portal, one file per aggregate.

Importing this package completes the tables from their descriptions: lengths, CHECK constraints and many-to-one
relationships all follow from `column()` and the type, so that a new column is one line.
"""

from schema import staging  # noqa: F401  Its tables belong to the same database.
from schema.base import Table
from schema.complete import complete
from schema.tables.account import Account, AccountProvider, EmailChange
from schema.tables.attachment import Attachment, AttachmentAccess
from schema.tables.bulk import BulkAction, BulkLine
from schema.tables.correction import Correction, CorrectionRule
from schema.tables.demand import Demand, DemandItem
from schema.tables.document import DocumentKind, DocumentModel, DocumentRule
from schema.tables.draft import Draft
from schema.tables.financing import FinancingAccess, FinancingDeposit, FinancingRequest, PrestationType
from schema.tables.history import HistoryEntry, HistorySeal
from schema.tables.instruction import FieldFlag, PendingDecision, RequestNote
from schema.tables.mail import OutgoingMail
from schema.tables.office import DataCheck, Figure, PlannedChange, SavedView
from schema.tables.provider import BankAccount, Person, Provider
from schema.tables.reference import Corridor, Dsr, LegalText, Profile, Referencing, StreetType, Wave
from schema.tables.registry import BankOverride, RegistryEntry
from schema.tables.request import EnrolmentRequest, RequestCounter, RequestEvent, TermsAcceptance
from schema.tables.rule import Deadline, MessageTemplate, Parameter, ReasonTemplate, Retention
from schema.tables.security import Attempt, SpentToken, WebSession
from schema.tables.staff import RoleWithdrawal, StaffUser
from schema.tables.support import Ticket

ALL: tuple[type[Table], ...] = (
    EnrolmentRequest,
    Provider,
    Person,
    BankAccount,
    Referencing,
    Attachment,
    Demand,
    DemandItem,
    RequestEvent,
    TermsAcceptance,
    FieldFlag,
    RequestNote,
    PendingDecision,
    BulkAction,
    BulkLine,
    Correction,
    FinancingRequest,
    FinancingDeposit,
    FinancingAccess,
    Ticket,
    OutgoingMail,
    Draft,
    Account,
    AccountProvider,
    EmailChange,
    StaffUser,
    RoleWithdrawal,
    AttachmentAccess,
    HistoryEntry,
    HistorySeal,
    Wave,
    Corridor,
    Dsr,
    Profile,
    DocumentKind,
    DocumentModel,
    DocumentRule,
    PrestationType,
    Deadline,
    Retention,
    Parameter,
    MessageTemplate,
    ReasonTemplate,
    CorrectionRule,
    LegalText,
    StreetType,
    BankOverride,
    RegistryEntry,
    SavedView,
    PlannedChange,
    Figure,
    DataCheck,
    RequestCounter,
    WebSession,
    SpentToken,
    Attempt,
)

complete(ALL)

__all__ = [
    "ALL",
    "Account",
    "AccountProvider",
    "Attachment",
    "AttachmentAccess",
    "Attempt",
    "BankAccount",
    "BankOverride",
    "BulkAction",
    "BulkLine",
    "Correction",
    "CorrectionRule",
    "Corridor",
    "DataCheck",
    "Deadline",
    "Demand",
    "DemandItem",
    "DocumentKind",
    "DocumentModel",
    "DocumentRule",
    "Draft",
    "Dsr",
    "EmailChange",
    "EnrolmentRequest",
    "FieldFlag",
    "Figure",
    "FinancingAccess",
    "FinancingDeposit",
    "FinancingRequest",
    "HistoryEntry",
    "HistorySeal",
    "LegalText",
    "MessageTemplate",
    "OutgoingMail",
    "Parameter",
    "PendingDecision",
    "Person",
    "PlannedChange",
    "PrestationType",
    "Profile",
    "Provider",
    "ReasonTemplate",
    "Referencing",
    "RegistryEntry",
    "RequestCounter",
    "RequestEvent",
    "RequestNote",
    "Retention",
    "RoleWithdrawal",
    "SavedView",
    "SpentToken",
    "StaffUser",
    "StreetType",
    "TermsAcceptance",
    "Ticket",
    "Wave",
    "WebSession",
]
