"""A product that a partner knew of and knows of no more, and all the ways by which it might still find a trace."""

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.attachments import attachment
from core.catalog.models import Product, ProductAudience, ProductFile, ProductImage
from core.catalog.pictures import may_see_picture, picture
from core.db import transaction
from core.errors import Refusal
from core.exports.price_list import lay_out, lines
from core.orders import awaiting, cart, discontinued, filling, lists, placing, reordering
from core.orders.bought import bought_before
from core.orders.browsing import brand_names, category_paths, rows_of
from core.orders.product_details import product_details
from core.orders.search_conditions import Filters
from core.orders.searching import SORTS, search_page
from core.pricing.quoting import explain
from core.principal import SYSTEM, Principal
from core.quick import checking, learning, suggesting
from tests.core.orders import steps
from tests.factories import add, make_group, make_partner, make_product, make_promotion

NOON = steps.NOON
SKU, EAN, NAME, BRAND, CATEGORY = "ZX-9001", "5941234567899", "Zmeurache pneumatic", "Zorlex", "Secrete > Zave"
WORDS = ("ZX-9001", "5941234567899", "meurache", "neumatic", "Zorlex", "Secrete", "Zave")
"""No answer may hold any of them."""
NEW_WORDS = ("QW-7777", "scunsache", "cutie")
"""What it is called, and sold by, since it is hidden. Nor may an answer hold any of these."""


def make_secret(**values: Any) -> Product:
    usual = {"sku": SKU, "ean": EAN, "name": NAME, "brand": BRAND, "list_price": Decimal(77)}
    product = make_product(stock=50, category=CATEGORY, **usual | values)
    add(ProductImage(id=901, product_id=product.id, position=1, sha256=b"1", content=b"large", small=b"small"))
    add(
        ProductFile(
            id=902, product_id=product.id, name="zave.pdf", media_type="application/pdf", size=3, content=b"pdf"
        )
    )
    make_promotion(product, percent=Decimal(5))
    return product


def know(buyer: Principal, product: Product) -> None:
    """All that a partner may do with a product while it is offered to it."""
    with transaction(buyer) as session:
        lists.set_favourite(session, product.id, True)
        lists.create_list(session, "Monday", {product.id: Decimal(3)})
        learning.learn(session, "cod vechi", product.id)
    steps.order(buyer, {product.id: 2})
    with transaction(buyer) as session:
        awaiting.wait_for(session, product.id, Decimal(500), NOON)
    steps.fill(buyer, {product.id: 4})


def hide(product: Product, way: str) -> None:
    if way == "not sold any more":
        run("update product set active = false where id = :id", id=product.id)
        return
    run("update product set restricted = true where id = :id", id=product.id)
    if way == "for another partner":
        add(ProductAudience(product_id=product.id, partner_id=make_partner().id))
    if way == "for another group":
        add(ProductAudience(product_id=product.id, group_id=make_group().id))


def rename(product: Product) -> None:
    """What it is called, and sold by, changes after it was hidden."""
    renamed = "update product set sku = 'QW-7777', name = 'Ascunsache electric', unit = 'cutie' where id = :id"
    run(renamed, id=product.id)


HIDDEN = ("not sold any more", "for nobody", "for another partner", "for another group")


def run(statement: str, **params: Any) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), params)


def _search(**filters: Any) -> Callable[[Session, Product], object]:
    def look(session: Session, _product: Product) -> object:
        page = search_page(session, Filters(**filters), NOON)
        said = asdict(page)
        if page.corrected == filters.get("search"):
            said["corrected"] = None
        return said

    return look


def _quick(line: str) -> Callable[[Session, Product], object]:
    """The answer to a pasted line and what is suggested for it, without what was typed."""

    def look(session: Session, _product: Product) -> object:
        check = checking.check(session, line, NOON)
        wishes = [answer.wish for answer in check.answers]
        goods = [(answer.kind, answer.goods, [of for _option, of in answer.options]) for answer in check.answers]
        return goods, suggesting.suggest(session, wishes, NOON)

    return look


def _export(session: Session, _product: Product) -> object:
    listing = lay_out(session, Filters(), NOON)
    return [lines(session, listing, batch) for batch in listing.batches()]


def _replaced(session: Session, product: Product) -> object:
    """What is said of a product of which the secret is the successor."""
    other = session.scalars(text("select id from product where replaced_by = :id"), {"id": product.id}).one()
    return product_details(session, other, NOON)


def _on_lists(session: Session, _product: Product) -> object:
    return [lists.list_quantities(session, head.id) for head in lists.saved_lists(session)]


def _in_cart(session: Session, product: Product) -> object:
    """Its line stays, for the buyer to take out, and says nothing of today: no price, no stock."""
    view = cart.view_cart(session, NOON)
    item = next(item for item in view.items if item.product_id == product.id)
    assert (item.active, item.unit_price, item.net, item.available, item.told) == (False, 0, 0, 0, Decimal(0))
    assert item.short
    assert (item.sku, item.name, item.unit) == (SKU, NAME, "buc")
    return view


