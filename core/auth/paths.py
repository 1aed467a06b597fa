"""Where a log-in may lead."""

from posixpath import normpath
from urllib.parse import unquote


def local_path(path: str) -> str:
    """`path` if it stays on this site and is none of the log-in's own routes, else the start page.

    Browsers read a backslash as a slash, skip tabs and resolve dots.
    """
    local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if local and not f"{_resolved(path)}/".startswith("/auth/") else "/"


def _resolved(path: str) -> str:
    return normpath(unquote(path.partition("?")[0].partition("#")[0]))
