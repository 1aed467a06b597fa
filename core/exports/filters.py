"""Filters of tables: the same conditions as the lists on the pages have, so that what was seen there is taken out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, TextClause, and_, bindparam, or_, text, true
from sqlalchemy.orm import Session

from core import audit
from core.anaf.wording import STATE_NAMES as ANAF_STATES
from core.audit_words import GROUP_NAMES
from core.catalog.queries import Wanted, matching_products
from core.documents.models import KIND_NAMES
from core.exports.tables import Filter
from core.i18n import N_
from core.orders.lifecycle import STATUS_NAMES
from core.orders.queries import searched as searched_orders
from core.receivables.debtors import Only, debtor_ids
from core.receivables.debtors import searched as searched_partners
from core.receivables.listing import State, in_state, matching

SEARCH = N_("Search")
"""What a page's own search is called."""


def condition(sql: str, params: Mapping[str, Any]) -> TextClause:
    """A list's own condition (with `:names`), to stand beside others that have parameters of the same names."""
    bound: list[BindParameter[Any]] = [bindparam(name, value, unique=True) for name, value in params.items()]
    return text(f"({sql})").bindparams(*bound)


def one_of(found: Iterable[ColumnElement[bool] | TextClause]) -> ColumnElement[bool]:
    return or_(*cast(Iterable[ColumnElement[bool]], found))


def _orders(_session: Session, values: Sequence[str], _today: date) -> TextClause:
    return condition(*searched_orders(" ".join(values)))


def _documents(_session: Session, values: Sequence[str], _today: date) -> ColumnElement[bool]:
    return and_(true(), *matching(" ".join(values)))


def _states(_session: Session, values: Sequence[str], today: date) -> ColumnElement[bool]:
    return one_of(and_(true(), *in_state(cast(State, value), today)) for value in values)


def _partners(_session: Session, values: Sequence[str], _today: date) -> TextClause:
    clauses, params = searched_partners(" ".join(values))
    return condition(f"partner.id in (select id from partner where {' and '.join(['true', *clauses])})", params)


def _debtors(_session: Session, values: Sequence[str], today: date) -> ColumnElement[bool]:
    found = [debtor_ids(cast(Only, value), today) for value in values]
    return one_of(condition(f"partner.id in ({sql})", params) for sql, params in found)


def _product(wanted: Wanted) -> TextClause:
    sql, params = matching_products(wanted)
    return condition(f"product.id in (select p.id {sql})", params)


def _products(_session: Session, values: Sequence[str], _today: date) -> TextClause:
    return _product(Wanted(search=" ".join(values)))


def _categories(_session: Session, values: Sequence[str], _today: date) -> ColumnElement[bool]:
    return one_of(_product(Wanted(category=value)) for value in values)


def _like_that(_session: Session, values: Sequence[str], _today: date) -> TextClause:
    return _product(Wanted(only=tuple(values)))


def _entries(session: Session, filters: audit.Filters) -> TextClause:
    clauses, params = audit.conditions(session, filters)
    return condition(" and ".join(["true", *clauses]), params)


GROUP = Filter(
    N_("Partner groups"), "partner.group_id in (select id from partner_group where name = any(%(group)s))",
    choices="select name, name from partner_group order by name", staff=True,
)  # fmt: skip
OF_PARTNER = {
    "partner": Filter(N_("Partner codes"), "partner.code = any(%(partner)s)", staff=True),
    "group": GROUP,
}
OF_ORDER = {
    "words": Filter(SEARCH, make=_orders, one=True),
    "status": Filter(N_("Status"), "orders.status = any(%(status)s)", words=STATUS_NAMES),
    "claimed_by": Filter(
        N_("Claimed by, or held for"),
        "exists (select from app_user who where who.email = any(%(claimed_by)s)"
        " and who.id in (orders.claimed_by, orders.assigned_to))",
        choices="select email, name from app_user where kind = 'staff' order by name, email", staff=True,
    ),
    **OF_PARTNER,
}  # fmt: skip
OF_DOCUMENT = {
    "words": Filter(SEARCH, make=_documents, one=True),
    "kind": Filter(N_("Kinds"), "document.kind = any(%(kind)s)", words=KIND_NAMES),
    "state": Filter(
        N_("Invoices by state"), make=_states, needs=("open", "annulled"),
        words={"unpaid": N_("Unpaid"), "overdue": N_("Overdue"), "paid": N_("Paid")},
    ),
    "anaf": Filter(
        N_("e-Factura"),
        "exists (select from anaf_submission"
        " where anaf_submission.document_id = document.id and anaf_submission.state = any(%(anaf)s))",
        words=ANAF_STATES, staff=True,
    ),
}  # fmt: skip
PARTNER_WORDS = {"words": Filter(SEARCH, make=_partners, one=True, staff=True)}
DEBTORS = Filter(
    N_("Receivables"), make=_debtors,
    words={"all": N_("Who owes something or has credit"), "overdue": N_("Overdue"), "blocked": N_("May not order"),
           "disputed": N_("Disputed"), "credit": N_("With credit")},
)  # fmt: skip
BRAND = Filter(N_("Brands"), "product.brand = any(%(brand)s)")
SKU = Filter(N_("SKUs"), "product.sku = any(%(sku)s)")
OF_PRODUCT = {
    "words": Filter(SEARCH, make=_products, one=True),
    "category": Filter(N_("Categories"), make=_categories, choices="select path, path from category order by path"),
    "brand": BRAND,
    "sku": SKU,
}
ONLY = Filter(
    N_("Only those that are"), make=_like_that,
    words={"active": N_("Active"), "inactive": N_("Not active"), "out_of_stock": N_("Out of stock"),
           "without_picture": N_("Without picture"), "without_ean": N_("Without EAN"),
           "restricted": N_("Restricted")},
)  # fmt: skip
OF_AUDIT = {
    "words": Filter(SEARCH, one=True, make=lambda session, values, _: _entries(
        session, audit.Filters(words=" ".join(values)))),
    "person": Filter(N_("Person"), one=True, make=lambda session, values, _: _entries(
        session, audit.Filters(person=" ".join(values)))),
    "named": Filter(N_("Partner, by name or code"), one=True, make=lambda session, values, _: _entries(
        session, audit.Filters(partner=" ".join(values)))),
    "groups": Filter(N_("Kinds of entries"), words=GROUP_NAMES, make=lambda session, values, _: _entries(
        session, audit.Filters(groups=tuple(values)))),
    "partner": OF_PARTNER["partner"],
}  # fmt: skip
