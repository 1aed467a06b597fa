"""Undoing an import: everything as it was, or nothing, and what was entered since is never lost."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from core import clock
from core.db import transaction
from core.imports import changes
from core.principal import SYSTEM
from core.receivables.payments import record_payment
from core.stock import receiving
from tests.core.imports.running import everything, loaded, said, undone
from tests.core.orders import steps
from tests.core.orders.steps import assert_invariants, scalar
from tests.factories import (
    make_buyer,
    make_group,
    make_list_price,
    make_partner,
    make_price_list,
    make_product,
    make_staff,
    set_own_price,
)

pytestmark = pytest.mark.usefixtures("database")


def execute(query: str, **params: object) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(query), params)


def order(product_id: int, quantity: int) -> None:
    buyer = make_buyer()
    steps.place(buyer, steps.fill(buyer, {product_id: quantity}))


def without_movements(rows: dict[str, object]) -> dict[str, object]:
    """Counting back is a movement of its own: the sums are what they were."""
    return {table: found for table, found in rows.items() if table not in ("stock_movement", "stock_month")}


def test_products_that_were_made_are_gone_with_their_categories_stock_and_movements() -> None:
    make_product(sku="OLD", stock=3)
    before = everything()
    run = loaded("products", "sku,name,list_price,category,stock\nA,One,1,Scule > Chei,7\nB,Two,2,Scule,\n")
    assert scalar("select count(*) from category") == 2
    assert undone(run.id).state == "undone"
    assert everything() == before
    assert_invariants()


def test_products_that_were_changed_are_what_they_were_and_keep_what_was_entered_since() -> None:
    product = make_product(sku="A", name="Old", stock=10, category="Scule", brand="Alfa")
    before = without_movements(everything())
    run = loaded("products", "sku,name,list_price,category,stock,expected_on\nA,New,77,Chei,4,31.12.2026\n")
    execute("update product set description = 'Typed since' where id = :id", id=product.id)
    assert undone(run.id).state == "undone"
    assert scalar("select description from product") == "Typed since"
    execute("update product set description = '' where id = :id", id=product.id)
    assert without_movements(everything()) == before
    assert_invariants()


def test_replacements_and_audiences_come_back() -> None:
    group, other = make_group(name="Aur"), make_product(sku="NEW")
    make_product(sku="A", replaced_by=other.id, restricted=True)
    execute("insert into product_audience (product_id, group_id) select id, :group from product where sku = 'A'",
            group=group.id)  # fmt: skip
    before = everything()
    run = loaded("products", "sku,name,list_price,replaced_by,visible_to\nA,One,1,B,all\nB,Two,2,C,Aur\nC,Three,3,,\n")
    assert undone(run.id).state == "undone"
    assert [row for row in everything()["product"] if '"A"' not in row] == [
        row for row in before["product"] if '"A"' not in row
    ]
    assert scalar("select replaced_by from product where sku = 'A'") == other.id
    assert everything()["product_audience"] == before["product_audience"]


def test_goods_sold_since_a_count_stay_sold() -> None:
    product = make_product(sku="A", stock=10)
    run = loaded("stock", "sku,stock\nA,25\n")
    order(product.id, 4)
    assert undone(run.id).state == "undone"
    with transaction(SYSTEM) as session:
        assert tuple(session.execute(text("select on_hand, held from stock")).one()) == (10, 4)
    assert_invariants()


def test_what_was_ordered_of_goods_that_only_the_import_brought_stands_in_the_way() -> None:
    product = make_product(sku="A", stock=0)
    run = loaded("stock", "sku,stock\nA,25\n")
    order(product.id, 4)
    before = everything()
    run = undone(run.id)
    assert run.state == "done"
    assert "held for orders" in said(run)
    assert everything() == before


def test_a_product_that_was_ordered_or_counted_or_edited_since_stands_in_the_way_by_its_name() -> None:
    for since in ("ordered", "counted", "edited"):
        run = loaded("products", f"sku,name,list_price,stock\n{since},One,1,7\nX-{since},Two,1,7\n")
        product_id = scalar("select id from product where sku = :sku", sku=since)
        if since == "ordered":
            order(product_id, 1)
        elif since == "counted":
            with transaction(SYSTEM) as session:
                receiving.count(session, {product_id: Decimal(5)}, clock.now())
        else:
            execute("update product set name = 'By hand' where id = :id", id=product_id)
        before = everything()
        run = undone(run.id)
        assert run.state == "done"
        assert said(run).startswith("Nothing was taken back: 1 row was changed or used")
        assert f"({since})" in said(run)
        assert everything() == before


def test_a_stock_that_was_counted_since_stands_in_the_way() -> None:
    product = make_product(sku="A", stock=10)
    run = loaded("stock", "sku,stock\nA,25\n")
    with transaction(SYSTEM) as session:
        receiving.count(session, {product.id: Decimal(24)}, clock.now())
    assert "(A)" in said(undone(run.id))
    assert scalar("select on_hand from stock") == 24


def test_partners_and_their_prices_are_what_they_were() -> None:
    partner, product = make_partner(code="C-1", name="Old"), make_product(sku="A")
    set_own_price(partner.id, product.id, "8")
    other = make_product(sku="B")
    before = everything()
    first = loaded("partners", "code,name,discount\nC-1,New,7\nC-2,Another,\n")
    second = loaded("prices", "partner,sku,net\nC-1,A,9\nC-1,B,3\n")
    assert undone(second.id).state == "undone"
    assert undone(first.id).state == "undone"
    assert everything() == before
    assert other.id


def test_a_partner_somebody_was_invited_for_stays() -> None:
    run = loaded("partners", "code,name\nC-2,Another\n")
    execute("""insert into app_user (email, name, kind, role, partner_id, password_hash)
               select 'a@b.example', 'A', 'partner', 'owner', id, '-' from partner""")
    assert "(C-2)" in said(undone(run.id))
    assert scalar("select count(*) from partner") == 1


def test_prices_of_lists_that_were_cut_replaced_and_added_come_back() -> None:
    price_list, product = make_price_list(name="En-gros"), make_product(sku="A")
    make_list_price(price_list, product, "10")
    make_list_price(price_list, product, "9", from_quantity=24)
    make_list_price(price_list, make_product(sku="B"), "5", valid_from=date(2026, 1, 1))
    before = everything()
    run = loaded("price_lists", "list,sku,net,from_quantity,valid_from,valid_until\n"
                 "En-gros,A,11,,,\nEn-gros,A,8,48,,\nEn-gros,B,4,,01.06.2026,30.06.2026\n")  # fmt: skip
    assert everything()["price_list_item"] != before["price_list_item"]
    assert undone(run.id).state == "undone"
    assert everything() == before


def test_a_later_import_of_the_same_rows_is_undone_first() -> None:
    before = everything()
    first = loaded("products", "sku,name,list_price\nA,One,1\n")
    second = loaded("products", "sku,name,list_price\nA,One,2\n")
    assert "(A)" in said(undone(first.id))
    assert undone(second.id).state == "undone"
    assert undone(first.id).state == "undone"
    assert everything() == before


def test_an_undone_file_can_be_loaded_again_and_undone_again() -> None:
    before = everything()
    for _ in range(2):
        run = loaded("products", "sku,name,list_price,stock\nA,One,1,7\n", make_staff())
        assert run.created == 1
        assert undone(run.id, make_staff()).state == "undone"
        assert everything() == before
    assert scalar("select count(*) from event where kind = 'import_undone'") == 2


def test_movements_of_any_other_product_cannot_be_deleted() -> None:
    loaded("products", "sku,name,list_price,stock\nA,One,1,7\n")
    with pytest.raises(Exception, match="append-only"):
        execute("delete from stock_movement")


def test_every_written_column_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of keeping what was entered since: with whole rows it would be lost, or stand in the way."""
    make_product(sku="A", name="Old")
    monkeypatch.setattr(changes, "_differing", lambda _, side: f"to_jsonb({side})")
    run = loaded("products", "sku,name,list_price\nA,New,10\n")
    execute("update product set description = 'Typed since'")
    assert undone(run.id).state == "done"


