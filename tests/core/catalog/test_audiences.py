"""Who knows of a product: set for one or several, and what then is offered to whom."""

from collections.abc import Iterable

import pytest
from sqlalchemy import text

from core import clock
from core.catalog.audiences import Audience, audience, choices, set_audience
from core.catalog.models import Product
from core.catalog.visibility import OFFERED
from core.db import transaction
from core.errors import NotAllowed, NotFound
from core.partners.models import Partner, PartnerGroup
from core.principal import SYSTEM, Principal
from tests.factories import add, make_partner, make_product, make_staff


@pytest.fixture
def sales(database: str) -> Principal:
    return make_staff(role="sales")


def show(who: Principal, products: Iterable[Product], wanted: Audience) -> int:
    with transaction(who) as session:
        return set_audience(session, [product.id for product in products], wanted, clock.now())


def offered(product: Product) -> set[str]:
    """The codes of the partners that know of it."""
    with transaction(SYSTEM) as session:
        query = text(f"select partner.code from partner, product where product.id = :id and {OFFERED}")
        return set(session.scalars(query, {"id": product.id}))


def changes() -> list[list[str]]:
    with transaction(SYSTEM) as session:
        return list(session.scalars(text("select data -> 'changes' -> 'visible_to' from event order by id")))


def test_a_restricted_product_is_for_its_groups_and_partners_until_it_is_for_all_again(sales: Principal) -> None:
    product, group = make_product(), add(PartnerGroup(name="Instalatori"))
    make_partner(code="IN", group_id=group.id)
    own: Partner = make_partner(code="OWN")
    make_partner(code="OUT")
    wanted = Audience(True, frozenset({group.id}), frozenset({own.id}))
    assert show(sales, [product], wanted) == 1
    assert offered(product) == {"IN", "OWN"}
    with transaction(sales) as session:
        assert audience(session, product.id) == wanted
    assert show(sales, [product], Audience(True, frozenset({group.id}))) == 1
    assert offered(product) == {"IN"}
    assert show(sales, [product], Audience()) == 1
    assert offered(product) == {"IN", "OWN", "OUT"}
    assert changes() == [["*", "Instalatori, OWN"], ["Instalatori, OWN", "Instalatori"], ["Instalatori", "*"]]


def test_restricted_and_for_nobody_hides_it_from_all(sales: Principal) -> None:
    product = make_product()
    make_partner()
    show(sales, [product], Audience(True))
    assert offered(product) == set()
    assert changes() == [["*", ""]]


def test_several_products_are_shown_to_the_same_and_only_what_differs_is_written_down(sales: Principal) -> None:
    products, partner = [make_product(), make_product()], make_partner()
    wanted = Audience(True, frozenset(), frozenset({partner.id}))
    assert show(sales, products[:1], wanted) == 1
    assert show(sales, products, wanted) == 1
    assert show(sales, products, wanted) == 0
    assert len(changes()) == 2


def test_a_group_that_is_gone_counts_for_nothing_and_leaves_the_product_restricted(sales: Principal) -> None:
    product, group = make_product(), add(PartnerGroup(name="Foști"))
    make_partner(group_id=group.id)
    with transaction(SYSTEM) as session:
        session.execute(text("update partner set group_id = null"))
        session.execute(text("delete from partner_group"))
    show(sales, [product], Audience(True, frozenset({group.id}), frozenset({999_999})))
    assert offered(product) == set()


def test_closed_partners_are_offered_only_where_they_are_chosen_already(sales: Principal) -> None:
    closed, group = make_partner(status="closed", code="C", name="Închis"), add(PartnerGroup(name="A"))
    with transaction(sales) as session:
        assert choices(session).partners == {}
        assert choices(session, Audience(True, partners=frozenset({closed.id}))).partners == {closed.id: "C · Închis"}
        assert choices(session).groups == {group.id: "A"}


def test_who_may_not_edit_products_does_not_say_who_sees_them(sales: Principal) -> None:
    product = make_product()
    with pytest.raises(NotAllowed):
        show(make_staff(role="warehouse"), [product], Audience(True))
    with pytest.raises(NotFound), transaction(sales) as session:
        set_audience(session, [999_999], Audience(True), clock.now())
