"""Files of banks' shapes, made for these tests: nothing in them is of anybody."""

import io
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from core.banking import tables
from core.banking.details import split
from core.banking.entries import EntryRead, StatementRead
from core.banking.problems import BankFileRefused
from core.banking.reading import LIMIT_MB, kind_of, read

FILES = Path(__file__).with_name("files")
OWN = "RO49AAAA1B31007593840000"
DAY = date(2026, 11, 23)


def statement(name: str) -> StatementRead:
    data = (FILES / name).read_bytes()
    kind = kind_of(data)
    if kind != "table":
        return read(data, kind, frozenset({OWN}))[0]
    mapping = tables.look(data).mapping
    return tables.read(data, mapping, tables.account_in(data, [OWN]), frozenset({OWN}))[0]


def read_whatever(data: bytes) -> None:
    kind = kind_of(data)
    if kind == "table":
        tables.read(data, tables.look(data).mapping, "", frozenset())
    else:
        read(data, kind, frozenset())


def told(entry: EntryRead) -> tuple[str, str, str, str, str]:
    return (str(entry.amount), entry.details, entry.payer_name, entry.payer_iban, entry.reference)


@pytest.mark.parametrize(("name", "entry"), [
    ("transilvania.sta", ("121.00", "Incasare OP;Plata factura FCT 00001;EXEMPLU INSTAL SRL;RO78BTRLRONCRT0A12345600;"
                          "REF. OP 17", "", "RO78BTRLRONCRT0A12345600", "BTR100200300")),
    ("bcr.sta", ("242.00", "PLATA FACTURI FCT 00002, FCT 00003 DIN NOIEMBRIE", "COMERT ALFA SI FRATII S.R. L.",
                 "RO56RNCB0000000012345678", "26327RNCB0001")),
    ("raiffeisen.sta", ("605.00", "Avans comanda 1001 cf. proforma", "BETA DISTRIBUTIE SA", "RO54RZBR0000060012345678",
                        "RZB-2311-77")),
    ("brd.sta", ("1210.55", "plata partiala fct1023", "GAMA CONSTRUCT SRL", "RO04BRDE450SV12345678900", "")),
    ("ing.sta", ("80.00", "Fact. nr. 1024 din 15.11.2026", "DELTA MONTAJ SRL", "RO72INGB0000999912345678", "INGB99")),
    ("cec.xml", ("500.00", "Plata FCT 00001", "Șerban & Fiii SRL", "RO50CECE0000000RON123456", "CEC-0001")),
    ("prefixed.xml", ("100.00", "Invoice FCT 00004", "Omega GmbH", "", "R-77")),
    ("transilvania.csv", ("121.00", "Încasare OP;Plata factura FCT 00001;EXEMPLU INSTAL SRL;RO78BTRLRONCRT0A12345600",
                          "", "RO78BTRLRONCRT0A12345600", "BTR100200300")),
    ("international.csv", ("1250.40", "invoice FCT-00001", "Zeta Trade SRL", "RO96BTRLRONCRT00ABCD1234", "")),
])  # fmt: skip
def test_every_bank_separates_its_text_in_a_way_of_its_own(name: str, entry: tuple[str, ...]) -> None:
    assert told(statement(name).entries[0]) == entry


@pytest.mark.parametrize(
    ("name", "balances"),
    [
        ("transilvania.sta", ("1000.00", "1058.50")),
        ("bcr.sta", ("0.00", "242.00")),
        ("raiffeisen.sta", ("10.00", "615.00")),
        ("brd.sta", ("0", "1213.55")),
        ("ing.sta", ("-100.00", "-20.00")),
        ("cec.xml", ("100.00", "895.00")),
    ],
)
def test_the_account_the_day_and_the_balances_are_read_and_agree(name: str, balances: tuple[str, str]) -> None:
    found = statement(name)
    assert found.account == OWN
    assert found.entries[0].booked_on == DAY
    assert (found.opening, found.closing) == tuple(map(Decimal, balances))
    assert found.difference == 0


