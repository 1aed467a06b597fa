"""Every table in one import: what migrations compare the database with."""

from core.auth.models import LoginSession, LoginTicket, User
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
    "Base", "Cart", "CartLine", "Category", "Company", "Document", "DocumentFile", "DocumentLine", "DocumentSeries",
    "DocumentVat", "Event", "LoginSession", "LoginTicket", "Mail", "Order", "OrderLine", "Outbox", "Partner",
    "PartnerPrice", "Payment", "Product", "Stock", "StockHold", "StockMovement", "User", "VatRate", "Warehouse",
]  # fmt: skip
