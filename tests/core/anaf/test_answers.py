"""What comes from ANAF is read with care: it may be broken, huge, or somebody else's."""

import io
import re
import zipfile

import pytest

from core.anaf import answers
from core.anaf.answers import Refused, Unreadable
from core.anaf.wording import BUYER, SELLER, explained, is_the_invoices
from core.config import ROOT
from core.i18n import translate
from tests.anaf_fake import Upload, archive, invoice_xml

KIT = ROOT / ".." / "shared" / "efactura" / "sch"
UPLOAD = Upload("5000", "FCT 00001", "10000024", "UBL", invoice_xml("FCT 00001", "10000024"))
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><header ExecutionStatus="0">&b;</header>'
FILE = BOMB.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/hostname">').replace(
    b'"0"', b'"0" index_incarcare="1"'
)


def zipped(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<header", b"<html>down</html>", b'<header ExecutionStatus="0"/>', BOMB, FILE, b"\x00",
        b'<header ExecutionStatus="0" index_incarcare="../../x"/>',
        b'<header ExecutionStatus="2" index_incarcare="1"/>',
    ],
)  # fmt: skip
def test_an_answer_to_an_upload_that_is_none_tells_nothing(data: bytes) -> None:
    with pytest.raises(Unreadable):
        answers.upload_index(data)


def test_all_reasons_of_a_refused_upload_are_kept() -> None:
    data = b'<header ExecutionStatus="1"><Errors errorMessage="one"/><Errors errorMessage="two"/></header>'
    with pytest.raises(Refused, match="one\ntwo"):
        answers.upload_index(data)


@pytest.mark.parametrize(
    ("stare", "verdict"),
    [("ok", "ok"), ("nok", "nok"), ("in prelucrare", ""), ("XML cu erori nepreluat de sistem", "nok")],
)
def test_every_state_of_a_message_is_known(stare: str, verdict: str) -> None:
    assert answers.status(f'<header stare="{stare}" id_descarcare="7"/>'.encode()).verdict == verdict


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"mesaje": 1}', b'{"mesaje": [{"id": 1}]}', b"[" * 100_000])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(data: bytes) -> None:
    with pytest.raises(Unreadable):
        answers.listed(data)


def test_an_archive_without_its_signature_is_not_one() -> None:
    assert answers.signed_invoice(archive(UPLOAD), "5000") == UPLOAD.xml
    for broken in (zipped(**{"5000.xml": UPLOAD.xml}), b"PK\x03\x04", archive(UPLOAD)[:-30], b""):
        with pytest.raises(Unreadable):
            answers.signed_invoice(broken, "5000")


def test_an_archive_that_unpacks_into_too_much_is_not_unpacked() -> None:
    with pytest.raises(Unreadable):
        answers.unpacked(zipped(**{"5000.xml": b"0" * (answers.LARGEST_FILE + 1)}))
    with pytest.raises(Unreadable):
        answers.unpacked(zipped(**{f"{n}.xml": b"" for n in range(answers.MOST_FILES + 1)}))


def test_an_invoice_is_known_by_its_bytes_or_by_number_and_seller() -> None:
    one = answers.facts_of(invoice_xml("FCT 1", "10000024"))
    assert (one.number, one.seller, one.root) == ("FCT 1", "10000024", "Invoice")
    assert one.is_same(answers.facts_of(invoice_xml("FCT 1", "10000024", note="written anew")))
    assert not one.is_same(answers.facts_of(invoice_xml("FCT 1", "14399840")))
    assert not one.is_same(answers.facts_of(invoice_xml("FCT 2", "10000024")))
    nameless = answers.facts_of(invoice_xml("", "10000024"))
    assert not nameless.is_same(answers.facts_of(invoice_xml("", "10000024", note="another")))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"eroare": "Nu", "titlu": "Descarcare mesaj"}', "Nu"), (b'{"mesaje": [], "titlu": "Lista"}', ""),
        (b"<header/>", ""), (b"{", ""), (b'{"error": "Bad Request", "message": "fisier"}', "Bad Request fisier"),
    ],
)  # fmt: skip
def test_a_failure_within_an_answer_200_is_recognised(data: bytes, said: str) -> None:
    assert answers.said_no(data) == said


def test_the_party_that_an_error_is_about_says_where_it_is_mended() -> None:
    text = "[BR-RO-080]-Adresa Cumparatorului - Linia 1 (BT-50)\n[BR-RO-080]-Adresa Vanzatorului - Linia 1 (BT-35)"
    assert [each.place for each in explained(text)] == [BUYER, SELLER]
    assert explained("ceva cu totul nou") == []
    assert len(explained("[BR-RO-120] x\n[BR-RO-120] y")) == 1


def test_every_rule_of_the_official_kit_has_words_in_both_languages() -> None:
    if not KIT.exists():
        pytest.skip("the kit of e-Factura is not beside the repository")
    text = "\n".join(path.read_text(errors="replace") for path in KIT.rglob("*") if path.is_file())
    rules = set(re.findall(r"\[BR-[A-Z0-9-]+\][^<\"\n]{0,200}", text))
    assert len(rules) > 100
    unknown = [rule for rule in rules if not explained(rule)]
    assert unknown == []
    for rule in rules:
        (each,) = explained(rule)
        assert each.words("ro") != each.words("en")
        assert not each.place or translate(each.place, "ro") != each.place
        assert is_the_invoices(rule)


@pytest.mark.parametrize("text", [
    "Nu exista niciun CIF pentru care sa aveti drept in SPV", "S-au facut deja 1000 de apeluri",
    "Serviciu indisponibil",
])  # fmt: skip
def test_what_is_nobodys_fault_refuses_no_invoice(text: str) -> None:
    assert not is_the_invoices(text)
