"""An ANAF of the tests: a real HTTP server that answers as FISCAL 5 says, and misbehaves as it is told.

`python -m tests.anaf_fake 8599` runs it alone, for a portal started with ANAF_API_URL=http://127.0.0.1:8599 and
ANAF_LOGIN_URL=http://127.0.0.1:8599/anaf-oauth2/v1.
"""

import io
import json
import socket
import struct
import sys
import threading
import zipfile
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from core.anaf.answers import facts_of

UPLOADED = "mfp:anaf:dgti:spv:respUploadFisier:v1"
STATUS = "mfp:anaf:dgti:efactura:stareMesajFactura:v1"
PATIENCE = 20


@dataclass
class Upload:
    """What came in: `slow` is how often ANAF says that it is still at it, `errors` is why it refuses."""

    index: str
    number: str
    cif: str
    standard: str
    xml: bytes
    slow: int = 0
    errors: str = ""
    listed: bool = True


@dataclass
class Anaf:
    """The authority.

    `modes` says how the next uploads end, one each: 'ok', 'silent' and 'reset' (taken, and no answer), 'lost' (not
    taken, and no answer), '429', '500', '500 taken', 'rubbish', or words: refused with them. `json` are words that an
    upload is refused with as JSON. By number of the invoice: `nok` why it is refused later, `slow` how often it is
    still worked on. `hidden` are not in the list yet. `token_mode` 'lost': the pair is changed, and the answer is lost;
    '500': nothing is done. `broken` is a code and words that every call but those about tokens is answered with.
    """

    modes: deque[str] = field(default_factory=deque)
    json: str = ""
    nok: dict[str, str] = field(default_factory=dict)
    slow: dict[str, int] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    broken: str = ""
    token_mode: str = ""
    page_size: int = 2
    uploads: list[Upload] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    of_message: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    access: str = "access-0"
    renew: str = "refresh-0"
    codes: dict[str, str] = field(default_factory=dict)
    issued: int = 0
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""

    @property
    def login_url(self) -> str:
        return f"{self.url}/anaf-oauth2/v1"

    def sent(self) -> Counter[str]:
        """How often each invoice was taken."""
        return Counter(upload.number for upload in self.uploads)

    def accepted(self) -> Counter[str]:
        """How often each invoice counts: what nobody may ever see more than once."""
        return Counter(upload.number for upload in self.uploads if not upload.errors)

    def take(self, xml: bytes, cif: str, standard: str, errors: str = "") -> Upload:
        with self.lock:
            number = facts_of(xml).number
            upload = Upload(str(5000 + len(self.uploads)), number, cif, standard, xml, self.slow.get(number, 0),
                            self.nok.get(number, errors))  # fmt: skip
            self.uploads.append(upload)
            return upload

    def tokens(self) -> dict[str, object]:
        with self.lock:
            self.issued += 1
            self.access, self.renew = f"access-{self.issued}", f"refresh-{self.issued}"
            return {"access_token": self.access, "refresh_token": self.renew, "expires_in": 7_776_000,
                    "token_type": "Bearer"}  # fmt: skip

    def by_index(self, index: str) -> Upload | None:
        return next((upload for upload in self.uploads if upload.index == index), None)


