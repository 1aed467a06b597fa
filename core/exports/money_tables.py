"""Documents, payments and balances as tables. Amounts in lei."""

from core.documents.models import KIND_NAMES
from core.exports.filters import DEBTORS, OF_DOCUMENT, OF_PARTNER, PARTNER_WORDS
from core.exports.tables import Column, Table, local_moment
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.receivables.words import METHOD_NAMES

_PARTNER = (
    Column("partner_code", N_("Partner code"), "text", "partner.code"),
    Column("partner", N_("Partner"), "text", "partner.name"),
    Column("cui", N_("CUI"), "text", "partner.cui"),
)

_OURS = "document.kind <> 'opening'"
"""Of what stems from the program before it is only known how much was open."""

DOCUMENTS = Table(
    name="documents",
    label=N_("Documents"),
    actions=("documents.see",),
    columns=(
        Column("kind", N_("Kind"), "text", "document.kind", KIND_NAMES),
        Column("number", N_("Number"), "text", DOCUMENT_NUMBER),
        Column("issued", N_("Issued on"), "day", "document.issued_on"),
        Column("due", N_("Due on"), "day", "document.due_on"),
        *_PARTNER,
        Column("order", N_("Order"), "number", "document.order_id"),
        Column("net", N_("Net total"), "money", f"case when {_OURS} then document.lei_net end", total=True),
        Column("vat", N_("VAT"), "money", f"case when {_OURS} then document.lei_vat end", total=True),
        Column("gross", N_("Total with VAT"), "money", "document.lei_gross", total=True),
        Column("open", N_("Still open"), "money", "coalesce(receivable.open, 0)", needs=("open",), total=True),
        Column("currency", N_("Currency"), "text", "document.currency"),
        Column("rate", N_("Lei for one unit"), "price", "document.exchange_rate"),
        Column("annulled", N_("Annulled"), "text", "case when annulment.document_id is null then '' else 'yes' end",
               {"yes": N_("yes")}, needs=("annulled",)),
    ),
    source="from document join partner on partner.id = document.partner_id",
    joins={
        "open": "left join receivable on receivable.document_id = document.id",
        "annulled": "left join annulment on annulment.document_id = document.id",
    },
    order="document.issued_on, document.id",
    day="document.issued_on",
    partner="document.partner_id",
    own=True,
    narrowed=OF_DOCUMENT | OF_PARTNER,
)  # fmt: skip

PAYMENTS = Table(
    name="payments",
    label=N_("Payments"),
    actions=("documents.see",),
    columns=(
        Column("payment", N_("Payment number"), "number", "payment.id"),
        Column("paid", N_("Paid on"), "day", "payment.paid_on"),
        *_PARTNER,
        Column("method", N_("How"), "text", "payment.method", METHOD_NAMES),
        Column("reference", N_("Reference"), "text", "payment.reference"),
        Column("amount", N_("Amount"), "money", "payment.amount", total=True),
        Column("left", N_("Credit that is left"), "money", "coalesce(credit.left, 0)", needs=("credit",), total=True),
        Column("undoes", N_("Takes back payment"), "number", "payment.undoes"),
        Column("reason", N_("Reason"), "text", "payment.reason"),
        Column("recorded", N_("Recorded on"), "moment", local_moment("payment.recorded_at")),
    ),
    source="from payment join partner on partner.id = payment.partner_id",
    joins={"credit": "left join credit on credit.payment_id = payment.id"},
    order="payment.paid_on, payment.id",
    day="payment.paid_on",
    partner="payment.partner_id",
    own=True,
    narrowed=PARTNER_WORDS | OF_PARTNER,
)  # fmt: skip

BALANCES = Table(
    name="balances",
    label=N_("Balances of partners"),
    actions=("documents.see",),
    columns=(
        *_PARTNER,
        Column("brought", N_("From the previous program"), "money", "coalesce(sums.brought, 0)", total=True),
        Column("invoiced", N_("Invoiced"), "money", "coalesce(sums.invoiced, 0)", total=True),
        Column("paid", N_("Paid"), "money", "coalesce(sums.paid, 0)", total=True),
        Column("balance", N_("Balance"), "money", "coalesce(sums.balance, 0)", total=True),
        Column("unpaid", N_("Unpaid"), "money", "coalesce(debts.unpaid, 0)", total=True),
        Column("overdue", N_("Overdue"), "money", "coalesce(debts.overdue, 0)", total=True),
        Column("oldest", N_("Due longest"), "day", "debts.oldest"),
    ),
    source="""
        from partner
        left join lateral (
            select sum(amount) filter (where kind in ('invoice', 'storno')) as invoiced,
                   sum(amount) filter (where kind = 'opening') as brought,
                   -sum(amount) filter (where kind not in ('invoice', 'storno', 'opening')) as paid,
                   sum(amount) as balance
            from ledger where ledger.partner_id = partner.id
        ) sums on true
        left join lateral (
            select sum(open) as unpaid, sum(open) filter (where due_on < %(today)s) as overdue, min(due_on) as oldest
            from receivable where receivable.partner_id = partner.id and open > 0
        ) debts on true""",
    order="partner.name, partner.id",
    partner="partner.id",
    narrowed=PARTNER_WORDS | {"receivables": DEBTORS} | OF_PARTNER,
)  # fmt: skip
