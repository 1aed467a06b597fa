"""Every table in one import: what migrations compare the database with."""

from core.anaf.models import AnafConnection, AnafMessage, AnafSubmission
from core.auth.models import AccessLink, LoginSession, LoginTicket, RecoveryCode, Throttle, User
from core.banking.models import BankCsvMapping, BankEntry, BankStatement, PartnerAccount
from core.catalog.models import (
    Category,
    Product,
    ProductAudience,
    ProductFile,
    ProductImage,
    SearchWord,
    VatRate,
    WordDeletion,
)
from core.company import Company
from core.db import Base
from core.documents.models import (
    Annulment,
    Document,
    DocumentFile,
    DocumentLine,
    DocumentSeries,
    DocumentVat,
    IssueRun,
    IssueRunOrder,
    SeriesYear,
)
from core.events import Event, Outbox
from core.exports.models import ExportPiece, ExportRun, SavedExport
from core.imports.models import ImportChange, ImportPiece, ImportRun, ImportSource, ImportStaged
from core.installation import Installation
from core.messages.models import (
    Message,
    MessageAudience,
    MessagePicture,
    MessageRead,
    MessageReminder,
    Thread,
    ThreadEntry,
    ThreadFile,
    ThreadSeen,
)
from core.notifications.models import Mail, MailServer
from core.orders.models import (
    Cart,
    CartLine,
    Delivery,
    Favourite,
    LimitPass,
    Order,
    OrderLine,
    PartnerCode,
    Proposal,
    QuickDraft,
    SavedList,
    SavedListLine,
)
from core.partners.models import Partner, PartnerGroup
from core.pricing.models import (
    Discount,
    PartnerException,
    PartnerPrice,
    PriceList,
    PriceListItem,
    PriceProfile,
    ProfilePrice,
    Promotion,
    PromotionItem,
    StalePrice,
    TakenPriceList,
)
from core.receivables.models import (
    Allocation,
    Credit,
    Dispute,
    OpeningNumber,
    Payment,
    Receivable,
    RemindedDocument,
    Reminder,
    ReminderStep,
)
from core.reports.models import OrderFate, ReportState, SalesSum
from core.stock.models import Backorder, Stock, StockHold, StockMonth, StockMovement, StockWait, Warehouse
from core.terms.models import Terms, TermsAcceptance

__all__ = [
    "AccessLink", "Allocation", "AnafConnection", "AnafMessage", "AnafSubmission",
    "Annulment", "Backorder", "BankCsvMapping", "BankEntry", "BankStatement", "Base", "Cart", "CartLine", "Category",
    "Company",
    "Credit", "Delivery", "Discount", "Dispute", "Document", "DocumentFile", "DocumentLine", "DocumentSeries",
    "DocumentVat", "Event", "ExportPiece", "ExportRun", "Favourite",
    "ImportChange", "ImportPiece", "ImportRun", "ImportSource", "ImportStaged",
    "Installation", "IssueRun", "IssueRunOrder", "LimitPass", "LoginSession", "LoginTicket", "Mail", "MailServer",
    "Message", "MessageAudience", "MessagePicture", "MessageRead", "MessageReminder",
    "OpeningNumber", "Order", "OrderFate", "OrderLine", "Outbox", "Partner", "PartnerAccount", "PartnerCode",
    "PartnerException", "PartnerGroup", "PartnerPrice", "Payment", "PriceList",
    "PriceListItem", "PriceProfile", "Product", "ProductAudience",
    "ProductFile", "ProductImage", "ProfilePrice", "Promotion", "PromotionItem", "Proposal", "QuickDraft",
    "Receivable", "RecoveryCode", "RemindedDocument", "Reminder", "ReminderStep", "ReportState",
    "SalesSum", "SavedExport", "SavedList",
    "SavedListLine", "SearchWord", "SeriesYear", "StalePrice", "Stock", "StockHold", "StockMonth",
    "StockMovement", "StockWait", "TakenPriceList", "Terms", "TermsAcceptance", "Thread", "ThreadEntry", "ThreadFile",
    "ThreadSeen", "Throttle", "User", "VatRate", "Warehouse", "WordDeletion",
]  # fmt: skip
