"""Favourites, saved lists, and what was bought before."""

from decimal import Decimal

import pytest

from core import clock
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.orders import bought, lists
from core.orders.browsing import rows_of
from core.orders.filling import BadQuantity, UnknownProduct
from core.orders.product_details import product_details
from core.orders.searching import Filters, search_page
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_buyer, make_partner, make_product, make_user, principal_of

D = Decimal


@pytest.fixture
def owner(database: str) -> Principal:
    return make_buyer()


def starred(who: Principal) -> list[int]:
    with transaction(who) as session:
        return lists.favourites(session)


def star(who: Principal, product_id: int, wanted: bool = True) -> None:
    with transaction(who) as session:
        lists.set_favourite(session, product_id, wanted)


def create(who: Principal, name: str, quantities: dict[int, Decimal] | None = None) -> int:
    with transaction(who) as session:
        return lists.create_list(session, name, quantities)


def put_on(who: Principal, list_id: int, quantities: dict[int, Decimal]) -> None:
    with transaction(who) as session:
        lists.put_on_list(session, list_id, quantities)


def kept(who: Principal, list_id: int) -> dict[int, Decimal]:
    with transaction(who) as session:
        return lists.list_quantities(session, list_id)


def heads(who: Principal) -> list[tuple[str, int]]:
    with transaction(who) as session:
        return [(head.name, head.products) for head in lists.saved_lists(session)]


def colleague_of(who: Principal, **values: object) -> Principal:
    with transaction(SYSTEM) as session:
        partner = session.get_one(Partner, who.partner_id)
    return principal_of(make_user(partner, **values))


def hide(product_id: int) -> None:
    steps.scalar("update product set restricted = true where id = :id returning id", id=product_id)


def test_a_star_is_the_users_own_and_a_second_click_changes_nothing(owner):
    second, first = make_product(name="Zeta"), make_product(name="Ață")
    for product in (second, first, first):
        star(owner, product.id)
    assert starred(owner) == [first.id, second.id]
    assert starred(colleague_of(owner)) == []
    star(owner, first.id, wanted=False)
    star(owner, first.id, wanted=False)
    assert starred(owner) == [second.id]


def test_what_is_not_offered_can_neither_be_starred_nor_is_it_shown_among_the_favourites(owner):
    product = make_product()
    star(owner, product.id)
    hide(product.id)
    assert starred(owner) == []
    with pytest.raises(UnknownProduct):
        star(owner, make_product(restricted=True).id)


def test_there_is_an_end_to_favourites(owner, monkeypatch):
    monkeypatch.setattr(lists, "MOST_FAVOURITES", 1)
    product = make_product()
    star(owner, product.id)
    star(owner, product.id)
    with pytest.raises(lists.TooManyFavourites):
        star(owner, make_product().id)


