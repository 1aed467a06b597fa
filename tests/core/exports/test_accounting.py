"""What the accountant takes out adds up to the documents and the payments, and carries the codes that D406 asks for."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.db import transaction
from core.documents.annulling import annul
from core.documents.storno import storno
from core.exports.asking import Asked, query, run
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from core.receivables.undoing import undo_payment
from tests.core.documents.steps import TODAY, invoice, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import make_buyer

pytestmark = pytest.mark.usefixtures("database")


def rows(table: str, *columns: str) -> list[tuple[Any, ...]]:
    with transaction(SYSTEM) as session:
        found = query(session, Asked(table, columns), NOON)
        return run(session, found.text, found.params)


def one(statement: str) -> Any:
    with transaction(SYSTEM) as session:
        return session.execute(text(statement)).scalar_one()


@pytest.fixture
def year() -> dict[str, Any]:
    """Two invoices of one partner, a part storno of the first, an annulled third, and payments: of both in one, of
    nothing yet, and one that was a mistake."""
    set_up_company()
    buyer = make_buyer(vat_payer=True, cui="18189442")
    first, second, third = (invoice(buyer, prices) for prices in (("100", "10.005"), ("50",), ("7",)))
    with transaction(SYSTEM) as session:
        back = storno(session, first.id, "retur", NOON, {1: Decimal(1)})
        annul(session, third.id, "greșeală", NOON)
        partner, pays = first.partner_id, {first.id: Decimal("12.11"), second.id: Decimal("60.50")}
        both = record_payment(session, partner, Decimal("80.00"), TODAY, NOON, pays=pays, reference="OP 7")
        loose = record_payment(session, partner, Decimal("5.00"), TODAY, NOON, pays={}, method="cash")
        wrong = record_payment(session, partner, Decimal("1.00"), TODAY, NOON, pays={})
        undone = undo_payment(session, wrong.id, "greșit", NOON)
        return {
            "first": first.id, "second": second.id, "third": third.id, "back": back.id, "both": both.id,
            "loose": loose.id, "wrong": wrong.id, "undone": undone.id,
        }  # fmt: skip


def test_the_rates_of_every_invoice_add_up_to_it_and_annulled_ones_say_so(year: dict[str, Any]) -> None:
    found = rows("sales_vat", "document_id", "annulled", "lei_base", "lei_vat")
    assert {row[0] for row in found} == {year["first"], year["second"], year["third"], year["back"]}
    assert [row[0] for row in found if row[1]] == [year["third"]]
    totals = one("select sum(lei_net) || ' ' || sum(lei_vat) from document where kind in ('invoice', 'storno')")
    assert f"{sum(row[2] for row in found)} {sum(row[3] for row in found)}" == totals


def test_lines_carry_ids_and_codes_and_a_storno_names_what_it_corrects(year: dict[str, Any]) -> None:
    found = rows(
        "sales_lines", "document_id", "line", "type_code", "refers_to", "cui", "unit_code", "vat_category", "vat_rate",
        "quantity", "lei_net",
    )  # fmt: skip
    shared = ("RO18189442", "H87", "S", Decimal("21.00"))
    assert found[0] == (year["first"], 1, "380", None, *shared, Decimal("1.000"), Decimal("100.00"))
    assert found[1][:2] == (year["first"], 2)
    assert found[-1] == (year["back"], 1, "380", year["first"], *shared, Decimal("-1.000"), Decimal("-100.00"))


def test_the_rows_of_a_payment_add_up_to_it(year: dict[str, Any]) -> None:
    found = rows("paid", "payment_id", "document_id", "amount", "means", "undoes")
    assert [row for row in found if row[0] == year["both"]] == [
        (year["both"], year["first"], Decimal("12.11"), "42", None),
        (year["both"], year["second"], Decimal("60.50"), "42", None),
        (year["both"], None, Decimal("7.39"), "42", None),
    ]
    assert (year["loose"], None, Decimal("5.00"), "10", None) in found
    assert (year["undone"], None, Decimal("-1.00"), "42", year["wrong"]) in found
    assert sum(row[2] for row in found) == one("select sum(amount) from payment")
