"""Sales invoices and payments for the accountant's program.

Every row has ids that never change, and the codes that SAF-T (D406) and e-Factura ask for: of documents UNTDID 1001, of
units UN/ECE 20, of VAT UNCL 5305 with its rate, of payment means UNCL 4461. The tax codes of D406 itself follow from
category and rate, and are the accountant's to choose.
"""

from core.exports.filters import OF_PARTNER, PARTNER_WORDS
from core.exports.tables import Column, Filter, Table
from core.i18n import N_
from core.orders.contents import DOCUMENT_NUMBER
from core.receivables.words import METHOD_NAMES

ISSUED = {"invoice": N_("Fiscal invoice"), "storno": N_("Storno")}
MEANS = (
    "case payment.method when 'bank' then '42' when 'cash' then '10' when 'card' then '48' when 'offset' then '97' end"
)
"""UNCL 4461: payment to a bank account, in cash, by card, clearing between partners; none for what was written off."""
_LEI = "round({} * document.exchange_rate, 2)"
_CUI = """
    case when (document.buyer ->> 'vat_payer')::bool and document.buyer ->> 'country' = 'RO' then 'RO' else '' end
    || coalesce(document.buyer ->> 'cui', '')"""

_DOCUMENT = (
    Column("document_id", N_("Document id"), "number", "document.id"),
    Column("kind", N_("Kind"), "text", "document.kind", ISSUED),
    Column("type_code", N_("Type code"), "text", "document.type_code"),
    Column("number", N_("Number"), "text", DOCUMENT_NUMBER),
    Column("issued", N_("Issued on"), "day", "document.issued_on"),
    Column("delivered", N_("Delivered on"), "day", "coalesce(document.delivered_on, document.issued_on)"),
    Column("due", N_("Due on"), "day", "document.due_on"),
    Column("refers_to", N_("Id of the document it corrects"), "number", "document.refers_to"),
    Column("annulled", N_("Annulled"), "text", "case when annulment.document_id is null then '' else 'yes' end",
           {"yes": N_("yes")}, needs=("annulled",)),
    Column("partner_code", N_("Partner code"), "text", "partner.code"),
    Column("partner", N_("Partner"), "text", "document.buyer ->> 'name'"),
    Column("cui", N_("CUI"), "text", _CUI),
    Column("country", N_("Country"), "text", "document.buyer ->> 'country'"),
    Column("currency", N_("Currency"), "text", "document.currency"),
    Column("rate", N_("Lei for one unit"), "price", "document.exchange_rate"),
    Column("vat_on_payment", N_("VAT on payment"), "text", "case when document.vat_on_payment then 'yes' else '' end",
           {"yes": N_("yes")}),
)  # fmt: skip
_ANNULLED = {"annulled": "left join annulment on annulment.document_id = document.id"}
_OF_SALES = {"kind": Filter(N_("Kind"), "document.kind = any(%(kind)s)", words=ISSUED), **OF_PARTNER}

SALES_LINES = Table(
    name="sales_lines",
    label=N_("Sales invoices for the accountant, by line"),
    actions=("documents.see",),
    columns=(
        *_DOCUMENT,
        Column("line", N_("Line"), "number", "line.position"),
        Column("sku", N_("Product code"), "text", "line.sku"),
        Column("name", N_("Product"), "text", "line.name"),
        Column("unit", N_("Unit"), "text", "line.unit"),
        Column("unit_code", N_("Unit code"), "text", "line.unit_code"),
        Column("quantity", N_("Quantity"), "quantity", "line.quantity"),
        Column("unit_price", N_("Net price"), "price", "line.unit_price"),
        Column("net", N_("Net total"), "money", "line.net"),
        Column("lei_net", N_("Net total in lei"), "money", _LEI.format("line.net"), total=True),
        Column("vat_category", N_("VAT category"), "text", "line.vat_category"),
        Column("vat_rate", N_("VAT rate, %"), "percent", "line.vat_rate"),
    ),
    source="""from document_line line join document on document.id = line.document_id
        and document.kind in ('invoice', 'storno') join partner on partner.id = document.partner_id""",
    joins=_ANNULLED,
    order="document.issued_on, document.id, line.position",
    day="document.issued_on",
    partner="document.partner_id",
    narrowed=_OF_SALES,
)  # fmt: skip

SALES_VAT = Table(
    name="sales_vat",
    label=N_("Sales invoices for the accountant, by VAT rate"),
    actions=("documents.see",),
    columns=(
        *_DOCUMENT,
        Column("vat_category", N_("VAT category"), "text", "part.category"),
        Column("vat_rate", N_("VAT rate, %"), "percent", "part.rate"),
        Column("base", N_("VAT base"), "money", "part.base"),
        Column("vat", N_("VAT"), "money", "part.vat"),
        Column("lei_base", N_("VAT base in lei"), "money", _LEI.format("part.base"), total=True),
        Column("lei_vat", N_("VAT in lei"), "money", _LEI.format("part.vat"), total=True),
        Column("reason", N_("Reason"), "text", "part.reason"),
    ),
    source="""from document_vat part join document on document.id = part.document_id
        and document.kind in ('invoice', 'storno') join partner on partner.id = document.partner_id""",
    joins=_ANNULLED,
    order="document.issued_on, document.id, part.rate desc, part.category",
    day="document.issued_on",
    partner="document.partner_id",
    narrowed=_OF_SALES,
)

PAID = Table(
    name="paid",
    label=N_("Payments for the accountant, by invoice"),
    actions=("documents.see",),
    columns=(
        Column("payment_id", N_("Payment id"), "number", "payment.id"),
        Column("paid", N_("Paid on"), "day", "payment.paid_on"),
        Column("partner_code", N_("Partner code"), "text", "partner.code"),
        Column("partner", N_("Partner"), "text", "partner.name"),
        Column("cui", N_("CUI"), "text", "partner.cui"),
        Column("method", N_("How"), "text", "payment.method", METHOD_NAMES),
        Column("means", N_("Payment means code"), "text", MEANS),
        Column("reference", N_("Reference"), "text", "payment.reference"),
        Column("document_id", N_("Document id"), "number", "share.document_id"),
        Column("number", N_("Number"), "text", f"case when document.id is null then '' else {DOCUMENT_NUMBER} end"),
        Column("order", N_("Order"), "number", "share.order_id"),
        Column("amount", N_("Amount in lei"), "money", "share.amount", total=True),
        Column("undoes", N_("Takes back payment"), "number", "payment.undoes"),
        Column("reason", N_("Reason"), "text", "payment.reason"),
    ),
    # What pays no invoice yet, or no longer, is a row without one: the rows of a payment add up to it.
    source="""
        from payment join partner on partner.id = payment.partner_id
        left join credit on credit.payment_id = payment.id
        cross join lateral (
            select document_id, order_id, sum(amount) as amount from allocation
            where credit_id = credit.id group by 1, 2 having sum(amount) <> 0
          union all
            select null, null, payment.amount - coalesce(sum(amount), 0) from allocation
            where credit_id = credit.id having payment.amount <> coalesce(sum(amount), 0)
        ) share left join document on document.id = share.document_id""",
    order="payment.paid_on, payment.id, share.document_id nulls last, share.order_id",
    day="payment.paid_on",
    partner="payment.partner_id",
    narrowed=PARTNER_WORDS | OF_PARTNER,
)
