"""Every form of every page is filled in with hostile values and sent: no page breaks, whatever is typed.

A walk over each page: a field is chosen and given a value, or a button is pressed, again and again. What the page then
says is its business; that it says it, and shows no traceback, is what is tested here.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.db import transaction
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from pages.ui.menu import PAGES, Entry
from tests.core.documents.steps import TODAY, invoice
from tests.core.orders.steps import NOON, order
from tests.factories import (
    make_company,
    make_discount,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_promotion,
    make_user,
    principal_of,
)

STEPS, WALKS = 20, 1
WORDS = (
    "", " ", "\x00", "' or 1=1 --", '"; drop table orders; --', "<script>alert(1)</script>", "<img src=x onerror=x>",
    "{0.__class__}", "{name", "%s %n %(x)s", "{{7*7}}", "=cmd|'/c calc'!A1", "../../etc/passwd", "file:///etc/passwd",
    "\N{RIGHT-TO-LEFT OVERRIDE}x", "\N{PILE OF POO}" * 300, "a" * 20_000, "a\r\nBcc: x@y.example", "1e309", "NaN", "-0",
    "1" * 30, "1,2,3", "0,00001", "-5", "\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}", "x@y@z", "a@b.example",
    "[x](javascript:alert(1))", ":material/delete:", "$x^2$", "javascript:alert(1)", "http://169.254.169.254/",
    "RO" + "9" * 24,
)  # fmt: skip
DAYS = (date(1, 1, 1), date(1970, 1, 1), date(2026, 2, 28), date(9999, 12, 31))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FILLED = ("text_input", "text_area", "number_input", "date_input", "selectbox", "multiselect", "checkbox", "toggle")
NOT_PRESSED = frozenset({"log_out", "end_view"})


@pytest.fixture
def shop(database: str) -> dict[str, User]:
    """Something on every page: partners, prices, orders in several states, an invoice, a payment, colleagues."""
    make_company()
    partner = make_partner(price_list_id=make_price_list().id, group_id=make_group().id)
    owner = make_user(partner, language="en")
    make_user(partner, role="buyer", spending_limit=Decimal(100), language="en")
    product = make_product(stock=500, category="A > B", brand="X")
    make_list_price(make_price_list(), product, "9.5")
    make_discount("5", partner_id=partner.id, product_id=product.id)
    make_promotion(product, percent=Decimal(10))
    order(principal_of(owner), {product.id: 3})
    issued = invoice(principal_of(owner))
    with transaction(SYSTEM) as session:
        record_payment(session, partner.id, Decimal("10.00"), TODAY, NOON, pays={issued.id: Decimal("10.00")})
    make_user(role="sales", language="en", active=False)
    return {"partner": owner, "staff": make_user(language="en")}


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: f"{entry.side}-{entry.url}")
def test_no_page_breaks_whatever_is_typed(
    app: AppTest, shop: dict[str, User], sign_in: Callable[[User], None], cookies: dict[str, str], entry: Entry
) -> None:
    if entry.side != "public":
        sign_in(shop["partner" if entry.side == "partner" else "staff"])

    @settings(
        max_examples=WALKS, deadline=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.integers(0, 2**32), st.lists(TEXTS, min_size=STEPS, max_size=STEPS))
    def walk(seed: int, texts: list[str]) -> None:
        page = app.run().switch_page(entry.file).run()
        did, chance = list[str](), Random(seed)
        for text in texts:
            if not can_go_on(page):
                return
            did.append(step(page, chance, text))
            assert not page.exception, (did, [found.value for found in page.exception])
            if entry.side != "public" and "Log in" in [title.value for title in page.subheader]:
                return  # it was logged out

    walk()


def can_go_on(page: AppTest) -> bool:
    """AppTest cannot send a choice among lengths of time as a browser does."""
    try:
        for box in page.selectbox:
            _ = box.index
    except ValueError:
        return False
    return True


def step(page: AppTest, chance: Random, text: str) -> str:
    """Fill in a field or press a button; what was done, for who reads of a failure."""
    fields = [field for kind in FILLED for field in getattr(page, kind) if not field.disabled]
    buttons = [button for button in page.button if not button.disabled and button.key not in NOT_PRESSED]
    if buttons and (not fields or chance.random() < 0.25):
        button = chance.choice(buttons)
        button.click().run()
        return f"pressed {button.label!r} ({button.key})"
    if not fields:
        page.run()
        return "nothing to do"
    field = chance.choice(fields)
    if field.type == "selectbox" and field.options:
        value: Any = chance.randrange(len(field.options))
        field.select_index(value)
    else:
        value = value_for(field, chance, text)
        field.set_value(value)
    if not field.form_id:
        page.run()
    return f"{field.label!r} := {str(value)[:60]!r}"


def value_for(field: Any, chance: Random, text: str) -> Any:
    match field.type:
        case "text_input" | "text_area":
            return chance.choice([text, *WORDS])
        case "number_input":
            return chance.choice([value for value in (field.min, field.max, field.value) if value is not None] or [0])
        case "date_input":
            return chance.choice([day for day in DAYS if field.min <= day <= field.max] or [field.min])
        case "selectbox":
            return None
        case "multiselect":
            return chance.sample(list(field.options), chance.randint(0, len(field.options)))
        case _:
            return chance.random() < 0.5
