"""Whatever lines, rates and currencies an invoice or a storno has: the own checks and the official rules pass it."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.documents.efactura.building import build
from core.documents.models import Document
from core.documents.samples import SampleLine, sample
from core.documents.units import UNIT_CODES
from tests.core.documents.efactura.steps import DEPOSIT, EXEMPT, REDUCED, REVERSE, STANDARD, ZERO, said

LINES = st.builds(
    SampleLine,
    sku=st.text(max_size=64),
    name=st.text(st.characters(codec="utf-8"), max_size=200).map(lambda text: "Marfă " + text),
    unit=st.sampled_from(sorted(UNIT_CODES)) | st.text(max_size=10),
    quantity=st.decimals("-999999.999", "9999999.999", places=3),
    unit_price=st.decimals("0", "99999.9999", places=4),
    tax=st.sampled_from([STANDARD, REDUCED, ZERO, EXEMPT, REVERSE, DEPOSIT]),
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    lines = draw(st.lists(LINES, min_size=1, max_size=8))
    currency = draw(st.sampled_from(["RON", "EUR", "USD"]))
    rate = Decimal(1) if currency == "RON" else draw(st.decimals("0.0001", "9.9999", places=4))
    known = {
        "currency": currency, "exchange_rate": rate, "note": draw(TEXTS), "reference": draw(TEXTS),
        "deliver_to": draw(TEXTS), "vat_on_payment": draw(st.booleans()), "advance": draw(st.booleans()),
    }  # fmt: skip
    form = draw(st.sampled_from(["380", "381", "384"]))
    if form == "380":
        return sample(lines=lines, **known)
    return sample("storno", lines, original=sample(), type_code=form, **known)


@settings(max_examples=150, deadline=None)
@given(documents())
def test_the_own_checks_pass_what_adds_up(document: Document) -> None:
    assert said(document) == []
    assert b"-0.00<" not in build(document)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_the_official_rules_pass_it(document: Document, findings: Callable[[bytes], list[str]]) -> None:
    assert findings(build(document)) == []
