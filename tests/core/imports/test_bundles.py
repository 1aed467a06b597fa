"""A ZIP with a table and pictures: the table is loaded whole, the pictures one by one, and all of it is undone."""

import io
import zipfile
import zlib

import pytest
from PIL import Image

from core import clock
from core.catalog.normalising import normalised
from core.catalog.picture_zips import MOST_FILES, OtherPacking, TooManyInZip
from core.catalog.pictures import add_picture
from core.db import transaction
from core.imports import bundles
from core.principal import SYSTEM
from tests.core.imports.dialects import read, refused
from tests.core.imports.running import everything, loaded, looked, undone
from tests.core.imports.workbooks import ods, xlsx
from tests.core.orders.steps import scalar
from tests.factories import make_product

TABLE = b"sku,name,list_price\nA-1,One,1\nB/2,Two,2\n"


def picture(colour: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "PNG")
    return target.getvalue()


def packed(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_the_one_table_in_a_zip_is_read_and_workbooks_are_no_such_zips() -> None:
    for name, content in (
        ("oferta/produse.csv", TABLE),
        ("P.XLSX", xlsx([["sku", "name", "list_price"], ["A", "One", 1]])),
    ):
        assert read(packed(**{name: content, "A-1.png": picture()})).rows[0].cells["name"] == "One"
    rows = [["sku", "name", "list_price"], ["A", "One", 1]]
    assert not bundles.is_bundle(xlsx(rows))
    assert not bundles.is_bundle(ods(rows))
    assert not bundles.is_bundle(TABLE)
    assert not bundles.is_bundle(b"PK\x03\x04 and nothing else")


@pytest.mark.parametrize(("files", "message"), [
    ({"A.png": b"x"}, bundles.NO_TABLE), ({}, bundles.NO_TABLE), ({"__MACOSX/._a.csv": b"x"}, bundles.NO_TABLE),
    ({"a.csv": TABLE, "b.xlsx": b"x"}, bundles.TABLES), ({"a.csv": b"x" * (20 * 1024 * 1024 + 1)}, bundles.TOO_BIG),
])  # fmt: skip
def test_a_zip_without_one_table_is_refused(files: dict[str, bytes], message: str) -> None:
    data = packed(**files) if files else packed(**{"folder/": b""})
    assert refused(data) == [(None, message)]


def test_a_damaged_or_encrypted_table_in_a_zip_is_refused() -> None:
    data = bytearray(packed(**{"a.csv": TABLE * 50}))
    data[60:70] = b"0123456789"
    assert refused(bytes(data)) == [(None, bundles.UNREADABLE)]
    locked = packed(**{"a.csv": TABLE}).replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
    locked = locked.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    assert refused(locked) == [(None, bundles.UNREADABLE)]


def test_a_broken_stream_another_packing_and_too_many_files_are_refused_in_words() -> None:
    whole = packed(**{"a.csv": b"".join(b"sku-%d,name\n" % n for n in range(5_000))})
    broken = whole[:35] + b"\xff" * 40 + whole[75:]
    with zipfile.ZipFile(io.BytesIO(broken)) as archive, pytest.raises(zlib.error):
        archive.read("a.csv")  # the control: this is what is met
    assert refused(broken) == [(None, bundles.UNREADABLE)]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.csv", TABLE)
    assert refused(target.getvalue()) == [(None, OtherPacking.message)]
    many = packed(**{f"{n}.png": b"" for n in range(MOST_FILES + 1)})
    assert refused(many) == [(None, TooManyInZip.message)]


@pytest.mark.usefixtures("database")
def test_the_pictures_of_new_and_old_products_are_taken_and_what_fits_none_is_told() -> None:
    make_product(sku="OLD")
    before = everything()
    run = loaded("products", packed(**{
        "produse.csv": TABLE, "A-1.png": picture(), "A-1_2.png": picture("blue"), "B_2.png": picture(),
        "OLD.png": picture(), "nobody.png": picture(), "A-1_3.png": b"no picture", "readme.pdf": b"x",
    }))  # fmt: skip
    assert run.preview is not None
    assert run.preview.taken == 4
    assert sorted(name for name, _ in run.preview.left) == ["A-1_3.png", "nobody.png", "readme.pdf"]
    assert all(reason for _, reason in run.preview.left)
    assert scalar("select count(*) from product_image") == 4
    assert undone(run.id).state == "undone"
    assert everything() == before


@pytest.mark.usefixtures("database")
def test_a_picture_that_was_added_by_hand_stands_in_the_way_of_undoing() -> None:
    run = loaded("products", packed(**{"produse.csv": TABLE, "A-1.png": picture()}))
    with transaction(SYSTEM) as session:
        product_id = scalar("select id from product where sku = 'A-1'")
        add_picture(session, product_id, normalised(picture("green")), "x.png", clock.now())
    assert undone(run.id).state == "done"
    assert scalar("select count(*) from product_image") == 2


@pytest.mark.usefixtures("database")
def test_the_same_zip_again_takes_no_picture_twice() -> None:
    data = packed(**{"produse.csv": TABLE, "A-1.png": picture()})
    loaded("products", data)
    again = loaded("products", data)
    assert again.preview is not None
    assert (again.unchanged, again.preview.taken) == (2, 0)
    assert scalar("select count(*) from product_image") == 1


@pytest.mark.usefixtures("database")
def test_looking_at_a_zip_takes_no_picture() -> None:
    looked("products", packed(**{"produse.csv": TABLE, "A-1.png": picture()}))
    assert scalar("select count(*) from product_image") == 0
