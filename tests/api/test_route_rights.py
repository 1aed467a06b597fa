"""Every route and every role, against the table of rights: who may is answered, all others are refused."""

from collections.abc import Callable

import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from core import clock
from core.auth.models import User
from core.auth.sessions import principal_of_cookie
from core.auth.viewing import start_ordering, start_viewing
from core.db import transaction
from core.permissions import AGENT, PARTNER_ROLES, PERMISSIONS, ROLES, VIEWER
from core.principal import SYSTEM
from tests.factories import make_partner, make_user

OPEN = ("/auth/session", "/auth/signed-out", "/unsubscribe", "/healthz")
"""For everybody: what they do is asked of a ticket or a signature."""
SIGNED_IN = tuple(PERMISSIONS)
RIGHTS = {
    "/cart/keep": SIGNED_IN,  # what it says decides: tests/api/test_cart.py
    "/documents/{id}.pdf": ("documents.see",),
    "/documents/{id}.xml": ("documents.see",),
    "/documents/{id}/anaf.zip": ("documents.see",),
    "/anaf/callback": ("settings.edit",),
    "/documents.zip": ("documents.see",),
    "/statement.pdf": ("documents.see",),
    "/statement.xlsx": ("documents.see",),
    "/orders/{id}/confirmation.pdf": ("orders.see",),
    "/orders/{id}/picking-list.pdf": ("orders.claim", "orders.ship"),
    "/exports/files/{id}": SIGNED_IN,  # one's own only: tests/api/test_export_files.py
    "/exports/report.csv": ("reports.see",),
    "/exports/pivot.xlsx": ("reports.see",),
    "/exports/price-list.{form}": ("catalog.see",),
    "/images/{id}/{size}": ("catalog.see", "products.see"),
    "/files/{id}": ("catalog.see", "products.see"),
    "/guide-pictures/{language}/{name}.webp": SIGNED_IN,
    "/messages/{id}/picture": ("messages.see",),
    "/conversations/files/{id}": ("messages.see",),
    "/people/{id}/data.json": ("account.own",),
}
PLACES = {"{id}": "999999", "{size}": "small", "{form}": "csv", "{language}": "ro", "{name}": "nothing"}
REFUSED = (401, 403)


@pytest.fixture
def routes(client: TestClient) -> list[Route]:
    from api.app import ROUTES  # reads the settings, which the tests have made by now

    return ROUTES


def address(path: str) -> str:
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


def status(client: TestClient, route: Route) -> int:
    method = "POST" if route.path == "/cart/keep" else "GET"
    headers = {"origin": "http://portal.example", "content-type": "application/json"}
    return client.request(method, address(route.path), headers=headers).status_code


def enter_as(role: str, client: TestClient, sign_in: Callable[[User], None]) -> None:
    partner = make_partner()
    if role in PARTNER_ROLES:
        sign_in(make_user(partner, role=role))
        return
    sign_in(make_user(role="admin" if role in (VIEWER, AGENT) else role))
    if role in (VIEWER, AGENT):
        with transaction(SYSTEM) as session:
            me = principal_of_cookie(session, client.cookies["sid"], clock.now())
        assert me is not None
        with transaction(me) as session:
            (start_viewing if role == VIEWER else start_ordering)(session, partner.id, "to look", clock.now())


def test_every_route_has_its_rights_written_down(routes: list[Route]) -> None:
    assert {route.path for route in routes} == {*OPEN, *RIGHTS}


@pytest.mark.parametrize("role", ROLES)
def test_a_route_answers_whom_the_table_names_and_refuses_the_others(
    client: TestClient, routes: list[Route], sign_in: Callable[[User], None], role: str
) -> None:
    enter_as(role, client, sign_in)
    asked = [route for route in routes if route.path not in OPEN]
    answered = {route.path for route in asked if status(client, route) not in REFUSED}
    allowed = {path for path, actions in RIGHTS.items() if any(role in PERMISSIONS[action] for action in actions)}
    assert answered == allowed


def test_a_stranger_is_answered_nothing_but_what_is_for_everybody(client: TestClient, routes: list[Route]) -> None:
    assert {route.path for route in routes if status(client, route) not in REFUSED} == set(OPEN)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_no_route_knows_a_method_that_it_does_not_need(
    client: TestClient, routes: list[Route], sign_in: Callable[[User], None], method: str
) -> None:
    enter_as("admin", client, sign_in)
    statuses = {client.request(method, address(route.path)).status_code for route in routes}
    assert statuses <= {405}
