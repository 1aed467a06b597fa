"""Every table in one import: what migrations compare the database with."""

from core.auth.models import AccessLink, LoginSession, LoginTicket, RecoveryCode, Throttle, User
from core.catalog.models import Category, Product, VatRate
from core.company import Company
from core.db import Base
from core.documents.models import (
    Document,
    DocumentFile,
    DocumentLine,
    DocumentSeries,
    DocumentVat,
    Payment,
    Receivable,
)
from core.events import Event, Outbox
from core.notifications.models import Mail
from core.orders.models import Cart, CartLine, Delivery, LimitPass, Order, OrderLine, Proposal
from core.partners.models import Partner
from core.pricing.models import PartnerPrice
from core.stock.models import Backorder, Stock, StockHold, StockMovement, StockWait, Warehouse

__all__ = [
    "AccessLink", "Backorder", "Base", "Cart", "CartLine", "Category", "Company", "Delivery", "Document",
    "DocumentFile", "DocumentLine", "DocumentSeries", "DocumentVat", "Event", "LimitPass", "LoginSession",
    "LoginTicket", "Mail", "Order", "OrderLine", "Outbox", "Partner", "PartnerPrice", "Payment", "Product", "Proposal",
    "Receivable", "RecoveryCode", "Stock", "StockHold", "StockMovement", "StockWait", "Throttle", "User", "VatRate",
    "Warehouse",
]  # fmt: skip
