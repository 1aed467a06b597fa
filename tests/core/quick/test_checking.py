"""What becomes of each line: product, price, stock and what has to be mended."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from core import clock
from core.db import engine, transaction
from core.errors import NotAllowed
from core.orders.filling import add, set_quantities
from core.permissions import AGENT, VIEWER
from core.pricing.models import PartnerPrice
from core.pricing.quoting import PricesHidden
from core.principal import Principal
from core.quick.checking import Check, check
from core.quick.finding import find
from core.quick.goods import goods_of
from core.quick.lines import MOST_LINES, TooMuch
from tests.factories import add as insert
from tests.factories import make_buyer, make_partner, make_product, make_staff, make_user, principal_of, set_own_price

pytestmark = pytest.mark.usefixtures("database")


def checked(buyer: Principal, text: str, **choices: int | str) -> Check:
    with transaction(buyer) as session:
        return check(session, text, clock.now(), **choices)


def kinds(found: Check) -> list[str]:
    return [answer.kind for answer in found.answers]


def test_lines_that_are_fine_have_product_price_and_sum():
    buyer, cable = make_buyer(), make_product(sku="CB-15", name="Cablu", stock=50)
    make_product(sku="M6", stock=100)
    set_own_price(buyer.partner_id, cable.id, "8.4")
    found = checked(buyer, "cb-15 12\nM6 3")
    assert kinds(found) == ["ok", "ok"]
    goods = found.answers[0].goods
    assert (goods.sku, goods.name, goods.asked, goods.added, goods.unit_price, goods.net) == (
        "CB-15", "Cablu", 12, 12, Decimal("8.4"), Decimal("100.80"),
    )  # fmt: skip
    assert found.net == Decimal("130.80")
    assert found.wanted[cable.id] == 12


def test_the_price_is_that_of_all_that_the_cart_would_hold():
    buyer, cable = make_buyer(), make_product(sku="CB-15", stock=50)
    set_own_price(buyer.partner_id, cable.id, "9")
    insert(PartnerPrice(partner_id=buyer.partner_id, product_id=cable.id, net=Decimal(7), from_quantity=Decimal(20)))
    assert checked(buyer, "CB-15 12").answers[0].goods.unit_price == 9
    assert checked(buyer, "CB-15 12\nCB-15 8").answers[0].goods.unit_price == 7
    with transaction(buyer) as session:
        set_quantities(session, {cable.id: Decimal(8)})
    assert checked(buyer, "CB-15 12").answers[0].goods.unit_price == 7


def test_lines_of_one_product_are_summed_and_say_so():
    buyer = make_buyer()
    make_product(sku="CB-15", ean="5941234567899", stock=50)
    make_product(sku="M6", stock=50)
    found = checked(buyer, "CB-15 2\nM6 1\n5 941234 567899; 3\ncb-15 4")
    assert kinds(found) == ["ok", "ok", "summed", "summed"]
    assert found.answers[0].goods.added == 9
    assert [answer.lines for answer in found.answers] == [(1, 3, 4), (2,), (1, 3, 4), (1, 3, 4)]
    assert found.net == 100


def test_quantities_are_brought_up_to_what_can_be_ordered():
    buyer = make_buyer()
    sixes = make_product(sku="M6", multiple=Decimal(6), stock=50)
    make_product(sku="M8", least_quantity=Decimal(5), stock=50)
    found = checked(buyer, "M6 7\nM8 2")
    assert kinds(found) == ["rounded", "rounded"]
    assert [answer.goods.added for answer in found.answers] == [12, 5]
    with transaction(buyer) as session:
        set_quantities(session, {sixes.id: Decimal(6)})
    assert (found := checked(buyer, "M6 1").answers[0]).kind == "rounded"
    assert (found.goods.in_cart, found.goods.total, found.goods.added) == (6, 12, 6)


@pytest.mark.parametrize(
    ("display", "told", "takeable"), [("quantity", 10, 6), ("yes_no", None, None), ("nothing", None, None)]
)
def test_short_lines_tell_no_more_than_the_partner_may_know(display, told, takeable):
    buyer = make_buyer(stock_display=display)
    make_product(sku="M6", multiple=Decimal(6), stock=10)
    [answer] = checked(buyer, "M6 12").answers
    assert (answer.kind, answer.goods.told, answer.goods.takeable) == ("short", told, takeable)


def test_what_is_in_the_cart_counts_against_the_stock():
    buyer, product = make_buyer(), make_product(sku="M6", stock=10)
    with transaction(buyer) as session:
        set_quantities(session, {product.id: Decimal(8)})
    [answer] = checked(buyer, "M6 5").answers
    assert (answer.kind, answer.goods.in_cart, answer.goods.takeable) == ("short", 8, 2)


def test_what_comes_later_can_be_ordered():
    buyer = make_buyer()
    make_product(sku="M6", stock=3, backorder=True)
    [answer] = checked(buyer, "M6 5").answers
    assert (answer.kind, answer.goods.waits) == ("ok", 2)


def test_all_lines_of_a_short_product_have_to_be_mended():
    make_product(sku="M6", stock=10)
    found = checked(make_buyer(), "M6 8\nM6 5")
    assert kinds(found) == ["short", "short"]
    assert found.wanted == {}


def test_packs_are_asked_about():
    buyer = make_buyer()
    make_product(sku="M6", pack=Decimal(10), stock=50)
    make_product(sku="M8", stock=50)
    make_product(sku="M9", unit="cutie", pack=Decimal(10), stock=50)
    found = checked(buyer, "2 bax M6\n2 bax M8\n2 cutii M9\n2 bax M9")
    assert kinds(found) == ["choose", "no_quantity", "ok", "choose"]
    assert [option.quantity for option, _ in found.answers[0].options] == [20, 2]
    assert found.answers[1].product.sku == "M8"


@pytest.mark.parametrize(
    ("unit", "fine", "to_be_asked"),
    [
        ("sac", ["2 saci", "2 buc", "2"], ["250 kg", "2 paleti", "2 kg", "1.250 kg"]),
        ("m", ["100 m", "100 ml", "100 metri", "2,5 m", "100m", "100"], ["2 role", "1,5 km", "3 buc", "2role"]),
        ("Buc.", ["2 bucăți", "2 pcs", "2 x"], ["2 m", "2 seturi", "2 perechi"]),
        ("m2", ["2 mp", "2 m²"], ["2 ml", "2 mc"]),
        ("plachetă", ["2 buc", "2"], ["2 kg"]),
    ],
)
def test_another_unit_than_the_one_it_is_sold_by_is_asked_about(unit, fine, to_be_asked):
    make_product(sku="CB-15", unit=unit, stock=5000)
    for quantity in fine:
        assert kinds(checked(make_buyer(), f"CB-15 {quantity}")) == ["ok"], quantity
    for quantity in to_be_asked:
        for text in (f"CB-15 {quantity}", f"{quantity} CB-15", f"CB-15\t{quantity}\tCablu"):
            found = checked(make_buyer(), text)
            assert (kinds(found), found.wanted) == (["no_quantity"], {}), text
            assert (found.answers[0].product.sku, found.answers[0].wish.typed) == ("CB-15", quantity)


def test_a_code_of_two_products_is_asked_about_and_letter_case_decides():
    buyer = make_buyer()
    make_product(sku="ab1", ean="40123455", stock=9)
    make_product(sku="AB1", ean="40123455", stock=9)
    found = checked(buyer, "40123455 2\nab1 2\nAB1 2\nAb1 2")
    assert kinds(found) == ["choose", "ok", "ok", "choose"]
    assert {goods.sku for _, goods in found.answers[0].options} == {"ab1", "AB1"}


def test_a_bar_code_is_found_with_and_without_the_zeros_before_it():
    make_product(sku="M6", ean="0012345678905", stock=50)
    assert kinds(checked(make_buyer(), "12345678905 1\n012345678905;2\n0012345678905 3")) == ["ok", "summed", "summed"]


def test_of_what_is_no_longer_sold_the_successor_is_offered():
    last = make_product(sku="NEW-2", stock=5)
    middle = make_product(sku="NEW-1", active=False, replaced_by=last.id)
    make_product(sku="OLD", active=False, replaced_by=middle.id)
    make_product(sku="GONE", active=False)
    found = checked(make_buyer(), "OLD 2\nGONE 2")
    assert kinds(found) == ["replaced", "unknown"]
    assert [goods.sku for _, goods in found.answers[0].options] == ["NEW-2"]


def test_what_is_not_offered_is_as_unknown_as_what_there_never_was():
    hidden = make_product(sku="SECRET", ean="40123455", restricted=True, stock=5)
    make_product(sku="OLD", active=False, restricted=True, replaced_by=make_product(sku="M6", stock=5).id)
    make_product(sku="NEAR", active=False, replaced_by=hidden.id)
    found = checked(make_buyer(), "SECRET 1\n40123455 1\nOLD 1\nNEAR 1\nNONE 1")
    assert kinds(found) == ["unknown"] * 5
    assert {answer.options for answer in found.answers} == {()}


def test_no_part_of_the_check_knows_what_is_not_offered():
    hidden = make_product(sku="SECRET", ean="40123455", restricted=True)
    make_product(sku="GONE", active=False)
    make_product(sku="OLD", active=False, replaced_by=hidden.id)
    codes = ["secret", "40123455", "gone", "old"]
    with transaction(make_buyer()) as session:
        found = find(session, codes)
        assert [code for code in codes if code in found] == []
        assert goods_of(session, [hidden.id], clock.now()) == {}


def test_more_than_can_be_ordered_has_to_be_mended():
    make_product(sku="M6", stock=5, backorder=True)
    assert kinds(checked(make_buyer(), "M6 600000\nM6 600000")) == ["bad_quantity", "bad_quantity"]


def test_who_sees_no_prices_checks_nothing():
    partner = make_partner(prices_hidden=True)
    with pytest.raises(PricesHidden):
        checked(principal_of(make_user(partner)), "M6 1")


@pytest.mark.parametrize("role", ["accountant", VIEWER])
def test_who_orders_nothing_checks_nothing(role):
    buyer = make_buyer()
    with pytest.raises(NotAllowed):
        checked(Principal("partner", buyer.user_id, buyer.partner_id, role=role), "M6 1")


def test_staff_who_order_for_a_partner_check_at_its_prices():
    buyer, product = make_buyer(prices_hidden=True, stock_display="nothing"), make_product(sku="M6", stock=5)
    set_own_price(buyer.partner_id, product.id, "3")
    staff = make_staff(role="sales")
    [answer] = checked(Principal("partner", staff.user_id, buyer.partner_id, role=AGENT), "M6 9").answers
    assert (answer.kind, answer.goods.unit_price, answer.goods.told) == ("short", 3, 5)


def test_a_text_that_is_too_long_is_refused_whole():
    with pytest.raises(TooMuch):
        checked(make_buyer(), "M6 1\n" * (MOST_LINES + 1))


def test_a_thousand_lines_take_as_many_queries_as_one():
    buyer = make_buyer()
    make_product(sku="M6", stock=5000)
    counts = []
    for text in ("M6 1", "M6 1\nNONE 2\n" * 500):
        statements: list[str] = []
        note = lambda *args, seen=statements: seen.append(args[2])  # noqa: E731
        event.listen(engine(), "before_cursor_execute", note)
        checked(buyer, text)
        event.remove(engine(), "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts == [4, 4]


def test_adding_comes_on_top_of_what_the_cart_holds():
    buyer, product = make_buyer(), make_product(sku="M6", multiple=Decimal(6), stock=50)
    with transaction(buyer) as session:
        set_quantities(session, {product.id: Decimal(6)})
    wanted = checked(buyer, "M6 7").wanted
    with transaction(buyer) as session:
        [answer], _ = add(session, wanted, clock.now())
    assert (answer.kind, answer.quantity) == ("rounded", 18)


@pytest.mark.parametrize(
    ("display", "days", "told"), [("yes_no", 1, True), ("nothing", 1, False), ("yes_no", -1, False)]
)
def test_when_it_is_expected_is_told_while_it_is_still_to_come_and_to_who_is_told_of_the_stock(display, days, told):
    now = clock.now()
    day = now.date() + timedelta(days=days)
    make_product(sku="M6", expected_on=day)
    with transaction(make_buyer(stock_display=display)) as session:
        [answer] = check(session, "M6 1", now).answers
    assert answer.goods.expected_on == (day if told else None)
