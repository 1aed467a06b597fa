"""Every table in one import: what migrations compare the database with."""

from core.auth.models import AccessLink, LoginSession, LoginTicket, RecoveryCode, Throttle, User
from core.catalog.models import Category, Product, VatRate
from core.company import Company
from core.db import Base
from core.documents.models import Document, DocumentFile, DocumentLine, DocumentSeries, DocumentVat, Payment
from core.events import Event, Outbox
from core.notifications.models import Mail
from core.orders.models import Cart, CartLine, Order, OrderLine
from core.partners.models import Partner
from core.pricing.models import PartnerPrice
from core.stock.models import Stock, StockHold, StockMovement, Warehouse

__all__ = [
    "AccessLink", "Base", "Cart", "CartLine", "Category", "Company", "Document", "DocumentFile", "DocumentLine",
    "DocumentSeries", "DocumentVat", "Event", "LoginSession", "LoginTicket", "Mail", "Order", "OrderLine", "Outbox",
    "Partner", "PartnerPrice", "Payment", "Product", "RecoveryCode", "Stock", "StockHold", "StockMovement", "Throttle",
    "User", "VatRate", "Warehouse",
]  # fmt: skip
