"""Around every request: who sent it, security headers, and what is not for everybody."""

import re
import secrets
from base64 import b64encode
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import clock
from core.auth.cookies import browser_cookie, session_cookie
from core.auth.sessions import principal_of_cookie
from core.catalog.normalising import MOST_MB as MOST_PICTURE_MB
from core.catalog.picture_zips import MOST_ZIP_MB
from core.config import settings
from core.db import transaction
from core.messages.files import MOST_MB as MOST_FILE_MB
from core.permissions import may
from core.principal import SYSTEM, Principal
from core.quick.files import MOST_MEGABYTES

# What Streamlit serves besides pages and the portal has no use for: figures of the process, a way for programs to use
# the pages (switched off, but it says what runs here), and a log-in of its own.
DENIED = frozenset({"/_stcore/metrics", "/auth/login", "/auth/logout", "/oauth2callback"})
DENIED_BELOW = "/_stcore/agent/"
UPLOADS = "/_stcore/upload_file/"  # whatever comes here is kept in memory
HSTS_SECONDS = 365 * 86_400
NOT_OURS = 1008
"""Code of a WebSocket that is refused."""
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9A-Fa-f:]+\](:[0-9]+)?")
LARGEST_UPLOAD = {
    "imports.run": 22 * 1024 * 1024,
    "messages.post": (MOST_PICTURE_MB + 1) * 1024 * 1024,
    "orders.place": (MOST_MEGABYTES + 1) * 1024 * 1024,
    "products.edit": (MOST_ZIP_MB + 1) * 1024 * 1024,
    "threads.write": (MOST_FILE_MB + 1) * 1024 * 1024,
}
"""Whose pages have an uploader, and the bytes of a request to it: a file and what stands around it."""


def content_security_policy() -> str:
    """Only our own scripts, and of the inline ones only those that Streamlit's own page has (by their hash).

    `{sockets}` is to be replaced: not every browser counts the WebSocket of the same host as `self`.
    """
    html = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'{sockets}; frame-src 'none'; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def needs_tls(request: Request) -> bool:
    """Are cookies to be Secure: this request came over TLS, or the portal's public address is https."""
    return request.url.scheme == "https" or settings().tls


class Guarding:
    """The headers of every answer. Pure ASGI: Starlette's base class of middleware would buffer and break streaming."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.policy = content_security_policy()
        self.headers = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "x-frame-options": "DENY",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        cookie, policy = _browser_cookie(request), self.policy.format(sockets=_sockets(request))
        tls = needs_tls(request)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", policy)
                headers.setdefault("cache-control", "private, no-cache")  # no proxy keeps it for somebody else
                if tls:
                    headers["strict-transport-security"] = f"max-age={HSTS_SECONDS}"
                if cookie:
                    headers.append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_guarded)


class Closing:
    """Pure ASGI: what is not for who asks is answered here, before any of the request's body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not is_from_our_page(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": NOT_OURS})
            return
        refusal = await _refusal(Request(scope)) if scope["type"] == "http" else None
        await (refusal or self.app)(scope, receive, send)


def is_from_our_page(connection: HTTPConnection) -> bool:
    """False if a browser says that a page of another site asks; true as well for what is no browser, and for links.

    No page can change the header. Streamlit asks too, but lets in every site of the visitor's own machine, and to learn
    its own address asks a server on the internet while nobody else is served.
    """
    origin = connection.headers.get("origin")
    return origin is None or origin in {
        f"{scheme}://{connection.headers.get('host', '')}" for scheme in ("http", "https")
    }


async def _refusal(request: Request) -> Response | None:
    """The answer to what is not for who asks."""
    if not is_from_our_page(request):
        return PlainTextResponse("Forbidden", 403)
    path = request.scope["path"]  # decoded, as the router reads it
    if path.rstrip("/") in DENIED or path.startswith(DENIED_BELOW):
        return PlainTextResponse("Not found", 404)
    if path.startswith(UPLOADS) and request.method != "OPTIONS":
        return _upload_refusal(request, await signed_in(request))
    return None


def _upload_refusal(request: Request, principal: Principal | None) -> Response | None:
    """Only who has an uploader on a page, no more than it takes, and only who says how much comes."""
    allowed = [size for action, size in LARGEST_UPLOAD.items() if principal is not None and may(principal, action)]
    if not allowed:
        return PlainTextResponse("Forbidden", 403)
    length = request.headers.get("content-length", "")
    if request.method != "DELETE" and not (length.isascii() and length.isdigit()):
        return PlainTextResponse("Length required", 411)
    return PlainTextResponse("Too large", 413) if int(length or 0) > max(allowed) else None


async def signed_in(request: Request) -> Principal | None:
    """Whose session the browser's cookie stands for."""
    return await run_in_threadpool(_principal, request.cookies.get(session_cookie(), ""), client_address(request))


def client_address(request: Request) -> str:
    """The IP address that the request came from; what a proxy says counts only if settings.trusted_proxies has it."""
    try:
        return str(ip_address(request.client.host)) if request.client else ""
    except ValueError:  # a proxy passed on what somebody made up
        return ""


def _principal(cookie: str, address: str) -> Principal | None:
    with transaction(SYSTEM) as session:
        return principal_of_cookie(session, cookie, clock.real_now(), address)


def _browser_cookie(request: Request) -> str | None:
    """The `pre` cookie for a browser that opens a page without one. A log-in ticket is good in this browser only.

    Asked by what the browser accepts, not by what it gets: it may get "304, you have the page already".
    """
    if browser_cookie() in request.cookies or not is_navigation(request.headers):
        return None
    secure = "; Secure" if needs_tls(request) else ""
    return f"{browser_cookie()}={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _sockets(request: Request) -> str:
    """The addresses of WebSockets at the host that was asked, as a policy names them."""
    host = request.headers.get("host", "")
    return f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""


def is_navigation(headers: Headers) -> bool:
    """Does a person look at the answer in a browser?"""
    return "text/html" in headers.get("accept", "")
