"""The names of the cookies. Under TLS a browser holds `__Host-` to this host, to the whole site and to Secure."""

from core.config import settings


def session_cookie() -> str:
    """Carries the session."""
    return _named("sid")


def browser_cookie() -> str:
    """Ties a log-in to the browser it was started in."""
    return _named("pre")


def known_cookie() -> str:
    """Tells a browser in which somebody has logged in before from a new one; it opens nothing."""
    return _named("known")


def _named(name: str) -> str:
    return f"__Host-{name}" if settings().tls else name
