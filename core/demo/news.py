"""What the demo company tells its partners, who has read it, and one conversation about an order."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from core.catalog.normalising import normalised
from core.clock import local_date
from core.company import company
from core.demo.history import Cast, acting
from core.demo.pictures import FOLDER
from core.messages.drafts import Draft
from core.messages.files import NewFile
from core.messages.posting import post
from core.messages.reading import confirm, mark_read
from core.messages.threads import About, write

ASKS = "P1001"
"""Code of the partner that has not read anything yet, and asks about its last order."""
TERMS = (
    "Condiții de livrare de la 1 ianuarie",
    "Bună ziua,\n\nde la **1 ianuarie** livrăm gratuit comenzile de peste *1.000 lei fără TVA*. Pe scurt:\n\n"
    "- comenzile preluate până la ora 12 pleacă în aceeași zi;\n- paleții EUR se returnează la următoarea livrare;\n"
    "- reclamațiile de transport se fac în 24 de ore, cu fotografii.\n\n"
    "Vă rugăm să confirmați că ați luat la cunoștință.",
)
STOCKTAKING = (
    "Inventar: vineri nu livrăm",
    "Vineri facem **inventarul anual**: comenzile plasate în acea zi pleacă luni dimineață. Portalul funcționează ca"
    " de obicei, iar marfa comandată rămâne rezervată pentru dumneavoastră.",
)
OFFER = (
    "Iarna pe șantier: prețuri reduse",
    "Produsele *Calduvar*, *Protemun* și *Siglanol* au preț de promoție. Catalogul îl arată deja: îl găsiți cu butonul"
    " de mai jos.",
)
PROMOTION = "Iarna pe șantier"
QUESTION = (
    "Bună ziua, putem primi marfa direct pe șantier, în Făget? Vă trimit adresa și persoana de contact în fișier."
)
CONTACT = "Șantier Făget, Str. Livezii 14\nContact: Sorin Mureșan, 0700 000 114\nDescărcare între 8 și 12.\n"
ANSWER = "Bună ziua, da. Mașina ajunge mâine între 9 și 11; șoferul sună cu o jumătate de oră înainte."


def tell(session: Session, cast: Cast, as_of: datetime) -> None:
    """Post three messages, let some of the partners read them, and let one ask and be answered.

    What must be confirmed is for partners whose log-ins are not shown: it stands before nobody who tries the demo.
    """
    day = timedelta(days=1)
    readers = [buyer for code, buyer in cast.buyers.items() if code not in (ASKS, "P1002")]
    picture = normalised((FOLDER / "heating.webp").read_bytes())
    with acting(session, cast.staff["sales"]):
        today = local_date(as_of - 3 * day, company(session).time_zone)
        few = frozenset(reader.partner_id or 0 for reader in readers[:4])
        terms = post(session, Draft(*TERMS, "confirm", "partners", few, today), None, as_of - 3 * day)
        promotion = session.execute(_PROMOTION, {"name": PROMOTION}).scalar_one()
        winter = Draft(*OFFER, valid_from=today, promotion_id=promotion)
        offer = post(session, winter, picture, as_of - 2 * day)
        stock = post(session, Draft(*STOCKTAKING, "important", valid_from=today), None, as_of - 2 * day)
    for number, reader in enumerate(readers):
        with acting(session, reader):
            if number < 3:
                confirm(session, terms, as_of - 2 * day + number * timedelta(hours=1))
            mark_read(session, stock if number % 2 else offer, as_of - day)
    _ask(session, cast, as_of)


def _ask(session: Session, cast: Cast, as_of: datetime) -> None:
    asks = cast.buyers[ASKS]
    about = About(asks.partner_id or 0, session.execute(_NEWEST, {"partner": asks.partner_id}).scalar_one())
    with acting(session, asks):
        write(session, about, QUESTION, [NewFile("adresa șantierului.txt", CONTACT.encode())],
              as_of - timedelta(minutes=95))  # fmt: skip
    with acting(session, cast.staff["sales"]):
        write(session, about, ANSWER, [], as_of - timedelta(minutes=40))


_PROMOTION = text("select id from promotion where name = :name")
_NEWEST = text("select max(id) from orders where partner_id = :partner and status in ('placed', 'claimed', 'shipped')")
