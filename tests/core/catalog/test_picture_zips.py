"""ZIPs of pictures: what fits which product, and what hostile ones come to."""

import io
import struct
import zipfile

import pytest

from core.catalog import picture_zips
from core.catalog.normalising import MOST_MB, NotAPicture, PictureTooLarge
from core.catalog.picture_zips import (
    Damaged,
    Encrypted,
    NoZip,
    OtherPacking,
    PathTrick,
    SeveralProducts,
    TooManyInZip,
    UnknownProduct,
    entries_of,
    open_zip,
    unpacked,
)
from core.db import transaction
from core.errors import NotAllowed
from core.principal import Principal
from tests.core.catalog.files import zipped
from tests.factories import make_product, make_staff


@pytest.fixture
def sales(database: str) -> Principal:
    return make_staff(role="sales")


def read(who: Principal, file: io.BytesIO) -> dict[str, tuple[str, int] | type[Exception]]:
    """File → SKU and number, or why not; in the order of the answer."""
    with transaction(who) as session, open_zip(file) as archive:
        entries = entries_of(session, archive)
    return {entry.name: type(entry.refusal) if entry.refusal else (entry.sku, entry.number) for entry in entries}


def names(who: Principal, *files: str) -> dict[str, tuple[str, int] | type[Exception]]:
    return read(who, zipped(dict.fromkeys(files, b"x")))


def test_files_are_named_after_sku_and_number_or_ean_whatever_the_folder(sales: Principal) -> None:
    make_product(sku="AB-1", ean="5941234567899")
    make_product(sku="AB-2")
    assert names(sales, "AB-1.jpg", "foto/AB-1_2.PNG", "foto\\AB-1 (3).webp", "5941234567899-4.jpeg", "AB-2.jpg") == {
        "AB-1.jpg": ("AB-1", 1), "foto/AB-1_2.PNG": ("AB-1", 2), "foto\\AB-1 (3).webp": ("AB-1", 3),
        "5941234567899-4.jpeg": ("AB-1", 4), "AB-2.jpg": ("AB-2", 1),
    }  # fmt: skip


def test_pictures_come_product_by_product_in_the_order_of_their_numbers(sales: Principal) -> None:
    make_product(sku="A")
    make_product(sku="B")
    assert list(names(sales, "B_10.jpg", "A_2.jpg", "B_2.jpg", "A.jpg", "B.jpg")) == [
        "A.jpg", "A_2.jpg", "B.jpg", "B_2.jpg", "B_10.jpg",
    ]  # fmt: skip


def test_an_sku_that_ends_like_a_number_is_that_product_first(sales: Principal) -> None:
    make_product(sku="A")
    make_product(sku="A_2")
    assert names(sales, "A_2.jpg", "A_3.jpg", "A_2_2.jpg") == {
        "A_2.jpg": ("A_2", 1), "A_2_2.jpg": ("A_2", 2), "A_3.jpg": ("A", 3),
    }  # fmt: skip


def test_letter_case_counts_only_where_two_differ_by_it(sales: Principal) -> None:
    make_product(sku="Țeavă-9")
    make_product(sku="x1")
    make_product(sku="X1")
    assert names(sales, "teava-9.jpg", "X1.jpg", "x1.jpg") == {
        "X1.jpg": ("X1", 1), "x1.jpg": ("x1", 1), "teava-9.jpg": ("Țeavă-9", 1),
    }  # fmt: skip
    make_product(sku="YY")
    make_product(sku="yY")
    assert names(sales, "yy.jpg") == {"yy.jpg": SeveralProducts}


def test_signs_that_no_file_can_have_are_written_as_underscores(sales: Principal) -> None:
    make_product(sku="1/2:3")
    assert names(sales, "1_2_3.jpg") == {"1_2_3.jpg": ("1/2:3", 1)}


def test_an_ean_that_two_products_have_is_not_guessed(sales: Principal) -> None:
    make_product(ean="96385074")
    make_product(ean="96385074")
    assert names(sales, "96385074.jpg") == {"96385074.jpg": SeveralProducts}


