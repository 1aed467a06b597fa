"""Quick order as its user sees it: lines pasted, mended, remembered and put in the cart."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.db import transaction
from core.orders.cart import view_cart
from core.orders.filling import set_quantities
from core.quick.drafts import draft
from core.quick.learning import own_codes
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.pages.conftest import shown_error, who_is_there

SignIn = Callable[[User], None]


@pytest.fixture
def buyer(app: AppTest, sign_in: SignIn) -> User:
    user = make_user(make_partner(), language="en")
    sign_in(user)
    return user


def paste(app: AppTest, text: str) -> AppTest:
    app.run().switch_page("pages/partner/quick_order.py").run()
    app.text_area[0].set_value(text)
    return app.run()


def button(app: AppTest, start: str):
    return next(one for one in app.button if one.label.replace("\\", "").startswith(start))


def cart() -> dict[str, Decimal]:
    with transaction(who_is_there()) as session:
        return {item.sku: item.quantity for item in view_cart(session, clock.now()).items}


def lines(app: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in app.get("html"))


def test_what_is_fine_goes_into_the_cart_and_the_rest_stays(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=50)
    make_product(sku="M6", multiple=Decimal(6), stock=50)
    paste(app, "CB-15 12\nTV20 3\nM6 7\nCB-15 5")
    assert "multiple of 6: 12" in lines(app)
    assert "with line 4: 17 together" in lines(app)
    button(app, "Add 3 lines to the cart; to be mended here: 1").click().run()
    assert cart() == {"CB-15": 17, "M6": 12}
    assert app.text_area[0].value == "TV20 3"
    assert app.toast[0].value == "Products added to the cart: 2."


def test_a_double_click_adds_once(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=50)
    paste(app, "CB-15 12")
    add = button(app, "Add the lines to the cart: 1")
    add.click().run()
    assert cart() == {"CB-15": 12}
    assert not [one for one in app.button if one.key == "quick_add"]
    app.text_area[0].set_value("CB-15 12").run()
    button(app, "Add the lines to the cart: 1").click().run()
    assert cart() == {"CB-15": 24}


def test_a_click_meant_for_lines_that_have_changed_since_adds_nothing(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=50)
    paste(app, "CB-15 12")
    app.text_area[0].set_value("CB-15 13")
    button(app, "Add the lines").click().run()
    assert cart() == {}
    button(app, "Add the lines").click().run()
    assert cart() == {"CB-15": 13}


def test_what_the_cart_holds_is_added_up_and_said(app: AppTest, buyer: User) -> None:
    product = make_product(sku="CB-15", stock=50)
    with transaction(principal_of(buyer)) as session:
        set_quantities(session, {product.id: Decimal(5)})
    paste(app, "CB-15 12")
    assert "5 in the cart already: then 17" in lines(app)
    button(app, "Add the lines").click().run()
    assert cart() == {"CB-15": 17}
    assert "they were added up" in app.toast[0].value


def test_a_suggestion_chosen_once_is_remembered(app: AppTest, buyer: User) -> None:
    make_product(sku="TV-200", name="Televizor", stock=9)
    paste(app, "TV20 3")
    button(app, "**TV-200** Televizor").click().run()
    assert any("We remember: “tv20” is TV-200." in one.value.replace("\\", "") for one in app.markdown)
    assert "your code" in lines(app)
    with transaction(principal_of(buyer)) as session:
        assert [one.code for one in own_codes(session)] == ["tv20"]
    paste(app, "5 x tv20")
    button(app, "Add the lines to the cart: 1").click().run()
    assert cart() == {"TV-200": 5}


def test_a_line_that_was_typed_anew_is_remembered_until_that_is_undone(app: AppTest, buyer: User) -> None:
    make_product(sku="ADZ-STD-25", stock=90)
    paste(app, "ZIDAR-0077 6\nTOTAL 999 lei")
    for label in ("Line 1", "Line 2"):
        [line] = [one for one in app.text_input if one.label == label]
        line.set_value("ADZ-STD-25 6").run()
    with transaction(principal_of(buyer)) as session:
        assert [one.code for one in own_codes(session)] == ["zidar-0077"]
    paste(app, "TV20 3")
    [line] = [one for one in app.text_input if one.label == "Line 1"]
    line.set_value("ADZ-STD-25 3").run()
    app.button(key="unlearn").click().run()
    with transaction(principal_of(buyer)) as session:
        assert [one.code for one in own_codes(session)] == ["zidar-0077"]
    assert app.text_area[0].value == "ADZ-STD-25 3"


def test_a_line_is_mended_in_its_place(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=4)
    paste(app, "Hello,\nCB-15 9\nCB-99 3")
    button(app, "Take 4 buc").click().run()
    assert app.text_area[0].value == "Hello,\nCB-15 4\nCB-99 3"
    [line] = [one for one in app.text_input if one.label == "Line 3"]
    line.set_value("").run()
    assert app.text_area[0].value == "Hello,\nCB-15 4"
    button(app, "Add the lines to the cart: 1").click().run()
    assert cart() == {"CB-15": 4}


def test_of_two_readings_one_is_chosen(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=5000)
    paste(app, "CB-15\tCablu\t1.250\nCB-15\tCablu\t3")
    button(app, "1,250 buc × **CB-15**").click().run()
    assert app.text_area[0].value.splitlines()[0] == "CB-15\tCablu\t1250"


def test_the_columns_of_a_table_are_shown_and_can_be_changed(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=500)
    make_product(sku="M6", stock=500)
    paste(app, "CB-15;100;12\nM6;200;6")
    code, quantity = app.selectbox
    assert (code.value, quantity.value) == (0, 1)
    quantity.set_value(2).run()
    button(app, "Add the lines").click().run()
    assert cart() == {"CB-15": 12, "M6": 6}


def test_what_was_pasted_is_there_again_in_a_new_session(app: AppTest, buyer: User) -> None:
    paste(app, "NOPE 3")
    with transaction(principal_of(buyer)) as session:
        assert draft(session).text == "NOPE 3"
    again = AppTest.from_file(app._script_path, default_timeout=30)
    again.run().switch_page("pages/partner/quick_order.py").run()
    assert again.text_area[0].value == "NOPE 3"
    again.button(key="quick_clear").click().run()
    assert again.text_area[0].value == ""


def test_whole_units_are_said_so_and_never_as_multiples_of_one(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", multiple=Decimal(1), stock=50)
    make_product(sku="M6", multiple=Decimal(1), least_quantity=Decimal(5), stock=50)
    paste(app, "CB-15 2,5\nM6 2")
    assert "whole units only: 3" in lines(app)
    assert "at least 5" in lines(app)
    assert "multiple of" not in lines(app)


def test_the_lines_of_a_short_product_are_named_with_their_sum_and_go_together(app: AppTest, buyer: User) -> None:
    make_product(sku="AMS-1400", stock=10)
    paste(app, "AMS-1400 5\nNOPE-1 1\nAMS-1400 6\nAMS-1400 7")
    said = " ".join(one.value for one in app.markdown)
    assert "Lines 1, 3, 4: together 18." in said
    button(app, "Take out the lines 1, 3, 4").click().run()
    assert app.text_area[0].value == "NOPE-1 1"
    [drop] = [one for one in app.button if one.key.startswith("drop")]
    assert (drop.label, drop.help) == ("", "Take the line out")


def test_two_products_of_one_line_become_two_lines(app: AppTest, buyer: User) -> None:
    make_product(sku="ADZ-STD-25", stock=50)
    make_product(sku="ADZ-FLX-25", stock=50)
    paste(app, "ADZ-STD-25 5 buc, ADZ-FLX-25 6 buc")
    button(app, "Make 2 lines of it").click().run()
    assert app.text_area[0].value == "ADZ-STD-25 5 buc\nADZ-FLX-25 6 buc"
    button(app, "Add the lines to the cart: 2").click().run()
    assert cart() == {"ADZ-STD-25": 5, "ADZ-FLX-25": 6}


def another_tab(app: AppTest) -> AppTest:
    tab = AppTest.from_file(app._script_path, default_timeout=30)
    return tab.run().switch_page("pages/partner/quick_order.py").run()


def test_a_stale_tab_adds_nothing_twice_and_says_why(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=50)
    paste(app, "CB-15 12")
    tab = another_tab(app)
    button(app, "Add the lines").click().run()
    button(tab, "Add the lines").click().run()
    assert cart() == {"CB-15": 12}
    assert "changed in another tab" in shown_error(tab)
    assert tab.text_area[0].value == ""


def test_what_another_tab_changed_is_shown_and_ones_own_lines_can_be_had_back(app: AppTest, buyer: User) -> None:
    paste(app, "NOPE 1")
    tab = another_tab(app)
    tab.text_area[0].set_value("NOPE 2").run()
    app.text_area[0].set_value("NOPE 3").run()
    assert "changed in another tab" in shown_error(app)
    assert app.text_area[0].value == "NOPE 2"
    app.button(key="quick_before").click().run()
    assert app.text_area[0].value == "NOPE 3"
    app.button(key="quick_before").click().run()
    assert app.text_area[0].value == "NOPE 2"


def test_what_was_cleared_can_be_had_back(app: AppTest, buyer: User) -> None:
    paste(app, "NOPE 1")
    app.button(key="quick_clear").click().run()
    assert app.text_area[0].value == ""
    app.button(key="quick_before").click().run()
    assert app.text_area[0].value == "NOPE 1"
    assert not [one for one in app.button if one.key == "quick_before"]
    with transaction(principal_of(buyer)) as session:
        assert draft(session).text == "NOPE 1"


def test_a_text_that_is_too_long_is_refused_and_kept(app: AppTest, buyer: User) -> None:
    paste(app, "CB-15 1\n" * 2001)
    assert "at most 2000 lines" in shown_error(app)
    assert app.text_area[0].value.count("\n") == 2001


def test_what_people_paste_is_text_and_never_markup(app: AppTest, buyer: User) -> None:
    product = make_product(sku="CB-15", name="<b>Cablu</b> *roșu*", stock=50)
    paste(app, "<script>alert(1)</script> 3\n[a](http://x.example) 4\nCB-15 2")
    assert "<script>" not in lines(app)
    assert "&lt;b&gt;Cablu&lt;/b&gt;" in lines(app)
    assert all("](http" not in one.value for one in app.markdown)
    assert product.id


def test_own_codes_are_seen_and_forgotten(app: AppTest, buyer: User) -> None:
    from core.quick.learning import learn

    product = make_product(sku="CB-15", name="Cablu", stock=50)
    with transaction(principal_of(buyer)) as session:
        learn(session, "TV20", product.id)
    app.run().switch_page("pages/partner/quick_order.py").run()
    button(app, "Our own codes: 1").click().run()
    assert app.dataframe[0].value["code"].tolist() == ["tv20"]


def test_who_sees_no_prices_is_told_so(app: AppTest, sign_in: SignIn) -> None:
    sign_in(make_user(make_partner(prices_hidden=True), language="en"))
    app.run().switch_page("pages/partner/quick_order.py").run()
    assert "sees no prices" in app.info[0].value
    assert not app.text_area


@pytest.mark.parametrize("display", ["capped", "yes_no", "light", "nothing"])
def test_how_much_of_it_comes_later_is_not_told_where_that_would_tell_the_stock(
    app: AppTest, buyer: User, display: str
) -> None:
    make_product(sku="BK-1", stock=17, backorder=True)
    steps.scalar("update partner set stock_display = :display returning 1", display=display)
    paste(app, "BK-1 100")
    assert "part of it comes later" in lines(app)
    assert "83 of it" not in lines(app)


def test_what_has_to_be_asked_names_the_product_and_what_was_written(app: AppTest, buyer: User) -> None:
    make_product(sku="ADZ-25", name="Adeziv", unit="sac", stock=500)
    paste(app, "ADZ-25 250 kg\nADZ-25 1e3\nADZ-25\nADZ-25 7")
    said = " ".join(one.value.replace("\\", "") for one in app.markdown)
    assert all(words in said for words in ("“250 kg”: how many sac?", "“1e3”: how many sac?", ": how many sac?"))
    assert said.count("**ADZ-25** Adeziv") == 3
    assert lines(app).count("<b>ADZ-25</b> Adeziv") == 4


def test_the_examples_are_of_what_the_partner_can_order(app: AppTest, buyer: User) -> None:
    make_product(sku="SECRET", restricted=True)
    for sku, unit, ean in (("CB-15", "m", ""), ("M6", "set", ""), ("M8", "sac", ""), ("M9", "buc", "5941234567899")):
        make_product(sku=sku, unit=unit, ean=ean, stock=50)
    paste(app, "")
    field = app.text_area[0]
    assert field.placeholder == "CB-15 12\n5 x M6\n2 sac M8\n5941234567899; 3"
    field.set_value(field.placeholder).run()
    assert [one for one in app.button if one.key.startswith("retype")] == []
    assert lines(app).count('class="fine"') == 4


def test_whether_a_point_groups_thousands_is_asked_once(app: AppTest, buyer: User) -> None:
    make_product(sku="CB-15", stock=5000)
    paste(app, "CB-15 1.250\nCB-15 2")
    app.radio(key="quick_mark").set_value(",").run()
    button(app, "Add the lines to the cart: 2").click().run()
    assert cart() == {"CB-15": 1252}
