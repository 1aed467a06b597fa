import http.server
import io
import threading
from functools import partial
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import text
from weasyprint import HTML

from core.company import change_company
from core.db import transaction
from core.documents import rendering
from core.documents.models import Document
from core.errors import NotFound
from core.principal import SYSTEM
from tests.core.documents.steps import claimed_order, invoice, issue, pdf, set_up_company, text_of
from tests.core.orders.steps import scalar
from tests.factories import make_buyer
from tests.threads import at_once


@pytest.mark.usefixtures("database")
def test_the_pdf_reads_back_with_diacritics_number_and_totals() -> None:
    set_up_company(city="Câmpulung Moldovenesc")
    content = pdf(invoice(make_buyer(name="Ștefan Țuțea Învățământ SRL"), ("1234.5", "8.125")))
    printed = text_of(content)
    for expected in (
        "FACTURĂ FISCALĂ", "Seria FCT nr. 00001", "23.11.2026", "23.12.2026", "Distribuție Carpați SRL", "RO10000024",
        "Câmpulung Moldovenesc", "RO49 AAAA 1B31 0075 9384 0000", "Ștefan Țuțea Învățământ SRL",
        "Țeavă și mâner întâi ă", "1.234,50", "8,125", "8,13", "1.242,63", "260,95", "1.503,58 lei", "Pagina 1 din 1",
    ):  # fmt: skip
        assert expected in printed
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert (reader.metadata or {}).get("/Title") == "Factura FCT 00001"
    assert reader.root_object["/Lang"] == "ro"


@pytest.mark.usefixtures("database")
def test_only_payers_of_vat_have_ro_before_their_number() -> None:
    set_up_company()
    html = html_of(make_buyer(cui="RO10000016", vat_payer=False))
    assert "RO10000024" in html
    assert "RO10000016" not in html
    assert "10000016" in html


@pytest.mark.usefixtures("database")
def test_what_people_typed_cannot_become_markup() -> None:
    set_up_company()
    html = html_of(make_buyer(name="<img src=x>&Co"))
    assert "&lt;img src=x&gt;&amp;Co" in html
    assert "<img" not in html


@pytest.mark.usefixtures("database")
def test_the_moment_in_the_metadata_is_utc_whatever_time_zone_the_database_answers_in() -> None:
    set_up_company()
    document_id = invoice().id
    with transaction(SYSTEM) as session:
        session.execute(text("set local time zone 'Europe/Bucharest'"))
        html = rendering.render_html(session.get_one(Document, document_id))
    assert '<meta name="dcterms.created" content="2026-11-23T10:00:00Z">' in html


@pytest.mark.usefixtures("database")
def test_the_bytes_stay_the_same_when_company_and_template_change(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_company()
    document = invoice()
    first = pdf(document)
    with transaction(SYSTEM) as session:
        change_company(session, name="Alt Nume SRL")
    monkeypatch.setattr(rendering, "render_html", lambda document: "<p>another template")
    assert pdf(document) == first


@pytest.mark.usefixtures("database")
def test_two_who_render_at_once_get_the_same_kept_bytes() -> None:
    set_up_company()
    document = invoice()
    outcome = at_once([partial(pdf, document)] * 4)
    assert len(set(outcome)) == 1
    assert scalar("select count(*) from document_file") == 1
    assert scalar("select content from document_file") == outcome[0]


@pytest.mark.usefixtures("database")
def test_damaged_bytes_are_not_handed_out() -> None:
    set_up_company()
    document = invoice()
    pdf(document)
    with transaction(SYSTEM) as session:
        session.execute(text("alter table document_file disable trigger user"))
        session.execute(text("alter table document_file drop constraint ck_document_file_sha256_is_of_the_content"))
        session.execute(text("update document_file set content = content || 'x'"))
    with pytest.raises(rendering.DamagedFile):
        pdf(document)


@pytest.mark.usefixtures("database")
def test_a_partner_reads_its_own_kept_pdf_and_nobody_elses() -> None:
    set_up_company()
    owner = make_buyer()
    document = invoice(owner)
    content = pdf(document)
    assert pdf(document, owner) == content
    with pytest.raises(NotFound):
        pdf(document, make_buyer())


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("lines", [13, 15, 17, 19])
def test_the_totals_never_stand_alone_on_a_page(lines: int) -> None:
    set_up_company()
    reader = pypdf.PdfReader(io.BytesIO(pdf(invoice(prices=("1",) * lines))))
    last = reader.pages[-1].extract_text()
    assert "Total de plată" in last
    assert "SKU" in last
    assert f"Pagina {len(reader.pages)} din {len(reader.pages)}" in last


def test_a_template_reaches_neither_the_network_nor_files(tmp_path: Path) -> None:
    asked: list[str] = []

    class Trap(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    secret = tmp_path / "secret.txt"
    secret.write_text("hidden away")
    server = http.server.HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    page = (
        f'<link rel=stylesheet href="{address}/a.css"><img src="{address}/b.png"><img src="app:../models.py">'
        f'<link rel=attachment href="{secret.as_uri()}">'
        '<style>@font-face { font-family: X; src: url("app:OFL.txt") }</style><p>text'
    )
    content = HTML(string=page, url_fetcher=rendering.LockedFetcher()).write_pdf()
    server.shutdown()
    server.server_close()
    assert asked == []
    assert not pypdf.PdfReader(io.BytesIO(content)).attachments


def html_of(buyer: object) -> str:
    document = issue(claimed_order(buyer))  # type: ignore[arg-type]
    with transaction(SYSTEM) as session:
        session.add(document)
        return rendering.render_html(document)
