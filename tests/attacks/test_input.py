"""What no form of ours would send: characters that no text has, numbers without end, texts of megabytes."""

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from core import clock
from core.auth.account import ask_reset
from core.auth.asking import ask_access
from core.auth.models import User
from core.auth.signing_in import check_password, count_attempt
from core.company import Company, change_company, company
from core.db import transaction
from core.errors import Refusal
from core.imports.pasted_prices import read_pasted
from core.orders.filling import put
from core.orders.search_conditions import Filters
from core.orders.searching import search_page
from core.partners.data import PartnerData
from core.principal import SYSTEM, visitor
from core.quick.lines import read
from core.receivables.listing import matching
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user

HUGE = 1_000_000
SECONDS = 2.0
"""Of the processor, so that a busy machine fails no test: more than any of these takes, less than a person waits."""
ODD = ["\0", "-1", "0", "1e9", "9" * 10, "9" * 30, "٣", "1;drop table product", "' or '1'='1", "%s", "{0}", "é" * 2000]
ADDRESSES = [
    "/statement.pdf?from=2026-01-01&to=2026-03-31&partner={}", "/statement.xlsx?from={}&to={}", "/documents.zip?ids={}",
    "/documents.zip?ids=1,{}", "/exports/report.csv?what={}", "/exports/report.csv?what=turnover&category={}",
    "/exports/report.csv?what=dead&days={}", "/exports/report.csv?what=movements&product={}",
    "/exports/report.csv?what=invoices&on={}", "/exports/report.csv?what=invoices&age={}",
    "/exports/report.csv?what=issued&on={}",
    *(f"/exports/report.csv?what=sales&by={by}&key={{}}&first=2026-01-01&last=2026-02-01"
      for by in ("partner", "product", "brand", "category", "agent", "")),
    "/exports/report.csv?what=groups&by={}&first=2026-01-01&last=2026-02-01",
    "/exports/report.csv?what=orders&status={}&first=2026-01-01&last=2026-02-01",
    "/exports/report.csv?what=orders&partner={}&first=2026-01-01&last=2026-02-01",
    "/exports/pivot.xlsx?first=2026-01-01&last=2026-02-01&rows={}&columns={}&measure={}",
    "/exports/price-list.csv?search={}&category={}&brand={}", "/unsubscribe?user={}&mail={}&seal={}",
    "/auth/session?t={}", "/documents/{}.pdf", "/orders/{}/confirmation.pdf", "/orders/{}/picking-list.pdf",
    "/exports/files/{}", "/images/{}/small", "/files/{}", "/messages/{}/picture", "/conversations/files/{}",
    "/people/{}/data.json",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_breaks_a_route(client: TestClient, sign_in: Callable[[User], None], address: str) -> None:
    """Every answer is one of ours; where the route failed, the test client would raise."""
    sign_in(make_user())
    partners = make_user(make_partner())
    for odd in ODD:
        assert client.get(address.replace("{}", quote(odd))).status_code < 500, odd
    sign_in(partners)
    for odd in ODD[:3]:
        assert client.get(address.replace("{}", quote(odd))).status_code < 500, odd


@pytest.mark.parametrize("name", ["category", "brand"])
def test_a_report_of_a_name_that_cannot_be_is_refused_before_the_file_begins(
    client: TestClient, sign_in: Callable[[User], None], name: str
) -> None:
    sign_in(make_user())
    what = {"category": "what=turnover&category=%00", "brand": "what=sales&by=brand&key=%00"}[name]
    answer = client.get(f"/exports/report.csv?{what}&first=2026-01-01&last=2026-02-01")
    assert answer.status_code == 400


def in_time(act: Callable[[], Any]) -> Any:
    """What it was refused, or gave; never later than people wait."""
    begin = time.thread_time()
    try:
        return act()
    except Refusal as refusal:
        return refusal
    finally:
        assert time.thread_time() - begin < SECONDS


@pytest.mark.parametrize("text", ["a ", "\0", "ș", "5941234567899 ", "(("])
def test_a_search_of_megabytes_is_answered_at_once(database: str, text: str) -> None:
    buyer = make_buyer()
    make_product(stock=5)
    with transaction(buyer) as session:
        found = in_time(lambda: search_page(session, Filters(search=text * HUGE), clock.now()))
    assert found.total in (0, 1)


def test_a_search_of_documents_may_have_any_character(database: str) -> None:
    from core.documents.models import Document
    from core.partners.models import Partner

    with transaction(make_staff()) as session:
        session.execute(select(Document.id).join(Partner).where(*matching("\0FCT\0 1"))).all()


def test_a_paste_of_a_million_lines_is_refused_at_once(database: str) -> None:
    lines = "SKU1\t5\n" * HUGE
    assert isinstance(in_time(lambda: read(lines)), Refusal)
    assert isinstance(in_time(lambda: read_pasted(lines, ",")), Refusal)


@pytest.mark.parametrize("line", ["a,", "a\t", "a;", 'a,"', "a 1,", "a\t1\t", ""])
@pytest.mark.parametrize("sign", ["9", "x", ",", '"', "\0", "."])
def test_a_line_of_megabytes_is_a_fault_like_any_other(database: str, line: str, sign: str) -> None:
    wanted, faults = in_time(lambda: read_pasted(line + sign * HUGE, ","))
    assert len(wanted) + len(faults) == 1
    in_time(lambda: read(line + sign * HUGE))


@pytest.mark.parametrize("sign", ["a", "\0", "\n", "ș", "<", "("])
def test_strangers_texts_of_megabytes_are_refused_at_once(database: str, sign: str) -> None:
    long, usual = sign * HUGE, PartnerData(name="A", cui="14399840", email="a@b.ro", contact_name="Ana")
    with transaction(visitor("192.0.2.7")) as session:
        in_time(lambda: count_attempt(session, long, clock.real_now()))
        assert in_time(lambda: check_password(session, long, "password")) is None
        assert in_time(lambda: check_password(session, "ana@firma.ro", long)) is None
        in_time(lambda: ask_reset(session, long, clock.real_now()))
        for field in ("name", "cui", "address", "email", "contact_name"):
            data = replace(usual, **{field: long})
            assert isinstance(in_time(lambda data=data: ask_access(session, data, "", clock.now())), Refusal)
        assert isinstance(in_time(lambda: ask_access(session, usual, long, clock.now())), Refusal)


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "Infinity", "-Infinity", "-1", "1e30", "1e-30", "0.0001"])
def test_what_is_no_quantity_is_answered_in_words(database: str, quantity: str) -> None:
    buyer, product = make_buyer(), make_product(stock=5)
    with transaction(buyer) as session:
        [answer] = put(session, {product.id: Decimal(quantity)}, clock.now())[0]
    assert answer.kind == "bad"


@pytest.mark.parametrize("name", ["id", "metadata", "registry", "no_such_field", "__class__"])
def test_settings_take_no_field_but_their_own(database: str, name: str) -> None:
    with transaction(SYSTEM) as session:
        with pytest.raises(TypeError):
            change_company(session, **{name: 2})
        assert session.scalars(select(Company.id)).all() == [1]


@pytest.mark.parametrize("colour", ["red", "#0f766e;}</style><script>", "url(https://x.example)", "#0f766\n", ""])
def test_a_colour_is_six_digits_since_it_stands_in_a_style_sheet(database: str, colour: str) -> None:
    with transaction(make_staff()) as session, pytest.raises(Refusal):
        change_company(session, colour=colour)
    with transaction(SYSTEM) as session:
        assert company(session).colour == "#0f766e"
