"""A supplier's web server on this machine, which fetching takes for one on the internet."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.imports.fetching import Ways

ADDRESS = "93.184.215.14"
"""Where every name leads to, until a test says otherwise."""

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Web:
    """`answer` writes what the server answers; `asked` are the requests that came, `connected` the addresses that were
    connected to, `names` the names that were looked up."""

    port: int
    answer: Answer = lambda handler: reply(handler, b"")
    asked: list[BaseHTTPRequestHandler] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    addresses: Callable[[str], list[str]] = lambda host: [ADDRESS]
    context: ssl.SSLContext | None = None
    seconds: float = 0

    @property
    def ways(self) -> Ways:
        return Ways(self._look_up, self._connect, lambda: self.context or ssl.create_default_context(),
                    lambda: self.seconds)  # fmt: skip

    def _look_up(self, host: str, port: int) -> list[str]:
        self.names.append(host)
        return self.addresses(host)

    def _connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append((address, port))
        return socket.create_connection(("127.0.0.1", self.port), 20)


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(self)
            try:
                web.answer(self)
            except OSError:  # the other side has gone: it may
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A certificate that the other side does not trust ends the connection."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    web = Web(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certified(folder: Path, name: str, now: datetime) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server of this name, and for who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(serialization.Encoding.PEM)
    both = pem + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(both)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
