"""What entries of the ledger and ways of paying are called."""

from core.i18n import N_, translate

METHOD_NAMES = {
    "bank": N_("Bank transfer"), "cash": N_("Cash"), "card": N_("Card"), "offset": N_("Set-off"),
    "write_off": N_("Written off"),
}  # fmt: skip
"""By core.receivables.models.METHODS."""

ENTRY_NAMES = {
    "invoice": N_("Invoice"), "storno": N_("Storno"), "payment": N_("Payment"), "undone": N_("Payment taken back"),
    "refund": N_("Paid back to the partner"), "write_off": N_("Written off"),
    "opening": N_("Document from the previous program"),
}  # fmt: skip
"""By the kind in the view `ledger`."""


def entry_in_words(kind: str, method: str, reference: str, language: str) -> str:
    """`Payment · Cash · OP 12`: what an entry is, and how and by which text of the bank it came."""
    how = METHOD_NAMES[method] if method and method != "write_off" else ""
    parts = (translate(ENTRY_NAMES[kind], language), translate(how, language), reference)
    return " · ".join(part for part in parts if part)
