"""Something invented for every mail to be about: previews and mails that staff send to themselves tell of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from core.anaf.wording import explained
from core.auth.links import LIVES
from core.auth.models import User
from core.company import Company
from core.config import settings
from core.documents.samples import sample
from core.events import Event
from core.exports.mailing import Ready
from core.messages.formatting import as_html, as_text
from core.messages.models import Message, Thread, ThreadEntry
from core.notifications.choices import choice_of
from core.notifications.digests import Gathered
from core.notifications.facts import LINES_SHOWN, Fault, late_ones
from core.notifications.unsubscribing import PATH
from core.orders.contents import LineRow
from core.orders.models import Order, Proposal
from core.partners.models import Partner
from core.receivables.models import ReminderStep
from core.receivables.notices import NamedInvoice, Notice
from core.receivables.reminder_texts import STANDARD
from core.receivables.thanking import Paid

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=24)

_CABLE = {"sku": "CAB-CYYF-3X25", "name": "Cablu CYY-F 3×2,5 mm², colac 100 m", "unit": "buc"}
_FUSE = {"sku": "SIG-C25-1P", "name": "Siguranță automată modulară C25, 1P, 6 kA", "unit": "buc"}
_GOODS = [{**_CABLE, "quantity": "3"}, {**_FUSE, "quantity": "24"}]
_LOW = [{**_CABLE, "brand": "Carpați", "free": "4", "low_stock": "10"},
        {**_FUSE, "brand": "", "free": "0", "low_stock": "50"}]  # fmt: skip

_FAULTS: list[list[Any]] = [
    [3, "stock", "“{value}” is not a number. Write it like 1234.50 or 1234,50.", {"value": "la cerere"}],
    [7, "stock", "“{value}” is not a number. Write it like 1234.50 or 1234,50.", {"value": "5 buc."}],
]

_REFUSED = (
    "[BR-RO-110]-Daca Codul tarii Cumparatorului (BT-55) este RO, atunci Subdiviziunea tarii Cumparatorului (BT-54)"
    " trebuie sa fie codificata folosind lista de coduri ISO 3166-2:RO"
)

KINDS = {"order_shipped": "order_part_shipped"}
"""Template → the kind of its event, where the template asks."""

DATA: dict[str, dict[str, Any]] = {
    "order_waiting": {"percent": 50},
    "order_unpaid": {"percent": 80},
    "order_escalation": {"percent": 80},
    "order_part_cancelled": {"reason": "Nu mai este în producție", "lines": _GOODS[:1]},
    "order_reduced": {"reason": "Comandat din greșeală", "lines": _GOODS[:1]},
    "order_shipped": {"lines": _GOODS[:1], "note": "Curier, 2 colete"},
    "backorder_filled": {"lines": _GOODS[1:]},
    "change_proposed": {**_CABLE, "ordered": "5", "keep": "3", "reason": "Doar 3 pe stoc"},
    "change_answered": {**_CABLE, "answer": "accepted"},
    "stock_back": {**_FUSE, "quantity": "24"},
    "approval_asked": {"note": "Pentru șantierul din Turda"},
    "approval_refused": {"reason": "Așteptăm luna viitoare"},
    "partner_proposed": {"note": "Vindem materiale electrice în Bihor"},
    "partner_refused": {"reason": "Zona este acoperită de alt partener"},
    "login_failures": {"tries": 5},
    "email_change_asked": {"email": "ana.nou@electro-ardelia.example"},
    "email_change_notice": {"email": "ana.nou@electro-ardelia.example"},
    "user_email_changed": {"old": "ana@electro-ardelia.example", "new": "ana.nou@electro-ardelia.example"},
    "new_sign_in": {"browser": "Firefox, Windows"},
    "stock_low": {"lines": _LOW},
    "export_ready": {"run": 12, "state": "done"},
    "import_failed": {"source": "Furnizor Demo SRL", "file": "stoc_nou.csv", "run": 27, "errors": 2, "faults": _FAULTS},
    "anaf_refused": {"number": "FCT 00012", "reason": _REFUSED},
    "anaf_late": {
        "stage": 1,
        "count": 1,
        "documents": [
            {
                "id": 12,
                "number": "FCT 00012",
                "partner": "Electro Ardelia SRL",
                "due_on": "2026-11-30",
                "state": "queued",
            },
        ],
    },
    "anaf_lost": {"error": "invalid_grant: Token is not active"},
    "job_failed": {"job": "relay", "error": "ConnectionError: 111 Connection refused", "reference": "4F2A9C"},
}
"""Template → what the event holds. A template that is not here asks for nothing of it."""


def sample_facts(row: Company, template: str) -> dict[str, Any]:
    """What the template may use, all of it invented but for the distributor `row`, and nothing of it in a session."""
    portal = settings().public_url.rstrip("/")
    kind = KINDS.get(template, template)
    facts: dict[str, Any] = {
        "company": row, "portal": portal, "sender": row.name or "Rampa", "lines_shown": LINES_SHOWN, "lives": LIVES,
        "event": Event(id=1, at=AT, kind=kind, address="203.0.113.7", document_id=12, data=DATA.get(template, {})),
        "doer": _staff(), "user": _buyer(), "orderer": _buyer(), "partner": _partner(), "held_for": None,
        "link": f"{portal}/welcome?t=…", "until": LATER, "gross": Decimal("2710.30"), "available": Decimal(40),
        "first": date(2026, 10, 1), "last": date(2026, 10, 31),
        "unsubscribe": f"{portal}{PATH}" if choice_of(template) else "",
    }  # fmt: skip
    status = "lapsed" if template == "order_lapsed" else "placed"
    facts |= {"order": _order(status), "lines": _lines(), "to_pay": Decimal("2710.30"), "proposal": _proposal()}
    facts |= {"document": _document(template), "notice": _notice(), "paid": _paid(), "gathered": _gathered()}
    facts |= {"explained": explained(_REFUSED), "late": late_ones(DATA["anaf_late"]["documents"])}
    facts["faults"] = [Fault(*each) for each in _FAULTS]
    facts["export"] = Ready("Vânzări săptămânale", "16.11.2026 - 22.11.2026", 128, "attached")
    return facts | _messages()


def _staff() -> User:
    return User(id=2, name="Ioana Marin", email="ioana@carpati.example", kind="staff", role="sales", language="ro")


def _buyer() -> User:
    return User(id=3, name="Ana Popescu", email="ana@electro-ardelia.example", kind="partner", role="owner",
                language="ro")  # fmt: skip


def _partner() -> Partner:
    return Partner(
        id=4, code="P-0007", name="Electro Ardelia SRL", cui="RO10000016", email="contabil@electro-ardelia.example",
        contact_name="Ana Popescu", phone="021 555 0177", city="București",
    )  # fmt: skip


def _order(status: str) -> Order:
    return Order(
        id=1048, partner_id=4, user_id=3, status=status, placed_at=AT, claim_deadline=LATER, prepay=False,
        pay_deadline=None, extended_at=None, ended_at=LATER if status == "lapsed" else None, end_reason="",
        note="Sunați înainte de livrare", reference="PO-2231", deliver_to="Depozit Turda, str. Fabricii 3",
        wished_on=date(2026, 11, 26), currency="RON", net=Decimal("2239.92"), vat=Decimal("470.38"),
        gross=Decimal("2710.30"), partner=_partner(),
    )  # fmt: skip


def _lines() -> list[LineRow]:
    return [_line(1, _CABLE, 3, 0, "607.84"), _line(2, _FUSE, 24, 4, "17.35")]


def _line(position: int, goods: dict[str, str], quantity: int, waiting: int, price: str) -> LineRow:
    many, none = Decimal(quantity), Decimal(0)
    return LineRow(
        id=position, position=position, product_id=position, quantity=many, held=many - waiting, shipped=none,
        waiting=Decimal(waiting), cancelled=none, billable=many, counted=many, invoiced=none, list_price=Decimal(price),
        unit_price=Decimal(price), vat_rate=Decimal(21), net=many * Decimal(price), replaces=None, price_rule=None,
        **goods,
    )  # fmt: skip


def _proposal() -> Proposal:
    return Proposal(sku="CAB-CYYF-3X25-N", name="Cablu CYY-F 3×2,5 mm², negru", unit="buc", quantity=Decimal(2),
                    unit_price=Decimal("599"))  # fmt: skip


def _document(template: str) -> Any:
    kind = {"proforma_issued": "proforma", "storno_issued": "storno"}.get(template, "invoice")
    original: dict[str, Any] = {"original": sample(), "note": "Marfă returnată"} if kind == "storno" else {}
    return sample(kind, **original)


def _notice() -> Notice:
    step = ReminderStep(number=1, days=3, **STANDARD[1])
    invoice = NamedInvoice(1, "FCT 00012", date(2026, 10, 20), date(2026, 11, 19), 4, Decimal("3214.40"),
                           Decimal("1214.40"))  # fmt: skip
    return Notice("Electro Ardelia SRL", step, [invoice])


def _messages() -> dict[str, Any]:
    body = (
        "Depozitul este **închis** între 24 și 26 decembrie.\n\n- ultima livrare: 23 decembrie\n- prima: 28 decembrie"
    )
    message = Message(id=7, title="Program de sărbători", body=body, level="confirm")
    thread = Thread(id=5, partner_id=4, order_id=1048)
    entry = ThreadEntry(id=9, thread_id=5, author="Ioana Marin", body="Marfa pleacă mâine dimineață.\nUn singur colet.")
    told = {"message": message, "message_html": Markup(as_html(body)), "message_text": as_text(body)}  # noqa: S704 (safe)
    return told | {"thread": thread, "entry": entry, "files": ["aviz-1048.pdf"]}


def _paid() -> Paid:
    return Paid(Decimal("1500.00"), date(2026, 11, 23), "OP", "OP 118", [("FCT 00012", "1.214,40 lei")],
                Decimal("285.60"))  # fmt: skip


def _gathered() -> list[Gathered]:
    return [
        Gathered("Factura FCT 00012", AT, "/documents"),
        Gathered("Comanda dvs. 1048 este preluată", AT + timedelta(hours=2), "/orders?order=1048"),
    ]