class Handler(BaseHTTPRequestHandler):
    anaf: Anaf

    def log_message(self, *_: object) -> None:
        """Tests have enough to read."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        what = parts.path.rpartition("/")[2]
        if what == "authorize":
            self._authorize(asked)
            return
        self.anaf.calls[what] += 1
        if self._misbehaved():
            return
        answers = {"stareMesaj": self._status, "descarcare": self._download, "listaMesajePaginatieFactura": self._list}
        answers[what](asked)

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        what = parts.path.rpartition("/")[2]
        self.anaf.calls[what] += 1
        if what == "token":
            self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        elif not self._misbehaved():
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self._upload(body, asked["cif"], asked["standard"])

    def _misbehaved(self) -> bool:
        if self.anaf.broken:
            self._reply(self.anaf.broken.encode(), int(self.anaf.broken[:3]))
        elif self.headers.get("Authorization") != f"Bearer {self.anaf.access}":
            self._json({"error": "Unauthorized"}, 401)
        else:
            return False
        return True

    def _upload(self, xml: bytes, cif: str, standard: str) -> None:
        anaf = self.anaf
        with anaf.lock:
            mode = anaf.modes.popleft() if anaf.modes else "ok"
        if anaf.json:
            self._json({"eroare": anaf.json, "titlu": "Upload"})
        elif mode == "lost":
            self._reset()
        elif mode in ("429", "500", "400"):
            self._json({"message": f"error {mode}"}, int(mode))
        elif mode in ("ok", "silent", "reset", "500 taken", "rubbish"):
            upload = anaf.take(xml, cif, standard)
            if mode == "silent":
                anaf.closing.wait(PATIENCE)
            elif mode == "reset":
                self._reset()
            elif mode == "500 taken":
                self._json({"message": "error 500"}, 500)
            elif mode == "rubbish":
                self._reply(b"<html>maintenance</html>")
            else:
                self._xml(f'<header xmlns="{UPLOADED}" dateResponse="202611231200" ExecutionStatus="0" '
                          f'index_incarcare="{upload.index}"/>')  # fmt: skip
        else:
            self._xml(f'<header xmlns="{UPLOADED}" dateResponse="202611231200" ExecutionStatus="1">'
                      f'<Errors errorMessage="{mode}"/></header>')  # fmt: skip

    def _status(self, asked: dict[str, str]) -> None:
        index = asked["id_incarcare"]
        if self._over(f"status {index}", 100):
            return
        upload = self.anaf.by_index(index)
        if upload is None:
            self._xml(
                f'<header xmlns="{STATUS}"><Errors errorMessage="Nu exista factura cu id_incarcare= {index}"/></header>'
            )
        elif upload.slow > 0:
            upload.slow -= 1
            self._xml(f'<header xmlns="{STATUS}" stare="in prelucrare"/>')
        else:
            said = "nok" if upload.errors else "ok"
            self._xml(f'<header xmlns="{STATUS}" stare="{said}" id_descarcare="9{index}"/>')

    def _download(self, asked: dict[str, str]) -> None:
        if self._over(f"download {asked['id']}", 10):
            return
        upload = self.anaf.by_index(asked["id"][1:])
        if upload is None:
            self._json(
                {
                    "eroare": f"Pentru id={asked['id']} nu exista inregistrata nici o factura",
                    "titlu": "Descarcare mesaj",
                }
            )
        else:
            self._reply(archive(upload), 200, "application/zip")

    def _over(self, message: str, most: int) -> bool:
        with self.anaf.lock:
            self.anaf.of_message[message]["all"] += 1
            over = self.anaf.of_message[message]["all"] > most
        if over:
            self._json({"eroare": f"S-au facut deja {most} de interogari", "titlu": "Limita"})
        return over

    def _list(self, asked: dict[str, str]) -> None:
        assert int(asked["startTime"]) < int(asked["endTime"])
        hidden = self.anaf.hidden
        found = [
            {"id": f"9{upload.index}", "id_solicitare": upload.index, "tip": "FACTURA TRIMISA", "cif": upload.cif,
             "data_creare": "202611231200", "detalii": f"Factura cu id_incarcare={upload.index}"}
            for upload in self.anaf.uploads
            if not upload.errors and not upload.slow and upload.cif == asked["cif"] and upload.number not in hidden
        ]  # fmt: skip
        if not found:
            self._json({"eroare": "Nu exista mesaje in intervalul selectat", "titlu": "Lista Mesaje"})
            return
        page, size = int(asked["pagina"]), self.anaf.page_size
        pages = -(-len(found) // size)
        self._json(
            {"mesaje": found[(page - 1) * size : page * size], "numar_total_pagini": pages, "titlu": "Lista Mesaje"}
        )

    def _token(self, asked: dict[str, str]) -> None:
        anaf = self.anaf
        if anaf.token_mode == "500":
            self._json({"message": "error 500"}, 500)
            return
        grants = {"authorization_code": asked.get("code") in anaf.codes,
                  "refresh_token": asked.get("refresh_token") == anaf.renew}  # fmt: skip
        if not grants[asked["grant_type"]] or asked["client_secret"] != "secret-1":
            self._json({"error": "invalid_grant", "error_description": "Token is not active"}, 400)
            return
        anaf.codes.pop(asked.get("code", ""), None)
        given = anaf.tokens()
        if anaf.token_mode == "lost":
            self._reset()
        else:
            self._json(given)

    def _authorize(self, asked: dict[str, str]) -> None:
        code = f"code-{len(self.anaf.codes)}-{self.anaf.issued}"
        self.anaf.codes[code] = asked["client_id"]
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _xml(self, text: str) -> None:
        self._reply(f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), 200, "application/xml")

    def _json(self, value: object, status: int = 200) -> None:
        self._reply(json.dumps(value).encode(), status, "application/json")

    def _reply(self, body: bytes, status: int = 200, kind: str = "text/html") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Callers who hung up are what many tests are about."""


def archive(upload: Upload) -> bytes:
    """What ANAF hands out: the invoice, or its errors, and the signature over it."""
    errors = (
        f'<header xmlns="mfp:anaf:dgti:efactura:mesajEroriFactuta:v1" Index_incarcare="{upload.index}" '
        f'Cif_emitent="{upload.cif}"><Error errorMessage="{upload.errors}"/></header>'
    ).encode()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as files:
        files.writestr(f"{upload.index}.xml", errors if upload.errors else upload.xml)
        files.writestr(f"semnatura_{upload.index}.xml", "<Signature/>")
    return data.getvalue()


@contextmanager
def serving(port: int = 0) -> Iterator[Anaf]:
    """An ANAF on this machine while the block runs."""
    anaf = Anaf()
    server = Server(("127.0.0.1", port), type("Bound", (Handler,), {"anaf": anaf}))
    anaf.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield anaf
    finally:
        anaf.closing.set()
        server.shutdown()
        server.server_close()


def invoice_xml(number: str, seller: str, root: str = "Invoice", note: str = "") -> bytes:
    """As much of an invoice in UBL as ANAF's fake and the portal look at."""
    space = "urn:oasis:names:specification:ubl:schema:xsd"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{space}:{root}-2" '
        f'xmlns:cac="{space}:CommonAggregateComponents-2" xmlns:cbc="{space}:CommonBasicComponents-2">'
        f"<cbc:ID>{number}</cbc:ID><cbc:Note>{note}</cbc:Note><cac:AccountingSupplierParty><cac:Party>"
        f"<cac:PartyTaxScheme><cbc:CompanyID>RO{seller}</cbc:CompanyID></cac:PartyTaxScheme>"
        f"</cac:Party></cac:AccountingSupplierParty></{root}>"
    ).encode()


if __name__ == "__main__":
    with serving(int(sys.argv[1])) as running:
        print(f"{running.url} since {datetime.now(UTC):%H:%M}")
        threading.Event().wait()
