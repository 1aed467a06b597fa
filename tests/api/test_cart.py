"""What the order grid sends: into whose cart it goes, what is answered, and what is refused."""

import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.cart import MOST_BYTES
from core import clock
from core.auth.models import User
from core.auth.viewing import start_ordering, start_viewing
from core.db import transaction
from core.errors import Refusal
from core.orders import approving, keeping
from core.orders.cart import view_cart
from core.orders.keeping import MOST_TABS, cart_figures, whose
from core.partners.models import Partner
from core.principal import SYSTEM, Principal
from tests.core.orders import steps
from tests.factories import make_partner, make_product, make_user, principal_of, set_own_price

SignIn = Callable[[User], None]
OURS = {"origin": "http://portal.example"}


@pytest.fixture
def partner(database: str) -> Partner:
    return make_partner()


@pytest.fixture
def buyer(partner: Partner, sign_in: SignIn) -> User:
    """Signed in in the browser."""
    user = make_user(partner, language="en")
    sign_in(user)
    return user


numbers = itertools.count(1)


def written(user: User | Principal, edits: Any, **message: Any) -> str:
    """A message of the user's page, into the cart that is there unless another one is named."""
    principal = user if isinstance(user, Principal) else principal_of(user)
    body = {"whose": whose(principal), "cart": "0", "tab": "a1", "number": next(numbers), "edits": edits}
    if "cart" not in message:
        with suppress(Refusal), transaction(principal) as session:
            now = clock.now()
            body["cart"] = cart_figures(view_cart(session, now), now)["cart"]
    return json.dumps(body | message)


def send(client: TestClient, user: User, edits: Any, **message: Any) -> httpx2.Response:
    return client.post("/cart/keep", content=written(user, edits, **message), headers=OURS)


def kept(user: User) -> dict[int, Decimal]:
    with transaction(principal_of(user)) as session:
        return {item.product_id: item.quantity for item in view_cart(session, clock.now()).items}


def test_what_was_typed_is_in_the_cart_and_the_sums_are_those_of_the_cart(
    client: TestClient, buyer: User, partner: Partner
) -> None:
    cable, tape = make_product(stock=50, vat_class="standard"), make_product(stock=5, vat_class="reduced")
    set_own_price(partner.id, cable.id, "1.2345")
    answer = send(client, buyer, {str(cable.id): 2_500, str(tape.id): 3_000})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert kept(buyer) == {cable.id: Decimal("2.5"), tape.id: 3}
    said = answer.json()
    assert said["lines"] == [
        {"id": cable.id, "kind": "ok", "quantity": 2_500},
        {"id": tape.id, "kind": "ok", "quantity": 3_000},
    ]
    assert said["cart"]["lines"] == {str(cable.id): [2_500, 309, 2100], str(tape.id): [3_000, 3_000, 1100]}
    assert (said["cart"]["short"], said["cart"]["asked"]) == ({}, False)


def test_each_line_has_its_own_answer_and_a_bad_one_stops_no_other(client: TestClient, buyer: User) -> None:
    box, few, gone, least = (
        make_product(stock=50, multiple=6), make_product(stock=4), make_product(stock=9, active=False),
        make_product(stock=90, least_quantity=10),
    )  # fmt: skip
    edits = {box.id: 7_000, few.id: 9_000, gone.id: 1_000, least.id: -5_000}
    said = send(client, buyer, {str(product): quantity for product, quantity in edits.items()}).json()
    assert [(line["id"], line["kind"], line["quantity"]) for line in said["lines"]] == [
        (box.id, "rounded", 12_000), (few.id, "short", 9_000), (gone.id, "gone", 0), (least.id, "bad", -5_000),
    ]  # fmt: skip
    assert kept(buyer) == {box.id: 12, few.id: 9}
    assert said["cart"]["short"] == {str(few.id): 4_000}
    send(client, buyer, {str(box.id): 0})
    assert kept(buyer) == {few.id: 9}


def test_how_much_is_left_is_not_told_to_who_may_not_know_it(
    client: TestClient, sign_in: SignIn, database: str
) -> None:
    buyer = make_user(make_partner(stock_display="yes_no"))
    sign_in(buyer)
    few = make_product(stock=4)
    assert send(client, buyer, {str(few.id): 9_000}).json()["cart"]["short"] == {str(few.id): None}


