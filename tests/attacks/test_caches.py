"""What is kept for later is never somebody's: neither by browsers and proxies, nor by the process."""

import ast
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from core.auth.models import User
from core.config import ROOT
from tests.factories import make_partner, make_product, make_user

LOOKED_AT = {
    # What a process keeps: texts of ours, settings, connections, and pure functions of their arguments.
    "api/limiting.py:_per_window", "core/config.py:demo_instant", "core/config.py:settings", "core/db.py:_replica",
    "core/db.py:engine", "core/banking/mentions.py:", "core/documents/efactura/building.py:",
    "core/documents/efactura/checking.py:", "core/documents/efactura/party_checks.py:",
    "core/documents/efactura/places.py:",
    "core/guides/reading.py:title_of", "core/i18n.py:translations", "core/imports/columns.py:",
    "core/imports/fields.py:", "core/money.py:", "core/notifications/wording.py:_messages",
    "core/orders/deadlines.py:", "core/partners/register.py:", "core/queue.py:_client", "core/quick/tokens.py:",
    "core/templating.py:environment", "pages/ui/focus/__init__.py:", "pages/ui/partner_fields.py:",
    "pages/ui/streamlit_words/__init__.py:", "pages/ui/order_grid/component.py:_renderer",
    "pages/ui/queue_alert.py:chime",
    # Of the company, which everybody is shown; and the name of a partner, asked for by the id in one's own principal.
    "pages/ui/frame.py:company_logo", "pages/ui/frame.py:company_name", "pages/ui/theme.py:colours",
    "pages/ui/text.py:time_zone", "pages/ui/text.py:usual_language",
    # Within one session of the browser.
    "pages/ui/message_form.py:_normalised",
    # By a key of what is offered to whom: tests/core/orders/test_browsing.py.
    "pages/ui/catalog_filters.py:_choices",
}  # fmt: skip
"""What has a cache, and is no one's; where a file has several, all of them."""


def cached() -> set[str]:
    found = set()
    for path in [
        ROOT / "Home.py",
        *(p for part in ("api", "core", "pages", "workers") for p in (ROOT / part).rglob("*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any("cache" in ast.unparse(one) for one in node.decorator_list):
                found.add(f"{path.relative_to(ROOT)}:{node.name}")
    return found


def test_nothing_is_kept_by_a_process_that_nobody_looked_at() -> None:
    unknown = {name for name in cached() if name not in LOOKED_AT and f"{name.partition(':')[0]}:" not in LOOKED_AT}
    assert not unknown


@pytest.mark.parametrize("path", [
    "/", "/orders", "/auth/session?t=x", "/auth/signed-out", "/documents/1.pdf", "/documents/1.xml",
    "/documents/1/anaf.zip", "/anaf/callback", "/documents.zip?ids=1",
    "/statement.pdf", "/orders/1/confirmation.pdf", "/exports/files/1", "/exports/report.csv", "/exports/pivot.xlsx",
    "/exports/price-list.csv", "/images/1/small", "/files/1", "/guide-pictures/ro/first-order-cart.webp",
    "/unsubscribe", "/messages/1/picture", "/conversations/files/1", "/people/1/data.json", "/healthz", "/media/x",
    "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/nothing/here.pdf",
])  # fmt: skip
@pytest.mark.parametrize("who", ["nobody", "owner", "admin"])
def test_no_answer_may_be_kept_for_others(
    client: TestClient, sign_in: Callable[[User], None], database: str, path: str, who: str
) -> None:
    make_product(stock=1)
    if who != "nobody":
        sign_in(make_user(make_partner() if who == "owner" else None, role=who))
    said = client.get(path).headers["cache-control"]
    assert "public" not in said
    assert "private" in said or "no-store" in said or "no-cache" in said


def test_what_is_the_same_for_everybody_may_be_kept(client: TestClient) -> None:
    page = client.get("/").text
    script = page.split('src="./')[1].split('"')[0]
    assert "public" in client.get(f"/{script}").headers["cache-control"]
