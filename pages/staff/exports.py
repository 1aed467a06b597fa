"""Exports: order data and everything around it as spreadsheets."""

from pages.ui.exports import show_exports
from pages.ui.guard import require

show_exports(require("staff", "exports.make"), "staff")
