"""Tables (CSV, XLSX) as banks' sites write them: which column is what differs from bank to bank, and is told once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.banking.details import LONGEST, LONGEST_NAME, split, tidy
from core.banking.entries import MOST_ENTRIES, EntryRead, StatementRead
from core.banking.ibans import clean, found_in
from core.banking.mt940_files import TOO_MANY
from core.banking.problems import BankFileRefused
from core.i18n import N_
from core.imports import fields
from core.imports.columns import Column, fold, mapped
from core.imports.decoding import with_comma_below
from core.imports.fields import Reading
from core.imports.numbers import CURRENCIES, bare, marks_of, parse_number
from core.imports.problems import Fault, Problem
from core.imports.records import Row
from core.imports.tables import Table, opened_table

NO_AMOUNT = N_("No column holds the amounts. Say which one does: the amount, or what came in and what went out.")
NO_ENTRIES = N_("The file has no entries: no row has a day and an amount.")
DECIMALS = N_("{value} has more than two decimals.")

_DATE = (
    "data, data tranzactiei, data tranzactie, data operatiunii, data operatiune, data procesarii, data inregistrarii, "
    "data inregistrare, data contabila, data contabilizarii, data decontarii, booking date, transaction date, "
    "data finalizarii, completed date, posting date"
)
_AMOUNT = "suma, suma tranzactie, suma tranzactiei, valoare, valoare tranzactie, suma ron, suma lei, value"
_CREDIT = (
    "credit, suma credit, incasari, incasare, intrari, rulaj credit, suma creditoare, sume creditoare, paid in, "
    "money in, credit ron, credit lei, credit amount"
)
_DEBIT = (
    "debit, suma debit, plati, plata, iesiri, rulaj debit, suma debitoare, sume debitoare, paid out, money out, "
    "debit ron, debit lei, debit amount"
)
_DETAILS = (
    "detalii, detalii tranzactie, detalii tranzactii, detaliile tranzactiei, descriere, descriere tranzactie, "
    "explicatii, explicatie, detalii plata, detalii de plata, description, narrative, transaction details, comentarii"
)
_PAYER = (
    "platitor, nume platitor, ordonator, nume ordonator, nume partener, partener, nume contrapartida, contrapartida, "
    "nume ordonator/beneficiar, platitor/beneficiar, ordonator/beneficiar, nume/denumire ordonator/beneficiar, "
    "beneficiar/ordonator, denumire partener, name, counterparty, counterparty name, payer name"
)
_IBAN = (
    "iban, iban platitor, cont platitor, cont ordonator, iban ordonator, cont partener, iban partener, "
    "cont contrapartida, iban contrapartida, cont corespondent, cont ordonator/beneficiar, cont beneficiar/ordonator, "
    "cont platitor/beneficiar, counterparty account, counterparty iban, payer account"
)
_REFERENCE = (
    "referinta, referinta tranzactie, referinta tranzactiei, referinta banca, referinta bancii, nr referinta, "
    "id tranzactie, cod tranzactie, numar tranzactie, numarul tranzactiei, nr tranzactie, transaction id, "
    "bank reference, transaction reference"
)
COLUMNS = (
    Column("date", _DATE, fields.calendar_day, N_("day of the entry"), "30.11.2026", True),
    Column("amount", _AMOUNT, fields.open_amount, N_("amount, below 0 for what went out"), "1250.40"),
    Column("credit", _CREDIT, fields.open_amount, N_("what came in, where it has a column of its own"), ""),
    Column("debit", _DEBIT, fields.open_amount, N_("what went out"), ""),
    Column("side", "d/c, c/d, dc, debit/credit, credit/debit, sens, sensul, semn", fields.short_text,
           N_("D or C, where amounts have no sign"), ""),
    Column("currency", "valuta, moneda, ccy", fields.short_text, N_("currency; lei where there is none"), "RON"),
    Column("details", _DETAILS, fields.long_text, N_("text of the payment"), "Plata FCT 01023"),
    Column("payer", _PAYER, fields.long_text, N_("who paid"), "Exemplu SRL"),
    Column("payer_iban", _IBAN, fields.long_text, N_("the payer's account"), ""),
    Column("reference", _REFERENCE, fields.long_text, N_("the bank's own number of the entry"), ""),
)  # fmt: skip
"""What may be in a table of a bank; a day and an amount, or two columns of amounts, must be."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Look:
    """A table as it is understood: the names in its header, which of them ours are, the cells of the first rows."""

    names: list[str]
    mapping: dict[str, str]
    cells: list[list[str]]


def look(data: bytes, mapping: Mapping[str, str] | None = None) -> Look:
    """The table with its columns found by their names, or as a mapping has them. Raises Fault where it is no table."""
    with opened_table(data, mapped(COLUMNS, mapping or {})) as table:
        rows = table.rows
        for _, _row in zip(range(SHOWN), rows, strict=False):
            pass
        if not table.names:
            raise BankFileRefused(table.problems[0]) if table.problems else BankFileRefused(Fault(NO_ENTRIES))
        found = {name: table.names[at] for name, at in table.columns.items()}
        return Look(table.names, found | _guessed(table), [list(map(str, cells)) for cells in table.first[:SHOWN]])


