"""Pictures of every kind of document, from invented data: `./rampa screenshots --only documents`.

Needs pdftoppm (poppler-utils). No database: nothing is issued.
"""

import io
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parents[1]))

import core.models  # noqa: E402, F401  # relationships name their classes
from core.documents.efactura.building import build  # noqa: E402
from core.documents.look import make_look  # noqa: E402
from core.documents.models import Document  # noqa: E402
from core.documents.rendering import render_pdf  # noqa: E402
from core.documents.samples import NO_VAT, REDUCED, SampleLine, sample, sample_lines  # noqa: E402
from core.documents.vat import Vat  # noqa: E402

DOTS_PER_INCH = 90
DELIVERED = date(2026, 11, 20)
DEPOT = "Depozit Chitila, Șos. Banatului nr. 12, jud. Ilfov"


def main() -> None:
    for name, document in documents().items():
        xml = build(document) if name in VALID_AS_XML else None
        shoot(f"document-{name}", render_pdf(document, make_look("#1d4ed8", logo()), xml))


VALID_AS_XML = ("invoice", "invoice-long", "storno")


def documents() -> dict[str, Document]:
    """Name of the picture → what is on it."""
    original = sample(lines=sample_lines(1))
    sent = {"deliver_to": DEPOT, "reference": "PO-2026/118"}
    cash = SampleLine("", "Contravaloarea facturii seria FCT nr. 00012 din 23.11.2026", "", Decimal(1),
                      Decimal("4821.37"), NO_VAT)  # fmt: skip
    return {
        "invoice": sample(vat_on_payment=True, **sent),
        "invoice-long": sample(lines=sample_lines(60)),
        "invoice-rates": sample(lines=every_rate(), original=sample("proforma", number=7), delivered_on=DELIVERED,
                                note="Marfa se verifică la primire."),
        "invoice-eur": sample(lines=sample_lines(6), currency="EUR", exchange_rate=Decimal("5.0923")),
        "storno": sample("storno", [line._replace(quantity=-line.quantity) for line in sample_lines(3)], number=3,
                         original=original),
        "proforma": sample("proforma", sample_lines(5), number=7),
        "receipt": sample("receipt", [cash], number=44),
        "delivery-note": sample("delivery_note", [line._replace(unit_price=Decimal(0)) for line in sample_lines(8)],
                                note="Delegat: Ion Pârvu, CI XT 123456\nAuto: SV 14 CRP\nPlecare: 23.11.2026, 09:30",
                                **sent),
    }  # fmt: skip


def every_rate() -> list[SampleLine]:
    """Both rates, reverse charge, the deposit on packaging, and an advance that is taken off."""
    standard, reduced, reverse = sample_lines(3)
    return [
        standard,
        reduced._replace(tax=REDUCED),
        reverse._replace(tax=Vat("AE", Decimal(0), "Taxare inversă")),
        SampleLine("SGR", "Garanție SGR", "buc", Decimal(24), Decimal("0.5"), Vat("E", Decimal(0), "Garanție SGR")),
        SampleLine("", "Stornare avans, factura FCT 00009 din 12.11.2026", "buc", Decimal(-1), Decimal(1000)),
    ]


def logo() -> bytes:
    """Two mountains."""
    picture = Image.new("RGBA", (1040, 320))
    pen = ImageDraw.Draw(picture)
    pen.polygon([(0, 300), (220, 20), (440, 300)], fill="#1d4ed8")
    pen.polygon([(300, 300), (450, 110), (600, 300)], fill="#93c5fd")
    drawn = io.BytesIO()
    picture.crop((0, 20, 600, 300)).save(drawn, "PNG")
    return drawn.getvalue()


def shoot(name: str, pdf: bytes) -> None:
    """Every page as a picture, the second and later ones with their number."""
    with tempfile.TemporaryDirectory() as folder:
        paper = Path(folder) / "paper.pdf"
        paper.write_bytes(pdf)
        subprocess.run(["pdftoppm", "-r", str(DOTS_PER_INCH), "-png", paper, Path(folder) / "page"], check=True)
        for number, page in enumerate(sorted(Path(folder).glob("*.png")), start=1):
            colours = Image.open(page).quantize(64)
            colours.save(FOLDER / (f"{name}.png" if number == 1 else f"{name}-{number}.png"), optimize=True)


if __name__ == "__main__":
    main()
