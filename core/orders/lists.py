"""What partners keep to find and order again: a user's favourites, and lists with quantities that a company shares."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.catalog.visibility import OFFERED
from core.errors import NotAllowed, NotFound, Refusal
from core.i18n import N_
from core.orders.filling import BadQuantity, LineAnswer, UnknownProduct, orderable, put
from core.permissions import authorize
from core.search import without_nul

MOST_FAVOURITES = 1_000
MOST_LISTS = 100
"""Saved lists of one company."""
MOST_PRODUCTS = 1_000
"""Products on one list: as many as one page can price."""
LONGEST_NAME = 80


class TooManyFavourites(Refusal):
    message = N_("You have {most} favourites already. Take one off first.")


class TooManyLists(Refusal):
    message = N_("Your company has {most} saved lists already. Delete one first.")


class ListFull(Refusal):
    message = N_("A saved list has room for {most} products. Start another one.")


class ListNameMissing(Refusal):
    message = N_("Give the list a name, of at most {most} characters.")


class ListNameTaken(Refusal):
    message = N_("Your company has a list named “{name}” already. Choose another name.")


@dataclass(frozen=True, slots=True)
class ListHead:
    """A saved list and how many products are on it, also such as are not offered any more."""

    id: int
    name: str
    products: int


def set_favourite(session: Session, product_id: int, wanted: bool) -> None:
    """Star a product for the signed-in user, or take the star off; doing it twice does it once.

    Raises NotAllowed, UnknownProduct, TooManyFavourites.
    """
    mine = _mine(session) | {"product": product_id}
    if not wanted:
        session.execute(_UNSTAR, mine)
        return
    if session.execute(_OTHER_STARS, mine).scalar_one() >= MOST_FAVOURITES:
        raise TooManyFavourites(most=MOST_FAVOURITES)
    if not session.execute(_OFFERED, mine).scalar():
        raise UnknownProduct
    session.execute(_STAR, mine)


def favourites(session: Session) -> list[int]:
    """The products (ids) that the signed-in user starred and that are offered still, by name."""
    me = authorize(session, "catalog.see")
    return list(session.execute(_FAVOURITES, {"user": me.user_id, "partner": me.partner_id}).scalars())


def saved_lists(session: Session) -> list[ListHead]:
    """The lists of the signed-in user's company, by name."""
    me = authorize(session, "catalog.see")
    return [ListHead(*row) for row in session.execute(_LISTS, {"partner": me.partner_id})]


def list_quantities(session: Session, list_id: int) -> dict[int, Decimal]:
    """The quantities (in the product's unit) by product id, in the order in which they were put on the list.

    Without products that are not offered any more. Raises NotFound for another company's list.
    """
    me = authorize(session, "catalog.see")
    about = {"list": list_id, "partner": me.partner_id}
    if not session.execute(_OWN, about).scalar():
        raise NotFound
    return {row.product_id: row.quantity for row in session.execute(_LINES, about)}


def quantities_on_lists(session: Session, product_id: int) -> dict[int, Decimal]:
    """How much of a product the lists of the signed-in user's company hold, by the list's id; only those it is on."""
    me = authorize(session, "catalog.see")
    rows = session.execute(_ON_LISTS, {"partner": me.partner_id, "product": product_id})
    return {row.list_id: row.quantity for row in rows}


def create_list(session: Session, name: str, quantities: dict[int, Decimal] | None = None) -> int:
    """A new list of the company, with these products on it; returns its id.

    Raises NotAllowed, ListNameMissing, ListNameTaken, TooManyLists, and what `put_on_list` raises.
    """
    mine = _mine(session)
    # Two people at once: the second one counts what the first one made.
    session.execute(_ONE_AT_A_TIME, mine)
    if session.execute(_COUNT, mine).scalar_one() >= MOST_LISTS:
        raise TooManyLists(most=MOST_LISTS)
    created = _named(session, _CREATE, mine, name)
    if quantities:
        put_on_list(session, created, quantities)
    return created


def rename_list(session: Session, list_id: int, name: str) -> None:
    """Raises NotAllowed, NotFound, ListNameMissing, ListNameTaken."""
    _named(session, _RENAME, _mine(session) | {"list": list_id}, name)


def delete_list(session: Session, list_id: int) -> None:
    """The list is gone, with what is on it. Raises NotAllowed, NotFound."""
    if session.execute(_DELETE, _mine(session) | {"list": list_id}).scalar() is None:
        raise NotFound