def _guessed(table: Table) -> dict[str, str]:
    """A column of days and one of amounts where no name says which they are, by what stands in the first rows."""
    guessed: dict[str, str] = {}
    wanted = {"date": _is_day} if "date" not in table.columns else {}
    if not {"amount", "credit"} & set(table.columns):
        wanted["amount"] = _is_amount
    for name, looks_so in wanted.items():
        for at, header in enumerate(table.names):
            cells = [row[at] for row in table.first if at < len(row) and row[at].strip()]
            free = header and at not in table.columns.values() and header not in guessed.values()
            if free and cells and all(map(looks_so, cells)):
                guessed[name] = header
                break
    return guessed


def _is_day(cell: str) -> bool:
    try:
        return bool(fields.calendar_day(cell.strip(), Reading()))
    except Fault:
        return False


def _is_amount(cell: str) -> bool:
    """Whole numbers are numbers of something."""
    try:
        parse_number(bare(cell, _SIGNS)[0].lstrip("+"), ",")
    except Fault:
        return False
    return "," in cell or "." in cell


def headers(names: Sequence[str]) -> list[str]:
    """What a table is known by."""
    return sorted(fold(name) for name in names)


def account_in(data: bytes, own: Sequence[str]) -> str:
    """The account that a text names, if it is one of ours, and the only one."""
    found = {iban for iban in found_in(data[:20_000].decode("latin-1")) if iban in own}
    return found.pop() if len(found) == 1 else ""


def read(data: bytes, mapping: Mapping[str, str], account: str, own: frozenset[str]) -> list[StatementRead]:
    """The entries of a table whose columns are told by a mapping. Rows without a day are passed over and named.
    Raises BankFileRefused."""
    columns = mapped(COLUMNS, mapping)
    rows: list[Row] = []
    with opened_table(data, columns) as table:
        for row in table.rows:
            if len(rows) >= MOST_ENTRIES:
                raise BankFileRefused(Fault(TOO_MANY, most=MOST_ENTRIES))
            rows.append(row)
        if table.problems:
            raise BankFileRefused(table.problems[0])
        if not {"amount", "credit"} & set(table.columns):
            raise BankFileRefused(Fault(NO_AMOUNT))
    marks = Reading(_mark_of(rows))
    statement = StatementRead(account, "RON", [])
    found: list[EntryRead] = []
    for row in rows:
        day = _day(row)
        if day is None:
            statement.passed.append(row.line)
        elif entry := _entry(row, day, marks, own):
            found.append(entry)
    if not found:
        raise BankFileRefused(Fault(NO_ENTRIES))
    statement.entries = found
    statement.currency = found[0].currency
    statement.from_on, statement.to_on = min(one.booked_on for one in found), max(one.booked_on for one in found)
    return [statement]


def _mark_of(rows: Sequence[Row]) -> str | None:
    cells = [row.cells.get(name, "") for row in rows for name in ("amount", "credit", "debit")]
    seen = marks_of(bare(cell, _SIGNS)[0].lstrip("+") for cell in cells if cell)
    return next(iter(seen)) if len(seen) == 1 else None


_SIGNS = "lei|ron|eur|usd|gbp"


def _day(row: Row) -> date | None:
    try:
        return fields.calendar_day(row.cells["date"], Reading())
    except Fault:
        return None


def _entry(row: Row, day: date, marks: Reading, own: frozenset[str]) -> EntryRead | None:
    """None where nothing moved."""
    cells = {name: row.cells.get(name, "") for name in (column.name for column in COLUMNS)}
    try:
        amount = _amount(cells, marks)
    except Fault as fault:
        raise BankFileRefused(Problem(row.line, "amount", fault.message, fault.params)) from fault
    if not amount:
        return None
    typed = cells["currency"].strip()
    currency = CURRENCIES.get(typed.lower(), typed.upper()[:3]) or "RON"
    read = split(with_comma_below(cells["details"]), own)
    return EntryRead(
        day, amount, currency, (read.text or tidy(cells["details"]))[:LONGEST],
        tidy(with_comma_below(cells["payer"]))[:LONGEST_NAME] or read.name,
        next((iban for iban in (clean(cells["payer_iban"]), read.iban) if iban and iban not in own), ""),
        tidy(cells["reference"])[:LONGEST_NAME],
    )  # fmt: skip


def _amount(cells: Mapping[str, str], marks: Reading) -> Decimal:
    """With a sign: what came in less what went out."""
    if cells["amount"]:
        value = _number(cells["amount"], marks)
        return -abs(value) if cells["side"].strip().upper().startswith("D") else value
    return abs(_number(cells["credit"], marks)) - abs(_number(cells["debit"], marks))


def _number(cell: str, marks: Reading) -> Decimal:
    number = bare(cell, _SIGNS)[0] if cell else ""
    if not number:
        return Decimal(0)
    value = parse_number(number if number is cell else number.lstrip("+").strip(), marks.decimal_mark)
    if value != round(value, 2) or abs(value) >= 10**12:
        raise Fault(DECIMALS, value=cell)
    return round(value, 2)
