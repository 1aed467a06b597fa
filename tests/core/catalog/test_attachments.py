"""Files of a product: which are taken, under what name, and who gets them."""

import io
import zipfile

import pytest

from core import clock
from core.catalog import attachments
from core.catalog.attachments import (
    FileEmpty,
    FileTooLarge,
    KindNotTaken,
    NotWhatItSays,
    TooManyFiles,
    add_file,
    attachment,
    attachments_of,
    delete_file,
    file_name,
)
from core.catalog.models import Product
from core.db import transaction
from core.errors import NotAllowed, NotFound, Refusal
from core.principal import SYSTEM, Principal
from tests.core.catalog.files import picture, zipped
from tests.core.orders.steps import scalar
from tests.factories import make_buyer, make_product, make_staff

PDF = b"%PDF-1.7 data sheet"


@pytest.fixture
def sales(database: str) -> Principal:
    return make_staff(role="sales")


def put(who: Principal, product: Product, name: str = "fișă.pdf", content: bytes = PDF) -> bool:
    with transaction(who) as session:
        return add_file(session, product.id, name, content, clock.now())


def kept(product: Product) -> list[attachments.Attachment]:
    with transaction(SYSTEM) as session:
        return attachments_of(session, product.id)


def office(name: str) -> bytes:
    return zipped({name: b"<xml/>"}).getvalue()


@pytest.mark.parametrize(("name", "content", "media_type"), [
    ("a.pdf", PDF, "application/pdf"), ("A.PDF", PDF, "application/pdf"),
    ("a.png", picture(), "image/png"), ("a.jpg", picture(kind="JPEG"), "image/jpeg"),
    ("a.xlsx", office("xl/workbook.xml"), attachments.KINDS["xlsx"][0]),
    ("a.docx", office("word/document.xml"), attachments.KINDS["docx"][0]),
    ("a.csv", "cod;preț\n1;2".encode(), "text/csv; charset=utf-8"), ("a.step", b"ISO-10303-21;", "model/step"),
])  # fmt: skip
def test_files_of_the_usual_kinds_are_kept_as_they_are(
    sales: Principal, name: str, content: bytes, media_type: str
) -> None:
    product = make_product()
    put(sales, product, name, content)
    (file,) = kept(product)
    assert (file.name, file.media_type, file.size) == (name, media_type, len(content))
    with transaction(sales) as session:
        assert attachment(session, file.id) == (file, content)


@pytest.mark.parametrize(("name", "content", "refusal"), [
    ("a.html", b"<html>", KindNotTaken), ("a.svg", b"<svg/>", KindNotTaken), ("a.exe", b"MZ", KindNotTaken),
    ("a.js", b"alert(1)", KindNotTaken), ("a.pdf.html", PDF, KindNotTaken), ("a", PDF, KindNotTaken),
    ("pdf", PDF, KindNotTaken), ("", PDF, KindNotTaken), ("a.pdf", b"<html><script>", NotWhatItSays),
    ("a.xlsx", PDF, NotWhatItSays), ("a.png", b"<svg/>", NotWhatItSays), ("a.csv", b"\0\1\2", NotWhatItSays),
    ("a.pdf", b"", FileEmpty), ("a.pdf", PDF + bytes(attachments.MOST_MB * 1024 * 1024), FileTooLarge),
])  # fmt: skip
def test_other_files_are_refused_in_a_sentence(
    sales: Principal, name: str, content: bytes, refusal: type[Refusal]
) -> None:
    product = make_product()
    with pytest.raises(refusal) as refused:
        put(sales, product, name, content)
    assert refused.value.text("en")
    assert kept(product) == []


@pytest.mark.parametrize(("given", "name"), [
    ("C:\\Users\\me\\fișă.pdf", "fișă.pdf"), ("../../etc/passwd.pdf", "passwd.pdf"), ("a\r\nb\0.pdf", "a__b_.pdf"),
    ('a"b<c>.pdf', "a_b_c_.pdf"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    (" .pdf", "pdf"), ("fis\u0326a.pdf", "fișa.pdf"),
])  # fmt: skip
def test_a_name_loses_its_folders_and_what_could_be_taken_for_something_else(given: str, name: str) -> None:
    assert file_name(given) == name


def test_a_file_takes_the_place_of_one_with_its_name_under_a_new_id(sales: Principal) -> None:
    product = make_product()
    assert not put(sales, product)
    (before,) = kept(product)
    assert put(sales, product, content=PDF + b"2")
    (after,) = kept(product)
    assert after.id != before.id
    assert after.size == before.size + 1


def test_a_product_has_only_so_many_files(sales: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST", 1)
    product = make_product()
    put(sales, product)
    put(sales, product)
    with pytest.raises(TooManyFiles):
        put(sales, product, "b.pdf")


def test_a_deleted_file_is_gone_and_remembered(sales: Principal) -> None:
    product = make_product(sku="A1")
    put(sales, product)
    (file,) = kept(product)
    with transaction(sales) as session:
        delete_file(session, file.id, clock.now())
    assert kept(product) == []
    assert (
        scalar("select data ->> 'file' || ' ' || (data ->> 'sku') from event order by id desc limit 1") == "fișă.pdf A1"
    )
    with pytest.raises(NotFound), transaction(sales) as session:
        delete_file(session, file.id, clock.now())


def test_a_file_is_for_whom_its_product_is_offered_to(sales: Principal) -> None:
    buyer = make_buyer()
    for values, seen in (({}, True), ({"active": False}, False), ({"restricted": True}, False)):
        product = make_product(**values)
        put(sales, product)
        with transaction(buyer) as session:
            assert (attachment(session, kept(product)[0].id) is not None) == seen


def test_who_does_not_edit_products_changes_no_file(sales: Principal) -> None:
    product = make_product()
    put(sales, product)
    (file,) = kept(product)
    for who in (make_staff(role="warehouse"), make_buyer()):
        with pytest.raises(NotAllowed):
            put(who, product, "b.pdf")
        with pytest.raises(NotAllowed), transaction(who) as session:
            delete_file(session, file.id, clock.now())


def test_a_zip_of_the_test_is_one() -> None:
    assert zipfile.is_zipfile(io.BytesIO(office("x")))