def _again(session: Session, product: Product) -> object:
    order = session.scalar(text("select max(id) from orders"))
    line = next(line for line in reordering.today(session, order, NOON).lines if line.product_id == product.id)
    assert line.gone
    assert (line.unit_price, line.net, line.available, line.told) == (0, 0, 0, Decimal(0))
    assert (line.sku, line.name, line.unit) == (SKU, NAME, "buc")
    return line


def _bought(session: Session, product: Product) -> object:
    """It was bought, and the order says so; but it is no longer to be had, no search finds its name of now."""
    [row] = bought_before(session, SKU)[0]
    assert (row.product_id, row.offered, row.sku, row.name, row.unit) == (product.id, False, SKU, NAME, "buc")
    assert bought_before(session, "ascunsache") == ([], 0)
    return row


def _placed(session: Session, _product: Product) -> object:
    """It cannot be ordered, and the refusal names what the partner knew."""
    with pytest.raises(placing.Shortage) as shortage:
        placing.place(session, cart.own_cart(session).token, NOON)
    assert [(line.sku, line.name) for line in shortage.value.lines] == [(SKU, NAME)]
    return shortage.value.lines


WAYS: dict[str, Callable[[Session, Product], object]] = {
    "the first page": _search(),
    **{f"sorted {sort}": _search(sort=sort) for sort in SORTS},
    "words of its name": _search(search="zmeurache pneumatic"),
    "the beginning of a word": _search(search="zmeu"),
    "a mistyped word": _search(search="zmeurahce"),
    "its SKU": _search(search=SKU),
    "its EAN": _search(search=EAN),
    "its brand": _search(brand=BRAND),
    "its category": _search(category=CATEGORY),
    "the category above it": _search(category="Secrete"),
    "what is in stock": _search(in_stock=True),
    "what was bought": _search(mine=True),
    "what is on promotion": _search(promotions=True),
    "what is new": _search(new=True),
    "the favourites": _search(favourites=True),
    "the categories": lambda session, product: category_paths(session),
    "the brands": lambda session, product: brand_names(session),
    "its number": lambda session, product: rows_of(session, [product.id], NOON),
    "its own page": lambda session, product: product_details(session, product.id, NOON),
    "the page of what it replaces": _replaced,
    "why its price": lambda session, product: explain(session, product.id, Decimal(1), NOON.date()),
    "its picture": lambda session, product: picture(session, 901, small=False),
    "its small picture": lambda session, product: picture(session, 901, small=True),
    "whether it has a picture": lambda session, product: may_see_picture(session, 901) or None,
    "its data sheet": lambda session, product: attachment(session, 902),
    "the starred products": lambda session, product: lists.favourites(session),
    "the saved lists": _on_lists,
    "starring it": lambda session, product: lists.set_favourite(session, product.id, True),
    "putting it on a list": lambda session, product: lists.create_list(session, "Tuesday", {product.id: Decimal(1)}),
    "the waiting list": lambda session, product: awaiting.own(session),
    "waiting for it": lambda session, product: awaiting.wait_for(session, product.id, Decimal(1), NOON),
    "putting it in the cart": lambda session, product: filling.set_quantities(session, {product.id: Decimal(1)}),
    "a beacon of the grid": lambda session, product: [
        answer.kind for answer in filling.put(session, {product.id: Decimal(9)}, NOON)[0]
    ],
    "the price list": _export,
    "a pasted SKU": _quick(f"{SKU} 5"),
    "a pasted EAN": _quick(f"{EAN};5"),
    "a pasted name": _quick("5 x zmeurache pneumatic"),
    "a pasted mistyped name": _quick("5 x zmeurahce"),
    "a mistyped SKU": _quick("ZX-9002 5"),
    "the partner's own code": _quick("cod vechi 5"),
    "the partner's own codes": lambda session, product: learning.own_codes(session),
    "the sums of the cart": lambda session, product: cart.view_cart(session, NOON).totals,
    "teaching its code": lambda session, product: learning.learn(session, "alt cod", product.id),
}


LEFT: dict[str, Callable[[Session, Product], object]] = {
    "the cart": _in_cart, "an old order again": _again, "what was bought before": _bought, "ordering it": _placed,
    "its page once it is no longer sold": lambda session, product: discontinued.discontinued(session, product.id),
    "its SKU of now": lambda session, product: discontinued.discontinued_by_code(session, "qw-7777"),
    "the starred that are no longer sold": lambda session, product: discontinued.discontinued_favourites(session),
    "what is no longer sold of the lists": lambda session, product: [
        discontinued.discontinued_on_list(session, head.id) for head in lists.saved_lists(session)
    ],
}  # fmt: skip
"""Where it still stands after it was hidden, because the partner put it there: what is said of it now, under its
name of then."""


def answer(who: Principal, way: str, product: Product) -> str:
    """What the way says, refusals included."""
    try:
        with transaction(who) as session:
            return repr((WAYS | LEFT)[way](session, product))
    except Refusal as refusal:
        return f"{type(refusal).__name__}: {refusal.text('en')}"
