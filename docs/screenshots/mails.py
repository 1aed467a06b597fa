"""A picture of every mail, as HTML and as text, in both languages: `./rampa screenshots --only mails`.

No database: the mails tell of something invented. Names of mails as arguments make only theirs.
"""

import io
import os
import sys
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent / "mails"
sys.path.insert(0, str(FOLDER.parents[2]))

import core.models  # noqa: E402, F401  # relationships name their classes
from core import config  # noqa: E402
from core.company import Company  # noqa: E402
from core.notifications.composing import Content, fill  # noqa: E402
from core.notifications.samples import sample_facts  # noqa: E402
from core.notifications.wording import templates  # noqa: E402

os.environ.update(  # noqa: TID251 (for whoever reads settings here)
    DATABASE_URL="none", REDIS_URL="none", DEMO="true", SECRET_KEY=config.DEMO_SECRET,
    PUBLIC_URL="https://portal.example",
)  # fmt: skip

SELLER = Company(
    id=1, name="Distribuție Carpați SRL", email="comenzi@carpati.example", address="Strada Depozitelor nr. 14",
    city="Câmpulung Moldovenesc", phone="0230 555 014", iban="RO49AAAA1B31007593840000", bank="Banca Exemplu SA",
    time_zone="Europe/Bucharest",
)  # fmt: skip
WIDTH, SCALE, COLOURS = 640, 0.62, 48


def main(wanted: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 400})
        for template in wanted or templates():
            shown = [fill(template, language, sample_facts(SELLER, template), {}) for language in ("ro", "en")]
            parts = [shoot(page, html) for content in shown for html in (content.html, as_text(content))]
            side_by_side(parts).save(FOLDER / f"{template}.png", optimize=True)
        browser.close()


def as_text(content: Content) -> str:
    """The plain text under its subject, as a mail program shows it."""
    return (
        f"<body style='margin:0;padding:20px;font:14px/1.45 monospace;background:#fff'><b>{escape(content.subject)}</b>"
        f"<hr><pre style='white-space:pre-wrap;overflow-wrap:anywhere;font:inherit'>{escape(content.text)}</pre></body>"
    )


def shoot(page: Page, html: str) -> Image.Image:
    page.set_content(html)
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def side_by_side(parts: list[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (WIDTH * len(parts), max(part.height for part in parts)), "white")
    for place, part in enumerate(parts):
        whole.paste(part, (place * WIDTH, 0))
    small = whole.resize((round(whole.width * SCALE), round(whole.height * SCALE)), Image.Resampling.LANCZOS)
    return small.quantize(COLOURS)


if __name__ == "__main__":
    main(sys.argv[1:])
