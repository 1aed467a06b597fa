"""Messages and conversations as both sides find them, run as Streamlit runs them, on a real database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.auth.viewing import start_viewing
from core.db import transaction
from core.messages.files import NewFile
from core.messages.posting import withdraw
from core.messages.threads import About
from core.partners.models import Partner
from tests.core.messages import steps
from tests.core.orders import steps as orders
from tests.core.orders.steps import scalar
from tests.factories import make_group, make_partner, make_product, make_staff, make_user, principal_of
from tests.pages.conftest import who_is_there
from tests.pages.shop import Opener, words

MINE, THEIRS, ORDERS = "pages/partner/messages.py", "pages/staff/messages.py", "pages/partner/orders.py"


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner(name="Instal SRL")


@pytest.fixture
def owner(partner: Partner) -> User:
    return make_user(partner, name="Ana", language="en")


@pytest.fixture
def seller(database: str) -> User:
    return make_user(role="sales", name="Vlad", language="en")


def post(**draft: Any) -> int:
    return steps.post(make_staff(), clock.now(), **draft)


def html(app: AppTest) -> str:
    return " ".join(element.value for element in app.html)


def buttons(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def field(app: AppTest, name: str) -> Any:
    """The widget whose key begins so."""
    widgets = [*app.text_input, *app.text_area, *app.radio, *app.multiselect, *app.date_input, *app.button_group,
               *app.checkbox, *app.selectbox, *app.file_uploader]  # fmt: skip
    return next(widget for widget in widgets if (widget.key or "").startswith(f"messages-{name}-"))


def type_message(app: AppTest, title: str, body: str) -> AppTest:
    field(app, "title").set_value(title)
    field(app, "body").set_value(body).run()
    assert not app.exception
    return app


# On entry.


@pytest.mark.parametrize("file", ["pages/partner/catalog.py", ORDERS, MINE, "pages/both/account.py"])
def test_what_must_be_confirmed_stands_before_every_page_until_it_is(open_page: Opener, owner: User, file: str) -> None:
    first, second = (post(title=title, body="Read **this**", level="confirm") for title in ("One", "Two"))
    app = open_page(owner, file)
    assert not app.title
    assert "<h3>One</h3>" in html(app)
    assert "<strong>this</strong>" in html(app)
    assert "Messages to confirm: 2" in words(app)
    receipt = steps.receipts_of(make_staff(), first)[owner.id]
    assert receipt.read_at
    assert not receipt.confirmed_at
    click(app, "I have read this and I confirm")
    assert "<h3>Two</h3>" in html(app)
    assert not app.title
    click(app, "I have read this and I confirm")
    assert app.title
    confirmed = [steps.receipts_of(make_staff(), message)[owner.id].confirmed_at for message in (first, second)]
    assert None not in confirmed


def test_what_is_withdrawn_while_somebody_reads_it_stands_before_nothing_any_more(
    open_page: Opener, owner: User
) -> None:
    message = post(title="Wrong", level="confirm")
    app = open_page(owner, ORDERS)
    with transaction(make_staff()) as session:
        withdraw(session, message, clock.now())
    click(app, "I have read this and I confirm")
    assert [title.value for title in app.title] == ["Orders"]
    assert "does not exist" not in words(open_page(owner, MINE))


def test_staff_and_who_looks_as_a_partner_are_stopped_by_nothing(
    open_page: Opener, owner: User, partner: Partner, sign_in: Callable[[User], None], app: AppTest
) -> None:
    post(title="Terms", level="confirm")
    post(title="News", level="important")
    assert open_page(make_user(language="en"), "pages/staff/orders.py").title
    sign_in(make_user(language="en"))
    me = who_is_there()
    with transaction(me) as session:
        start_viewing(session, partner.id, "they asked", clock.now())
    page = app.run().switch_page(MINE).run()
    assert [title.value for title in page.title] == ["Messages"]
    assert "I have read this and I confirm" not in buttons(page)
    assert scalar("select count(*) from message_read") == 0


def test_what_is_important_stands_above_pages_until_it_is_read_or_put_off(open_page: Opener, owner: User) -> None:
    post(title="Strike", level="important")
    post(title="Small talk")
    app = open_page(owner, ORDERS)
    assert "Strike" in words(app)
    assert "Small talk" not in words(app)
    click(app, "Later")
    assert "Strike" not in words(app)
    assert scalar("select count(*) from message_read") == 0
    app = open_page(owner, MINE, message=str(scalar("select id from message where title = 'Strike'")))
    assert "Strike" not in words(open_page(owner, ORDERS))
    assert scalar("select count(*) from message_read") == 1


# The partner's page.


def test_the_menu_counts_what_is_unread(open_page: Opener, owner: User) -> None:
    message = post()
    steps.write(make_staff(), About(owner.partner_id or 0), "Hello")
    assert steps.waiting(principal_of(owner), clock.now()).count == 2
    open_page(owner, MINE, message=str(message))
    open_page(owner, MINE, conversation="general")
    assert steps.waiting(principal_of(owner), clock.now()).count == 0


def test_unread_messages_come_first_and_opening_one_reads_it(open_page: Opener, owner: User) -> None:
    old = post(title="Old", body="Old words")
    new = post(title="New", body="New words")
    steps.read(principal_of(owner), new, clock.now())
    app = open_page(owner, MINE)
    assert words(app).index("**Old**") < words(app).index(" New ")
    assert "Old words" not in html(app)
    app.button(key=f"open-{old}").click().run()
    assert "Old words" in html(app)
    assert steps.waiting(principal_of(owner), clock.now()).count == 0
    assert words(app).index(" Old ") < words(app).index(" New ")  # what is being read stays where it is
    app.button(key=f"open-{old}").click().run()
    assert "Old words" not in html(app)


def test_a_message_for_others_is_not_there_whatever_the_address_says(open_page: Opener, owner: User) -> None:
    other = make_partner()
    message = post(title="Secret", audience="partners", chosen=frozenset({other.id}))
    for asked in (str(message), "999", "x", "99999999999"):
        app = open_page(owner, MINE, message=asked)
        assert "Secret" not in words(app) + html(app)
    assert scalar("select count(*) from message_read") == 0


def test_a_partner_writes_with_a_file(open_page: Opener, owner: User) -> None:
    app = open_page(owner, MINE, conversation="general")
    field(app, "text").set_value("Is it <b>open</b>?")
    field(app, "files").set_value([("plan.pdf", b"%PDF-1.7", "application/pdf")])
    click(app, "Send")
    assert "Is it &lt;b&gt;open&lt;/b&gt;?" in html(app)
    assert "plan.pdf" in html(app)
    assert field(app, "text").value == ""
    assert scalar("select count(*) from thread_entry") == 1


def test_what_is_refused_says_so_and_what_was_typed_stays(open_page: Opener, owner: User) -> None:
    app = open_page(owner, MINE, conversation="general")
    click(app, "Send")
    assert "Write something, or add a file" in words(app)
    field(app, "text").set_value("My words")
    field(app, "files").set_value([("plan.pdf", b"<script>", "application/pdf")])
    click(app, "Send")
    assert "is no PDF file" in words(app)
    assert field(app, "text").value == "My words"


def test_an_order_of_another_partner_has_no_conversation(open_page: Opener, owner: User) -> None:
    order = orders.order(principal_of(make_user(make_partner())), {make_product(stock=1).id: 1})
    app = open_page(owner, MINE, conversation=str(order))
    assert "does not exist, or it is not yours" in app.error[0].value.replace("\\", "")
    assert "Send" not in buttons(app)


def test_the_page_of_an_order_has_its_conversation_on_both_sides(
    open_page: Opener, owner: User, seller: User, partner: Partner
) -> None:
    order = orders.order(principal_of(owner), {make_product(stock=1).id: 1}, clock.now())
    steps.write(principal_of(seller), About(partner.id, order), "It leaves tomorrow")
    for who, file, label in (
        (owner, ORDERS, "New in the conversation: 1"), (seller, "pages/staff/orders.py", ""),
    ):  # fmt: skip
        app = open_page(who, file, order=str(order))
        assert label in words(app)
        assert any(box.label == "Conversation about this order" for box in app.expander)
        assert "It leaves tomorrow" not in html(app)
        app.session_state[f"conversation-of-{order}"] = True
        app.run()
        assert not app.exception
        assert "It leaves tomorrow" in html(app)
        assert "Send" in buttons(app)
    assert steps.waiting(principal_of(owner), clock.now()).threads == 0
    app = open_page(make_user(role="analyst", language="en"), "pages/staff/orders.py", order=str(order))
    assert not any("Conversation" in box.label for box in app.expander)


# The staff's page.


def test_staff_post_a_message_seen_as_partners_will_and_land_on_its_receipts(
    open_page: Opener, owner: User, seller: User
) -> None:
    group = make_group(name="Installers")
    app = open_page(seller, THEIRS)
    app.session_state["messages_tab"] = "New message"
    app.run()
    type_message(app, "New terms", "Please **read**\n\n<script>alert(1)</script>")
    assert "<h3>New terms</h3>" in html(app)
    assert "<strong>read</strong>" in html(app)
    assert "<script>" not in html(app)
    field(app, "level").set_value("confirm")
    field(app, "audience").set_value("groups").run()
    click(app, "Post the message")
    assert "Choose at least one group" in words(app)
    field(app, "chosen-groups").set_value([group.id]).run()
    assert field(app, "title").value == "New terms"
    click(app, "Post the message")
    assert [title.value for title in app.title] == ["New terms"]
    assert "nobody who may log in" in words(app)
    assert scalar("select count(*) from message") == 1


def test_a_sku_that_is_none_is_refused_in_words(open_page: Opener, seller: User) -> None:
    app = open_page(seller, THEIRS)
    app.session_state["messages_tab"] = "New message"
    app.run()
    type_message(app, "A", "B")
    field(app, "link").set_value("product").run()
    field(app, "sku").set_value("NONE").run()
    click(app, "Post the message")
    assert "no product with this SKU" in words(app)
    product = make_product(sku="CAB-1")
    field(app, "sku").set_value("cab-1").run()
    click(app, "Post the message")
    assert scalar("select product_id from message") == product.id


def test_receipts_name_who_has_not_and_one_click_reminds_them(open_page: Opener, owner: User, seller: User) -> None:
    other = make_user(make_partner(), name="Dan")
    message = post(title="Terms", level="confirm")
    steps.confirm(principal_of(owner), message, clock.now())
    app = open_page(seller, THEIRS, message=str(message))
    assert list(app.dataframe[0].value["name"]) == ["Dan"]
    assert [metric.value for metric in app.metric] == ["1 of 2", "1 of 2"]
    click(app, "Remind those who have not")
    assert "People reminded: 1" in words(app)
    assert app.dataframe[0].value["reminded"][0]
    click(app, "Remind those who have not")
    assert "Nobody is left to remind" in words(app)
    assert scalar("select count(*) from message_reminder where user_id = :user", user=other.id) == 1


def test_a_planned_message_is_changed_and_one_that_is_shown_only_withdrawn(
    open_page: Opener, owner: User, seller: User
) -> None:
    later = (clock.now() + timedelta(days=3)).date()
    planned, shown = post(title="Later", valid_from=later), post(title="Now")
    app = open_page(seller, THEIRS, message=str(planned))
    type_message(app, "Much later", "Words")
    click(app, "Save the message")
    assert [title.value for title in app.title] == ["Much later"]
    app = open_page(seller, THEIRS, message=str(shown))
    assert "Save the message" not in buttons(app)
    click(app, "Withdraw the message")
    assert "The message is withdrawn" in words(app)
    assert steps.shown(principal_of(owner), clock.now()) == []


def test_staff_find_a_conversation_answer_it_and_begin_another(
    open_page: Opener, owner: User, seller: User, partner: Partner
) -> None:
    steps.write(principal_of(owner), About(partner.id), "Help", NewFile("a.txt", b"x"))
    app = open_page(seller, THEIRS)
    app.session_state["messages_tab"] = "Conversations"
    app.run()
    table = app.dataframe[0].value
    assert list(table["partner"]) == ["Instal SRL"]
    assert list(table["state"][0]) == ["Something new"]
    app.text_input(key="thread_search").set_value("nobody").run()
    assert "No conversation matches" in words(app)
    app = open_page(seller, THEIRS, partner=str(partner.id))
    assert [title.value for title in app.title] == ["Instal SRL"]
    field(app, "text").set_value("Of course")
    click(app, "Send")
    assert "Of course" in html(app)
    click(app, "All conversations")
    assert list(app.dataframe[0].value["partner"]) == ["Instal SRL"]
    app = open_page(seller, THEIRS)
    app.session_state["messages_tab"] = "Conversations"
    app.run()
    other = make_partner(name="Alt SRL")
    app.run()
    app.selectbox(key="thread_with").set_value(other.id).run()
    assert [title.value for title in app.title] == ["Alt SRL"]


@pytest.mark.parametrize("role", ["warehouse", "accounting"])
def test_who_posts_nothing_finds_conversations_only(open_page: Opener, role: str) -> None:
    message = post(title="Terms")
    user = make_user(role=role, language="en")
    app = open_page(user, THEIRS)
    assert not app.tabs
    assert "Terms" not in words(app)
    app = open_page(user, THEIRS, message=str(message))
    assert app.error
    assert not app.dataframe
