"""What the VAT classes are called."""

from core.i18n import N_
from pages.ui.text import _

NAMES = {
    "standard": N_("Standard"), "reduced": N_("Reduced"), "zero": N_("Zero"), "exempt": N_("Exempt"),
    "reverse": N_("Reverse charge"), "deposit": N_("Packaging deposit (SGR)"),
}  # fmt: skip


def vat_names() -> dict[str, str]:
    """VAT class → what it is called."""
    return {name: _(words) for name, words in NAMES.items()}
