"""Suggestions for unknown lines, and the partner's own codes that come of them."""

import pytest

from core import clock
from core.db import transaction
from core.orders.filling import UnknownProduct
from core.principal import Principal
from core.quick.checking import check
from core.quick.learning import NoCode, OwnCode, code_to_learn, forget, learn, learn_retyped, own_codes, unlearn
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


@pytest.mark.parametrize("line", ["ZIDAR-0077 6", "zidar-0077", "ZIDARIE-77 3"])
def test_what_shares_a_word_with_a_code_but_not_its_number_is_not_suggested(line):
    for name in ("Adeziv pentru zidărie BCA 25 kg", "Mistrie zidar 180 mm", "Găleată de zidar 12 l"):
        make_product(name=name)
    assert suggested(make_buyer(), line) == [[]]


def test_of_a_line_the_words_that_most_of_it_is_are_suggested():
    make_product(sku="CAB-CYYF-5X6", name="Cablu CYY-F 5x6 mmp pentru instalații fixe")
    for line in ("CAB5X6 2", "cablu cyyf 5x6 gri 2", "CAB-CYYF-5X4 3"):
        assert suggested(make_buyer(), line) == [["CAB-CYYF-5X6"]], line


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


def retyped(buyer: Principal, old: str, new: str) -> OwnCode | None:
    with transaction(buyer) as session:
        wish = check(session, old, clock.now()).answers[0].wish
        return learn_retyped(session, wish, new, clock.now())


def test_a_code_is_learned_when_its_line_is_typed_anew():
    buyer, product = make_buyer(), make_product(sku="ADZ-STD-25", stock=50)
    assert retyped(buyer, "ZIDAR-0077 6", "ADZ-STD-25 6").product_id == product.id
    assert retyped(buyer, "ZIDAR-0078\t6\tAdeziv", "ADZ-STD-25\t6\tAdeziv").code == "zidar-0078"
    with transaction(buyer) as session:
        assert [answer.kind for answer in check(session, "ZIDAR-0077 9\nZIDAR-0078 1", clock.now()).answers] == [
            "ok", "summed",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("TOTAL 999 lei", "ADZ-STD-25 6"), ("adeziv bun 6", "ADZ-STD-25 6"), ("ZIDAR-0077 6", "NOPE-1 6"),
        ("ZIDAR-0077 6", ""), ("ADZ-STD-25", "ADZ-STD-25 6"), ("ZIDAR-0077 6", "ADZ-STD-25 6\nADZ-FLX-25 2"),
        ("ZIDAR-0077 6", "SECRET 6"),
    ],
)  # fmt: skip
def test_nothing_is_learned_of_what_is_no_code_or_not_clear(old, new):
    make_product(sku="ADZ-STD-25", stock=50)
    make_product(sku="ADZ-FLX-25", stock=50)
    make_product(sku="SECRET", stock=50, restricted=True)
    buyer = make_buyer()
    assert retyped(buyer, old, new) is None
    with transaction(buyer) as session:
        assert own_codes(session) == []


def test_what_was_learned_by_mistake_is_undone_and_what_was_known_before_is_known_again():
    buyer, first, second = make_buyer(), make_product(), make_product()
    with transaction(buyer) as session:
        once = learn(session, "TV20", first.id)
        again = learn(session, "TV20", second.id)
        unlearn(session, again)
        assert [one.product_id for one in own_codes(session)] == [first.id]
        unlearn(session, again)  # once more: it is not what the code stands for now
        assert [one.product_id for one in own_codes(session)] == [first.id]
        unlearn(session, once)
        assert own_codes(session) == []