def test_a_cart_that_waits_for_approval_waits_no_more_and_the_page_is_told(
    client: TestClient, partner: Partner, sign_in: SignIn
) -> None:
    make_user(partner)
    buyer = make_user(partner, role="buyer", spending_limit=Decimal(1))
    sign_in(buyer)
    product = make_product(stock=9)
    token = steps.fill(principal_of(buyer), {product.id: 1})
    with transaction(principal_of(buyer)) as session:
        approving.ask_approval(session, token, clock.now())
    assert send(client, buyer, {}).json()["cart"]["asked"]
    assert not send(client, buyer, {str(product.id): 2_000}).json()["cart"]["asked"]


def test_later_answers_say_so_and_a_placed_cart_is_another_one(client: TestClient, buyer: User) -> None:
    product = make_product(stock=9)
    first = send(client, buyer, {str(product.id): 1_000}).json()["cart"]
    steps.order(principal_of(buyer), {product.id: 1}, clock.now())
    second = send(client, buyer, {}).json()["cart"]
    assert second["read"] > first["read"]
    assert second["cart"] != first["cart"]
    with transaction(SYSTEM) as session:
        tokens = session.scalars(text("select token::text from cart")).all()
    assert not any(token.replace("-", "") in json.dumps([first, second]).replace("-", "") for token in tokens)


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null", "http://portal.example.evil.example"])
def test_another_sites_page_puts_nothing_in_the_cart(client: TestClient, buyer: User, origin: str | None) -> None:
    product = make_product(stock=9)
    body = written(buyer, {str(product.id): 1_000})
    answer = client.post("/cart/keep", content=body, headers={"origin": origin} if origin else {})
    assert answer.status_code == 403
    assert kept(buyer) == {}
    client.get("/cart/keep", headers=OURS)  # not our route: the page of the portal
    assert kept(buyer) == {}


def test_who_is_not_signed_in_is_asked_to_log_in_and_who_may_not_order_is_refused(
    client: TestClient, partner: Partner, sign_in: SignIn
) -> None:
    product = make_product(stock=9)
    people = [make_user(partner, role="accountant"), make_user(), make_user(make_partner(prices_hidden=True))]
    assert send(client, people[0], {str(product.id): 1_000}).status_code == 401
    for user in people:
        sign_in(user)
        assert send(client, user, {str(product.id): 1_000}).status_code == 403
    assert steps.scalar("select count(*) from cart_line") == 0


@pytest.mark.parametrize(("step_in", "status"), [(start_viewing, 403), (start_ordering, 200)])
def test_staff_who_look_change_nothing_and_staff_who_order_fill_a_cart_of_their_own(
    client: TestClient, partner: Partner, sign_in: SignIn, step_in: Callable[..., None], status: int
) -> None:
    product, staff = make_product(stock=9), make_user(role="sales")
    sign_in(staff)
    login = steps.scalar("select id from login_session where user_id = :id", id=staff.id)
    me = Principal("staff", staff.id, role="sales", session_id=login)
    with transaction(me) as session:
        step_in(session, partner.id, "by telephone", clock.now())
    in_place = Principal("partner", staff.id, partner.id, role="agent")
    body = written(in_place, {str(product.id): 1_000}, **({} if status == 200 else {"cart": "0"}))
    assert client.post("/cart/keep", content=body, headers=OURS).status_code == status
    filled = steps.scalar("select array_agg(user_id) from cart join cart_line on cart_line.cart_id = cart.id")
    assert filled == ([staff.id] if status == 200 else None)


def test_what_the_first_user_typed_does_not_land_in_the_cart_of_the_second(
    client: TestClient, buyer: User, partner: Partner, sign_in: SignIn
) -> None:
    product, second = make_product(stock=9), make_user(partner)
    sign_in(second)
    assert send(client, buyer, {str(product.id): 1_000}).status_code == 409
    assert steps.scalar("select count(*) from cart_line") == 0


