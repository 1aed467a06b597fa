"""What ANAF answers, read: XML without entities or network, JSON, ZIP archives of bounded size."""

import io
import json
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lxml import etree

LARGEST_FILE = 20_000_000
MOST_FILES = 20
STATES = {
    "ok": "ok", "nok": "nok", "in prelucrare": "waiting", "XML cu erori nepreluat de sistem": "nok",
}  # fmt: skip
"""`stare` of the service stareMesaj → what it comes to."""
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


class Unreadable(ValueError):
    """Not what the service is known to answer."""


class Refused(ValueError):
    """ANAF says no within an answer that is otherwise fine."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Status:
    """`verdict` is '' while ANAF is still at it, else 'ok' or 'nok'; `download_id` is '' where there is no file."""

    verdict: str
    download_id: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens; `seconds` is how long the first is good, 0 where ANAF did not say."""

    access: str
    refresh: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An accepted invoice in ANAF's list: its upload's index, and the id of its file."""

    upload_index: str
    download_id: str


@dataclass(frozen=True, slots=True)
class Page:
    """`pages` is how many there are, 0 where ANAF did not say."""

    messages: list[Listed]
    pages: int


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """By what an invoice is known again: its number, the digits of its seller's tax number, the SHA-256 of its XML."""

    number: str
    seller: str
    sha256: str
    root: str

    def is_same(self, other: "InvoiceFacts") -> bool:
        """Is it the same invoice, whoever wrote it down?"""
        return self.sha256 == other.sha256 or (
            bool(self.number) and (self.number, self.seller) == (other.number, other.seller)
        )


def upload_index(data: bytes) -> str:
    """The index of an upload that ANAF took. Raises Refused with its reasons, Unreadable."""
    header = _xml(data)
    if header.get("ExecutionStatus") == "1":
        raise Refused(_errors(header) or "ExecutionStatus=1")
    index = header.get("index_incarcare") or ""
    if header.get("ExecutionStatus") != "0" or not _is_id(index):
        raise Unreadable
    return index


def status(data: bytes) -> Status:
    """Raises Refused where ANAF does not know the upload or may not tell, Unreadable."""
    header = _xml(data)
    said = STATES.get(header.get("stare") or "")
    if said is None:
        if text := _errors(header):
            raise Refused(text)
        raise Unreadable
    download_id = header.get("id_descarcare") or ""
    return Status("" if said == "waiting" else said, download_id if _is_id(download_id) else "")


def listed(data: bytes) -> Page:
    """A page of the list. Raises Unreadable."""
    found = _json(data)
    messages = found.get("mesaje")
    if not isinstance(messages, list):
        raise Unreadable
    try:
        rows = [Listed(str(row["id_solicitare"]), str(row["id"])) for row in messages]
        pages = int(found.get("numar_total_pagini") or 0)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable from error
    if not all(_is_id(row.upload_index) and _is_id(row.download_id) for row in rows):
        raise Unreadable
    return Page(rows, pages)


def tokens(data: bytes) -> Tokens:
    """Raises Unreadable."""
    found = _json(data)
    access, renew, seconds = found.get("access_token"), found.get("refresh_token"), found.get("expires_in")
    if not (isinstance(access, str) and access and isinstance(renew, str) and renew):
        raise Unreadable
    return Tokens(access, renew, seconds if isinstance(seconds, int) and seconds > 0 else 0)


def zip_bytes(data: bytes) -> bytes:
    """The archive as it came. Raises Unreadable for what is none, or is larger than it may be when unpacked."""
    unpacked(data)
    return data


def unpacked(data: bytes) -> dict[str, bytes]:
    """The files of an archive by their names. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = archive.infolist()
            if len(files) > MOST_FILES or sum(file.file_size for file in files) > LARGEST_FILE:
                raise Unreadable
            return {file.filename: archive.read(file) for file in files}
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise Unreadable from error


def signed_invoice(data: bytes, index: str) -> bytes:
    """The XML that ANAF signed, out of the archive of an accepted upload. Raises Unreadable if it or its signature is
    missing."""
    files = unpacked(data)
    if f"semnatura_{index}.xml" not in files or f"{index}.xml" not in files:
        raise Unreadable
    return files[f"{index}.xml"]


def reasons(data: bytes) -> str:
    """ANAF's errors out of the archive of a refused upload, a line each; '' where there are none that can be read."""
    said = list[str]()
    for name, content in unpacked(data).items():
        if name.startswith("semnatura"):
            continue
        try:
            said += _errors(_xml(content)).splitlines()
        except Unreadable:
            said += content[:2000].decode("utf-8", "replace").replace("\0", "").strip().splitlines()
    return "\n".join(dict.fromkeys(said))


def facts_of(xml: bytes) -> InvoiceFacts:
    """Number and seller of an invoice in UBL. Raises Unreadable."""
    root = _xml(xml)
    number = (root.findtext(f"{CBC}ID") or "").strip()
    party = root.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    ids = [] if party is None else [
        party.findtext(f"{CAC}{place}/{CBC}CompanyID") or "" for place in ("PartyTaxScheme", "PartyLegalEntity")
    ]  # fmt: skip
    seller = next((digits for digits in map(_digits, ids) if digits), "")
    return InvoiceFacts(number, seller, sha256(xml).hexdigest(), etree.QName(root).localname)


def said_no(data: bytes) -> str:
    """ANAF's words in an answer 200 that is a failure (JSON with `eroare`); '' for any other."""
    if not data.lstrip().startswith(b"{"):
        return ""
    try:
        found = _json(data)
    except Unreadable:
        return ""
    failed = [str(found[name]) for name in ("eroare", "error") if found.get(name)]
    return " ".join([*failed, str(found.get("message") or "")]).strip() if failed else ""


def words(data: bytes) -> str:
    """What an answer that is no success says, for people: the text of JSON or XML, or the beginning of what it is."""
    try:
        found = _json(data)
    except Unreadable:
        return " ".join(data[:300].decode("utf-8", "replace").split())
    names = ("eroare", "error_description", "message", "error")
    return next((str(found[name]) for name in names if found.get(name)), "")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isalnum() and len(text) <= 40


def _errors(header: Any) -> str:
    found = [element.get("errorMessage") for element in header.iter() if isinstance(element.tag, str)]
    return "\n".join(text.strip() for text in found if text and text.strip())


def _digits(text: str) -> str:
    number = "".join(text.split()).upper().removeprefix("RO")
    return number if number.isdecimal() else ""


def _xml(data: bytes) -> Any:
    """The root element; nothing is fetched, no entity is resolved, and none can be declared. Raises Unreadable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable
    return root


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(found, dict):
        raise Unreadable
    return found
