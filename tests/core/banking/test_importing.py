"""Loading: once, however often and in whatever pieces, and whoever else loads at the same time."""

from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from core.banking import importing, mappings
from core.banking.identity import identities
from core.banking.problems import BankFileRefused
from core.banking.reading import read
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM
from tests.core.banking.steps import OWN, Money, kept, load, mt940
from tests.core.documents.steps import set_up_company
from tests.core.orders.steps import NOON, scalar
from tests.core.receivables.debts import events
from tests.factories import make_buyer, make_staff
from tests.threads import at_once

FILES = Path(__file__).with_name("files")
ONE, TWO, THREE = (Money("100", f"Plata {n}", reference=f"REF{n}") for n in (1, 2, 3))


@pytest.fixture(autouse=True)
def _company(database: str) -> None:
    set_up_company()


def test_the_same_file_twice_changes_nothing() -> None:
    data = mt940(ONE, TWO)
    assert (load(data).new, load(data, name="again.sta").new) == (2, 0)
    assert (len(kept()), scalar("select count(*) from bank_statement")) == (2, 1)
    assert len(events("bank_statement_imported")) == 1


def test_of_a_file_that_overlaps_only_what_is_new_is_added() -> None:
    assert load(mt940(ONE, TWO)).new == 2
    assert load(mt940(TWO, THREE)).new == 1
    assert [one.details for one in kept()] == ["Plata 1", "Plata 2", "Plata 3"]


def test_without_a_reference_of_the_bank_equal_entries_of_a_day_are_counted() -> None:
    same = Money("50", "Plata")
    assert load(mt940(same, same)).new == 2
    assert load(mt940(same, same)).new == 0
    assert load(mt940(same, same, same)).new == 1


def test_a_reference_that_the_bank_gives_again_hides_no_money() -> None:
    assert load(mt940(Money("50", "a", reference="1"))).new == 1
    assert load(mt940(Money("60", "b", reference="1"))).new == 1
    assert load(mt940(Money("50", "a", reference="1", day=NOON.date().replace(day=20)))).new == 1


def test_the_same_entries_as_a_table_and_as_mt940_are_there_once() -> None:
    known = read((FILES / "transilvania.sta").read_bytes(), "mt940", frozenset({OWN}))[0].entries[0]
    load((FILES / "transilvania.sta").read_bytes())
    load_table((FILES / "transilvania.csv").read_bytes())
    assert [one.bank_reference for one in kept(amount=known.amount)] == [known.reference]
    assert [one.amount for one in kept()] == [Decimal("121.00"), Decimal("-50.00"), Decimal("1250.40")]


def load_table(data: bytes, **changed: str) -> importing.Loaded:
    with transaction(SYSTEM) as session:
        seen = mappings.columns_of(session, data)
        mappings.remember(session, data, seen.mapping | changed, seen.account, NOON)
        return importing.load(session, data, "extras.csv", NOON)


def test_what_came_of_a_file_is_told() -> None:
    loaded = load((FILES / "transilvania.sta").read_bytes())
    assert (loaded.entries, loaded.new, loaded.reversals, loaded.debit_count, loaded.debits) == (
        2, 2, 1, 1, Decimal("12.50"),
    )  # fmt: skip
    assert loaded.warnings == []
    assert load((FILES / "prefixed.xml").read_bytes()).foreign == 1


def test_amounts_that_no_bank_has_are_refused() -> None:
    for amount in ("0.005", "1000000000000.00"):
        with pytest.raises(BankFileRefused):
            load(mt940(Money(amount, "a"), Money(amount, "b")))
    assert kept() == []


def test_an_account_that_is_not_ours_and_balances_that_do_not_agree_are_told() -> None:
    other = "RO78BTRLRONCRT0A12345600"
    assert [one.params for one in load(mt940(ONE, account=other)).warnings] == [{"account": other}]
    wrong = mt940(TWO).replace(b"RON100,00\n", b"RON90,00\n").replace(b"RON100\n", b"RON90\n")
    assert [one.params for one in load(wrong).warnings] == [{"account": OWN, "difference": Decimal(-10)}]
    set_up_company(more_accounts=[f"{other} Banca Transilvania"])
    assert load(mt940(THREE, account=other)).warnings == []


