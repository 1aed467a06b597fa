"""The printed form of a document: HTML, then PDF, made once and kept for ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from weasyprint import HTML, Attachment
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.company import company
from core.documents.amount_in_words import amount_in_words
from core.documents.kept import keep, kept
from core.documents.look import Look, look_of
from core.documents.models import OPENING, Document, DocumentFile
from core.documents.payment_code import payment_code
from core.documents.queries import visible_document
from core.errors import NotFound
from core.money import round_amount
from core.templating import environment

HERE = Path(__file__).parent
FONTS = frozenset({"Inter-Regular.otf", "Inter-SemiBold.otf"})
LANGUAGE = "ro"
"""A fiscal document is Romanian, whoever reads it."""

TITLES = {
    "proforma": "Factură proformă",
    "invoice": "Factură fiscală",
    "storno": "Factură de stornare",
    "receipt": "Chitanță",
    "delivery_note": "Aviz de însoțire a mărfii",
}
REFERENCES = {
    ("storno", "invoice"): "Stornare a facturii",
    ("storno", "storno"): "Stornare a facturii",
    ("invoice", "invoice"): "Factură corectată, în locul facturii",
    ("invoice", "proforma"): "Conform facturii proforme",
    ("invoice", "delivery_note"): "Conform avizului de însoțire a mărfii",
    ("delivery_note", "invoice"): "Însoțește factura",
}
"""Kinds of a document and of the one that it refers to → what it says before the number of that one."""

NO_RATES = {"E": "Scutit", "AE": "Taxare inversă"}
"""What stands instead of a rate in the table of VAT, by category."""


class LockedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Gives a template nothing but `data:` and the fonts shipped here (`app:NAME`): no network, no files."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        name = url.removeprefix("app:")
        if name != url and name in FONTS:
            return URLFetcherResponse(url, (HERE / "fonts" / name).read_bytes(), {"Content-Type": "font/otf"})
        return super().fetch(url, headers)


def pdf_of(session: Session, document_id: int) -> bytes:
    """The PDF of a document: the kept bytes if there are any, else made now and kept with their SHA-256.

    Two callers at once get the same bytes. A partner's transaction may read kept bytes but not keep new ones: check
    `visible_document` in it, then call this in one of the system. Raises NotFound, also for what stems from the program
    before and so has no PDF of ours, and DamagedFile if the kept bytes do not match their SHA-256.
    """
    document = visible_document(session, document_id)
    if document is None or document.kind == OPENING:
        raise NotFound
    found = kept(session, document_id, "pdf")
    if found is None:
        xml = kept(session, document_id, "xml")
        keep(session, document, "pdf", render_pdf(document, look_of(company(session)), xml))
        found = kept(session, document_id, "pdf")
    if found is None:
        raise NotFound
    return found


def render_next(session: Session, as_of: datetime) -> bool:
    """Make and keep the PDF of one document of the last day that has none yet; False if there is none.

    Several may work at once. What is older and was never asked for is made when it is.
    """
    waiting = session.scalars(
        select(Document.id)
        .where(Document.issued_at > as_of - timedelta(days=1), Document.kind != OPENING)
        .where(
            ~select(DocumentFile.document_id)
            .where(DocumentFile.document_id == Document.id, DocumentFile.format == "pdf")
            .exists()
        )
        .order_by(Document.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if waiting is None:
        return False
    pdf_of(session, waiting)
    return True


def render_pdf(document: Document, look: Look, xml: bytes | None = None) -> bytes:
    """PDF/A-3b, tagged for readers of screens, with title and language; nothing outside the page is fetched.

    `xml`: that of e-Factura is the original. The page says so and carries it.
    """
    html = render_html(document, look, visual_copy=xml is not None)
    carried = [] if xml is None else [_attachment(document, xml)]
    return pdf_from(html, f"{document.kind} {document.full_number}", carried)


def pdf_from(html: str, identifier: str, attachments: Sequence[Attachment] = ()) -> bytes:
    """A page of this package as a PDF; the same page, identifier and attachments give the same bytes.

    It is tagged as level A asks, but claims B: whether tags say the right thing no program can tell.
    """
    page = HTML(string=html, base_url="app:", url_fetcher=LockedFetcher())
    pdf: bytes = page.write_pdf(
        font_config=FontConfiguration(), pdf_variant="pdf/a-3b", pdf_tags=True, pdf_identifier=identifier.encode(),
        attachments=list(attachments),
    )  # fmt: skip
    return pdf


def _attachment(document: Document, xml: bytes) -> Attachment:
    """The XML as PDF/A-3 (ISO 19005-3, annex E) carries what a page was made from."""
    moment = document.issued_at.astimezone(UTC)
    return Attachment(
        string=xml, name=f"{document.file_stem}.xml", description=f"e-Factura {document.full_number}",
        created=moment, modified=moment, relationship="Source",
    )  # fmt: skip


def render_html(document: Document, look: Look, visual_copy: bool = False) -> str:
    """The whole page in Romanian, styles included; every value from the document is escaped."""
    template = environment(HERE / "templates", LANGUAGE, "UTC").get_template("document.html")
    return template.render(_facts(document) | {"look": look, "visual_copy": visual_copy})


def _facts(document: Document) -> dict[str, Any]:
    """What the template does not find in the document as it is printed."""
    parts = document.vat_totals
    return {
        "document": document,
        "title": TITLES[document.kind],
        "marks": _marks(document),
        "money": "lei" if document.currency == "RON" else document.currency,
        "with_vat": any(part.category != "O" for part in parts),
        "with_prices": document.kind != "delivery_note" or any(line.unit_price for line in document.lines),
        "vat_in_lei": [round_amount(part.vat * document.exchange_rate) for part in parts],
        "no_rates": NO_RATES,
        "reasons": _reasons(document),
        "words": amount_in_words(document.gross) if document.kind == "receipt" else "",
        "code": payment_code(document),
        "created": f"{document.issued_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _marks(document: Document) -> list[str]:
    """What must be seen before anything is read: what the document is not, or which one it stands for."""
    marks = []
    if document.kind == "proforma":
        marks.append("Factură proformă: nu este document fiscal")
    if document.advance:
        marks.append("Factură de avans")
    original = document.original
    if original and (words := REFERENCES.get((document.kind, original.kind))):
        marks.append(f"{words} {original.full_number} din {original.issued_on:%d.%m.%Y}")
    if document.vat_on_payment:
        marks.append("TVA la încasare")
    return marks


def _reasons(document: Document) -> list[str]:
    """Why there is no VAT, each with what its row in the table of VAT is called, unless it says so itself."""
    said = []
    for part in document.vat_totals:
        name = NO_RATES.get(part.category, "")
        if part.reason and part.reason != name:
            said.append(part.reason if part.reason.startswith(name) else f"{name}: {part.reason}")
    return said