def test_what_fits_nothing_is_told_and_what_systems_add_is_not(sales: Principal) -> None:
    make_product(sku="A")
    files = ("A.jpg", "B.jpg", "A.gif", "A", "A.svg", "__MACOSX/._A.jpg", "foto/.DS_Store", "Thumbs.db", "foto/")
    assert names(sales, *files) == {
        "A.jpg": ("A", 1), "B.jpg": UnknownProduct, "A.gif": NotAPicture, "A": NotAPicture, "A.svg": NotAPicture,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../A.jpg", "x/../../A.jpg", "/etc/A.jpg", "C:/A.jpg", "..\\A.jpg"])
def test_names_that_lead_out_of_the_zip_are_refused(sales: Principal, name: str) -> None:
    make_product(sku="A")
    assert set(names(sales, name).values()) == {PathTrick}


def test_an_encrypted_file_is_refused_before_anybody_reads_it(sales: Principal) -> None:
    make_product(sku="A")
    data = bytearray(zipped({"A.jpg": b"x"}).getvalue())
    central = data.index(b"PK\x01\x02")
    for place in (6, central + 8):
        data[place] |= 1
    assert read(sales, io.BytesIO(bytes(data))) == {"A.jpg": Encrypted}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense", b"%PDF", b"PK\x05\x06" + b"\xff" * 18, bytes(100)])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with pytest.raises(NoZip):
        open_zip(io.BytesIO(data))


def test_a_zip_with_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_zips, "MOST_FILES", 3)
    with pytest.raises(TooManyInZip):
        open_zip(zipped({f"{n}.jpg": b"x" for n in range(4)}))


def test_a_directory_too_long_is_not_even_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_zips, "MOST_FILES", 3)
    announced = bytearray(zipped({"A.jpg": b"x"}).getvalue())
    struct.pack_into("<H", announced, len(announced) - 12, 4)
    long = zipped({})
    with zipfile.ZipFile(long, "a") as archive:
        info = zipfile.ZipInfo("A.jpg")
        info.comment = b"c" * 4000
        archive.writestr(info, b"x")
    monkeypatch.setattr(picture_zips.zipfile, "ZipFile", None)
    for file in (io.BytesIO(bytes(announced)), long):
        with pytest.raises(TooManyInZip):
            open_zip(file)


def test_a_large_zip_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)  # from there on zipfile writes ZIP64
    file = zipped({f"{n}.jpg": b"x" for n in range(4)})
    assert len(open_zip(file).infolist()) == 4
    monkeypatch.setattr(picture_zips, "MOST_FILES", 3)
    monkeypatch.setattr(picture_zips.zipfile, "ZipFile", None)
    with pytest.raises(TooManyInZip):
        open_zip(file)


def test_a_zip_bomb_is_refused_by_what_it_says(sales: Principal) -> None:
    make_product(sku="A")
    assert read(sales, zipped({"A.jpg": bytes(MOST_MB * 1024 * 1024 + 1)})) == {"A.jpg": PictureTooLarge}


def test_a_zip_bomb_that_lies_about_its_size_is_read_no_further(sales: Principal) -> None:
    make_product(sku="A")
    data = bytearray(zipped({"A.jpg": bytes(60 * 1024 * 1024)}).getvalue())
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, central + 24, 1000)
    with transaction(sales) as session, open_zip(io.BytesIO(bytes(data))) as archive:
        (entry,) = entries_of(session, archive)
        assert entry.refusal is None
        with pytest.raises(Damaged):
            unpacked(archive, entry)


def test_a_damaged_file_is_told_apart_from_the_others(sales: Principal) -> None:
    make_product(sku="A")
    make_product(sku="B")
    data = bytearray(zipped({"A.jpg": b"first" * 100, "B.jpg": b"second" * 100}).getvalue())
    data[40:44] = b"\xff\xff\xff\xff"
    with transaction(sales) as session, open_zip(io.BytesIO(bytes(data))) as archive:
        first, second = entries_of(session, archive)
        with pytest.raises(Damaged):
            unpacked(archive, first)
        assert unpacked(archive, second) == b"second" * 100


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 97])
def test_only_ways_of_packing_that_unpack_in_pieces_are_taken(sales: Principal, way: int) -> None:
    make_product(sku="A")
    data = bytearray(zipped({"A.jpg": b"x" * 50}).getvalue())
    central = data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, central + 10, way)
    struct.pack_into("<H", data, 8, way)
    with transaction(sales) as session, open_zip(io.BytesIO(bytes(data))) as archive:
        (entry,) = entries_of(session, archive)
        with pytest.raises(OtherPacking):
            unpacked(archive, entry)


def test_only_who_edits_products_looks_into_a_zip(database: str) -> None:
    with pytest.raises(NotAllowed), transaction(make_staff(role="warehouse")) as session:
        entries_of(session, zipfile.ZipFile(zipped({})))
