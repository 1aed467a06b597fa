import time

import pytest

from core.banking.mentions import mentioned, plain

SERIES = ("FCT", "A.B/C", "F26", "PRO")


@pytest.mark.parametrize(("text", "numbers"), [
    ("FCT 1023", [1023]),
    ("Plată FCT 01023", [1023]),
    ("fct1023", [1023]),
    ("fct nr. 1023", [1023]),
    ("FCT-01023", [1023]),
    ("FCT/1023", [1023]),
    ("Factura seria FCT nr. 1023 din 15.11.2026", [1023]),
    ("FCT 1023/15.11.2026", [1023]),
    ("FCT 1023, 1024 si 1030", [1023, 1024, 1030]),
    ("FCT 1023, 1024 și FCT 1030", [1023, 1024, 1030]),
    ("FCT 1023 din 01.11.2026, 1024 din 02.11.2026", [1023, 1024]),
    ("FCT1023;FCT1024+1025 & 1026", [1023, 1024, 1025, 1026]),
    ("FCT 1023 1024", [1023, 1024]),
    ("FCT 1023 suma 1.250,50 lei", [1023]),
    ("FCT 1023, 500.00 lei", [1023]),
    ("FCT 1023-1030", []),
    ("FCT 1023 până la 1030", []),
    ("FCT 1.250,00", []),
    ("XFCT 1023", []),
    ("FCTX 1023", []),
    ("FCT", []),
    ("FCT 12345678901", []),
])  # fmt: skip
def test_a_document_is_named_in_many_ways_and_a_range_names_none(text: str, numbers: list[int]) -> None:
    assert mentioned(text, SERIES).documents == tuple(("fct", number) for number in numbers)


def test_a_series_may_have_digits_and_signs_of_its_own() -> None:
    assert mentioned("plata A.B/C 17 si f26-00005", SERIES).documents == (("abc", 17), ("f26", 5))
    assert mentioned("ABC17, F2600005", SERIES).documents == (("abc", 17), ("f26", 5))
    assert plain("A.B/C") == "abc"


def test_a_number_after_the_word_invoice_and_an_order_are_told_apart() -> None:
    found = mentioned("c/v fact. nr 1023 si 1024, comanda 77", SERIES)
    assert (found.documents, found.bare, found.orders) == ((), (1023, 1024), (77,))
    assert mentioned("plata 2 facturi", SERIES).bare == ()
    assert mentioned("plata proforma PRO 00015", SERIES).documents == (("pro", 15),)


@pytest.mark.parametrize(
    "text", ["fct 1" + " " * 20_000, "fct " + "1," * 9000, "factura " + "nr " * 6000, "0" * 20_000]
)
def test_no_text_takes_long_to_read(text: str) -> None:
    began = time.process_time()
    mentioned(text, SERIES)
    assert time.process_time() - began < 1
