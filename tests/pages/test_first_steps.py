"""The page of the first steps, the way back to it, and the demo company above every page."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest

from core import clock
from core.auth.models import User
from core.db import transaction
from core.demo.load import DemoLogin
from core.demo.moving import move_clock
from core.installation import installation
from core.principal import SYSTEM
from pages.ui import demo_bar, demo_guest
from tests.core.orders.steps import scalar
from tests.factories import make_partner, make_product, make_user, principal_of
from tests.pages.shop import click, words

START, SETTINGS, QUEUE = "pages/staff/start.py", "pages/staff/settings.py", "pages/staff/claim_queue.py"


@pytest.fixture
def admin(database: str) -> User:
    return make_user(language="en")


def set_installation(**values: object) -> None:
    with transaction(SYSTEM) as session:
        for name, value in values.items():
            setattr(installation(session), name, value)


@pytest.fixture
def steps_are_open(database: str) -> None:
    set_installation(steps_open=True)


@pytest.fixture
def demo(database: str) -> None:
    set_installation(demo_since=clock.real_now())


@pytest.fixture
def home(app: AppTest, admin: User, sign_in: Callable[[User], None]) -> AppTest:
    sign_in(admin)
    return app


def titles(app: AppTest) -> list[str]:
    return [title.value for title in app.title]


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


@pytest.mark.usefixtures("steps_are_open")
def test_the_administrator_begins_at_the_first_steps_while_they_are_open(home: AppTest) -> None:
    assert titles(home.run()) == ["First steps"]
    assert "Done: 0 of 8" in home.get("progress")[0].proto.text
    assert "Still missing: Company name, CUI, Address, City, County, IBAN, who is told of new orders" in words(home)


def test_who_is_at_work_begins_with_the_orders(home: AppTest) -> None:
    assert titles(home.run()) == ["Orders to claim"]


@pytest.mark.usefixtures("steps_are_open")
def test_somebody_else_has_no_first_steps(app: AppTest, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(role="sales", language="en"))
    assert titles(app.run()) == ["Orders to claim"]
    assert not links(app)


@pytest.mark.usefixtures("steps_are_open")
def test_there_is_a_way_back_from_where_the_steps_lead_until_they_are_put_away(home: AppTest) -> None:
    assert "Back to the first steps" in links(home.run().switch_page(SETTINGS).run())
    assert "steps_back" not in [button.key for button in home.button]
    click(home.switch_page(START).run(), "steps_away")
    assert "Back to the first steps" not in links(home.switch_page(SETTINGS).run())
    click(home, "steps_back")
    assert scalar("select steps_open from installation") is True
    assert "Back to the first steps" in links(home)


@pytest.mark.usefixtures("steps_are_open")
def test_when_everything_is_done_they_leave_the_menu_by_themselves(home: AppTest) -> None:
    with patch("core.onboarding.steps.steps", lambda *_arguments: []):
        home.run()
    assert "Everything is set up" in words(home)
    assert scalar("select steps_open from installation") is False


@pytest.mark.usefixtures("steps_are_open")
def test_the_demo_company_is_offered_only_where_nothing_is_yet(home: AppTest) -> None:
    assert "demo_load" in [button.key for button in home.run().button]
    make_product()
    assert "demo_load" not in [button.key for button in home.run().button]


@pytest.mark.usefixtures("steps_are_open")
def test_the_passwords_of_a_loaded_demo_stay_until_they_are_noted(home: AppTest) -> None:
    made = [DemoLogin("Staff, admin", "admin@rampa.example", "word-word-word"), DemoLogin("Firma SRL, owner", "x", "y")]

    def load(_session: object) -> list[DemoLogin]:
        set_installation(demo_since=clock.real_now(), before_demo={})
        return made

    with patch.object(demo_guest, "_load", load):
        click(home.run(), "demo_load")
    assert "The demo company is here" in words(home)
    assert list(home.run().table[0].value["Password"]) == ["word-word-word", "y"]
    assert list(home.table[0].value["Role"]) == ["Administrator", "Owner"]
    assert not click(home, "demo_noted").table


@pytest.mark.usefixtures("demo")
def test_the_bar_moves_the_clock_of_a_demo(home: AppTest) -> None:
    home.run()
    click(click(home, "demo_hour"), "demo_day")
    assert clock.moved() == timedelta(days=1, hours=1)
    assert "For the demo it is" in words(home)
    click(home, "demo_real")
    assert clock.moved() == timedelta()
    assert home.button(key="demo_real").disabled
    click(home, "demo_deadline")
    assert home.error[0].value.startswith("No order waits")


@pytest.mark.usefixtures("demo")
def test_other_staff_see_that_it_is_a_demo_and_move_nothing(app: AppTest, sign_in: Callable[[User], None]) -> None:
    sign_in(make_user(role="warehouse", language="en"))
    assert "Demo company" in words(app.run())
    assert not [button.key for button in app.button if str(button.key).startswith("demo_")]


@pytest.mark.usefixtures("demo")
def test_partners_see_no_bar_and_what_came_with_rampa_demo_cannot_be_removed(
    app: AppTest, sign_in: Callable[[User], None], admin: User
) -> None:
    sign_in(make_user(make_partner(), language="en"))
    assert "Demo company" not in words(app.run())
    sign_in(admin)
    assert "demo_remove" not in [button.key for button in app.run().button]


def test_without_a_demo_there_is_no_bar(home: AppTest) -> None:
    assert "Demo company" not in words(home.run())
    assert not [button.key for button in home.button if str(button.key).startswith("demo_")]


def test_a_guest_is_removed_from_the_bar_after_a_second_click(home: AppTest) -> None:
    set_installation(demo_since=clock.real_now(), before_demo={"tables": {}, "sequences": {}})
    home.run()
    with patch.object(demo_bar, "remove") as removed:
        home.button(key="demo_remove").click().run()
    assert removed.call_count == 1


@pytest.mark.usefixtures("demo")
def test_a_session_outlives_a_jump_of_the_clock(home: AppTest, admin: User) -> None:
    home.run()
    with transaction(principal_of(admin)) as session:
        move_clock(session, timedelta(days=60))
    assert titles(home.run()) == ["Orders to claim"]
