"""Small makers of rows for tests: only what the test names matters, the rest is plain."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.auth.models import User
from core.catalog.models import Category, Product
from core.company import company
from core.db import transaction
from core.partners.models import Partner, PartnerGroup
from core.pricing.models import Discount, PartnerPrice, PriceList, PriceListItem, Promotion, PromotionItem
from core.principal import SYSTEM, Principal
from core.stock.models import Stock, StockMovement

_serial = itertools.count(1)


def add(row: Any) -> Any:
    """Insert one row in a transaction of the system and hand it back with its id."""
    with transaction(SYSTEM) as session:
        session.add(row)
    return row


def make_partner(**values: Any) -> Partner:
    n = next(_serial)
    usual = {"code": f"P{n}", "name": f"Partner {n} SRL", "email": f"p{n}@partner.example", "cui": "10000008",
             "address": "Str. Morii 4", "city": "Oradea", "county": "BH"}  # fmt: skip
    return add(Partner(**usual | values))


def make_user(partner: Partner | None = None, **values: Any) -> User:
    """A partner's user, or a member of staff when no partner is given. The password hash matches nothing."""
    n = next(_serial)
    kind = (
        {"kind": "partner", "partner_id": partner.id, "role": "owner"}
        if partner
        else {"kind": "staff", "role": "admin"}
    )
    return add(User(**{"email": f"user{n}@rampa.example", "name": f"User {n}", "password_hash": "-"} | kind | values))


def principal_of(user: User) -> Principal:
    language = user.language or "ro"
    return Principal(user.kind, user.id, user.partner_id, user.name, user.email, language, user.role)  # type: ignore[arg-type]


def make_buyer(**partner_values: Any) -> Principal:
    """A new partner with one user, signed in."""
    return principal_of(make_user(make_partner(**partner_values)))


def make_staff(**values: Any) -> Principal:
    return principal_of(make_user(**values))


def make_product(stock: int | str | Decimal = 0, category: str | None = None, **values: Any) -> Product:
    n = next(_serial)
    with transaction(SYSTEM) as session:
        if category:
            row = session.query(Category).filter_by(path=category).one_or_none() or Category(path=category)
            session.add(row)
            session.flush()
            values["category_id"] = row.id
        product = Product(**{"sku": f"SKU{n}", "name": f"Product {n}", "list_price": Decimal(10)} | values)
        session.add(product)
        session.flush()
        put_on_stock(session, product.id, Decimal(stock))
    return product


def put_on_stock(session: Session, product_id: int, quantity: Decimal) -> None:
    session.add(Stock(product_id=product_id, on_hand=quantity, held=0))
    session.flush()
    if quantity:
        session.add(StockMovement(product_id=product_id, quantity=quantity, kind="receipt", at=clock.now()))


def set_own_price(partner_id: int, product_id: int, net: str) -> None:
    add(PartnerPrice(partner_id=partner_id, product_id=product_id, net=Decimal(net)))


def make_company(**values: Any) -> None:
    """Fill in what an invoice needs to know of the distributor."""
    filled = {"name": "Depozitul Țării SRL", "cui": "14399840", "reg_com": "J12/1/2001", "address": "Str. Șoimului 1",
              "city": "Cluj-Napoca", "county": "CJ", "email": "comenzi@depozit.example"} | values  # fmt: skip
    with transaction(SYSTEM) as session:
        row = company(session)
        for name, value in filled.items():
            setattr(row, name, value)


def make_price_list(**values: Any) -> PriceList:
    return add(PriceList(**{"name": f"List {next(_serial)}"} | values))


def make_list_price(price_list: PriceList, product: Product, net: str, **values: Any) -> PriceListItem:
    return add(PriceListItem(price_list_id=price_list.id, product_id=product.id, net=Decimal(net), **values))


def make_group(**values: Any) -> PartnerGroup:
    return add(PartnerGroup(**{"name": f"Group {next(_serial)}"} | values))


def make_discount(percent: str, **values: Any) -> Discount:
    """For everybody and everything, but for what is named."""
    return add(Discount(percent=Decimal(percent), **values))


def make_promotion(product: Product | None = None, **values: Any) -> Promotion:
    """Over all of 2026, but for what is named; with a price for the product: net, or percent, off the list price."""
    offer = {name: values.pop(name) for name in ("net", "percent", "from_quantity") if name in values}
    usual = {"name": f"Promotion {next(_serial)}", "valid_from": date(2026, 1, 1), "valid_until": date(2026, 12, 31)}
    promotion = add(Promotion(**usual | values))
    if product:
        add(PromotionItem(promotion_id=promotion.id, product_id=product.id, **offer))
    return promotion
