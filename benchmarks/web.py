"""The web process as the launcher starts it, for benchmarks that ask it for pages."""

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from core.config import ROOT
from workers.locks import wait_until

START_SECONDS = 60


@contextmanager
def web(settings: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[str, int]]:
    """The web process on a free port, with these settings besides: its address and its number."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with_settings = ["env", *(f"{name}={value}" for name, value in settings.items())]
    process = subprocess.Popen([*with_settings, sys.executable, "-m", "api.serve", "--port", str(port)], cwd=ROOT)
    try:
        if not wait_until(lambda: answers(url), START_SECONDS):
            raise RuntimeError("the web process did not start")
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(15)


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Does a web process answer there?"""
    try:
        urllib.request.urlopen(url + "/_stcore/health", timeout=2).close()
    except (urllib.error.URLError, OSError):
        return False
    return True
