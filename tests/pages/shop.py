"""A partner's pages with products on them, opened at an address, and what is read on them."""

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.config import ROOT

CATALOG, PRODUCT, LISTS = (f"pages/partner/{name}.py" for name in ("catalog", "product", "lists"))

Opener = Callable[..., AppTest]
"""open_page(who, file, **query): in a tab of this person's own."""


def opener(sign_in: Callable[[User], None]) -> Opener:
    """What opens pages in tests/pages/conftest.py's fixture `open_page`."""

    def _open(who: User, file: str = CATALOG, **query: str | list[str]) -> AppTest:
        sign_in(who)
        tab = AppTest.from_file(ROOT / "Home.py", default_timeout=30).run().switch_page(file)
        for name, value in query.items():
            tab.query_params[name] = value
        shown = tab.run()
        assert not shown.exception
        return shown

    return _open


def grid(app: AppTest) -> dict[str, Any]:
    """What the order grid was given; nothing where there is none."""
    given = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return next((data for data in given if data.get("role") == "grid"), {})


def names(app: AppTest) -> list[str]:
    return [row["name"] for row in grid(app).get("rows", [])]


def words(app: AppTest) -> str:
    """Everything that is said on the page, with plain blanks and without the signs that keep Markdown from it."""
    said = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.success, *app.error, *app.toast]
    return " | ".join(element.value for element in said).replace("\N{NO-BREAK SPACE}", " ").replace("\\", "")


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app
