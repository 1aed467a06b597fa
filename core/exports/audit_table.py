"""The audit as a table: who did what, when, to what."""

from core.audit_words import KINDS
from core.exports.filters import OF_AUDIT
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
        Column("number", N_("Document"), "text", "coalesce(event.data ->> 'number', '')"),
        Column("sku", N_("SKU"), "text", "coalesce(event.data ->> 'sku', '')"),
        Column("person", N_("Person"), "text", "coalesce(about.name, '')", needs=("about",)),
        Column("person_email", N_("Person's e-mail"), "text", "coalesce(about.email, '')", needs=("about",)),
        Column("address", N_("From the internet address"), "text", "event.address"),
        Column("data", N_("Details"), "text", "case when event.data = '{}' then '' else event.data::text end"),
    ),
    source="""
        from event left join app_user doer on doer.id = event.user_id
        left join partner on partner.id = event.partner_id
    """,
    joins={"about": """left join app_user about
        on about.id = case when event.data ->> 'user' ~ '^[0-9]{1,9}$' then (event.data ->> 'user')::int end"""},
    order="event.id",
    day=local_day("event.at"),
    narrowed=OF_AUDIT,
)  # fmt: skip
