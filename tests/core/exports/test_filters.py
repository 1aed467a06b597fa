"""What lists on pages show and what is taken out with the same search and filters: the same rows."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.audit import Filters, audit_page
from core.catalog.queries import Wanted, product_page
from core.db import transaction
from core.errors import NotAllowed
from core.exports.asking import TABLES, Asked, UnknownColumn, filters_for, query, run, values_of
from core.exports.making import in_words
from core.orders.queries import orders_page
from core.principal import Principal
from core.receivables.debtors import debtors
from core.receivables.listing import documents_page
from core.receivables.payments import record_payment
from tests.core.documents.steps import claimed_order, issue, pay, set_up_company
from tests.core.orders import steps
from tests.core.orders.steps import NOON
from tests.core.receivables.debts import buyer, late
from tests.factories import make_buyer, make_company, make_group, make_product, make_staff

pytestmark = pytest.mark.usefixtures("database")

TODAY = NOON.date()
Rows = list[object]


def taken(who: Principal, table: str, column: str, since: date | None = None, **narrowed: object) -> Rows:
    """The values of a column of an export, in order of their size."""
    filters = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in narrowed.items()}  # type: ignore[arg-type]
    with transaction(who) as session:
        found = query(session, Asked(table, (column,), since, None, filters), NOON)
        return sorted(row[0] for row in run(session, found.text, found.params))


def on_page(who: Principal, page: Callable[..., object], field: str, *args: object, **named: object) -> Rows:
    """The values of a field of a list's first page, in order of their size."""
    with transaction(who) as session:
        found = page(session, *args, **named)
    rows = found[0] if isinstance(found, tuple) else found.rows  # type: ignore[attr-defined]
    return sorted(getattr(row, field) for row in rows)


@pytest.fixture
def staff() -> Principal:
    return make_staff(role="admin", email="ana@electro.example")


@pytest.fixture
def orders(staff: Principal) -> Principal:
    """Orders of two partners in three states, one held for a colleague; returns the buyer of most of them."""
    product = make_product(stock=99)
    mine = make_buyer(name="Instal Țurcanu SRL", code="P77")
    other = make_buyer(name="100% Electro_B SRL", code="Q1", group_id=make_group(name="Electricieni").id)
    numbers = [steps.order(who, {product.id: 1}) for who in (mine, mine, other, mine)]
    steps.claim(staff, numbers[0])
    steps.claim(make_staff(role="sales"), numbers[1])
    steps.cancel(staff, numbers[3])
    return mine


def test_the_search_of_orders_finds_the_same_orders_and_their_lines(orders: Principal, staff: Principal) -> None:
    for search in ("", " ", "turcanu", "Țurc P77", "100%", "electro_b", "q1 srl", "nobody", "a\0b"):
        for who in (staff, orders):
            found = on_page(who, orders_page, "id", search=search)
            assert taken(who, "orders", "order", words=search) == found
            assert taken(who, "lines", "order", words=search) == found
    first = min(on_page(orders, orders_page, "id"))
    assert taken(staff, "orders", "order", words=f" {first} ") == [first]


def test_orders_are_narrowed_to_states_to_who_claimed_them_and_to_groups(orders: Principal, staff: Principal) -> None:
    for states in (["placed"], ["claimed", "cancelled"]):
        assert taken(staff, "orders", "order", status=states) == on_page(staff, orders_page, "id", statuses=states)
    mine = on_page(staff, orders_page, "id", mine=True)
    assert len(mine) == 1
    assert taken(staff, "orders", "order", claimed_by=staff.email) == mine
    assert taken(staff, "orders", "partner", group="Electricieni") == ["100% Electro_B SRL"]
    assert taken(staff, "orders", "partner", group=["Electricieni", "Others"], words="turcanu") == []


@pytest.fixture
def documents() -> Principal:
    """Invoices that are paid, open and late, one annulled by a storno, in two partners' accounts."""
    set_up_company()
    who, other = buyer(name="Instal Pro SRL", cui="RO18189442"), buyer(name="Țeavă & Mâner SRL")
    late(other, 40)
    pay(late(who, 30), "121.00")
    late(who, 5)
    issue(claimed_order(who))
    return who


def test_the_search_and_the_states_of_documents_find_the_same_documents(documents: Principal, staff: Principal) -> None:
    seen = set()
    for search in ("", " ", "instal", "teava &", "18189442", "RO18189442", "1", "fct", "00002", "%"):
        for state in ("all", "unpaid", "overdue", "paid"):
            narrowed = {} if state == "all" else {"state": state}
            for who in (staff, documents):
                found = on_page(who, documents_page, "number", TODAY, search, state)
                assert taken(who, "documents", "number", words=search, **narrowed) == found
                seen.add(len(found))
            kinds = ("storno", "receipt", "invoice")
            found = on_page(staff, documents_page, "number", TODAY, search, state, kinds=kinds)
            assert taken(staff, "documents", "number", words=search, kind=kinds, **narrowed) == found
    assert seen == {0, 1, 2, 3, 4}