@pytest.mark.parametrize(
    "edits",
    [
        {"1; drop table product": 1_000}, {"-1": 1_000}, {"99999999999": 1_000}, {"2147483648": 1}, {"1": 1.5},
        {"1": "2"}, {"1": True}, {"1": None}, {"1": 10**400}, [1], None, {str(n): 1 for n in range(2_001)},
    ],
)  # fmt: skip
def test_what_no_page_sends_is_refused_and_changes_nothing(client: TestClient, buyer: User, edits: Any) -> None:
    answer = send(client, buyer, edits)
    assert answer.status_code == 422
    assert answer.json() == {"refused": "What this page sent cannot be read. Reload the page."}
    assert kept(buyer) == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"NaN", b"\xff", b"[" * 30_000, b"x" * (MOST_BYTES + 1)])
def test_what_is_no_message_at_all_is_refused(client: TestClient, buyer: User, body: bytes) -> None:
    assert client.post("/cart/keep", content=body, headers=OURS).status_code == 422


def test_a_locked_cart_is_tried_again_later(client: TestClient, buyer: User) -> None:
    product = make_product(stock=9)
    send(client, buyer, {str(product.id): 1_000})
    with transaction(SYSTEM) as session:
        session.execute(text("select from cart for update"))
        assert send(client, buyer, {str(product.id): 2_000}).status_code == 503
    assert kept(buyer) == {product.id: 1}


def test_what_comes_again_after_the_cart_was_ordered_is_not_ordered_twice(client: TestClient, buyer: User) -> None:
    product, other = make_product(stock=9), make_product(stock=9)
    first = send(client, buyer, {str(product.id): 1_000}).json()["cart"]["cart"]  # the answer is lost on its way
    steps.order(principal_of(buyer), {product.id: 1}, clock.now())
    said = send(client, buyer, {str(product.id): 1_000, str(other.id): 2_000}, cart=first).json()
    assert [(line["id"], line["kind"], line["quantity"]) for line in said["lines"]] == [
        (product.id, "sent", 1_000), (other.id, "sent", 2_000),
    ]  # fmt: skip
    assert said["cart"]["lines"] == {}
    assert said["cart"]["cart"] != first
    assert kept(buyer) == {}


def test_an_older_message_of_the_same_tab_changes_nothing_and_one_of_another_tab_does(
    client: TestClient, buyer: User
) -> None:
    product = make_product(stock=9)
    edits = [{str(product.id): quantity} for quantity in (1_000, 2_000, 3_000)]
    assert "older" not in send(client, buyer, edits[1], number=2_000).json()
    late = send(client, buyer, edits[0], number=1_999).json()
    assert late["older"]
    assert late["cart"]["lines"][str(product.id)][0] == 2_000
    assert send(client, buyer, edits[0], number=2_000).json()["older"]
    assert kept(buyer) == {product.id: 2}
    send(client, buyer, edits[2], number=1, tab="b2")
    assert kept(buyer) == {product.id: 3}
    steps.order(principal_of(buyer), {product.id: 3}, clock.now())
    send(client, buyer, edits[0], number=1)
    assert kept(buyer) == {product.id: 1}


def test_a_cart_remembers_no_more_tabs_than_it_needs(client: TestClient, buyer: User) -> None:
    product = make_product(stock=9)
    mark = send(client, buyer, {}).json()["cart"]["cart"]
    with transaction(SYSTEM) as session:
        tabs = {f"t{n}": 1 for n in range(MOST_TABS)}
        session.execute(text("update cart set tabs = :tabs"), {"tabs": json.dumps(tabs)})
    send(client, buyer, {str(product.id): 1_000}, number=7, cart=mark)
    assert steps.scalar("select tabs from cart") == {"a1": 7}


@pytest.mark.parametrize(
    "part", [{"cart": None}, {"cart": ""}, {"tab": "x" * 33}, {"tab": 1}, {"tab": "ă"}, {"number": 0}, {"number": "1"},
             {"number": True}, {"number": 2**53}],
)  # fmt: skip
def test_a_message_that_does_not_say_what_it_is_about_is_refused(
    client: TestClient, buyer: User, part: dict[str, Any]
) -> None:
    assert send(client, buyer, {}, **part).status_code == 422


def test_an_error_of_ours_has_a_number_that_finds_it_and_keeps_nothing(
    client: TestClient, buyer: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    product = make_product(stock=9)
    monkeypatch.setattr(keeping, "put", fails)
    answer = send(client, buyer, {str(product.id): 1_000})
    assert answer.status_code == 500
    assert list(answer.json()) == ["failed"]
    assert answer.json()["failed"] in caplog.text
    assert kept(buyer) == {}
