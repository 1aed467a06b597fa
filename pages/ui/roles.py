"""The roles as people read them."""

from core.i18n import N_

ROLE_NAMES = {
    "owner": N_("Owner"),
    "buyer": N_("Buyer"),
    "accountant": N_("Accountant"),
    "admin": N_("Administrator"),
    "sales": N_("Sales"),
    "warehouse": N_("Warehouse"),
    "accounting": N_("Accounting"),
    "analyst": N_("Analyst"),
}
