"""Why something is open on a document, in a sentence."""

from decimal import Decimal

from core.i18n import N_
from core.receivables.details import Detail, PaidRow
from core.receivables.words import METHOD_NAMES
from pages.ui.frame import plain
from pages.ui.text import _, amount, day

HOW = {
    "payment": {
        "bank": N_("{amount} on {day} by bank transfer"), "cash": N_("{amount} on {day} in cash"),
        "card": N_("{amount} on {day} by card"), "offset": N_("{amount} on {day} by set-off"),
    },
    "ahead": N_("{amount} ahead, on {day}"),
    "credit": N_("{amount} on {day} from your credit"),
    "storno": N_("{amount} on {day} by a storno"),
    "write_off": N_("{amount} on {day}, which the distributor gave up"),
}  # fmt: skip
KINDS = {
    "payment": N_("Payment"), "ahead": N_("Paid in advance"), "credit": N_("From your credit"),
    "storno": N_("Storno"), "write_off": N_("Written off"), "undone": N_("Payment taken back"),
}  # fmt: skip
MOST_NAMED = 4


def why_open(found: Detail) -> str:
    """What was paid of an invoice, what is open and since when it is late; Markdown. Empty for what is not owed."""
    if not found.owed:
        return ""
    total = amount(found.document.lei_gross)
    if found.open <= 0:
        rest = _("Nothing is open.")
    elif found.overdue_days:
        words = _("**{open}** is open. It was due on {day}; days late: {days}.")
        rest = words.format(open=amount(found.open), day=day(found.document.due_on), days=found.overdue_days)
    else:
        words = _("**{open}** is open, to be paid by {day}.")
        rest = words.format(open=amount(found.open), day=day(found.document.due_on))
    standing = _standing(found)
    if not standing:
        return _("Of {total} nothing was paid yet.").format(total=total) + " " + rest if found.open else rest
    if len(standing) > MOST_NAMED:
        paid = _("Of {total} {paid} was paid.").format(total=total, paid=amount(found.paid))
    else:
        paid = _("Of {total}, this was paid: {payments}.").format(total=total, payments=", ".join(map(_how, standing)))
    return f"{paid} {rest}"


def way(row: PaidRow) -> str:
    """By which way a row of what paid it came: `Bank transfer`, or nothing where its kind says it all."""
    return _(METHOD_NAMES[row.method]) if row.method and row.kind != "write_off" else ""


def _standing(found: Detail) -> list[PaidRow]:
    """What paid it and was not taken back: a row that was undone, and what undid it, say nothing to the reader."""
    left = list(found.paid_by)
    for back in (row for row in found.paid_by if row.amount < 0):
        left.remove(back)
        undone = next((row for row in reversed(left) if _same(row, back)), None)
        if undone:
            left.remove(undone)
    return left if sum((row.amount for row in left), Decimal(0)) == found.paid else []


def _same(row: PaidRow, back: PaidRow) -> bool:
    return (row.credit_id, row.amount) == (back.credit_id, -back.amount)


def _how(row: PaidRow) -> str:
    form = HOW[row.kind]
    form = form[row.method] if isinstance(form, dict) else form
    words = _(form).format(amount=amount(row.amount), day=day(row.day))
    named = row.number or row.reference
    return f"{words} ({plain(named)})" if named else words
