"""A file from an address on the internet, in bounded time and size.

The name is looked up once, its addresses are looked at (core.imports.addresses), and the connection goes to exactly one
of those: a name that means another machine a moment later gains nothing. Redirects are followed here, each looked at
as the first address was. Decision 0028.
"""

import io
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from core.errors import Refusal
from core.i18n import N_
from core.imports.addresses import PORTS, NotAnAddress, Place, Resolve, look_up, place_of, public_addresses
from core.imports.tables import LIMIT_MB

LIMIT = LIMIT_MB * 1024 * 1024
SECONDS = 30
"""So long fetching a file may take in all."""
CONNECT_SECONDS = 10
MOST_REDIRECTS = 3
CHUNK = 1 << 16
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_MARK = 500


class PasswordUnsafe(Refusal):
    message = N_("A password is only sent to an address that begins with https://: elsewhere it could be read.")


class NoAnswer(Refusal):
    message = N_("{host} does not answer. If it stays so, ask whoever runs that server whether it is up.")


class NotTrusted(Refusal):
    message = N_(
        "The certificate of {host} is not valid ({reason}), so nothing was fetched. Ask whoever runs that server."
    )


class TooSlow(Refusal):
    message = N_(
        "The file did not come within {seconds:second|seconds}. Ask whoever runs {host}, or ask for a smaller file."
    )


class FileTooLarge(Refusal):
    message = N_("The file is larger than {limit} MB. Ask for one that is split or shorter.")


class TooManyRedirects(Refusal):
    message = N_("The address leads on to another one more than {most} times. Enter the last one: that of the file.")


class PasswordRefused(Refusal):
    message = N_("{host} does not let us in (answer {status}). Check user name and password.")


class FileNotThere(Refusal):
    message = N_("{host} answered {status} instead of a file. Check the address by opening it in a browser.")


class BrokenAnswer(Refusal):
    message = N_("What {host} answered broke off or is no answer at all. The next try may do better.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to fetch, and the marks that the file from there had last time."""

    url: str
    login: str = ""
    password: str = field(default="", repr=False)
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file; `etag` and `modified` are the marks by which its server tells whether there is a newer one."""

    name: str
    data: bytes = field(repr=False)
    etag: str
    modified: str


def _open(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), seconds)


@dataclass(frozen=True, slots=True)
class Ways:
    """What fetching needs of the world: from a name to addresses, from a checked address to a connection, whom to
    trust, and a clock that only goes forward."""

    look_up: Resolve = look_up
    connect: Callable[[str, int, float], socket.socket] = _open
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    seconds: Callable[[], float] = time.monotonic


REAL = Ways()


def fetch(asked: Asked, ways: Ways = REAL) -> Fetched | None:
    """The file at an address; None if it is the one with these marks still. Not within a transaction: it may take
    SECONDS. Raises refusals that say what to do; nothing is kept of what was refused."""
    place, first = place_of(asked.url), place_of(asked.url).origin
    if asked.password and place.scheme != "https":
        raise PasswordUnsafe
    url, deadline = asked.url, ways.seconds() + SECONDS
    for _ in range(MOST_REDIRECTS + 1):
        left = _Left(place.host, deadline, ways.seconds)
        with _connected(place, ways, left) as sock:
            response = _ask(sock, place, _headers(asked, with_password=place.origin == first))
            if response.status not in REDIRECTS or not (location := response.headers.get("Location")):
                return _file(response, place, left)
        url = _next(url, location)
        place = place_of(url)
    raise TooManyRedirects(most=MOST_REDIRECTS)


def _next(url: str, location: str) -> str:
    """Where an answer leads on to. Raises NotAnAddress."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise NotAnAddress from error


class _Left:
    """The time that is left: raises TooSlow when it is over."""

    def __init__(self, host: str, deadline: float, seconds: Callable[[], float]) -> None:
        self.host, self.deadline, self.seconds = host, deadline, seconds

    def __call__(self) -> float:
        left = self.deadline - self.seconds()
        if left <= 0:
            raise TooSlow(seconds=SECONDS, host=self.host)
        return left


class _Bytes(io.RawIOBase):
    """What comes from a connection; each read waits no longer than there is time in all."""

    def __init__(self, sock: socket.socket, left: _Left) -> None:
        self.sock, self.left = sock, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(self.left())
        return self.sock.recv_into(buffer)


class _Connected:
    """An open connection as http.client uses one; it is closed at the end of the block, and not before."""

    def __init__(self, sock: socket.socket, host: str, left: _Left) -> None:
        self.sock, self.host, self.left = sock, host, left

    def __enter__(self) -> "_Connected":
        return self

    def __exit__(self, kind: Any, error: BaseException | None, _trace: Any) -> None:
        self.sock.close()
        if isinstance(error, TimeoutError):
            raise TooSlow(seconds=SECONDS, host=self.host) from error
        if isinstance(error, OSError | HTTPException | ValueError):
            raise BrokenAnswer(host=self.host) from error

    def sendall(self, data: bytes) -> None:
        self.sock.settimeout(self.left())
        self.sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bytes(self.sock, self.left))

    def close(self) -> None:
        """http.client lets go of the connection before the file has been read."""


