"""Addresses of files on the internet: what may be asked for, and where its name leads to.

A person types the address, but the portal's own machine goes there: it would reach what nobody outside can (this
machine, the distributor's network, what a data centre tells its machines). So only addresses of the whole internet are
taken, decision 0028. Nothing switches that off.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from core.errors import Refusal
from core.i18n import N_

PORTS = {"http": 80, "https": 443}
LONGEST = 2000

Resolve = Callable[[str, int], list[str]]
"""From the name of a machine, and a port, to its IP addresses; raises OSError."""


class NotAnAddress(Refusal):
    message = N_("Enter an address that begins with https:// or http://, such as https://furnizor.example/stoc.csv.")


class PasswordInAddress(Refusal):
    message = N_("Leave user name and password out of the address: they have fields of their own.")


class PortNotAsked(Refusal):
    message = N_("Port {port} is never asked for files: use an address with port 80, 443, or one above 1023.")


class UnknownHost(Refusal):
    message = N_("The name {host} is not known on the internet. Check how the address is written.")


class NotPublic(Refusal):
    message = N_(
        "{host} does not lead to the internet but into a network of its own, where files are never fetched from. "
        "Have the file put into the watched folder, or enter an address that is reached from everywhere."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is asked for: `target` is the path with what stands behind a question mark."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a password belongs to."""
        return self.scheme, self.host, self.port


def place_of(url: str) -> Place:
    """The parts of an address. Raises NotAnAddress, PasswordInAddress, PortNotAsked."""
    if len(url) > LONGEST or not url.isprintable() or not {" ", "\\"}.isdisjoint(url):
        raise NotAnAddress
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError as error:  # also UnicodeError, of a name that cannot be one
        raise NotAnAddress from error
    if parts.scheme not in PORTS:
        raise NotAnAddress
    if "@" in parts.netloc:
        raise PasswordInAddress
    if port is None:
        port = PORTS[parts.scheme]
    if port not in PORTS.values() and port <= 1023:
        raise PortNotAsked(port=str(port))
    query = f"?{_quoted(parts.query)}" if parts.query else ""
    return Place(parts.scheme, host, port, _quoted(parts.path or "/") + query)


def shown(url: str) -> str:
    """The address as it may be read by many: what stands behind a question mark is often a key."""
    before, mark, _ = url.partition("?")
    return before + ("?…" if mark else "")


def public_addresses(place: Place, resolve: Resolve) -> list[str]:
    """The IP addresses of a place, asked for once. Raises UnknownHost; NotPublic if one of them is not of the whole
    internet."""
    try:
        found = resolve(place.host, place.port)
    except (OSError, UnicodeError) as error:
        raise UnknownHost(host=place.host) from error
    if not found:
        raise UnknownHost(host=place.host)
    if not all(map(is_public, found)):
        raise NotPublic(host=place.host)
    return found


def is_public(address: str) -> bool:
    """Is this IP address one of the whole internet, that belongs to one machine?"""
    ip = ip_address(address)
    if any(ip in network for network in _REFUSED if network.version == ip.version):
        return False
    if isinstance(ip, IPv6Address) and ip in _TRANSLATED:  # how machines that have IPv6 alone see those with IPv4
        return is_public(".".join(map(str, ip.packed[-4:])))
    reached = ip.is_global and not (ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_reserved)
    return reached and not (ip.is_multicast or ip.is_unspecified)


def look_up(host: str, port: int) -> list[str]:
    """As the machine itself does it: also `127.1`, `0x7f000001` and `2130706433` are names, of 127.0.0.1."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def _host(name: str) -> str:
    """In the letters that the internet knows. Raises ValueError."""
    if ":" in name:
        return str(IPv6Address(name)) if "%" not in name else _none(name)
    host = name.encode("idna").decode("ascii").lower()
    return host if _NAME.fullmatch(host) else _none(name)


def _none(name: str) -> str:
    raise ValueError(name)


def _quoted(text: str) -> str:
    return quote(text, safe="%/:=&?~!$'()*+,;@[]")


_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_TRANSLATED = IPv6Network("64:ff9b::/96")
# What Python's lists, which grow from version to version, do not all have: addresses that hold an IPv4 address, old
# private ones, and the one at which Azure tells its machines their secrets.
_REFUSED = [
    ip_network(each)
    for each in (
        "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2002::/16",
        "3fff::/20", "5f00::/16", "fec0::/10",
    )
]  # fmt: skip