def test_a_list_is_shared_by_the_company_and_seen_by_no_other(owner):
    product = make_product()
    made = create(owner, "  Șantier   nord ", {product.id: D("2.5")})
    colleague = colleague_of(owner, role="buyer")
    assert heads(colleague) == [("Șantier nord", 1)]
    assert kept(colleague, made) == {product.id: D("2.5")}
    stranger = make_buyer()
    assert heads(stranger) == []
    for attempt in (
        lambda: kept(stranger, made),
        lambda: put_on(stranger, made, {product.id: D(9)}),
        lambda: rename(stranger, made, "mine"),
        lambda: delete(stranger, made),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert kept(owner, made) == {product.id: D("2.5")}


def rename(who: Principal, list_id: int, name: str) -> None:
    with transaction(who) as session:
        lists.rename_list(session, list_id, name)


def delete(who: Principal, list_id: int) -> None:
    with transaction(who) as session:
        lists.delete_list(session, list_id)


def test_a_list_needs_a_name_of_its_own(owner):
    first, _second = create(owner, "One"), create(owner, "Two")
    with pytest.raises(lists.ListNameTaken, match="Two"):
        rename(owner, first, "Two")
    with pytest.raises(lists.ListNameTaken):
        create(owner, " One")
    for name in (" ", "", "x" * 81):
        with pytest.raises(lists.ListNameMissing):
            create(owner, name)
    rename(owner, first, "Three")
    assert heads(owner) == [("Three", 0), ("Two", 0)]
    create(make_buyer(), "Two")


def test_a_list_that_is_deleted_takes_its_products_along(owner):
    made = create(owner, "One", {make_product().id: D(1)})
    delete(owner, made)
    assert heads(owner) == []
    assert steps.scalar("select count(*) from saved_list_line") == 0
    with pytest.raises(NotFound):
        delete(owner, made)


def test_lists_and_what_is_on_them_have_an_end(owner, monkeypatch):
    monkeypatch.setattr(lists, "MOST_LISTS", 1)
    monkeypatch.setattr(lists, "MOST_PRODUCTS", 2)
    made = create(owner, "One", {make_product().id: D(1), make_product().id: D(1)})
    with pytest.raises(lists.TooManyLists):
        create(owner, "Two")
    with pytest.raises(lists.ListFull):
        put_on(owner, made, {make_product().id: D(1)})
    assert len(kept(owner, made)) == 2


def test_what_is_not_offered_any_more_takes_no_room_among_favourites_and_on_lists(owner, monkeypatch):
    monkeypatch.setattr(lists, "MOST_FAVOURITES", 1)
    monkeypatch.setattr(lists, "MOST_PRODUCTS", 1)
    gone, there = make_product(), make_product()
    made = create(owner, "One", {gone.id: D(1)})
    star(owner, gone.id)
    hide(gone.id)
    star(owner, there.id)
    put_on(owner, made, {there.id: D(1)})
    assert (starred(owner), kept(owner, made)) == ([there.id], {there.id: D(1)})


def test_a_list_that_cannot_be_filled_is_not_made(owner):
    for quantities, refusal in (({99: D(1)}, UnknownProduct), ({make_product().id: D("0.0001")}, BadQuantity)):
        with pytest.raises(refusal):
            create(owner, "One", quantities)
    assert heads(owner) == []


def test_quantities_are_changed_and_nought_takes_a_product_off(owner):
    one, two = make_product(), make_product()
    made = create(owner, "One", {one.id: D(1), two.id: D(2)})
    put_on(owner, made, {one.id: D(0), two.id: D(5)})
    assert kept(owner, made) == {two.id: D(5)}


def test_what_is_no_longer_offered_stays_on_the_list_unseen(owner):
    there, gone = make_product(), make_product()
    made = create(owner, "One", {there.id: D(1), gone.id: D(1)})
    hide(gone.id)
    assert kept(owner, made) == {there.id: D(1)}
    assert heads(owner) == [("One", 2)]


def test_a_list_goes_to_the_cart_with_an_answer_for_each_product_and_a_second_time_changes_nothing(owner):
    plain, rounded, short = make_product(stock=9), make_product(stock=99, multiple=D(6)), make_product(stock=1)
    made = create(owner, "One", {plain.id: D(2), rounded.id: D(7), short.id: D(4)})
    steps.fill(owner, {plain.id: 3})
    for _time in range(2):
        with transaction(owner) as session:
            answers, _waited = lists.put_at_least(session, lists.list_quantities(session, made), clock.now())
        found = {answer.product_id: (answer.quantity, answer.kind) for answer in answers}
        assert found[plain.id] == (D(3), "ok")
        assert found[rounded.id][0] == D(12)
        assert found[short.id] == (D(4), "short")


def test_who_orders_nothing_keeps_no_lists(owner):
    product, made = make_product(), create(owner, "One")
    accountant = colleague_of(owner, role="accountant")
    for act in (
        lambda: star(accountant, product.id),
        lambda: create(accountant, "Two"),
        lambda: put_on(accountant, made, {product.id: D(1)}),
        lambda: rename(accountant, made, "Two"),
        lambda: delete(accountant, made),
        lambda: heads(accountant),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_was_bought_is_there_once_as_it_was_ordered_last_and_the_last_is_first(owner):
    first, second = make_product(stock=99, name="Șurub"), make_product(stock=99, name="Piuliță")
    steps.order(owner, {first.id: 1, second.id: 1})
    steps.order(owner, {first.id: 5})
    lapsed = steps.order(owner, {second.id: 50})
    steps.cancel(owner, lapsed)
    steps.order(make_buyer(), {second.id: 7})
    with transaction(owner) as session:
        found, total = bought.bought_before(session)
        named, _total = bought.bought_before(session, "piulita")
    assert total == 2
    assert [(one.product_id, one.quantity, one.orders) for one in found] == [(first.id, D(5), 2), (second.id, D(1), 1)]
    assert [one.product_id for one in named] == [second.id]
    assert found[0].unit_price == D(10)


def test_a_line_that_was_cancelled_in_full_was_not_bought(owner):
    came, part, never = (make_product(stock=9) for _ in range(3))
    order = steps.order(owner, {came.id: 1, part.id: 3, never.id: 2})
    steps.cancel_part(owner, order, {2: 2, 3: 2})
    with transaction(owner) as session:
        found, total = bought.bought_before(session)
        mine = search_page(session, Filters(mine=True), clock.now()).rows
        rows = rows_of(session, [came.id, part.id, never.id], clock.now())
    assert ({one.product_id for one in found}, total) == ({came.id, part.id}, 2)
    assert {row.product_id for row in mine} == {came.id, part.id}
    assert [bool(row.bought_on) for row in rows] == [True, True, False]


def test_what_was_bought_and_is_sold_no_more_names_what_is_sold_instead_if_the_partner_may_know_it(owner):
    new, secret = make_product(), make_product(restricted=True)
    old, older = make_product(stock=9, replaced_by=new.id), make_product(stock=9, replaced_by=secret.id)
    steps.order(owner, {old.id: 1, older.id: 1})
    for product in (old, older):
        steps.scalar("update product set active = false where id = :id returning 1", id=product.id)
    with transaction(owner) as session:
        found, _total = bought.bought_before(session)
    assert {one.product_id: (one.offered, one.replaced_by and one.replaced_by.id) for one in found} == {
        old.id: (False, new.id),
        older.id: (False, None),
    }


def test_without_prices_what_was_paid_is_not_shown(database):
    buyer = principal_of(make_user(partner := make_partner()))
    steps.order(buyer, {make_product(stock=9).id: 1})
    steps.scalar("update partner set prices_hidden = true where id = :id returning 1", id=partner.id)
    with transaction(buyer) as session:
        assert bought.bought_before(session)[0][0].unit_price is None


def test_a_products_details_are_there_for_whom_it_is_offered(owner):
    instead, secret = make_product(name="Newer"), make_product(restricted=True)
    product = make_product(description="Two\nlines", weight=D("0.25"), nc_code="73181500", replaced_by=instead.id)
    other = make_product(replaced_by=secret.id)
    with transaction(owner) as session:
        details = product_details(session, product.id, clock.now())
        assert (details.description, details.weight, details.nc_code) == ("Two\nlines", D("0.25"), "73181500")
        assert details.replaced_by
        assert details.replaced_by.name == "Newer"
        assert product_details(session, other.id, clock.now()).replaced_by is None
        for absent in (secret.id, 0):
            with pytest.raises(NotFound):
                product_details(session, absent, clock.now())
