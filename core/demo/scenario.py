"""Who and what the demo company is about: invented people and firms, how they buy and how they pay."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

# The unique number of a firm that does not exist, with a right check digit; the bank does not exist either.
COMPANY: dict[str, Any] = {
    "name": "Ramparia Distribuție Tehnică S.R.L.",
    "cui": "990045171",
    "reg_com": "J08/90771/2004",
    "share_capital": 45_000,
    "address": "Str. Depozitelor nr. 5, hala 3",
    "city": "Brașov",
    "county": "BV",
    "iban": "RO97EXMP0000990045170001",
    "bank": "Banca Exemplu S.A.",
    "phone": "0700 000 100",
    "email": "birou@rampa.example",
    "order_emails": ["comenzi@rampa.example"],
    "claim_hours": 24,
}
ADMIN = "admin@rampa.example"
# Role → address and name.
STAFF = {
    "admin": (ADMIN, "Ioana Marcu"),
    "sales": ("vanzari@rampa.example", "Vlad Pârvu"),
    "warehouse": ("depozit@rampa.example", "Radu Olteanu"),
    "accounting": ("contabilitate@rampa.example", "Mirela Stan"),
    "analyst": ("analize@rampa.example", "Dan Ilie"),
}
STAFF_PASSWORD = "rampa-birou-24"  # noqa: S105 (of the demo only; printed when it starts)
PARTNER_PASSWORD = "rampa-partener-24"  # noqa: S105 (of all partners' users in the demo)
SHOWN_PARTNERS = ("P1001", "P1002")
"""Those whose log-ins are shown: they have something overdue and something half paid."""
CART_OWNER = "P1001"
# Colleagues of the cart's owner: role, name, spending limit in lei with VAT.
COLLEAGUES = {
    "santier@electro-ardelia.example": ("buyer", "Sorin Mureșan", Decimal(1500)),
    "contabil@electro-ardelia.example": ("accountant", "Ileana Rus", None),
}
QUESTION = "Pentru tabloul de la grădiniță; avem nevoie de tot până vineri."
"""What the buyer says when asking the owner to approve a cart above the limit."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One partner: its buyer, how often it orders, how large (1 is usual), what, and how it pays.

    `pays` weighs on time, late, in part, not at all.
    """

    buyer: str
    weight: int
    size: float
    focus: tuple[str, ...]
    pays: tuple[int, int, int, int]


PROFILES = {
    "P1001": Profile("Mihai Ardelean", 5, 1.2, ("Electrice", "Fixare", "Scule"), (60, 28, 8, 4)),
    "P1002": Profile("Sorina Dumitrescu", 4, 1.5, ("Materiale", "Finisaje", "Etanșare"), (65, 25, 6, 4)),
    "P1003": Profile("Adrian Covaci", 3, 1.0, ("Instalații", "Etanșare", "Materiale"), (80, 15, 5, 0)),
    "P1004": Profile("Elena Ursache", 3, 0.9, ("Electrice", "Diverse"), (75, 20, 3, 2)),
    "P1005": Profile("Vasile-Dan Popa", 2, 0.3, ("Instalații", "Scule", "Etanșare"), (85, 15, 0, 0)),
    "P1006": Profile("Corina Enache", 5, 1.6, ("Materiale", "Finisaje", "Fixare", "Protecția"), (75, 20, 5, 0)),
    "P1007": Profile("Johann Weber", 2, 0.7, ("Electrice", "Protecția", "Scule"), (90, 10, 0, 0)),
    "P1008": Profile("Réka Nagy", 4, 1.1, ("Scule", "Finisaje", "Fixare", "Diverse"), (70, 25, 5, 0)),
    "P1009": Profile("Florin Mitroi", 3, 0.8, ("Finisaje", "Materiale", "Protecția"), (40, 35, 10, 15)),
    "P1010": Profile("Cătălin Buhăescu", 2, 0.4, ("Instalații", "Etanșare"), (70, 25, 0, 5)),
    "P1011": Profile("Daniela Prodan", 4, 1.6, ("Electrice", "Protecția", "Fixare"), (85, 12, 3, 0)),
    "P1012": Profile("Ilie Lungu", 2, 0.7, ("Materiale", "Fixare", "Scule"), (70, 20, 5, 5)),
}


@dataclass(frozen=True, slots=True)
class Live:
    """An order as it stands when the demo starts: how long ago it was placed, claimed and invoiced, if at all."""

    partner: str
    placed: timedelta
    claimed: timedelta | None = None
    invoiced: timedelta | None = None


def _ago(hours: int, minutes: int = 0) -> timedelta:
    return timedelta(hours=hours, minutes=minutes)


ASKED = _ago(0, 50)
"""How long ago the buyer asked."""


LIVE = (
    Live("P1007", _ago(23, 15)),  # lapses 45 minutes after the start
    Live("P1011", _ago(22, 40), claimed=_ago(21, 30), invoiced=_ago(4, 20)),
    Live("P1006", _ago(20, 10), claimed=_ago(18, 5)),
    Live("P1001", _ago(14, 30)),
    Live("P1004", _ago(5, 20)),
    Live("P1002", _ago(3, 35), claimed=_ago(2)),
    Live("P1009", _ago(0, 12)),
)

STAFF_REASONS = (
    "Clientul a renunțat la lucrare, confirmat telefonic.",
    "Comandă dublă; rămâne cea plasată mai devreme în aceeași zi.",
    "Lotul rezervat a fost găsit deteriorat la pregătire; marfa nouă vine săptămâna viitoare.",
    "Termenul de livrare cerut nu poate fi respectat; se reface comanda.",
    "Facturi scadente neachitate; comanda se reia după plată.",
)
PARTNER_REASONS = (
    "Am greșit cantitățile, refac comanda.",
    "Beneficiarul a schimbat proiectul.",
    "Am găsit marfa în depozitul nostru.",
)
NOTES = (
    "Vă rugăm sunați înainte de livrare.",
    "Livrare la șantier, poarta a doua.",
    "Ridicăm cu mașina noastră mâine dimineață.",
    "Vă rugăm certificate de conformitate.",
    "Urgent, dacă se poate astăzi.",
)
