"""What is ordered again: bought before, favourites, and the company's saved lists."""

from decimal import Decimal

import pytest

from core import clock
from core.auth.models import User
from core.auth.viewing import start_viewing
from core.db import transaction
from core.orders import lists
from core.principal import Principal
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.pages.conftest import who_is_there
from tests.pages.shop import CATALOG, LISTS, click, grid, names, words

D = Decimal


@pytest.fixture
def owner(database: str) -> User:
    return make_user(make_partner(), language="en")


def saved(who: Principal) -> dict[str, dict[int, Decimal]]:
    with transaction(who) as session:
        return {head.name: lists.list_quantities(session, head.id) for head in lists.saved_lists(session)}


def keep(who: User, name: str, quantities: dict[int, Decimal]) -> int:
    with transaction(principal_of(who)) as session:
        return lists.create_list(session, name, quantities)


def cart(who: User) -> dict[int, Decimal]:
    found = "select coalesce(json_object_agg(product_id, quantity), '{}') from cart_line join cart on cart.id = cart_id"
    return {int(product): D(str(q)) for product, q in steps.scalar(found).items()}


def notes(app) -> list[str]:
    return [words for row in grid(app)["rows"] for kind, words, _title in row.get("badges", []) if kind == "note"]


def test_where_nothing_is_yet_each_part_says_what_it_is_for(owner, open_page):
    assert "What you order stands here afterwards" in words(open_page(owner, LISTS))
    assert "Click the star of a product" in words(open_page(owner, LISTS, show="favourites"))
    assert "A saved list keeps products" in words(open_page(owner, LISTS, show="lists", list="9999"))


def test_what_was_bought_is_found_with_its_last_day_quantity_and_price_and_ordered_again(owner, open_page):
    pipe, nail = make_product(stock=99, name="Țeavă"), make_product(stock=99, name="Cui")
    steps.order(principal_of(owner), {pipe.id: 3, nail.id: 8})
    app = open_page(owner, LISTS, show="<nonsense>")
    assert sorted(names(app)) == ["Cui", "Țeavă"]
    assert "23.11.2026: 3 buc at 10.00 RON" in [note.replace("\N{NO-BREAK SPACE}", " ") for note in notes(app)]
    app.text_input(key="bought_search").set_value("teava").run()
    assert names(app) == ["Țeavă"]
    click(app, "bought_to_cart")
    assert cart(owner) == {pipe.id: 3}
    assert "In the cart now: 1 of 1 product." in words(app)
    app.text_input(key="bought_search").set_value("zzz").run()
    assert "You have ordered nothing of that name." in words(app)


def test_what_is_no_longer_sold_is_named_beside_what_was_bought(owner, open_page):
    new = make_product(name="New")
    old = make_product(stock=9, name="Old", replaced_by=new.id)
    steps.order(principal_of(owner), {old.id: 1})
    steps.scalar("update product set active = false where id = :id returning 1", id=old.id)
    app = open_page(owner, LISTS)
    assert "No longer sold: Old" in words(app)
    assert f"Sold instead: New, {new.sku}" in [link.label for link in app.get("page_link")]
    assert not [button for button in app.button if button.key == "bought_to_cart"]


def test_what_is_no_longer_sold_is_named_among_favourites_and_on_lists_and_is_taken_off(owner, open_page):
    who, new = principal_of(owner), make_product(name="New")
    old, secret = make_product(name="Old", sku="O-1", replaced_by=new.id), make_product(name="Secret")
    made = keep(owner, "Site", {old.id: D(1), secret.id: D(2)})
    with transaction(who) as session:
        for product in (old, secret):
            lists.set_favourite(session, product.id, True)
    steps.scalar("update product set restricted = true, active = false where id = :id returning 1", id=secret.id)
    steps.scalar("update product set active = false where id = :id returning 1", id=old.id)
    for query, taken in (({"show": "favourites"}, "Site"), ({"show": "lists", "list": str(made)}, "")):
        app = open_page(owner, LISTS, **query)
        assert "No longer sold: Old, O-1" in words(app)
        assert f"Sold instead: New, {new.sku}" in [link.label for link in app.get("page_link")]
        assert "Secret" not in words(app)
        click(app, f"take_off {old.id}")
        assert "Old" not in words(app)
        assert steps.scalar("select count(*) from saved_list_line where product_id = :id", id=old.id) == bool(taken)
    assert "On the list, but no longer sold: 1" in words(app)
    assert steps.scalar("select array_agg(product_id) from favourite") == [secret.id]


def test_a_list_is_made_of_the_cart_renamed_and_deleted(owner, open_page):
    product = make_product(stock=9)
    who = principal_of(owner)
    steps.fill(who, {product.id: 2})
    app = open_page(owner, LISTS, show="lists")
    app.text_input(key="new_list catalog_problem").set_value(" Site ")
    app.checkbox(key="new_list catalog_problem cart").set_value(True)
    click(app, "new_list catalog_problem create")
    assert saved(who) == {"Site": {product.id: 2}}
    assert notes(app) == ["on the list: 2 buc"]
    (field,) = [one for one in app.text_input if one.key.startswith("rename_list")]
    field.set_value("Roof")
    click(app, "rename_list")
    assert list(saved(who)) == ["Roof"]
    click(app, "delete_list")
    assert saved(who) == {}
    assert "The list “Roof” is deleted." in words(app)
    assert cart(owner) == {product.id: 2}