def test_the_columns_of_a_table_are_told_once_and_known_from_then_on() -> None:
    data = b"Ziua;Bani;Despre ce\n23.11.2026;1.250,40;FCT 1\n"
    with pytest.raises(importing.ColumnsUnknown):
        load(data)
    load_table(data, date="Ziua", amount="Bani", details="Despre ce")
    later = b"Ziua;Bani;Despre ce\n24.11.2026;1.000,00;FCT 2\n24.11.2026;-5,00;comision\n"
    assert load(later).new == 1
    assert [(one.account, one.amount, one.details) for one in kept()] == [
        (OWN, Decimal("1250.40"), "FCT 1"), (OWN, Decimal("1000.00"), "FCT 2"),
    ]  # fmt: skip
    with pytest.raises(importing.ColumnsUnknown):
        load(b"Ziua;Bani;Altceva\n24.11.2026;1,00;x\n")


def test_the_columns_can_be_told_anew() -> None:
    data = b"data;suma;descriere;detalii\n23.11.2026;10,00;x;FCT 1\n"
    load_table(data, details="descriere")
    load_table(b"data;suma;descriere;detalii\n24.11.2026;10,00;y;FCT 2\n", details="detalii")
    assert [one.details for one in kept()] == ["x", "FCT 2"]
    assert scalar("select count(*) from bank_csv_mapping") == 1


def test_columns_that_cannot_be_meant_are_refused_and_not_remembered() -> None:
    data = b"data;suma;detalii\n23.11.2026;10,00;x\n"
    for wrong, fault in (
        ({"amount": ""}, BankFileRefused), ({"amount": "detalii"}, BankFileRefused), ({"date": ""}, BankFileRefused),
    ):  # fmt: skip
        with pytest.raises(fault):
            load_table(data, **wrong)
    with transaction(SYSTEM) as session, pytest.raises(NotFound):
        mappings.remember(session, data, {"date": "data", "amount": "suma"}, "RO78BTRLRONCRT0A12345600", NOON)
    assert scalar("select count(*) from bank_csv_mapping") == 0


def test_only_who_records_payments_loads_statements() -> None:
    load(mt940(ONE), make_staff(role="accounting"))
    for who in (make_staff(role="sales"), make_buyer()):
        with pytest.raises(NotAllowed):
            load(mt940(TWO), who)


def test_two_who_load_the_same_file_at_once_add_it_once() -> None:
    data = mt940(*(Money("10", f"Plata {n}", reference=f"R{n}") for n in range(50)))
    outcome = at_once([partial(load, data)] * 4)
    assert sorted(one.new for one in outcome) == [0, 0, 0, 50]
    assert len(kept()) == 50


def test_two_who_load_files_that_overlap_at_once_add_each_entry_once() -> None:
    entries = [Money("10", f"Plata {n}", reference=f"R{n}") for n in range(60)]
    files = [mt940(*entries[:40]), mt940(*reversed(entries[20:])), mt940(*entries[10:50])]
    outcome = at_once([partial(load, data) for data in files])
    assert sum(one.new for one in outcome) == len(kept()) == 60


def test_without_the_key_of_an_entry_they_would_be_there_twice() -> None:
    """The control: the race is real, and what stops it is the database."""
    with transaction(SYSTEM) as session:
        session.execute(text("alter table bank_entry drop constraint uq_bank_entry_account_identity"))
        session.execute(text("alter table bank_statement drop constraint uq_bank_statement_sha256_position"))

    def load_carelessly(data: bytes) -> None:
        """As one would without the key: what is not there yet is added."""
        with transaction(SYSTEM) as session:
            statement = read(data, "mt940", frozenset({OWN}))[0]
            found = identities(statement.entries, Counter())
            there = set(session.scalars(text("select identity from bank_entry")))
            session.execute(text("select pg_sleep(0.2)"))
            for one, identity in zip(statement.entries, found, strict=True):
                if identity not in there:
                    session.execute(_CARELESS, {"identity": identity, "amount": one.amount, "day": one.booked_on})

    with transaction(SYSTEM) as session:
        session.execute(_STATEMENT)
    at_once([partial(load_carelessly, mt940(ONE, TWO))] * 2)
    assert len(kept()) == 4


_STATEMENT = text("""
    insert into bank_statement (file_name, kind, sha256, position, account, currency, credits, debits, debit_count,
                                imported_at)
    values ('x', 'mt940', sha256('x'), 0, 'A', 'RON', 0, 0, 0, now())
""")
_CARELESS = text("""
    insert into bank_entry (statement_id, account, identity, kind, booked_on, amount, currency)
    select id, 'A', :identity, 'payment', :day, :amount, 'RON' from bank_statement
""")
