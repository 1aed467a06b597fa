"""ANAF over the wire: one call each, and what may come of it (FISCAL 5). No call is ever made twice from here.

What went wrong is one of four exceptions, by what is known of the call: `NotSent` (ANAF has nothing), `Busy` and
`Denied` (it took nothing), `Rejected` (it said no, and why), `Silent` (it may have done it, nobody knows).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from core.anaf import answers
from core.anaf.answers import Listed, Status, Tokens, Unreadable
from core.config import settings

T = TypeVar("T")

CONNECT_SECONDS = 15
SECONDS = 90
"""How long ANAF may be silent; it is known to take more than a minute."""
TOKEN_SECONDS = 30
"""A lock is held meanwhile, and a code is good for 60."""
LARGEST = 30_000_000
MOST_PAGES = 200
NONE_LISTED = "nu exista mesaje"
"""How ANAF words an empty list: as a failure."""
ADDRESSES = ("https://", "http://127.0.0.1:")


class AnafError(Exception):
    """What a call ended with; `text` is ANAF's own, or what broke."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text.replace("\0", "")[:2000]


class NotSent(AnafError):
    """Nobody was reached: ANAF has nothing of it."""


class Busy(AnafError):
    """Too many calls: ANAF took nothing, later it will."""


class Denied(AnafError):
    """The token is not good, or not for this, or there is no such door: ANAF took nothing, whatever it was."""


class Rejected(AnafError):
    """ANAF read it and said no, in its own words."""


class Silent(AnafError):
    """No answer, or none that can be read: what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which ANAF, and as whom."""

    environment: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class App:
    """The application as it was registered with ANAF."""

    client_id: str
    client_secret: str = field(repr=False)


def upload(access: Access, xml: bytes, cif: str, standard: str) -> str:
    """Hand over an invoice (`standard` UBL) or a credit note (CN) of the seller `cif` (digits); returns ANAF's index.

    Not idempotent: after Silent nobody knows. Raises AnafError.
    """
    asked = {"standard": standard, "cif": cif}
    return _read(answers.upload_index, _get(access, "upload", asked, xml))


def status(access: Access, index: str) -> Status:
    """What became of an upload. Raises AnafError."""
    return _read(answers.status, _get(access, "stareMesaj", {"id_incarcare": index}))


def download(access: Access, download_id: str) -> bytes:
    """The ZIP of a message: an invoice's XML and the signature, or the errors of a refused one. Raises AnafError."""
    return _read(answers.zip_bytes, _get(access, "descarcare", {"id": download_id}))


def sent(access: Access, cif: str, since: datetime, until: datetime) -> Iterator[Listed]:
    """The invoices of `cif` that ANAF has accepted between two instants, page by page. Raises AnafError; a list that
    broke off has told nothing of what is not in it."""
    asked = {"startTime": _milliseconds(since), "endTime": _milliseconds(until), "cif": cif, "filtru": "T"}
    for page in range(1, MOST_PAGES + 1):
        try:
            found = _read(answers.listed, _get(access, "listaMesajePaginatieFactura", asked | {"pagina": str(page)}))
        except Rejected as rejected:
            if NONE_LISTED in rejected.text.lower():
                return
            raise
        yield from found.messages
        if not found.messages or page == found.pages:
            return
    raise Silent("the list never ends")


def exchange(app: App, code: str, redirect: str) -> Tokens:
    """The first pair of tokens, for the code that the browser brought; the code is good for 60 seconds. Raises
    AnafError."""
    return _tokens(app, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect})


def refresh(app: App, token: str) -> Tokens:
    """The next pair of tokens; the old ones are worth nothing afterwards. Raises AnafError."""
    return _tokens(app, {"grant_type": "refresh_token", "refresh_token": token})


def authorize_url(app_id: str, redirect: str, state: str) -> str:
    """Where a person with a certificate lets the portal act for the company."""
    asked = {
        "response_type": "code", "client_id": app_id, "redirect_uri": redirect, "state": state,
        "token_content_type": "jwt",
    }  # fmt: skip
    return f"{settings().anaf_login_url.rstrip('/')}/authorize?{urlencode(asked)}"


def is_anafs_own() -> bool:
    """Would calls go to ANAF itself? Not in a demo with invented companies, nor in tests."""
    return (urlsplit(settings().anaf_api_url).hostname or "").endswith("anaf.ro")


def _get(access: Access, what: str, asked: dict[str, str], body: bytes | None = None) -> bytes:
    """The answer of the API; a `body` is posted."""
    url = f"{settings().anaf_api_url.rstrip('/')}/{access.environment}/FCTEL/rest/{what}?{urlencode(asked)}"
    headers = {"Authorization": f"Bearer {access.token}", "Content-Type": "application/xml"}
    return _call(url, headers, body)


def _tokens(app: App, asked: dict[str, str]) -> Tokens:
    url = f"{settings().anaf_login_url.rstrip('/')}/token"
    both = {"client_id": app.client_id, "client_secret": app.client_secret, "token_content_type": "jwt"}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return _read(answers.tokens, _call(url, headers, urlencode(asked | both).encode(), TOKEN_SECONDS))


def _call(url: str, headers: dict[str, str], body: bytes | None, seconds: float | None = None) -> bytes:
    """What a call that came through answered. Before the connection stands, nothing was sent; after it, silence is
    doubt. Redirects are not followed: whoever sent one has not done what was asked, or nobody knows."""
    if not url.startswith(ADDRESSES):
        raise NotSent("the address of ANAF must begin with https://")
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=CONNECT_SECONDS)
    try:
        connection.connect()
    except OSError as error:
        raise NotSent(repr(error)) from error
    try:
        connection.sock.settimeout(seconds or SECONDS)
        connection.auto_open = 0  # never a second time by itself
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request("GET" if body is None else "POST", target, body, headers)
        response = connection.getresponse()
        return _body(response.status, _whole(response))
    except (OSError, HTTPException) as error:
        raise Silent(repr(error)) from error
    finally:
        connection.close()


def _whole(response: HTTPResponse) -> bytes:
    data = response.read(LARGEST + 1)
    if len(data) > LARGEST or response.length:
        raise Silent("the answer broke off, or has no end")
    return data


def _body(code: int, data: bytes) -> bytes:
    if code == 200:
        if said := answers.said_no(data):
            raise Rejected(said)
        return data
    words = f"{code} {answers.words(data)}".strip()
    if code in (400, 413, 422):
        raise Rejected(words)
    if code == 429:
        raise Busy(words)
    if 400 < code < 500 and code != 408:
        raise Denied(words)
    raise Silent(words)


def _read(reading: Callable[[bytes], T], data: bytes) -> T:
    """An answer that cannot be read tells nothing."""
    try:
        return reading(data)
    except answers.Refused as refused:
        raise Rejected(refused.text) from refused
    except Unreadable as error:
        raise Silent(f"an answer that cannot be read: {data[:200]!r}") from error


def _milliseconds(instant: datetime) -> str:
    return str(int(instant.timestamp() * 1000))
