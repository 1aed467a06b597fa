"""What is said of a line of a quick order, as plain text in the user's language."""

from collections.abc import Iterator

from core.i18n import N_
from core.quick.checking import Answer
from core.quick.goods import Goods
from pages.ui.line_answers import raised_words
from pages.ui.text import _, day, quantity

STATES = {
    "ok": "fine", "rounded": "fine", "summed": "fine", "short": "wrong", "unknown": "wrong", "replaced": "wrong",
    "choose": "wrong", "no_quantity": "wrong", "bad_quantity": "wrong", "nothing": "aside", "note": "aside",
    "titles": "aside",
}  # fmt: skip
"""How a kind of answer is marked."""


def verdict(answer: Answer) -> str:
    """The answer in a word or two: never by a colour alone."""
    if answer.fine:
        return _("fine")
    return _("to mend") if answer.to_mend else _("left out")


SENTENCES = {
    "unknown": N_("“{code}” is not known here"),
    "replaced": N_("“{code}” is no longer sold; something else is sold instead"),
    "choose": N_("this can be read in more than one way: choose"),
    "no_quantity": N_("how many?"),
    "bad_quantity": N_("“{typed}” cannot be ordered: from 0.001 to 999,999"),
    "nothing": N_("no quantity, so nothing is ordered"),
    "note": N_("neither a code nor a quantity"),
    "titles": N_("the names of the columns"),
}


def said(answer: Answer) -> str:
    """What is to be known of a line; empty where it is simply fine."""
    match answer.kind:
        case "ok" | "rounded":
            return "; ".join(_remarks(answer))
        case "summed":
            return _("counted with line {line}").format(line=quantity(answer.lines[0]))
        case "short" if answer.goods:
            return "; ".join(_shortage(answer.goods))
        case "choose" if answer.wish.parts:
            return _("several products in one line")
        case "no_quantity" if answer.product:
            words = _("“{typed}”: how many {unit}?") if answer.wish.typed else _("how many {unit}?")
            return words.format(typed=answer.wish.typed, unit=answer.product.unit)
    return _(SENTENCES[answer.kind]).format(code=answer.wish.code, typed=answer.wish.typed)


def _remarks(answer: Answer) -> Iterator[str]:
    goods = answer.goods
    if goods is None:
        return
    if len(answer.lines) > 1:
        others = ", ".join(quantity(number) for number in answer.lines if number != answer.line.number)
        yield _("with line {lines}: {quantity} together").format(lines=others, quantity=quantity(goods.asked))
    if answer.kind == "rounded":
        yield raised_words(goods.least, goods.multiple, goods.added, goods.total)
    if goods.in_cart:
        words = _("{before} in the cart already: then {total}")
        yield words.format(before=quantity(goods.in_cart), total=quantity(goods.total))
    if goods.waits:
        words = _("part of it comes later") if goods.told is None else _("{quantity} of it come later")
        yield words.format(quantity=quantity(goods.waits))


def _shortage(goods: Goods) -> Iterator[str]:
    if goods.told is None:
        yield _("not enough in stock")
    elif goods.told:
        yield _("only {available} left").format(available=quantity(goods.told))
    else:
        yield _("out of stock")
    if goods.in_cart:
        yield _("{quantity} in the cart already").format(quantity=quantity(goods.in_cart))
    if goods.expected_on:
        yield _("expected on {day}").format(day=day(goods.expected_on))
