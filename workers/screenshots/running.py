"""`./rampa screenshots`: a demo of its own whose clock stands still, once in each language, and a browser before it.

A demo for each language, since the pictures of the guides show how an order is placed: what one run has ordered, the
next one must not find.
"""

# ruff: noqa: S603
# (every command is a list of our own making, and none goes through a shell)

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.config import ROOT
from workers.embedded import SetupError
from workers.screenshots.camera import Camera, Failures, Shot
from workers.screenshots.guide_shots import GUIDE_SHOTS
from workers.screenshots.page_shots import PAGE_SHOTS
from workers.starting import ask_health

INSTANT = "2026-11-24T10:30:00+02:00"
"""A Tuesday morning: the pictures change when the portal does, not from day to day."""
PATIENCE = 300.0
SCRIPTS = ("mails", "documents")
"""Of docs/screenshots: what is made without the portal."""


def take(only: str | None, looks: Path | None) -> tuple[int, Failures]:
    """How many pictures were made, and why each of the others was not."""
    made, failed = 0, Failures()
    for language in ("ro", "en"):
        shots = [] if looks else wanted(language, only)
        if not (shots or looks):
            continue
        with demo() as address, Camera(address, language) as camera:
            if looks:
                camera.take_looks(looks)
            for shot in shots:
                camera.take(shot)
            made, failed = made + camera.made, Failures(failed | camera.failed)
    for script in SCRIPTS:
        if not looks and (only is None or only == script):
            before = time.time()
            if why := run_script(script):
                failed[script] = why
            made += sum(path.stat().st_mtime >= before for path in (ROOT / "docs/screenshots").rglob("*.png"))
    return made, failed


def run_script(name: str) -> str:
    """Run one of the scripts; why it failed, if it did: documents.py needs a program that is not everywhere."""
    command = [sys.executable, ROOT / "docs" / "screenshots" / f"{name}.py"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stderr.strip().rpartition("\n")[2] if done.returncode else ""


def wanted(language: str, only: str | None) -> list[Shot]:
    """Pictures of the pages are Romanian unless their names end in -en; those of the guides are in both languages."""
    pages = [shot for shot in PAGE_SHOTS if shot.name.endswith("-en") == (language == "en")]
    shows_guides = [shot for shot in pages if shot.path.startswith("/guides")]  # so after their pictures
    first = [shot for shot in pages if shot not in shows_guides]
    return [shot for shot in [*first, *GUIDE_SHOTS, *shows_guides] if only is None or shot.name.startswith(only)]


@contextmanager
def demo() -> Iterator[str]:
    """The address of a new demo; everything of it is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="rampa-pictures-"))
    port = free_port()
    command = [sys.executable, "-m", "workers.cli", "demo", "--port", str(port), "--data", str(folder), "--at", INSTANT]
    with (folder / "demo.log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_for(process, port, folder / "demo.log")
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(30)
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the demo and its processes are ready."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        states = ask_health("127.0.0.1", port)
        if states and all(state == "ok" for state in states.values()):
            return
        time.sleep(0.5)
    raise SetupError("The demo did not start:\n" + log.read_text())