def _connected(place: Place, ways: Ways, left: _Left) -> _Connected:
    """To the first of its addresses that answers; the certificate is checked for its name."""
    sock = _first(place, public_addresses(place, ways.look_up), ways, left)
    if place.scheme == "http":
        return _Connected(sock, place.host, left)
    try:
        sock.settimeout(left())
        return _Connected(ways.trust().wrap_socket(sock, server_hostname=place.host), place.host, left)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise NotTrusted(host=place.host, reason=error.verify_message) from error
    except (OSError, ValueError) as error:
        sock.close()
        raise NoAnswer(host=place.host) from error


def _first(place: Place, addresses: list[str], ways: Ways, left: _Left) -> socket.socket:
    for address in addresses:
        try:
            return ways.connect(address, place.port, min(CONNECT_SECONDS, left()))
        except OSError:
            continue
    raise NoAnswer(host=place.host)


def _ask(sock: _Connected, place: Place, headers: dict[str, str]) -> HTTPResponse:
    http = HTTPConnection(place.host, place.port)
    http.default_port, http.auto_open = PORTS[place.scheme], 0  # never another connection than this one
    http.sock = sock
    http.request("GET", place.target, headers=headers)
    return http.getresponse()


def _headers(asked: Asked, *, with_password: bool) -> dict[str, str]:
    headers = {"User-Agent": "Rampa", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
    if asked.login and with_password:
        both = b64encode(f"{asked.login}:{asked.password}".encode()).decode()
        headers["Authorization"] = f"Basic {both}"
    marks = {"If-None-Match": asked.etag, "If-Modified-Since": asked.modified}
    return headers | {name: mark for name, mark in marks.items() if mark}


def _file(response: HTTPResponse, place: Place, left: _Left) -> Fetched | None:
    if response.status == 304:
        return None
    if response.status in (401, 403):
        raise PasswordRefused(host=place.host, status=str(response.status))
    if response.status != 200:
        raise FileNotThere(host=place.host, status=str(response.status))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":  # it was not asked for
        raise BrokenAnswer(host=place.host)
    data = _body(response, place, left)
    return Fetched(_name(place), data, _mark(response, "ETag"), _mark(response, "Last-Modified"))


def _body(response: HTTPResponse, place: Place, left: _Left) -> bytes:
    """All of it: one that breaks off is none."""
    data = bytearray()
    while piece := response.read1(min(CHUNK, LIMIT + 1 - len(data))):
        data += piece
        if len(data) > LIMIT:
            raise FileTooLarge(limit=str(LIMIT_MB))
        left()
    if response.length:
        raise BrokenAnswer(host=place.host)
    return bytes(data)


def _mark(response: HTTPResponse, name: str) -> str:
    """As it was sent, if it can be sent back."""
    mark = response.headers.get(name, "")
    return mark if len(mark) <= LONGEST_MARK and mark.isascii() and mark.isprintable() else ""


def _name(place: Place) -> str:
    """What people call the file: the end of its path, as far as that can be read."""
    end = unquote(urlsplit(place.target).path).rstrip("/").rpartition("/")[2]
    return end[-100:] if end.isprintable() and end else place.host
