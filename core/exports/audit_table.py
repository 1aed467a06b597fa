"""The audit as a table: who did what, when, to what. Its page has an export of its own, with each entry in words."""

from core.audit_words import KINDS
from core.exports.tables import Column, Table, local_day, local_moment
from core.i18n import N_

AUDIT = Table(
    name="audit",
    label=N_("Audit"),
    actions=("audit.see",),
    columns=(
        Column("entry", N_("Entry"), "number", "event.id"),
        Column("at", N_("When"), "moment", local_moment("event.at")),
        Column("kind", N_("What"), "text", "event.kind", KINDS),
        Column("who", N_("Who"), "text", "doer.name"),
        Column("who_email", N_("E-mail"), "text", "doer.email"),
        Column("partner_code", N_("Partner code"), "text", "partner.code"),
        Column("partner", N_("Partner"), "text", "partner.name"),
        Column("order", N_("Order"), "number", "event.order_id"),
        Column("document", N_("Document number in the database"), "number", "event.document_id"),
        Column("address", N_("From the internet address"), "text", "event.address"),
        Column("data", N_("Details"), "text", "case when event.data = '{}' then '' else event.data::text end"),
    ),
    source="""
        from event left join app_user doer on doer.id = event.user_id
        left join partner on partner.id = event.partner_id
    """,
    order="event.id",
    day=local_day("event.at"),
    narrowed={"partner": "partner.code = any(%(partner)s)"},
)  # fmt: skip
