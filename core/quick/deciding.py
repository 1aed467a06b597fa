"""What each line means: which of its words are a code that there is, and which the quantity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from core.orders.filling import orderable
from core.quick.amounts import Amount, amount_of, mark_of
from core.quick.columns import Columns, guess
from core.quick.finding import Hit, Known
from core.quick.lines import Line, Reading
from core.quick.tokens import amounts, joined, key, pieces, spans, unread, ways

Meaning = Literal["clear", "choose", "unknown", "replaced", "no_quantity", "bad_quantity", "nothing", "note", "titles"]
MOST_OPTIONS = 6


@dataclass(frozen=True, slots=True)
class Option:
    """A product (id) and how much of it."""

    product_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line asks for. `code` and `quantity` are what was taken for them, as far as it could be.

    'clear': the one of its `options`. 'choose': one of them, it cannot be told which. 'replaced': they are sold instead
    of it. 'no_quantity', 'bad_quantity': of its options, without a usable quantity. 'unknown': the code is. 'nothing':
    a quantity of 0, or an empty one in a table. 'note': neither code nor number. 'titles': names of columns. `by`: how
    the code was found. `unit`: that of the quantity, as it was written. `parts`: the lines that it had better be,
    where it asks for several products.
    """

    line: Line
    meaning: Meaning
    code: str = ""
    quantity: Decimal | None = None
    typed: str = ""
    options: tuple[Option, ...] = ()
    by: str = ""
    unit: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """A code of a line with a number beside it."""

    code: str
    hits: tuple[Hit, ...]
    amount: Amount
    code_first: bool


@dataclass(frozen=True, slots=True)
class Sense:
    """What a text says, line by line; `columns` of its table, if it has one. `counted`: no line had a quantity, so each
    one counts as 1. `unsure`: whether `1.250` is a thousand cannot be told from the text."""

    wishes: list[Wish]
    columns: Columns | None
    counted: bool
    unsure: bool


def codes_in(reading: Reading) -> set[str]:
    """Every stretch of the text that may be a code, made by `core.quick.tokens.key`."""
    found: set[str] = set()
    for line in reading.lines:
        found.update(key(cell) for cell in line.cells)
        for words in ways(line.text) if not line.cells else []:
            found.update(key(joined(words, span)) for span in spans(words))
    return found - {""}


def decide(
    reading: Reading,
    known: Known,
    code_column: int | None = None,
    quantity_column: int | None = None,
    decimal_mark: str | None = None,
) -> Sense:
    """What every line means, in order, with the codes that are known. The columns are those chosen, or guessed; so is
    the decimal mark of a table, where it shows; in lines written freely only what was chosen counts."""
    rows = [line.cells for line in reading.rows]
    columns = guess(rows, lambda cell: bool(known.hits(cell)), code_column, quantity_column) if rows else None
    mark = mark_of(_numbers(reading, columns)) or decimal_mark
    free = {line.number: _free_ways(line, known, decimal_mark) for line in reading.lines if not line.cells}
    counted = _count_each(free.values(), columns)
    order = _usual_order(free.values())
    titles = columns is not None and columns.titles
    wishes = []
    for line in reading.lines:
        if columns and line.cells:
            wishes.append(Wish(line, "titles") if titles else _row_wish(line, columns, known, mark))
            titles = False
        else:
            wishes.append(_free_wish(line, free[line.number], known, decimal_mark, order, counted))
    return Sense(wishes, columns, counted and any(wish.options and wish.quantity for wish in wishes), _unsure(wishes))


def _numbers(reading: Reading, columns: Columns | None) -> Iterable[str]:
    """What may show how a table writes its decimals. A line written freely is no witness for the next one."""
    code = columns.code if columns else None
    return (cell for line in reading.rows for at, cell in enumerate(line.cells) if at != code)


def _unsure(wishes: list[Wish]) -> bool:
    amounts = (amount_of(wish.typed) for wish in wishes if wish.meaning == "choose")
    return any(amount and len(amount.values) > 1 for amount in amounts)


def _row_wish(line: Line, columns: Columns, known: Known, mark: str | None) -> Wish:
    places = [at for at in (columns.code, *columns.others) if at is not None and at < len(line.cells)]
    code = line.cells[places[0]] if places else ""
    typed = line.cells[columns.quantity] if columns.quantity is not None and columns.quantity < len(line.cells) else ""
    hits = next((hits for at in places if (hits := known.hits(line.cells[at]))), [])
    code = code or next((line.cells[at] for at in places if line.cells[at]), "")
    amount = amount_of(typed, mark)
    if not hits and not typed:
        return Wish(line, "note" if not code or sum(map(bool, line.cells)) == 1 else "nothing", code)
    if not typed and columns.quantity is not None:
        return Wish(line, "nothing", code, by=hits[0].by if hits else "")
    return _wish(line, code, typed, hits, amount)


