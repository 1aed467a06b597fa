"""What the tests of e-Factura do again and again."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from sqlalchemy import text

from core.anaf import asking, connecting, deadlines, finding, sending, tokens
from core.anaf.models import AnafConnection, AnafSubmission
from core.check import run_checks
from core.db import transaction
from core.documents.models import Document, DocumentFile
from core.events import Event
from core.principal import SYSTEM, Principal
from tests.anaf_fake import Anaf, invoice_xml
from tests.core.documents.steps import invoice, set_up_company
from tests.core.orders.steps import NOON
from tests.factories import add, make_buyer, make_company

SELLER = "10000024"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def connected(anaf: Anaf, environment: str = "prod", as_of: datetime = NOON) -> None:
    """ANAF knows the portal."""
    given = anaf.tokens()
    with transaction(SYSTEM) as session:
        connecting.set_connection(session, environment, "client-1", "secret-1", as_of)
        row = session.get_one(AnafConnection, 1)
        tokens.store(row, tokens.Tokens(str(given["access_token"]), str(given["refresh_token"]), 7_776_000), as_of)
        row.connected_at = as_of


def came_back(anaf: Anaf, admin: Principal) -> tuple[str, str]:
    """Code and state, as ANAF's page hands them to the browser."""
    with transaction(admin) as session:
        answer = httpx2.get(connecting.start_url(session), follow_redirects=False)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    return asked["code"][0], asked["state"][0]


def issued(buyer: Principal | None = None, root: str = "Invoice", country: str = "RO") -> Document:
    """An invoice whose XML is kept; of another `root` than invoices have, one that was made up."""
    buyer = buyer or make_buyer(country=country)
    if root == "Invoice":
        return invoice(buyer)
    set_up_company(efactura=False)
    document = invoice(buyer)
    set_up_company(efactura=True)
    keep_xml(document, invoice_xml(document.full_number, SELLER, root))
    return document


def keep_xml(document: Document, xml: bytes) -> None:
    add(DocumentFile(document_id=document.id, format="xml", partner_id=document.partner_id, content=xml,
                     sha256=sha256(xml).hexdigest(), made_at=NOON))  # fmt: skip


def ready(count: int = 1) -> list[Document]:
    """So many invoices on their way to ANAF."""
    make_company()
    set_up_company()
    return [issued() for _ in range(count)]


def send_next(as_of: datetime = NOON) -> sending.Outcome | None:
    """As the job does for one invoice; None if none was due."""
    with transaction(SYSTEM) as session:
        taken = sending.take_next(session, as_of)
    return None if taken is None else handed_over(taken, as_of)


def handed_over(taken: sending.Taken, as_of: datetime) -> sending.Outcome:
    outcome = sending.hand_over(taken)
    with transaction(SYSTEM) as session:
        sending.note(session, taken, outcome, as_of)
    return outcome


def send_all(as_of: datetime = NOON) -> None:
    while outcome := send_next(as_of):
        if outcome.stop:
            return


def ask_all(as_of: datetime) -> None:
    """Ask about every upload that is due, each as often as it is due at that time."""
    while True:
        with transaction(SYSTEM) as session:
            asked = asking.take_next(session, as_of)
        if asked is None:
            return
        answer = asking.ask(asked)
        with transaction(SYSTEM) as session:
            asking.note(session, asked, answer, as_of)


def look(as_of: datetime) -> int | None:
    """Look for what is in doubt; None if nothing is to be looked for now."""
    with transaction(SYSTEM) as session:
        search = finding.take_next(session, as_of)
    if search is None:
        return None

    def remember(access: Any, found: finding.Found) -> None:
        with transaction(SYSTEM) as session:
            finding.note_message(session, access, found, as_of)

    looked = finding.look(search, remember)
    with transaction(SYSTEM) as session:
        return finding.note(session, search, looked, as_of)


def minute(as_of: datetime) -> None:
    """What the workers' jobs do in a minute."""
    with transaction(SYSTEM) as session:
        deadlines.date_new(session)
    with transaction(SYSTEM) as session:
        sending.give_up_on_the_silent(session, as_of)
    with transaction(SYSTEM) as session:
        tokens.keep_fresh(session, as_of)
    send_all(as_of)
    ask_all(as_of)
    look(as_of)
    with transaction(SYSTEM) as session:
        deadlines.warn_late(session, as_of)


def days_pass(start: datetime, days: int, every: timedelta = 10 * MINUTE) -> datetime:
    """Let the workers work for so many days; returns the end."""
    as_of = start
    while as_of < start + days * DAY:
        minute(as_of)
        as_of += every
    return as_of


def submission(document: Document) -> AnafSubmission:
    with transaction(SYSTEM) as session:
        return session.get_one(AnafSubmission, document.id)


def states(documents: list[Document]) -> list[str]:
    return [submission(document).state for document in documents]


def connection() -> AnafConnection:
    with transaction(SYSTEM) as session:
        return session.get_one(AnafConnection, 1)


def all_settled(anaf: Anaf, documents: list[Document]) -> None:
    """Every invoice is accepted, once, and kept as ANAF signed it."""
    assert states(documents) == ["accepted"] * len(documents)
    assert anaf.accepted() == {document.full_number: 1 for document in documents}
    assert all(kept_zip(document) for document in documents)
    assert {name: found for name, found in run_checks().items() if "ANAF" in name and found} == {}


def kept_zip(document: Document) -> bytes | None:
    with transaction(SYSTEM) as session:
        row = session.get(DocumentFile, (document.id, "zip"))
        return row.content if row else None


def events(kind: str) -> list[Event]:
    with transaction(SYSTEM) as session:
        return list(session.query(Event).filter_by(kind=kind).order_by(Event.id))


def run(statement: str, **about: Any) -> None:
    with transaction(SYSTEM) as session:
        session.execute(text(statement), about)
