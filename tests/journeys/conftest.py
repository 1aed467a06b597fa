"""The running product and a real browser.

    def test_something(portal: Portal, page: Page) -> None:
        email, password = portal.add_user(make_partner())
        portal.sign_in(page, email, password)

One browser per run; one web process and one fresh database per module; one browser profile as new per test. Factories
write into the portal's database.
"""

import contextlib
import itertools
import os
import random
import re
import socket
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright
from sqlalchemy import select, text

from core import clock, db
from core.auth.cookies import session_cookie
from core.auth.models import User
from core.auth.passwords import generate_password
from core.auth.sessions import open_session
from core.auth.users import create_user
from core.i18n import translate
from core.partners.models import Partner
from core.principal import SYSTEM
from tests.databases import Servers, fresh_database
from tests.journeys.web import start_web
from workers.locks import wait_until

START_SECONDS = 60
WAIT = 20_000  # milliseconds, for what the browser is to show; the machine may be busy
_serial = itertools.count(1)


@dataclass
class Portal:
    """A running web process over its own database."""

    url: str
    log: Path
    process: ForkServerProcess | None = None

    def start(self) -> None:
        """Start the web process and wait until it answers."""
        port = int(self.url.rpartition(":")[2])
        self.process = start_web(port, os.environ | {"PUBLIC_URL": self.url}, self.log)
        runs = self.process.is_alive
        wait_until(lambda: not runs() or _answers(self), START_SECONDS)
        if not runs() or not _answers(self):
            pytest.fail(f"the web process did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the web process, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.join(15)
            assert not self.process.is_alive()

    def add_user(self, partner: Partner | None = None, language: str = "ro", role: str = "") -> tuple[str, str]:
        """E-mail and password of a new user of the partner, or of a new member of staff; an owner or an admin if no
        other role is named."""
        role = role or ("owner" if partner else "admin")
        email, password = f"person{next(_serial)}@rampa.example", generate_password()
        partner_id = partner.id if partner else None
        with db.transaction(SYSTEM) as session:
            create_user(
                session, email, "Ana Popescu", role, clock.now(),
                partner_id=partner_id, password=password, language=language,
            )  # fmt: skip
        return email, password

    def open(self, page: Page, path: str = "/") -> None:
        """Go to an address of the portal and wait until something is there."""
        page.goto(self.url + path)
        page.locator("[data-testid=stMain] [data-testid=stVerticalBlock]").first.wait_for()
        self.settle(page)

    def sign_in(self, page: Page, email: str, _password: str = "", path: str = "/") -> None:
        """Open an address as this person, whoever used the browser before.

        The session is made in the database, as the log-in makes it in the end: where logging in is not what a test is
        about, the form would only cost it a page more.
        """
        with db.transaction(SYSTEM) as session:
            user_id = session.scalars(select(User.id).where(User.email == email)).one()
            value = open_session(session, user_id, clock.now())
        cookie = {"name": session_cookie(), "value": value, "url": self.url, "httpOnly": True, "sameSite": "Lax"}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        self.open(page, path)
        self._arrived(page)

    def log_in(self, page: Page, email: str, password: str, path: str = "/") -> None:
        """Open an address as somebody who is not signed in yet, log in through the form, and arrive there."""
        self.open(page, path)
        self.submit(page, email, password)
        self._arrived(page)

    def submit(self, page: Page, email: str, password: str) -> None:
        """Fill in the log-in form and send it."""
        form = page.locator("[data-testid=stForm]")
        form.locator("input[type=text]").fill(email)
        form.locator("input[type=password]").fill(password)
        form.locator("input[type=password]").press("Enter")

    def _arrived(self, page: Page) -> None:
        page.locator("[data-testid=stSidebarNav]").wait_for(state="attached")  # a phone keeps the menu folded away
        self.settle(page)

    def settle(self, page: Page) -> None:
        """Wait until no script runs and nothing stale is shown."""
        expect(page.locator("[data-testid=stApp]")).to_have_attribute(
            "data-test-script-state", re.compile("notRunning")
        )


def ro(message: str) -> str:
    """What the Romanian page shows for an English source text."""
    return translate(message, "ro")


def quantity_fields(page: Page) -> Locator:
    """The order grid's fields, one per row."""
    return page.locator("td.quantity input")


def type_quantities(page: Page, *quantities: int | str, pause: float = 0) -> None:
    """Type down the order grid from its first row on, by keyboard only, `pause` milliseconds between keys, and wait
    until the server has all of it."""
    quantity_fields(page).first.click()
    for quantity in quantities:
        page.keyboard.type(str(quantity), delay=pause)
        page.keyboard.press("Enter", delay=pause)
    expect_kept(page)


def expect_kept(page: Page) -> None:
    """Wait until the server has answered for everything that was typed."""
    expect(page.locator(".bar")).to_have_attribute("data-state", "kept")


def cart_of(person: tuple[str, str]) -> dict[int, Decimal]:
    """What the cart of the user with this e-mail holds in the database, by product id."""
    with db.transaction(SYSTEM) as session:
        return dict(session.execute(_CART, {"email": person[0]}).all())


_CART = text("""
    select product_id, quantity from cart_line join cart on cart.id = cart_id
    join app_user on app_user.id = user_id where email = :email
""")


def place_cart(portal: Portal, page: Page) -> int:
    """Open the cart, place it with a double click, and read the order's number."""
    page.get_by_role("button", name=ro("View cart and order")).click()
    page.get_by_role("button", name=re.compile(re.escape(ro("Place the order for {total}").split("{")[0]))).dblclick()
    done = page.get_by_test_id("stAlert").filter(has_text=re.compile(r"\d{4}"))
    expect(done).to_be_visible()
    portal.settle(page)
    found = re.search(r"\d{4,}", done.inner_text())
    assert found
    return int(found[0])


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=WAIT)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium of the system (RAMPA_CHROMIUM or the usual place), else the one Playwright brought."""
    path = os.environ.get("RAMPA_CHROMIUM", "/usr/bin/chromium")
    found = path if Path(path).exists() else None
    browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
    yield browser
    browser.close()


class Profiles:
    """Browser profiles for one test after the other.

    A new one opens a window, and fetches and compiles the whole front end before its first page is there. So one that
    was used is used again, emptied of all but what the browser keeps of the front end: cookies, storage, tabs, rights,
    and what was done to its line.
    """

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser, self.origin = browser, origin
        self.taken: list[tuple[str, BrowserContext]] = []
        self.spare: defaultdict[str, list[BrowserContext]] = defaultdict(list)

    def take(self, width: int = 1280, height: int = 800, **options: Any) -> BrowserContext:
        """One with a screen of this size. It has no tab but an empty one, which holds its window open."""
        options["viewport"] = {"width": width, "height": height}
        kind = repr(sorted(options.items()))
        context = self.spare[kind].pop() if self.spare[kind] else self._made(options)
        self.taken.append((kind, context))
        return context

    def give_back(self) -> None:
        """The test that has taken them is over."""
        while self.taken:
            kind, context = self.taken.pop()
            self._empty(context)
            self.spare[kind].append(context)

    def _made(self, options: dict[str, Any]) -> BrowserContext:
        context = self.browser.new_context(**{"locale": "ro-RO"} | options)
        context.set_default_timeout(WAIT)
        context.new_page()
        return context

    def _empty(self, context: BrowserContext) -> None:
        window, *tabs = context.pages
        for tab in tabs:
            tab.close()
        context.unroute_all()
        context.set_offline(False)
        context.clear_permissions()
        context.clear_cookies()
        devtools = context.new_cdp_session(window)
        devtools.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"})
        devtools.detach()


@pytest.fixture(scope="session")
def all_profiles(browser: Browser, origin: str) -> Profiles:
    return Profiles(browser, origin)


@pytest.fixture
def profiles(all_profiles: Profiles) -> Iterator[Profiles]:
    yield all_profiles
    all_profiles.give_back()


@pytest.fixture
def context(profiles: Profiles) -> BrowserContext:
    """A browser profile without cookies; its pages are tabs of one browser."""
    return profiles.take()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def enter(portal: Portal, profiles: Profiles) -> Callable[..., Page]:
    """A browser of their own for each person who signs in."""

    def sign_in(who: tuple[str, str], path: str = "/", *, by_form: bool = False) -> Page:
        page = profiles.take(1360, 900).new_page()
        (portal.log_in if by_form else portal.sign_in)(page, *who, path=path)
        return page

    return sign_in


@pytest.fixture(scope="module")
def portal_database(
    servers: Servers, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """As the fixture `database`, for a whole module."""
    with fresh_database(servers, tmp_path_factory.mktemp("portal"), template_database) as name:
        yield name


@pytest.fixture(scope="session")
def origin() -> str:
    """Where the web process of every module listens, one after the other: what the browser keeps of the front end goes
    by the address. Below the ports that the system hands out for lines to others, one of which could take it while
    no web process is there."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return f"http://127.0.0.1:{port}"
    pytest.fail("no free port")


@pytest.fixture(scope="module")
def portal(portal_database: str, origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The web process."""
    portal = Portal(origin, tmp_path_factory.mktemp("web") / "web.log")
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()


def _answers(portal: Portal) -> bool:
    try:
        urllib.request.urlopen(portal.url + "/_stcore/health", timeout=2).close()
    except (urllib.error.URLError, OSError):
        return False
    return True
