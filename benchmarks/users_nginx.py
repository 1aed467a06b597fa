"""nginx before several web processes, with the configuration of docs/."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.web import START_SECONDS, answers, free_port
from core.config import ROOT
from workers.locks import wait_until

DOCUMENTED = ROOT / "docs" / "nginx.conf"


@contextmanager
def balancing(urls: Sequence[str]) -> Iterator[tuple[str, int] | None]:
    """nginx before the web processes at these addresses: its own address and its number. None: it is not installed."""
    program = shutil.which("nginx", path=f"{os.defpath}:/usr/sbin:/usr/local/sbin")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        url, path = f"http://127.0.0.1:{port}", Path(folder) / "nginx.conf"
        path.write_text(MAIN.format(folder=folder, site=site(DOCUMENTED.read_text(), port, urls)))
        process = subprocess.Popen([program, "-c", str(path), "-p", folder])
        try:
            if not wait_until(lambda: answers(url), START_SECONDS):
                raise RuntimeError("nginx did not start")
            yield url, process.pid
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(15)


def site(documented: str, port: int, urls: Sequence[str]) -> str:
    """The documented configuration for these web processes, without TLS and on this port of this machine."""
    servers = "\n".join(f"    server {url.removeprefix('http://')};" for url in urls)
    for what, instead in (
        (r"server \{\s+listen 80;.*?\n\}\n", ""),
        (r"listen 443 .*", f"listen 127.0.0.1:{port};"),
        (r"\n\s+ssl_[^\n]*", ""),
        (r"(?:\s+server 127[^\n]*)+", f"\n{servers}"),
    ):
        documented, found = re.subn(what, instead, documented, flags=re.DOTALL if what.startswith("server") else 0)
        if not found:
            raise RuntimeError(f"docs/nginx.conf has no {what}")
    return documented


# What Debian's own nginx.conf says around a site, but for the places that only root may write to.
MAIN = """
daemon off; worker_processes auto; pid {folder}/pid; error_log stderr;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {site}
}}
"""
