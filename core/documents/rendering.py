"""The printed form of a document: HTML, then PDF, made once and kept for ever."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from core.documents.models import Document, DocumentFile
from core.documents.queries import visible_document
from core.errors import NotFound
from core.money import format_quantity

HERE = Path(__file__).parent
FONTS = frozenset({"Inter-Regular.otf", "Inter-SemiBold.otf"})
LANGUAGE = "ro"
"""A fiscal invoice is Romanian, whoever reads it."""


class DamagedFile(RuntimeError):
    """The kept bytes are not those that were kept: nobody may be handed them."""


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
    `visible_document` in it, then call this in one of the system. Raises NotFound, and DamagedFile if the kept
    bytes do not match their SHA-256.
    """
    document = visible_document(session, document_id)
    if document is None:
        raise NotFound
    kept = _kept(session, document_id)
    if kept is None:
        _keep(session, document, render_pdf(document))
        kept = _kept(session, document_id)
    if kept is None or hashlib.sha256(kept.content).hexdigest() != kept.sha256:
        raise DamagedFile(f"the PDF of document {document_id} does not match its SHA-256")
    return kept.content


def render_pdf(document: Document) -> bytes:
    """A4, PDF/A-3b, with title and language; nothing outside the page is fetched."""
    html = HTML(string=render_html(document), base_url="app:", url_fetcher=LockedFetcher())
    pdf: bytes = html.write_pdf(
        font_config=FontConfiguration(),
        pdf_variant="pdf/a-3b",
        pdf_identifier=f"{document.kind} {document.full_number}".encode(),
    )
    return pdf


def render_html(document: Document) -> str:
    """The whole page in Romanian, styles included; every value from the document is escaped."""
    return _templates().get_template(f"{document.kind}.html").render(document=document)


def _kept(session: Session, document_id: int) -> DocumentFile | None:
    return session.scalars(select(DocumentFile).where(DocumentFile.document_id == document_id)).one_or_none()


def _keep(session: Session, document: Document, content: bytes) -> None:
    """The first to keep wins; whoever comes second waits for the first and keeps nothing."""
    session.execute(
        insert(DocumentFile)
        .values(
            document_id=document.id,
            partner_id=document.partner_id,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            made_at=func.now(),
        )
        .on_conflict_do_nothing()
    )


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(
        amount=_amount, unit_price=_unit_price, quantity=_quantity, rate=_quantity, day=_day, utc=_utc, iban=_iban
    )
    return environment


def _amount(value: Decimal | str) -> str:
    return format_decimal(Decimal(value), "#,##0.00", locale=LANGUAGE)


def _unit_price(value: Decimal) -> str:
    """Two decimals, up to four where they matter."""
    return format_decimal(value, "#,##0.00##", locale=LANGUAGE)


def _quantity(value: Decimal) -> str:
    return format_quantity(value, LANGUAGE)


def _iban(value: str) -> str:
    """In groups of four, as people read it."""
    bare = "".join(value.split())
    return " ".join(bare[i : i + 4] for i in range(0, len(bare), 4))


def _day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


def _utc(value: datetime) -> str:
    """An aware instant as PDF metadata has it."""
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
