import http.server
import io
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image
from sqlalchemy import text
from weasyprint import HTML

from core.company import change_company, company
from core.db import transaction
from core.documents import rendering
from core.documents.kept import DamagedFile
from core.documents.look import Look, look_of
from core.documents.models import Document
from core.documents.samples import BUYER, SELLER, sample, sample_lines
from core.errors import NotFound
from core.principal import SYSTEM
from tests.core.documents.steps import invoice, pdf, set_up_company, text_of
from tests.core.orders.steps import scalar
from tests.factories import make_buyer
from tests.threads import at_once


@pytest.mark.usefixtures("database")
def test_the_pdf_reads_back_with_diacritics_number_and_totals() -> None:
    set_up_company(city="Câmpulung Moldovenesc", address="Str. 1")
    content = pdf(invoice(make_buyer(name="Ștefan Țuțea Învățământ SRL"), ("1234.5", "8.125")))
    printed = text_of(content)
    for expected in (
        "Factură fiscală", "Seria FCT nr. 00001", "23.11.2026", "23.12.2026", "Distribuție Carpați SRL", "RO10000024",
        "Câmpulung Moldovenesc", "RO49 AAAA 1B31 0075 9384 0000", "Ștefan Țuțea Învățământ SRL",
        "Țeavă și mâner întâi ă", "1.234,50", "8,125", "8,13", "1.242,63", "260,95", "1.503,58 lei", "Pagina 1 din 1",
    ):  # fmt: skip
        assert expected in printed


@pytest.mark.usefixtures("database")
def test_the_moment_in_the_metadata_is_utc_whatever_time_zone_the_database_answers_in() -> None:
    set_up_company()
    document_id = invoice().id
    with transaction(SYSTEM) as session:
        session.execute(text("set local time zone 'Europe/Bucharest'"))
        html = rendering.render_html(session.get_one(Document, document_id), Look())
    assert '<meta name="dcterms.created" content="2026-11-23T10:00:00Z">' in html


@pytest.mark.usefixtures("database")
def test_the_bytes_stay_the_same_when_company_and_template_change(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_company()
    document = invoice()
    first = pdf(document)
    with transaction(SYSTEM) as session:
        change_company(session, name="Alt Nume SRL", colour="#b91c1c")
    monkeypatch.setattr(rendering, "render_html", lambda *_: "<p>another template")
    assert pdf(document) == first


@pytest.mark.usefixtures("database")
def test_two_who_render_at_once_get_the_same_kept_bytes() -> None:
    set_up_company()
    document = invoice()
    outcome = at_once([partial(pdf, document)] * 4)
    assert len(set(outcome)) == 1
    assert scalar("select content from document_file where format = 'pdf'") == outcome[0]


@pytest.mark.usefixtures("database")
def test_damaged_bytes_are_not_handed_out() -> None:
    set_up_company()
    document = invoice()
    pdf(document)
    with transaction(SYSTEM) as session:
        session.execute(text("alter table document_file disable trigger user"))
        session.execute(text("alter table document_file drop constraint ck_document_file_sha256_is_of_the_content"))
        session.execute(text("update document_file set content = content || 'x'"))
    with pytest.raises(DamagedFile):
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
def test_an_invoice_with_an_xml_is_marked_as_a_copy_and_carries_it() -> None:
    set_up_company(efactura=False)
    without = pdf(invoice())
    set_up_company(efactura=True)
    document = invoice()
    with_xml = pdf(document)
    assert "Copie vizuală" not in text_of(without)
    assert "Copie vizuală" in text_of(with_xml)
    assert pypdf.PdfReader(io.BytesIO(without)).attachments == {}
    kept = scalar("select content from document_file where format = 'xml'")
    reader = pypdf.PdfReader(io.BytesIO(with_xml))
    assert reader.attachments == {"FCT-00002.xml": [kept]}
    assert len({one.idnum for one in reader.root_object["/AF"]}) == 1
    carried = reader.root_object["/AF"][0].get_object()
    assert carried["/AFRelationship"] == "/Source"
    assert carried["/EF"]["/F"]["/Subtype"] in ("/text/xml", "/application/xml")
    with transaction(SYSTEM) as session:
        row = session.get_one(Document, document.id)
        again = [rendering.render_pdf(row, look_of(company(session)), kept) for _ in range(2)]
    assert again == [with_xml] * 2


@pytest.mark.usefixtures("database")
def test_logo_and_colour_of_the_company_are_on_the_document() -> None:
    set_up_company(colour="#b91c1c")
    drawn = io.BytesIO()
    Image.new("RGB", (30, 10), "#b91c1c").save(drawn, "PNG")
    with transaction(SYSTEM) as session:
        company(session).logo = drawn.getvalue()
    page = pypdf.PdfReader(io.BytesIO(pdf(invoice()))).pages[0]
    assert [image.image.size for image in page.images if image.image] == [(30, 10)]
    colours = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) rg", page.get_contents().get_data().decode("latin-1"))  # type: ignore[union-attr]
    assert "#b91c1c" in {"#" + "".join(f"{round(float(part) * 255):02x}" for part in colour) for colour in colours}


def test_a_pdf_is_an_archive_that_can_be_searched_and_read_aloud() -> None:
    content = rendering.render_pdf(sample(), Look())
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.root_object
    assert (reader.metadata or {}).get("/Title") == "Factură fiscală FCT 00012"
    assert root["/Lang"] == "ro"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/OutputIntents"]
    xmp = root["/Metadata"].get_data().decode()
    assert 'pdfaid:part="3"' in xmp or "<pdfaid:part>3</pdfaid:part>" in xmp
    assert 'pdfaid:conformance="B"' in xmp or "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert {re.sub(r"^/\w{6}\+", "", font["/BaseFont"]) for font in fonts} == {"Inter", "Inter-Semi-Bold"}
    for font in fonts:
        described = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/ToUnicode" in font
        assert "/FontFile3" in described or "/FontFile2" in described


def test_the_tags_tell_headings_tables_and_pictures() -> None:
    tags = list(tags_of(rendering.render_pdf(sample(lines=sample_lines(2)), Look())))
    kinds = [tag["/S"] for tag in tags]
    assert kinds.count("/H1") == 1
    assert {"/H2", "/Table", "/TH", "/TD"} <= set(kinds)
    assert [tag["/Alt"] for tag in tags if tag["/S"] == "/Figure"] == ["Cod QR cu datele plății"]


def test_the_same_document_gives_the_same_bytes() -> None:
    document = sample(lines=sample_lines(3))
    assert rendering.render_pdf(document, Look()) == rendering.render_pdf(document, Look())


@pytest.mark.parametrize("name", ["<img src=x>&Co", '"><svg onload=x>', "</style><script>x</script>"])
def test_what_people_typed_cannot_become_markup(name: str) -> None:
    evil = sample(
        lines=[sample_lines(1)[0]._replace(name=name, sku=name, unit=name)], note=name, reference=name, deliver_to=name,
        issuer_name=name, buyer=BUYER | {"name": name, "address": name}, seller=SELLER | {"name": name, "bank": name},
    )  # fmt: skip
    html = rendering.render_html(evil, Look())
    assert name not in html
    assert name in "".join(text_of(rendering.render_pdf(evil, Look())).splitlines())


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


def tags_of(content: bytes) -> Iterator[Any]:
    """Every element of the tree of tags."""
    waiting = [pypdf.PdfReader(io.BytesIO(content)).root_object["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop()
        if "/S" in element:
            yield element
        kids = [kid.get_object() for kid in element.get("/K", [])]
        waiting.extend(kid for kid in kids if isinstance(kid, dict))