OPENING = "partner,number,issued_on,due_on,open\nC-1,VF 12,01.10.2026,31.10.2026,150.50\nC-1,VF 13,02.10.2026,,-20\n"


def open_now() -> Decimal:
    found = scalar("select sum(open) from receivable")
    return Decimal(found or 0) - Decimal(scalar('select coalesce(sum("left"), 0) from credit'))


def test_opening_balances_are_annulled_together_and_can_be_loaded_again() -> None:
    make_partner(code="C-1")
    run = loaded("opening", OPENING, make_staff(role="accounting"))
    assert (run.created, open_now()) == (2, Decimal("130.50"))
    assert undone(run.id, make_staff(role="accounting")).state == "undone"
    assert open_now() == 0
    assert loaded("opening", OPENING).created == 2
    assert open_now() == Decimal("130.50")
    assert_invariants()


def test_an_opening_balance_on_which_something_was_paid_stands_in_the_way() -> None:
    partner = make_partner(code="C-1")
    run = loaded("opening", OPENING)
    with transaction(make_staff(role="accounting")) as session:
        record_payment(session, partner.id, Decimal(10), date(2026, 11, 20), clock.now())
    run = undone(run.id)
    assert run.state == "done"
    assert "VF 12" in said(run)
    assert open_now() == Decimal("120.50")
