"""The order grid in a real browser: how fast it is painted, confirmed and searched, with 100,000 products behind it.

Products are in the order of their names: no sort keys of prices are needed, and none are made.

One web process and one Chromium on this machine, so that both share its cores. Times begin with the browser's own time
stamp of the key and end after the frame that shows the change was painted.
"""

import shutil
import statistics
import time
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks import assortment
from benchmarks.web import web
from core import clock
from core.auth.cookies import session_cookie
from core.auth.sessions import open_session
from core.auth.users import create_user
from core.db import transaction
from core.principal import SYSTEM

PARTNER = 7
EMAIL, PASSWORD = "grid@bench.example", "three odd words together"
KEYS, SEARCHES, OPENINGS, ROUNDS, LOG_INS = 40, 12, 8, 5, 5
COLUMN = 12
BETWEEN_KEYS = 15
"""Milliseconds."""
WORDS = ("cablu", "surub alb", "teava", "robinet inox", "pompa", "colier")


def run() -> list[dict[str, Any]]:
    """One row per case; times in milliseconds."""
    assortment.build(clock.now())
    with web() as (url, _pid), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.context.add_cookies([{"name": session_cookie(), "value": log_in(), "url": url}])
        rows = [_opened(page, url), _typed(page), _confirmed(page), _kept(page), _searched(page)]
        rows.append(_logged_in(browser, url))
        browser.close()
    return rows


def _opened(page: Page, url: str) -> dict[str, Any]:
    """From asking for the address to fifty rows painted; the browser's cache is warm after the first time."""
    page.add_init_script(_ROWS_PAINTED)
    times = []
    for _ in range(OPENINGS):
        page.goto(url + "/catalog")
        times.append(page.evaluate("() => window.rowsPainted"))
    expect(_fields(page)).to_have_count(50)
    return _figures("address opened, rows painted", times)


def _typed(page: Page) -> dict[str, Any]:
    times = []
    for nth in range(KEYS):
        _fields(page).nth(nth % COLUMN).focus()
        page.evaluate(_TOTAL_PAINTED)
        page.keyboard.press(str(1 + nth % 9))
        times.append(page.evaluate("() => window.painted"))
        page.keyboard.press("Enter")
        _expect_kept(page)
    return _figures("digit typed, total painted", times)


def _confirmed(page: Page) -> dict[str, Any]:
    times = []
    for nth in range(KEYS):
        _fields(page).nth(nth % COLUMN).focus()
        page.keyboard.type(str(10 + nth))
        page.evaluate(_CONFIRMED)
        page.keyboard.press("Enter")
        times.append(page.evaluate("() => window.painted"))
    return _figures("Enter, confirmed by the server and painted", times)


def _kept(page: Page) -> dict[str, Any]:
    """Quantities typed down the column without waiting for anything: how many are in the fields after a reload."""
    kept = 0
    for turn in range(ROUNDS):
        wanted = [str(100 + 10 * turn + nth) for nth in range(COLUMN)]
        _fields(page).first.focus()
        for quantity in wanted:
            page.keyboard.type(quantity, delay=BETWEEN_KEYS)
            page.keyboard.press("Enter", delay=BETWEEN_KEYS)
        page.reload()
        expect(_fields(page)).to_have_count(50)
        _expect_kept(page)
        found = [_fields(page).nth(nth).input_value() for nth in range(COLUMN)]
        kept += sum(one == other for one, other in zip(found, wanted, strict=True))
    name = f"of {ROUNDS * COLUMN} quantities, {BETWEEN_KEYS} ms between keys, kept over a reload"
    return {"case": name, "n": kept}


def _searched(page: Page) -> dict[str, Any]:
    """From the last letter to other rows painted; the pause before a search begins is part of it."""
    field = page.get_by_label("Search").first
    times = []
    for nth in range(SEARCHES):
        field.fill("")
        page.wait_for_timeout(1000)
        words = WORDS[nth % len(WORDS)]
        field.press_sequentially(words[:-1], delay=30)
        page.evaluate(_OTHER_ROWS_PAINTED)
        page.keyboard.press(words[-1])
        times.append(page.evaluate("() => window.painted"))
    return _figures("letter typed, found rows painted", times)


def _logged_in(browser: Browser, url: str) -> dict[str, Any]:
    """From Enter in the form to fifty rows painted; the page of the form was opened just before, by a new browser."""
    times = []
    for _ in range(LOG_INS):
        context = browser.new_context(viewport={"width": 1360, "height": 900})
        page = context.new_page()
        page.goto(url)
        form = page.get_by_test_id("stForm")
        form.locator("input[type=text]").fill(EMAIL)
        form.locator("input[type=password]").fill(PASSWORD)
        page.wait_for_timeout(500)
        page.add_init_script(_ROWS_PAINTED)
        begin = time.time()
        form.locator("input[type=password]").press("Enter")
        expect(_fields(page)).to_have_count(50, timeout=20_000)
        times.append(page.evaluate("async () => performance.timeOrigin + await window.rowsPainted") - begin * 1000)
        context.close()
    return _figures("logged in, rows painted", times)


def _figures(case: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "case": case,
        "n": len(times),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)], 1),
    }


def _fields(page: Page) -> Any:
    return page.locator("td.quantity input")


def _expect_kept(page: Page) -> None:
    expect(page.locator(".bar")).to_have_attribute("data-state", "kept")


def log_in() -> str:
    """The cookie of a new user of the partner."""
    with transaction(SYSTEM) as session:
        user = create_user(session, EMAIL, "Buyer", "owner", clock.now(), partner_id=PARTNER, password=PASSWORD,
                           language="en")  # fmt: skip
        return open_session(session, user if isinstance(user, int) else user.id, clock.now())


# The callback of a message that is sent in an animation frame comes after that frame was painted.
_TOOLS = """
    const parts = selector => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .flatMap(host => [...host.shadowRoot.querySelectorAll(selector)])
    const afterPaint = () => new Promise(done => requestAnimationFrame(() => {
        const channel = new MessageChannel()
        channel.port1.onmessage = () => done(performance.now())
        channel.port2.postMessage(0)
    }))
    const when = async condition => {
        while (!condition()) await new Promise(requestAnimationFrame)
        return await afterPaint()
    }
    const key = () => new Promise(done =>
        addEventListener('keydown', event => done(event.timeStamp), { capture: true, once: true }))
"""
_ROWS_PAINTED = f"{{ {_TOOLS} window.rowsPainted = when(() => parts('td.quantity input').length === 50) }}"
_TOTAL_PAINTED = f"""() => {{ {_TOOLS}
    const total = parts('.gross b')[0], before = total.textContent
    window.painted = key().then(async start => await when(() => total.textContent !== before) - start)
}}"""
_CONFIRMED = f"""() => {{ {_TOOLS}
    const bar = parts('.bar')[0]
    window.painted = key().then(async start => {{
        await new Promise(done => new MutationObserver((_, observer) => {{
            if (bar.dataset.state === 'kept') observer.disconnect(), done()
        }}).observe(bar, {{ attributes: true }}))
        return await afterPaint() - start
    }})
}}"""
_OTHER_ROWS_PAINTED = f"""() => {{ {_TOOLS}
    const names = () => parts('a.name').slice(0, 5).map(name => name.textContent).join()
    const before = names()
    window.painted = key().then(async start => await when(() => names() && names() !== before) - start)
}}"""