def test_a_balance_that_does_not_agree_is_told() -> None:
    data = (FILES / "bcr.sta").read_bytes().replace(b"RON242,00", b"RON240,00")
    assert read(data, "mt940", frozenset())[0].difference == -2


def test_what_the_bank_took_back_or_gave_back_is_no_payment_and_what_we_paid_is_no_entry() -> None:
    assert [entry.kind for entry in statement("transilvania.sta").entries] == ["payment", "", "reversal"]
    assert [entry.kind for entry in statement("brd.sta").entries] == ["payment", "returned"]
    assert [entry.kind for entry in statement("prefixed.xml").entries] == ["foreign", "reversal"]
    assert [entry.kind for entry in statement("international.csv").entries] == ["payment", "", "foreign"]


def test_payments_that_the_bank_has_put_into_one_entry_are_taken_apart_and_announced_ones_left_out() -> None:
    entries = statement("cec.xml").entries
    assert [(entry.amount, entry.reference, entry.details) for entry in entries[1:]] == [
        (100, "CEC-0002-1", "FCT 00002"), (200, "CEC-0002-2", "FCT 00003"), (-5, "", "Comision"),
    ]  # fmt: skip


def test_payments_in_one_entry_that_do_not_come_to_it_stay_one() -> None:
    data = (FILES / "cec.xml").read_bytes().replace(b'<Amt Ccy="RON">200.00', b'<Amt Ccy="RON">199.00')
    assert [entry.amount for entry in read(data, "camt053", frozenset())[0].entries] == [500, 300, -5]


def test_of_a_payment_in_another_currency_the_amount_in_the_accounts_own_counts() -> None:
    in_euros = b'<Amt Ccy="EUR">20.00</Amt><AmtDtls><TxAmt><Amt Ccy="RON">100.00'
    data = (FILES / "cec.xml").read_bytes().replace(b'<AmtDtls><TxAmt><Amt Ccy="RON">100.00', in_euros)
    assert [entry.amount for entry in read(data, "camt053", frozenset())[0].entries] == [500, 100, 200, -5]


def test_what_the_bank_says_of_the_whole_statement_is_of_no_entry() -> None:
    assert statement("transilvania.sta").entries[-1].details == "Stornare incasare OP 9"


def test_a_workbook_is_read_as_a_table_is() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        sheet.write_row(0, 0, ["Data", "Suma", "Detalii", "Plătitor", "IBAN plătitor"])
        sheet.write_datetime(1, 0, datetime(2026, 11, 23), day)  # noqa: DTZ001 (a workbook knows no zone)
        sheet.write_row(1, 1, [1250.4, "Plata FCT 00001", "Exemplu SRL", "RO78 BTRL RONC RT0A 1234 5600"])
    data = target.getvalue()
    assert kind_of(data) == "table"
    [entry] = tables.read(data, tables.look(data).mapping, OWN, frozenset({OWN}))[0].entries
    assert (entry.booked_on, *told(entry)) == (
        DAY, "1250.40", "Plata FCT 00001", "Exemplu SRL", "RO78BTRLRONCRT0A12345600", "",
    )  # fmt: skip


def test_pages_of_one_statement_are_one_and_statements_of_two_days_are_two() -> None:
    page = (
        ":20:X\n:25:{account}\n:28C:{number}\n:60{mark}:C261123RON{opening},00\n"
        ":61:2611231123C10,00NTRFNONREF//R{opening}\n:86:a\n:62{end}:C261123RON{closing},00\n-\n"
    )
    first = page.format(account=OWN, number="7/1", mark="F", opening="0", end="M", closing="10")
    second = page.format(account=OWN, number="7/2", mark="M", opening="10", end="F", closing="20")
    other = page.format(account=OWN, number="8/1", mark="F", opening="20", end="F", closing="30")
    found = read((first + second + other).encode(), "mt940", frozenset())
    assert [(len(one.entries), one.opening, one.closing, one.difference) for one in found] == [
        (2, 0, 20, 0), (1, 20, 30, 0),
    ]  # fmt: skip


