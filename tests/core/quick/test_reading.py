"""For any text: no line is lost, nothing raises, and what was written for known codes is read back."""

import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.quick.amounts import amount_of
from core.quick.lines import read
from core.quick.mending import only, replaced
from tests.core.quick.sense import PRODUCTS, asked, sense

FREE = [
    "{sku} {q}", "{q} x {sku}", "{q}x {sku}", "{sku} x{q}", "{sku} x {q}", "{sku} {q} buc", "{q} buc {sku}",
    "{sku}, {q}", "{sku}: {q}", "{sku} - {q}", '"{sku}" {q}', "{sku} = {q} pcs", "- {sku} {q}",
    "4. {sku} {q}", "{sku} ({q} buc)",
    "  {sku}   {q}  ", "{sku} Cablu roșu {q}", "{q} buc {sku} Cablu roșu", "{sku} {q} buc 5,50 lei", "* {q} × {sku}",
]  # fmt: skip
SKUS = st.sampled_from([sku for sku in PRODUCTS.values() if sku != "7"])
LETTERS = st.sampled_from([str.upper, str.lower, str])
WRITTEN = st.one_of(
    st.integers(1, 9999).filter(lambda n: n != 7).map(lambda n: (str(n), Decimal(n))),
    st.integers(1, 99999).map(lambda n: (f"{n // 100},{n % 100:02}", Decimal(n) / 100)),
    st.integers(1, 99999).map(lambda n: (f"{n // 100}.{n % 100:02}", Decimal(n) / 100)),
    st.integers(100000, 9999999).map(lambda n: (f"{n // 100:,}.{n % 100:02}", Decimal(n) / 100)),
)
"""A quantity as it is written, and what it is. 7 is a SKU as well: of it the lines alone cannot tell."""
PIECES = st.text("CB-15 x×1234567890.,;:|\t\"'()=buc lei22423ș\n\r€*->", max_size=300)
any_text = st.one_of(st.text(max_size=400), PIECES)
thorough = settings(max_examples=300, deadline=None)


@thorough
@given(any_text)
def test_every_line_of_any_text_gets_one_answer_in_order(text):
    reading = read(text)
    filled = [line for line in text.replace("\0", "").splitlines() if line.strip()]
    assert [part for line in reading.lines for part in line.text.split("\n") if part.strip()] == filled
    assert [wish.line for wish in sense(text).wishes] == reading.lines
    numbers = [line.number for line in reading.lines]
    assert numbers == sorted(set(numbers))


@thorough
@given(any_text)
def test_lines_can_be_taken_out_and_the_others_stay(text):
    lines = read(text).lines
    assert read(replaced(text, {line: None for line in lines})).lines == []
    kept = lines[::2]
    left = replaced(text, {line: None for line in lines if line not in kept})
    assert [line for line in left.splitlines() if line.strip()] == [
        part for line in only(kept).splitlines() if (part := line).strip()
    ]


@thorough
@given(st.lists(st.tuples(SKUS, LETTERS, WRITTEN, st.sampled_from(FREE)), min_size=1, max_size=12))
def test_any_mix_of_ways_to_write_a_line_is_read_back(lines):
    text = "\n".join(shape.format(sku=case(sku), q=written) for sku, case, (written, _), shape in lines)
    assert asked(text) == [(sku, quantity.normalize()) for sku, _, (_, quantity), _ in lines]


@thorough
@given(
    st.lists(st.tuples(SKUS, WRITTEN), min_size=1, max_size=12),
    st.sampled_from(["\t", ";", "|"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_any_table_is_read_back(lines, between, code_first, named, priced):
    names = ["Cod", "Cantitate"] if code_first else ["Cantitate", "Cod"]
    rows = [names] if named else []
    for sku, (written, _) in lines:
        rows.append([sku, written] if code_first else [written, sku])
    if priced:
        rows = [[*row, "Preț" if named and at == 0 else "5,50 lei"] for at, row in enumerate(rows)]
    found = asked("\n".join(between.join(row) for row in rows))
    assert found[1 if named else 0 :] == [(sku, quantity.normalize()) for sku, (_, quantity) in lines]


@thorough
@given(st.text("0123456789.,- x×bucleiRON€ \u00a0", max_size=20))
def test_what_is_taken_for_a_quantity_has_digits_and_is_a_number(text):
    amount = amount_of(text)
    assert amount is None or (re.search("[0-9]", text) and all(value.is_finite() for value in amount.values))