def test_a_second_list_of_the_same_name_is_refused_in_words(owner, open_page):
    keep(owner, "Site", {})
    app = open_page(owner, LISTS, show="lists")
    app.text_input(key="new_list catalog_problem").set_value("Site")
    click(app, "new_list catalog_problem create")
    assert "Your company has a list named “Site” already." in words(app)


def test_the_cart_is_kept_as_a_list_from_its_drawer(owner, open_page):
    product = make_product(stock=9)
    steps.fill(principal_of(owner), {product.id: 4})
    app = click(open_page(owner, CATALOG), "open_cart")
    app.text_input(key="new_list cart_problem").set_value("Again")
    click(app, "new_list cart_problem create")
    assert saved(principal_of(owner)) == {"Again": {product.id: 4}}


def change_quantities(app, list_id, *quantities):
    """Type into the dialog of the quantities, row by row, and save. AppTest types in no table, and runs the whole page
    where a browser runs the dialog alone: tests/journeys/test_list_quantities.py sees it say this and stay."""
    click(app, "list_quantities")
    edits = {at: {"quantity": quantity} for at, quantity in enumerate(quantities)}
    app.session_state[f"list_editor {list_id}"] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    click(app, "save_quantities")
    refused = app.session_state["list_not_saved"] if "list_not_saved" in app.session_state else words(app)
    return refused.replace("\\", "")


def test_a_quantity_that_cannot_be_kept_is_named_in_the_dialog_where_the_others_still_stand(owner, open_page):
    tile, brick = make_product(name="Tile"), make_product(name="Brick")
    made = keep(owner, "Site", {tile.id: D(1)})
    with transaction(principal_of(owner)) as session:
        lists.put_on_list(session, made, {brick.id: D(2)})
    app = open_page(owner, LISTS, show="lists", list=str(made))
    assert "Brick: 1000000 is not a quantity that can be ordered." in change_quantities(app, made, 5, 1_000_000)
    assert "Tile: 0.0001 is not a quantity that can be ordered." in change_quantities(app, made, 0.0001, 7)
    assert "The quantities are kept." in change_quantities(app, made, 5, 0)
    assert saved(principal_of(owner)) == {"Site": {tile.id: D(5)}}


def test_a_product_that_was_taken_out_of_the_catalogue_meanwhile_is_named_in_the_dialog(owner, open_page):
    tile = make_product(name="Tile")
    made = keep(owner, "Site", {tile.id: D(1)})
    app = click(open_page(owner, LISTS, show="lists", list=str(made)), "list_quantities")
    steps.scalar("update product set active = false where id = :id returning 1", id=tile.id)
    app.session_state[f"list_editor {made}"] = {"edited_rows": {0: {"quantity": 7}}}
    click(app, "save_quantities")
    assert "No longer sold: Tile. Put 0 there" in app.session_state["list_not_saved"]


def test_of_a_list_that_a_colleague_deleted_the_dialog_says_so_and_stays(owner, open_page):
    made = keep(owner, "Site", {make_product().id: D(1)})
    app = click(open_page(owner, LISTS, show="lists", list=str(made)), "list_quantities")
    with transaction(principal_of(owner)) as session:
        lists.delete_list(session, made)
    app.session_state[f"list_editor {made}"] = {"edited_rows": {0: {"quantity": 7}}}
    click(app, "save_quantities")
    assert "This does not exist" in app.session_state["list_not_saved"]


def test_the_whole_list_goes_to_the_cart_and_what_is_other_than_wanted_is_told(owner, open_page):
    fine, sixes = make_product(stock=9, name="Fine"), make_product(stock=60, name="Sixes", multiple=D(6))
    short = make_product(stock=1, name="Short")
    made = keep(owner, "Site", {fine.id: D(2), sixes.id: D(7), short.id: D(3)})
    app = click(open_page(owner, LISTS, show="lists", list=str(made)), "list_to_cart")
    assert cart(owner) == {fine.id: 2, sixes.id: 12, short.id: 3}
    said = words(app)
    assert "In the cart now: 3 of 3 products." in said
    assert "Sixes: multiple of 6: 12" in said
    assert "Short: only 1 left" in said
    assert "Fine:" not in said


def test_the_address_names_the_list(owner, open_page):
    product = make_product(name="Tile")
    keep(owner, "A", {})
    second = keep(owner, "B", {product.id: D(1)})
    app = open_page(owner, LISTS, show="lists", list=str(second))
    assert names(app) == ["Tile"]
    app.selectbox(key="saved_list").set_value(second - 1).run()
    assert app.query_params["list"] == str(second - 1)
    assert "The list is empty." in words(app)


def test_without_prices_nothing_is_put_in_the_cart(owner, open_page):
    made = keep(owner, "A", {make_product(stock=9).id: D(1)})
    steps.scalar("update partner set prices_hidden = true returning 1")
    app = open_page(owner, LISTS, show="lists", list=str(made))
    assert not [button for button in app.button if button.key == "list_to_cart"]


def test_a_viewer_sees_the_lists_and_changes_none(owner, sign_in, app):
    keep(owner, "Site", {make_product(name="Tile", stock=9).id: D(1)})
    sign_in(make_user(role="admin", language="en"))
    with transaction(who_is_there()) as session:
        start_viewing(session, owner.partner_id, "to see", clock.now())
    shown = app.run().switch_page(LISTS)
    shown.query_params["show"] = "lists"
    shown.run()
    assert names(shown) == ["Tile"]
    assert {button.key for button in shown.button} == {"end_view", "log_out"}
