"""Exports: a partner's own orders and documents as spreadsheets."""

from pages.ui.exports import show_exports
from pages.ui.guard import require

show_exports(require("partner", "exports.make"), "partner")