def test_what_stands_below_the_entries_of_a_table_is_passed_over_and_named() -> None:
    assert statement("transilvania.csv").passed == [9]


@pytest.mark.parametrize(("data", "said"), [
    (b"", "empty"),
    (b"%PDF-1.7", "PDF"),
    (b"<html><body>Sesiune expirata</body></html>", "web page"),
    (b"<?xml version='1.0'?><Document><X/></Document>", "CAMT.053"),
    (b"<?xml version='1.0'?><Document><X>", "damaged"),
    (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><Document>&b;</Document>", "defini"),
    (b":20:X\n:25:Y\n:60F:C261123RON0,\n:61:2699999999C1,00NTRF\n:62F:C261123RON1,\n", "MT940"),
    (b":20:X\n:25:Y\n:61:nothing\n", "MT940"),
    (b"a;b\n1;2\n", "date"),
    (b"data;suma\nx;y\n", "no entries"),
    (b"data;detalii\n23.11.2026;x\n", "amounts"),
    (b"data;suma\n23.11.2026;zece\n", "not a number"),
    (b"data;suma\n23.11.2026;1.005,123\n", "two decimals"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text"),
    (b"PK\x03\x04 no workbook", "damaged"),
    (b"x" * (LIMIT_MB * 1024 * 1024 + 1), "larger than 10 MB"),
])  # fmt: skip
def test_what_is_no_statement_is_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BankFileRefused) as refusal:
        read_whatever(data)
    assert said in refusal.value.text("en")
    assert refusal.value.text("ro")


def test_a_text_that_names_a_file_of_the_server_is_not_taken_for_that_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.sta"
    secret.write_bytes((FILES / "bcr.sta").read_bytes())
    assert read(str(secret).encode(), "mt940", frozenset()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "iso8859-2", "utf-16"])
def test_diacritics_are_read_in_every_encoding_that_banks_use(encoding: str) -> None:
    text = (FILES / "brd.sta").read_text().replace("GAMA CONSTRUCT", "GAMA ŢEAVĂ ŞI CONSTRUCŢII ROMÂNIA")
    data = text.encode(encoding)
    assert kind_of(data) == "mt940"
    name = read(data, "mt940", frozenset())[0].entries[0].payer_name
    assert name == "GAMA ȚEAVĂ ȘI CONSTRUCȚII ROMÂNIA SRL"


@pytest.mark.parametrize(("raw", "name", "iban", "text"), [
    ("Platitor: Exemplu SRL; IBAN: RO78BTRLRONCRT0A12345600; Detalii: FCT 1", "Exemplu SRL", "RO78BTRLRONCRT0A12345600",
     "FCT 1"),
    ("plata FCT 1 din contul RO78 BTRL RONC RT0A 1234 5600 in RO49AAAA1B31007593840000", "", "RO78BTRLRONCRT0A12345600",
     "plata FCT 1 din contul RO78 BTRL RONC RT0A 1234 5600 in RO49AAAA1B31007593840000"),
    ("suma 100+20 lei", "", "", "suma 100+20 lei"),
    ("REMI fara bare", "", "", "REMI fara bare"),
    ("", "", "", ""),
])  # fmt: skip
def test_free_text_is_kept_and_what_can_be_told_of_it_is_told(raw: str, name: str, iban: str, text: str) -> None:
    found = split(raw, frozenset({OWN}))
    assert (found.name, found.iban, found.text) == (name, iban, text)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(path.name for path in FILES.iterdir())),
    cut=st.floats(0, 1), length=st.integers(0, 40),
    put=st.binary(max_size=12) | st.sampled_from([b":61:", b":86:", b"\n", b"<Amt>", b"9" * 20, b"NaN", b"\xff", b";"]),
)  # fmt: skip
def test_a_damaged_file_is_read_or_refused_and_nothing_else(name: str, cut: float, length: int, put: bytes) -> None:
    data = (FILES / name).read_bytes()
    at = int(cut * len(data))
    with suppress(BankFileRefused):
        read_whatever(data[:at] + put + data[at + length :])