def _wish(line: Line, code: str, typed: str, hits: list[Hit] | tuple[Hit, ...], amount: Amount | None) -> Wish:
    """A line of which code and quantity are apart."""
    values = amount.values if amount and not amount.money else ()
    good = [value for value in values if orderable(value)]
    quantity = good[0] if len(good) == 1 else None
    by, unit = hits[0].by if hits else "", amount.unit if amount else ""
    wish = Wish(line, "unknown", code, quantity, typed, by=by, unit=unit)
    if not hits:
        return wish
    options = tuple(Option(hit.product_id, value) for hit in hits for value in good or [Decimal(0)])[:MOST_OPTIONS]
    if any(hit.replaces for hit in hits):
        return replace(wish, meaning="replaced", options=options)
    if good == [0]:
        return replace(wish, meaning="nothing")
    if not good:
        return replace(wish, meaning="bad_quantity" if values else "no_quantity", options=options)
    return replace(wish, meaning="clear" if len(options) == 1 else "choose", options=options)


def _free_ways(line: Line, known: Known, mark: str | None) -> list[_Way]:
    """Each known code of a line with each number that may be its quantity; none where none has both."""
    for words in ways(line.text):
        numbers = amounts(words, mark)
        found: list[_Way] = []
        taken: list[tuple[int, int]] = []
        for span in spans(words):  # the longest first: `AB 12` goes before `AB` and 12
            inside = any(begin <= span[0] and span[1] <= end for begin, end in taken)
            if not inside and (some := _ways_of(words, span, numbers, known)):
                found += some
                taken.append(span)
        if found:
            return found
    return []


def _ways_of(
    words: Sequence[str], span: tuple[int, int], numbers: list[tuple[int, int, Amount]], known: Known
) -> list[_Way]:
    begin, end = span
    code = joined(words, span)
    hits = known.hits(code)
    beside = [one for one in numbers if one[1] <= begin or one[0] >= end] if hits else []
    beside = [one for one in beside if one[2].marked] or [
        one for one in beside if one[0] in (0, end) or one[1] in (begin, len(words))
    ]
    alone = _stands_out(words, span)
    return [
        _Way(code, tuple(hits), amount, at >= end) for at, to, amount in beside if alone or at == end or to == begin
    ]


def _stands_out(words: Sequence[str], span: tuple[int, int]) -> bool:
    """A short word in the middle of a line is no code, even if there is one like it: `piuliță M6 zincată 12`."""
    code = joined(words, span)
    return span[0] == 0 or span[1] == len(words) or (len(code) >= 4 and any(sign.isdigit() for sign in code))


def _usual_order(lines: Iterable[list[_Way]]) -> dict[bool, bool]:
    """Does the code stand before the quantity in all the lines that can be read in one way only? Of lines with a
    marked quantity and of the others; what differs is left out."""
    votes = {(found[0].amount.marked, found[0].code_first) for found in lines if len(found) == 1}
    return {marked: first for marked, first in votes if (marked, not first) not in votes}


def _count_each(lines: Iterable[list[_Way]], columns: Columns | None) -> bool:
    """A list of codes without any quantity, as a scanner makes it: each line is one piece."""
    return not any(lines) and (columns is None or columns.quantity is None)


def _free_wish(
    line: Line, found: list[_Way], known: Known, mark: str | None, order: dict[bool, bool], counted: bool
) -> Wish:
    if not found:
        return _without_pair(line, known, mark, counted)
    usual = [way for way in found if way.code_first == order.get(way.amount.marked)] or found
    wishes = [_wish(line, way.code, way.amount.text, way.hits, way.amount) for way in usual]
    options = tuple(dict.fromkeys(option for wish in wishes for option in wish.options))
    first = wishes[0]
    if len(options) > 1 and not any(wish.meaning == "replaced" for wish in wishes):
        unit = first.unit if len({wish.unit for wish in wishes}) == 1 else ""
        options = tuple(option for option in options if option.quantity)[:MOST_OPTIONS]
        parts = _parts(line, known, mark, order)
        return replace(first, meaning="choose", options=options, unit=unit, parts=parts)
    return next((wish for wish in wishes if wish.options), first)


def _parts(line: Line, known: Known, mark: str | None, order: dict[bool, bool]) -> tuple[str, ...]:
    """`CB-15 5, M6 6` as two lines; empty where not each of them is clear by itself."""
    parts = pieces(line.text)
    ways = {part: _free_ways(Line(line.number, part), known, mark) for part in parts if part != line.text}
    wishes = [_free_wish(Line(line.number, part), found, known, mark, order, False) for part, found in ways.items()]
    return tuple(parts) if len(wishes) == len(parts) > 1 and all(w.meaning == "clear" for w in wishes) else ()


def _without_pair(line: Line, known: Known, mark: str | None, counted: bool) -> Wish:
    """A line with no known code beside a number: a code alone, or a number beside what is no code, or just words.

    Only what is nothing but a code counts as one: `CB-15 20-25` asks for more than that.
    """
    for words in ways(line.text):
        for span in spans(words):
            if (hits := known.hits(joined(words, span))) and _stands_out(words, span):
                amount = Amount("1", (Decimal(1),)) if counted and span == (0, len(words)) else None
                return _wish(line, joined(words, span), unread(words, span), hits, amount)
    words = next(iter(ways(line.text)), ())
    numbers = amounts(words, mark)
    if not any(sign.isdigit() for sign in line.text):
        return Wish(line, "note", line.text.strip())
    best = next((one for one in numbers if one[2].marked), numbers[-1] if numbers else None)
    begin, end, amount = best or (len(words), len(words), None)
    rest = [*words[:begin], *words[end:]]
    code = " ".join(rest) or line.text.strip()
    return _wish(line, code, amount.text if amount and rest else "", [], amount if rest else None)
