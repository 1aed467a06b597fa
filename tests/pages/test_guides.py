"""The page of the guides: who finds which, one of them whole, and what is said of one that is not there."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.auth.models import User
from core.guides.reading import GUIDES, guide
from tests.factories import make_partner, make_user

FILE = "pages/both/guides.py"
PARTNERS = [name for name, side in GUIDES.items() if side == "partner"]


def open_guides(app: AppTest, asked: str | None = None) -> AppTest:
    page = app.run().switch_page(FILE)
    if asked is not None:
        page.query_params["guide"] = asked
    return page.run()


def listed(page: AppTest) -> list[str]:
    labels = [link.proto.label for link in page.get("page_link")]
    return [name for name in GUIDES if f"**{guide(name, 'en').title}**" in labels]


@pytest.mark.parametrize("role", ["owner", "buyer", "accountant"])
def test_a_partner_finds_its_own_guides(app: AppTest, sign_in: Callable[[User], None], role: str) -> None:
    sign_in(make_user(make_partner(), role=role, language="en"))
    page = open_guides(app)
    assert page.title[0].value == "Guides"
    assert listed(page) == PARTNERS


@pytest.mark.parametrize("role", ["admin", "sales", "warehouse", "accounting", "analyst"])
def test_staff_find_all_of_them(app: AppTest, sign_in: Callable[[User], None], role: str) -> None:
    sign_in(make_user(role=role, language="en"))
    assert listed(open_guides(app)) == list(GUIDES)


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_shown_whole(app: AppTest, sign_in: Callable[[User], None], name: str) -> None:
    sign_in(make_user(language="en"))
    page = open_guides(app, name)
    assert page.title[0].value == guide(name, "en").title
    assert any(guide(name, "en").html in block.proto.body for block in page.get("html"))


@pytest.mark.parametrize("asked", ["no-such-guide", "", "claim-queue"])
def test_one_that_is_not_there_or_not_for_the_reader_is_told(
    app: AppTest, sign_in: Callable[[User], None], asked: str
) -> None:
    sign_in(make_user(make_partner(), language="en"))
    page = open_guides(app, asked)
    assert page.title[0].value == "There is no such guide"
    assert "All guides" in [link.proto.label for link in page.get("page_link")]
