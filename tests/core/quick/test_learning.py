"""Suggestions for unknown lines, and the partner's own codes that come of them."""

import pytest

from core import clock
from core.db import transaction
from core.orders.filling import UnknownProduct
from core.principal import Principal
from core.quick.checking import check
from core.quick.learning import NoCode, code_to_learn, forget, learn, own_codes
from core.quick.suggesting import near, suggest
from tests.factories import make_buyer, make_product, make_user, principal_of

pytestmark = pytest.mark.usefixtures("database")


def suggested(buyer: Principal, text: str) -> list[list[str]]:
    """SKUs per line."""
    with transaction(buyer) as session:
        answers = check(session, text, clock.now()).answers
        found = suggest(session, [answer.wish for answer in answers], clock.now())
    return [[goods.sku for goods in found.get(answer.line.number, [])] for answer in answers]


def code_of(line: str) -> str:
    with transaction(make_buyer()) as session:
        return code_to_learn(check(session, line, clock.now()).answers[0].wish)


@pytest.mark.parametrize(
    "line",
    [
        "CAB-5X5 3", "CAB-5X 3", "CAB-55X6 3", "CAB-X56 3", "CAB5X6 3", "CAB 5X6 3", "cab.5x6 3", "CAB-5X6- 3",
        "cablu aluminiu 3", "aluminiu cablu 3", "cabul aluminiu 3", "cablu alumniu armat 3", "cablu alum 3 buc",
        "CABLU ALUMINIU roșu 3",
    ],
)  # fmt: skip
def test_what_is_nearly_right_is_suggested(line):
    make_product(sku="CAB-5X6", name="Cablu aluminiu armat")
    make_product(sku="ZZZ-9", name="Priză dublă")
    assert suggested(make_buyer(), line) == [["CAB-5X6"]]


def test_nothing_is_suggested_for_what_is_like_nothing():
    make_product(sku="CAB-5X6", name="Cablu aluminiu armat")
    assert suggested(make_buyer(), "telefon 0722 123 456\nXYZ 4") == [[], []]


def test_the_nearest_comes_first():
    for sku in ("CB-100", "CB-10", "CB-1000"):
        make_product(sku=sku, name="Cablu")
    assert suggested(make_buyer(), "CB 10 3")[0][0] == "CB-10"


def test_nothing_hidden_is_suggested():
    make_product(sku="CAB-5X6", name="Cablu aluminiu armat", restricted=True)
    make_product(sku="CAB-5X7", name="Cablu aluminiu armat", active=False)
    assert suggested(make_buyer(), "CAB-5X5 3\ncablu aluminiu 2\nCAB5X6 1") == [[], [], []]


@pytest.mark.parametrize(("one", "other"), [("cablu", "cabul"), ("cablu", "cblu"), ("cablu", "cabblu"), ("a", "b")])
def test_one_letter_makes_words_near(one, other):
    assert near(one, other)
    assert near(other, one)
    assert not near(one, other + "xy")


def test_a_code_that_was_taught_is_known_to_the_whole_company_and_to_no_other():
    buyer, other, product = make_buyer(), make_buyer(), make_product(sku="SKU-123", stock=9)
    with transaction(buyer) as session:
        assert learn(session, " Tv20-Ș ", product.id).code == "tv20-s"
    colleague = principal_of(make_user(partner_of(buyer), role="buyer"))
    for principal, kind in ((buyer, "ok"), (colleague, "ok"), (other, "unknown")):
        with transaction(principal) as session:
            [answer] = check(session, "2 x TV20-S", clock.now()).answers
        assert answer.kind == kind
    with transaction(other) as session:
        forget(session, "tv20-s")
    with transaction(colleague) as session:
        assert [(one.code, one.sku) for one in own_codes(session)] == [("tv20-s", "SKU-123")]
        forget(session, "tv20-s")
        assert own_codes(session) == []


def partner_of(principal: Principal):
    from core.partners.models import Partner

    with transaction(principal) as session:
        return session.get_one(Partner, principal.partner_id)


def test_teaching_a_code_again_changes_what_it_means():
    buyer, one, other = make_buyer(), make_product(), make_product(sku="M8")
    with transaction(buyer) as session:
        learn(session, "TV20", one.id)
        learn(session, "tv20", other.id)
        assert [code.sku for code in own_codes(session)] == ["M8"]


def test_codes_of_what_is_no_longer_offered_name_nothing_and_find_nothing():
    buyer, product = make_buyer(), make_product(sku="M8", stock=4)
    with transaction(buyer) as session:
        learn(session, "TV20", product.id)
    hide(product.id)
    with transaction(buyer) as session:
        [code] = own_codes(session)
        assert (code.code, code.sku, code.name, code.offered) == ("tv20", "", "", False)
        assert check(session, "TV20 1", clock.now()).answers[0].kind == "unknown"


def hide(product_id: int) -> None:
    from core.catalog.models import Product
    from core.principal import SYSTEM

    with transaction(SYSTEM) as session:
        session.get_one(Product, product_id).restricted = True


@pytest.mark.parametrize("restricted", [True, False])
def test_only_what_is_offered_can_be_taught(restricted):
    product = make_product(restricted=restricted, active=restricted)
    with transaction(make_buyer()) as session, pytest.raises(UnknownProduct):
        learn(session, "TV20", product.id)


@pytest.mark.parametrize("code", ["", "  ", "-–-", "x" * 65])
def test_what_is_no_code_is_not_learned(code):
    product = make_product()
    with transaction(make_buyer()) as session, pytest.raises(NoCode):
        learn(session, code, product.id)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("TV20 5", "TV20"), ("5 x TV20 Televizor Samsung", "TV20"), ("Cablu 3x2,5 alb 10", "Cablu 3x2,5 alb"),
        ("3x2,5 cablu alb 10", "3x2,5 cablu alb"), ("TV 20\t5", "TV 20"),
    ],
)  # fmt: skip
def test_the_code_in_a_line_is_what_is_learned(line, code):
    assert code_of(line) == code
