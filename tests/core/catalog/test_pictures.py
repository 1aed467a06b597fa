"""The pictures of a product: added, ordered, deleted, and seen by whom the product is offered to."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core import clock
from core.catalog import pictures
from core.catalog.audiences import Audience, set_audience
from core.catalog.models import Product
from core.catalog.normalising import Picture
from core.catalog.pictures import (
    PictureThere,
    TooManyPictures,
    add_picture,
    delete_picture,
    may_see_picture,
    order_pictures,
    picture,
    pictures_of,
)
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.principal import SYSTEM, Principal
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_product, make_staff


@pytest.fixture
def sales(database: str) -> Principal:
    return make_staff(role="sales")


def made(number: int) -> Picture:
    return Picture(bytes([number]), b"large%d" % number, b"small%d" % number)


def put(who: Principal, product: Product, *numbers: int) -> list[int]:
    ids = []
    for number in numbers:
        with transaction(who) as session:
            ids.append(add_picture(session, product.id, made(number), f"{number}.jpg", clock.now()))
    return ids


def order_of(product: Product) -> list[int]:
    with transaction(SYSTEM) as session:
        return pictures_of(session, product.id)


def test_new_pictures_go_behind_the_others_and_can_be_put_in_any_order(sales: Principal) -> None:
    product, other = make_product(), make_product()
    a, b, c = put(sales, product, 1, 2, 3)
    put(sales, other, 1)
    assert order_of(product) == [a, b, c]
    for wanted in ([c, a, b], [b, c, a], [b, c, a]):
        with transaction(sales) as session:
            order_pictures(session, product.id, wanted, clock.now())
        assert order_of(product) == wanted
    assert scalar("select count(*) from event where kind = 'pictures_ordered'") == 2


def test_a_deleted_picture_leaves_the_others_in_order(sales: Principal) -> None:
    product = make_product()
    a, b, c = put(sales, product, 1, 2, 3)
    with transaction(sales) as session:
        delete_picture(session, b, clock.now())
    d, *_ = put(sales, product, 4)
    assert order_of(product) == [a, c, d]
    with pytest.raises(NotFound), transaction(sales) as session:
        delete_picture(session, b, clock.now())


def test_the_same_file_is_not_kept_twice_for_a_product(sales: Principal) -> None:
    product = make_product()
    put(sales, product, 1)
    with pytest.raises(PictureThere):
        put(sales, product, 1)
    put(sales, make_product(), 1)


def test_a_product_has_no_more_pictures_than_somebody_looks_at(
    sales: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    product = make_product()
    put(sales, product, 1, 2)
    with pytest.raises(TooManyPictures):
        put(sales, product, 3)


def test_an_order_that_leaves_one_out_or_names_anothers_picture_changes_nothing(sales: Principal) -> None:
    product = make_product()
    a, b = put(sales, product, 1, 2)
    (foreign,) = put(sales, make_product(), 3)
    for wanted in ([a], [b, a, foreign], [b, b]):
        with pytest.raises(NotFound), transaction(sales) as session:
            order_pictures(session, product.id, wanted, clock.now())
    assert order_of(product) == [a, b]


def test_two_who_add_pictures_at_once_get_a_place_each(sales: Principal) -> None:
    product = make_product()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: put(sales, product, number), range(1, 7)))
    assert len(order_of(product)) == 6


def seen(who: Principal, image_id: int) -> tuple[bytes | None, bool]:
    with transaction(who) as session:
        return picture(session, image_id, small=True), may_see_picture(session, image_id)


def test_a_picture_is_for_staff_and_for_partners_that_are_offered_the_product(sales: Principal) -> None:
    product, buyer, other = make_product(), make_buyer(), make_buyer()
    (image,) = put(sales, product, 1)
    assert seen(buyer, image) == seen(sales, image) == (b"small1", True)
    with transaction(buyer) as session:
        assert picture(session, image, small=False) == b"large1"
    with transaction(sales) as session:
        only = frozenset({other.partner_id or 0})
        set_audience(session, [product.id], Audience(True, partners=only), clock.now())
    assert seen(buyer, image) == seen(buyer, 999_999) == (None, False)
    assert seen(other, image) == seen(sales, image) == (b"small1", True)
    hidden = make_product(active=False)
    (image,) = put(sales, hidden, 1)
    assert seen(other, image) == (None, False)
    assert seen(make_staff(role="analyst"), image) == (b"small1", True)


def test_who_does_not_edit_products_changes_no_picture(sales: Principal) -> None:
    product = make_product()
    (image,) = put(sales, product, 1)
    for who in (make_staff(role="warehouse"), make_buyer()):
        with pytest.raises(NotAllowed):
            put(who, product, 2)
        with pytest.raises(NotAllowed), transaction(who) as session:
            delete_picture(session, image, clock.now())
        with pytest.raises(NotAllowed), transaction(who) as session:
            order_pictures(session, product.id, [image], clock.now())
