"""Around every answer: security headers, what is not for the public, and the cookie that ties a log-in to a browser."""

import re
import secrets
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.config import settings

BROWSER_COOKIE = "pre"
DENIED = frozenset({"/_stcore/metrics"})


def content_security_policy() -> str:
    """Only our own scripts, and of the inline ones only those that Streamlit's own page has (by their hash)."""
    html = (Path(streamlit.__file__).parent / "static" / "index.html").read_text()
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-src 'self'; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def needs_tls(request: Request) -> bool:
    """Are cookies to be Secure: this request came over TLS, or the portal's public address is https."""
    return request.url.scheme == "https" or settings().public_url.startswith("https:")


class Guarding:
    """Pure ASGI: a middleware of Starlette's base class would buffer and break streaming."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = {
            "content-security-policy": content_security_policy(),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "x-frame-options": "SAMEORIGIN",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        cookie = _browser_cookie(Request(scope))

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if cookie:
                    headers.append("set-cookie", cookie)
            await send(message)

        denied = scope["path"].rstrip("/") in DENIED
        app = PlainTextResponse("Not found", 404) if denied else self.app
        await app(scope, receive, send_guarded)


def _browser_cookie(request: Request) -> str | None:
    """The `pre` cookie for a browser that opens a page without one. A log-in ticket is good in this browser only.

    Asked by what the browser accepts, not by what it gets: it may get "304, you have the page already".
    """
    if BROWSER_COOKIE in request.cookies or not is_navigation(request.headers):
        return None
    secure = "; Secure" if needs_tls(request) else ""
    return f"{BROWSER_COOKIE}={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Lax{secure}"


def is_navigation(headers: Headers) -> bool:
    """Does a person look at the answer in a browser?"""
    return "text/html" in headers.get("accept", "")
