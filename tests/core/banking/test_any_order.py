"""Whatever is loaded, booked, taken back and set aside in whatever order: the payments are what the entries are."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refusal
from core.principal import Principal
from tests.core.banking.steps import (
    IBANS,
    Money,
    book,
    book_certain,
    book_on,
    kept,
    load,
    mt940,
    proposals,
    reopen,
    set_aside,
    take_back,
)
from tests.core.documents.steps import invoice, set_up_company
from tests.core.orders.steps import assert_invariants, scalar
from tests.factories import make_buyer

AMOUNTS = ("121.00", "60.50", "242.00", "10.00")
BOOKED = """
    select (select coalesce(sum(amount), 0) from bank_entry where state = 'booked')
         = (select coalesce(sum(amount), 0) from payment p where amount > 0
              and not exists (select from payment u where u.undoes = p.id))
"""
moves = st.one_of(
    st.tuples(st.just("load"), st.lists(st.integers(0, 11), min_size=1, max_size=5)),
    st.tuples(st.sampled_from(["book", "by hand", "aside", "reopen", "back"]), st.integers(0, 11)),
    st.tuples(st.just("certain"), st.just(0)),
)


def money(n: int, numbers: list[str]) -> Money:
    """The nth possible entry: always the same, with a reference of the bank or without one."""
    text = f"{numbers[n % len(numbers)]} intrarea" if n % 3 else "fara numar"
    return Money(AMOUNTS[n % 4], text, iban=IBANS[n % 2], reference=f"REF{n}" if n % 2 else "")


@pytest.fixture
def buyers(database: str) -> list[Principal]:
    set_up_company()
    return [make_buyer(), make_buyer()]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(moves, max_size=14))
def test_the_sum_of_the_payments_of_booked_entries_is_the_sum_of_the_entries(
    buyers: list[Principal], moves: list[tuple[str, object]]
) -> None:
    numbers = [invoice(buyer).full_number for buyer in buyers for _ in range(2)]
    for move, what in moves:
        _do(move, what, numbers, buyers)
        assert scalar(BOOKED)
    assert_invariants()


def _do(move: str, what: object, numbers: list[str], buyers: list[Principal]) -> None:
    if move == "load":
        assert isinstance(what, list)
        data = mt940(*(money(n, numbers) for n in what))
        load(data)
        assert load(data).new == 0
        return
    entries = kept()
    if not entries:
        return
    assert isinstance(what, int)
    one = entries[what % len(entries)].id
    found = proposals().get(one)
    steps = {
        "book": lambda: found and book(one, seen=found.mark), "by hand": lambda: book_on(one, buyers[what % 2]),
        "aside": lambda: set_aside(one), "reopen": lambda: reopen(one), "back": lambda: take_back(one),
        "certain": book_certain,
    }  # fmt: skip
    try:
        steps[move]()
    except Refusal:
        assert move != "certain"
