"""A browser before a demo, and what one picture takes."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple, Self

from PIL import Image
from playwright.sync_api import Error, Page, Playwright, expect, sync_playwright

from core.config import ROOT
from core.demo.scenario import ADMIN, PARTNER_PASSWORD, STAFF_PASSWORD
from core.guides.reading import SHARPNESS

Who = Literal["staff", "partner", "proposed", "nobody"]
LOG_INS: dict[Who, tuple[str, str]] = {
    "staff": (ADMIN, STAFF_PASSWORD),
    "partner": ("comenzi@electro-ardelia.example", PARTNER_PASSWORD),
    "proposed": ("aprovizionare@casa-zidarului.example", PARTNER_PASSWORD),
}
Size = Literal["wide", "phone", "guide"]
SIZES: dict[Size, tuple[int, int]] = {"wide": (1360, 850), "phone": (390, 844), "guide": (1000, 1700)}
"""The guides' window is high: what is cut out of it may lie far down. It has no menu beside the page."""
HIDE = """addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style")
  style.textContent = "HIDDEN { display: none !important }"
  document.head.append(style)
})"""
OF_THE_DEMO, MENU = "[data-testid=stLayoutWrapper]:has(> .st-key-demo_bar)", "[data-testid=stSidebar]"
MARGIN = 8
TO_THE_EDGE = ("[role=tabpanel]", "[role=dialog]", "[data-testid=stPopoverBody]")
"""What begins where something else ends, the later ones at their sides too."""
QUALITY = 80
LONGEST_WAIT = 20_000


class Failures(dict[str, str]):
    """Name of a picture → why it was not made."""


def nothing(_page: Page) -> None:
    """Nothing is done first."""


class Shot(NamedTuple):
    """One picture: who looks, where, what is done first, and which part is kept (CSS; empty: the whole window)."""

    name: str
    who: Who
    path: str
    prepare: Callable[[Page], None] = nothing
    part: str = ""
    size: Size = "wide"
    height: int = 0
    """Cut off below, where a list goes on and on; 0 to keep all of it."""


class Camera:
    """Takes pictures of one demo in one language, and counts them."""

    def __init__(self, address: str, language: str) -> None:
        self.address, self.language = address, language
        self.made, self.failed = 0, Failures()
        self._pages: dict[tuple[Who, Size, str], Page] = {}

    def __enter__(self) -> Self:
        self._started = sync_playwright()
        playwright: Playwright = self._started.__enter__()
        self._browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        return self

    def __exit__(self, *raised: object) -> None:
        self._browser.close()
        self._started.__exit__(*raised)

    def take(self, shot: Shot) -> None:
        """The picture, in its place; one that cannot be taken does not stop the others."""
        try:
            page = self.visit(shot.who, shot.size)
            page.goto(self.address + shot.path)
            settle(page)
            shot.prepare(page)
            settle(page)
            self._keep(page, shot)
            self.made += 1
        except (Error, AssertionError) as error:
            self.failed[f"{shot.name} ({self.language})"] = str(error).partition("\n")[0]
            self._pages.pop((shot.who, shot.size, "light"), None)

    def take_looks(self, folder: Path) -> None:
        """Every page of both menus, light and dark, wide and on a phone: to look at, not to keep."""
        folder.mkdir(parents=True, exist_ok=True)
        for who in ("staff", "partner"):
            menu = self.visit(who, "wide").get_by_test_id("stSidebarNavLink")
            paths = [str(link.get_attribute("href")) for link in menu.all()]
            for theme in ("light", "dark"):
                for size in ("wide", "phone"):
                    page = self.visit(who, size, theme)
                    for path in paths:
                        page.goto(self.address + "/" + path.rpartition("/")[2])
                        settle(page)
                        name = f"{who}-{path.rpartition('/')[2]}-{self.language}-{theme}-{size}.png"
                        page.screenshot(path=folder / name)
                        self.made += 1

    def visit(self, who: Who, size: Size, theme: str = "light") -> Page:
        """A window in which somebody is logged in; the same one again for the same person, size and theme."""
        key = (who, size, theme)
        if key not in self._pages:
            width, height = SIZES[size]
            context = self._browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=SHARPNESS if size == "guide" else 1,
                locale="ro-RO",
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            hidden = f"{OF_THE_DEMO}, {MENU}" if size == "guide" else OF_THE_DEMO
            context.add_init_script(HIDE.replace("HIDDEN", hidden))
            self._pages[key] = page = context.new_page()
            page.set_default_timeout(LONGEST_WAIT)
            page.goto(self.address)
            self._log_in(page, who)
        return self._pages[key]

    def _log_in(self, page: Page, who: Who) -> None:
        form = page.get_by_test_id("stForm")
        form.wait_for()
        settle(page)
        self._speak(page)
        if who in LOG_INS:
            email, password = LOG_INS[who]
            form.locator("input[type=text]").fill(email)
            form.locator("input[type=password]").fill(password)
            form.locator("input[type=password]").press("Enter")
            page.get_by_test_id("stSidebarUserContent").wait_for(state="attached")
            settle(page)
            self._speak(page)

    def _speak(self, page: Page) -> None:
        """Switch to the camera's language; the switch may lie in a menu that is closed, or not shown."""
        name = {"ro": "Română", "en": "English"}[self.language]
        page.locator(".st-key-language_switch").get_by_text(name).first.dispatch_event("click")
        settle(page)

    def _keep(self, page: Page, shot: Shot) -> None:
        if shot.size != "guide":
            page.screenshot(path=ROOT / "docs" / "screenshots" / f"{shot.name}.png")
            return
        picture = Image.open(io.BytesIO(page.screenshot(clip=clip_of(page, shot)))).convert("RGB")
        folder = ROOT / "core" / "guides" / self.language / "pictures"
        folder.mkdir(parents=True, exist_ok=True)
        picture.save(folder / f"{shot.name}.webp", quality=QUALITY, method=6)


def clip_of(page: Page, shot: Shot) -> dict[str, float]:  # type: ignore[type-arg]
    """What the parts span, with a margin."""
    found = [box for each in page.locator(f"{shot.part} >> visible=true").all() if (box := each.bounding_box())]
    assert found, f"nothing is {shot.part}"
    left, top = min(box["x"] for box in found), min(box["y"] for box in found)
    right = max(box["x"] + box["width"] for box in found)
    bottom = max(box["y"] + box["height"] for box in found)
    width, height = SIZES[shot.size]
    above = 0 if shot.part in TO_THE_EDGE else MARGIN
    aside = 0 if shot.part in TO_THE_EDGE[1:] else MARGIN
    left, top = max(0, left - aside), max(0, top - above)
    high = min(height, bottom + above) - top
    return {"x": left, "y": top, "width": min(width, right + aside) - left, "height": min(high, shot.height or high)}


def settle(page: Page) -> None:
    """Until everything is drawn."""
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=LONGEST_WAIT)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=LONGEST_WAIT)
    page.wait_for_timeout(400)