def put_on_list(session: Session, list_id: int, quantities: dict[int, Decimal]) -> None:
    """Products (by id) stand on the list at these quantities from now on; 0 takes one off.

    Raises NotAllowed, NotFound, BadQuantity, UnknownProduct (with their ids as `products`), ListFull, and then changes
    nothing.
    """
    for quantity in quantities.values():
        if not orderable(quantity):
            raise BadQuantity(quantity=quantity)
    mine = _mine(session) | {"list": list_id}
    if session.execute(_LOCK, mine).scalar() is None:
        raise NotFound
    session.execute(_TAKE_OFF, mine | {"products": [product for product, q in quantities.items() if not q]})
    wanted = {product: quantity for product, quantity in quantities.items() if quantity}
    given = {"products": list(wanted), "quantities": list(wanted.values())}
    if unknown := wanted.keys() - set(session.scalars(_PUT_ON, mine | given)):
        raise UnknownProduct(products=unknown)
    if session.execute(_COUNT_LINES, mine).scalar_one() > MOST_PRODUCTS:
        raise ListFull(most=MOST_PRODUCTS)


def put_at_least(session: Session, quantities: dict[int, Decimal], as_of: datetime) -> tuple[list[LineAnswer], bool]:
    """Products (by id) go to the signed-in user's cart at these quantities at least: what is there already and is more
    stays, so that doing it twice does it once.

    Returns what core.orders.filling.put returns. Raises NotAllowed, PricesHidden.
    """
    there = {row.product_id: row.quantity for row in session.execute(_IN_CART, _mine(session))}
    return put(session, {product: max(q, there.get(product, q)) for product, q in quantities.items()}, as_of)


def _mine(session: Session) -> dict[str, int | None]:
    """Whose lists these are, for who may change them."""
    me = authorize(session, "orders.place")
    if me.partner_id is None:
        raise NotAllowed
    return {"user": me.user_id, "partner": me.partner_id}


def _named(session: Session, statement: object, about: dict[str, int | None], name: str) -> int:
    """The id of the list that the statement gave a name."""
    name = " ".join(without_nul(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise ListNameMissing(most=LONGEST_NAME)
    try:
        with session.begin_nested():
            found: int | None = session.execute(statement, about | {"name": name}).scalar()  # type: ignore[call-overload]
    except IntegrityError as error:
        raise ListNameTaken(name=name) from error
    if found is None:
        raise NotFound
    return found


_OFFERED = text(f"""
    select {OFFERED} from product, partner where product.id = :product and partner.id = :partner
""")
# What is not offered any more takes no room: nobody sees it among the others, to take it off. So it is on lists.
_OTHER_STARS = text(f"""
    select count(*) from favourite
    join product on product.id = favourite.product_id join partner on partner.id = favourite.partner_id
    where favourite.user_id = :user and favourite.partner_id = :partner and product.id <> :product and {OFFERED}
""")
_STAR = text("""
    insert into favourite (user_id, partner_id, product_id) values (:user, :partner, :product) on conflict do nothing
""")
_UNSTAR = text("delete from favourite where user_id = :user and partner_id = :partner and product_id = :product")
_FAVOURITES = text(f"""
    select product.id from favourite
    join product on product.id = favourite.product_id join partner on partner.id = favourite.partner_id
    where favourite.user_id = :user and favourite.partner_id = :partner and {OFFERED}
    order by product.name_folded, product.id
""")
_LISTS = text("""
    select id, name, (select count(*) from saved_list_line line where line.list_id = saved_list.id)
    from saved_list where partner_id = :partner order by lower(name), id
""")
_OWN = text("select true from saved_list where id = :list and partner_id = :partner")
_LOCK = text("select id from saved_list where id = :list and partner_id = :partner for update")
_LINES = text(f"""
    select line.product_id, line.quantity from saved_list_line line
    join product on product.id = line.product_id join partner on partner.id = line.partner_id
    where line.list_id = :list and line.partner_id = :partner and {OFFERED}
    order by line.added_at, product.name_folded, product.id
""")
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('saved lists'), :partner)")
_COUNT = text("select count(*) from saved_list where partner_id = :partner")
_COUNT_LINES = text(f"""
    select count(*) from saved_list_line line
    join product on product.id = line.product_id join partner on partner.id = line.partner_id
    where line.list_id = :list and {OFFERED}
""")
_ON_LISTS = text("""
    select list_id, quantity from saved_list_line where partner_id = :partner and product_id = :product
""")
_CREATE = text("insert into saved_list (partner_id, name) values (:partner, :name) returning id")
_RENAME = text("update saved_list set name = :name where id = :list and partner_id = :partner returning id")
_DELETE = text("delete from saved_list where id = :list and partner_id = :partner returning id")
_TAKE_OFF = text("delete from saved_list_line where list_id = :list and product_id = any(cast(:products as int[]))")
_PUT_ON = text(f"""
    insert into saved_list_line (list_id, partner_id, product_id, quantity)
    select :list, partner.id, product.id, given.quantity
    from unnest(cast(:products as int[]), cast(:quantities as numeric[])) given(id, quantity)
    join product on product.id = given.id join partner on partner.id = :partner
    where {OFFERED}
    on conflict (list_id, product_id) do update set quantity = excluded.quantity
    returning product_id
""")
_IN_CART = text("""
    select cart_line.product_id, cart_line.quantity from cart
    join cart_line on cart_line.cart_id = cart.id
    where cart.user_id = :user and cart.partner_id = :partner and cart.purpose = 'cart'
    for update of cart
""")