def test_several_states_of_documents_are_all_that_are_in_one_of_them(documents: Principal, staff: Principal) -> None:
    both = taken(staff, "documents", "number", state=["unpaid", "paid"])
    assert both == sorted(
        {*taken(staff, "documents", "number", state="unpaid"), *taken(staff, "documents", "number", state="paid")}
    )
    assert len(both) == 4
    assert len(taken(staff, "documents", "number", since=TODAY - timedelta(days=1))) == 1


def test_the_search_and_the_filters_of_receivables_find_the_same_partners(
    documents: Principal, staff: Principal
) -> None:
    with transaction(staff) as session:
        record_payment(session, documents.partner_id or 0, Decimal("5000"), TODAY, NOON)
    make_buyer(name="Instal Nou SRL")  # owes nothing
    seen = set()
    for search in ("", "instal", "maner teava", "18189442", "nobody"):
        for only in ("all", "overdue", "blocked", "disputed", "credit"):
            found = on_page(staff, debtors, "code", TODAY, search=search, only=only)
            assert taken(staff, "balances", "partner_code", words=search, receivables=only) == found
            seen.add(len(found))
    assert seen == {0, 1, 2}


def test_payments_are_found_by_their_partner(documents: Principal, staff: Principal) -> None:
    assert taken(staff, "payments", "partner", words="instal pro") == ["Instal Pro SRL"]
    assert taken(staff, "payments", "partner", words="maner") == []


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(search="cab cu"),
        Wanted(search="țeava"),
        Wanted(search="5941234567899"),
        Wanted(category="Cabluri"),
        Wanted(category="Cabluri > Cupru", brand="Hager"),
        Wanted(only=("out_of_stock",)),
        Wanted(only=("active", "without_ean")),
        Wanted(search="cablu", only=("inactive",)),
        Wanted(category="Nothing"),
    ],
)
def test_the_search_and_the_filters_of_products_find_the_same_products(staff: Principal, wanted: Wanted) -> None:
    make_product(sku="C-1", name="Cablu de cupru", brand="Hager", category="Cabluri > Cupru", stock=3)
    make_product(sku="C-2", name="Cablu de aluminiu", category="Cabluri > Aluminiu", active=False)
    make_product(sku="T-1", name="Țeavă", brand="Hager", ean="5941234567899", category="Țevi")
    found = on_page(staff, product_page, "sku", TODAY, wanted)
    said = {"words": wanted.search, "category": wanted.category, "brand": wanted.brand, "only": wanted.only}
    assert taken(staff, "stock", "sku", **{name: value for name, value in said.items() if value}) == found


def test_several_categories_are_all_of_them(staff: Principal) -> None:
    for path in ("A > B", "C", "D"):
        make_product(category=path)
    assert taken(staff, "stock", "category", category=["A", "C"]) == ["A > B", "C"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(words="turcanu"),
        Filters(words="p77 1"),
        Filters(person="ana@electro"),
        Filters(partner="țurcanu"),
        Filters(groups=("orders", "mails")),
        Filters(groups=("orders",), partner="p77", person="nobody"),
        Filters(words="%s :x"),
    ],
)
def test_the_filters_of_the_audit_find_the_same_entries(orders: Principal, staff: Principal, filters: Filters) -> None:
    found = on_page(staff, audit_page, "id", filters)
    said = {"words": filters.words, "person": filters.person, "named": filters.partner, "groups": filters.groups}
    assert taken(staff, "audit", "entry", **{name: value for name, value in said.items() if value}) == found


def test_partners_have_no_filters_about_other_partners_or_the_distributors_people(orders: Principal) -> None:
    with transaction(orders) as session:
        assert set(filters_for(session, TABLES["orders"])) == {"words", "status"}
        assert set(filters_for(session, TABLES["payments"])) == set()
    for name in ("claimed_by", "group", "partner"):
        with pytest.raises(UnknownColumn):
            taken(orders, "orders", "order", **{name: "x"})
    with pytest.raises(NotAllowed):
        taken(orders, "balances", "partner", receivables="all")


def test_a_value_that_a_filter_does_not_have_is_refused(staff: Principal) -> None:
    for table, name in (("documents", "state"), ("balances", "receivables"), ("audit", "groups"), ("stock", "only")):
        with pytest.raises(UnknownColumn):
            taken(staff, table, TABLES[table].columns[0].name, **{name: "true or"})


def test_every_filter_of_every_table_can_be_asked_for_and_is_said_in_words(staff: Principal) -> None:
    make_company()
    for table in TABLES.values():
        for name, each in table.narrowed.items():
            with transaction(staff) as session:
                value = next(iter(values_of(session, each, "ro")), "x")
            narrowed = {table.required: "x"} if table.required else {}
            taken(staff, table.name, table.columns[0].name, **narrowed | {name: value})
            words = in_words(Asked(table.name, (), narrowed={name: (value,)}), "en")
            assert words == f"{each.label}: {each.words.get(value, value)}"
