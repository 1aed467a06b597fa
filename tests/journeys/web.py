"""The web process of a journey, forked from one that has the program in memory: importing it takes longer than most
tests, and every module of journeys has a process of its own."""

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from core.config import ROOT

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["api.app", "uvicorn"])  # it runs no page: what a page leaves behind is the child's own


def start_web(port: int, environment: dict[str, str], log: Path) -> ForkServerProcess:
    """What `python -m api.serve --port PORT` does, with this environment, writing to `log`."""
    process = _forking.Process(target=_serve, args=(port, environment, log), daemon=True)
    process.start()
    return process


def _serve(port: int, environment: dict[str, str], log: Path) -> None:
    with log.open("ab") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    from api import serve
    from core import config, db

    config.settings.cache_clear()
    config.demo_instant.cache_clear()
    db.engine.cache_clear()
    sys.argv = ["api.serve", "--port", str(port)]
    serve.main()
