"""`./rampa test`: the checks of the code, then the tests."""

# ruff: noqa: S603
# (every command is a list of our own making, and none goes through a shell)

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workers.embedded import ROOT

# Two at a time, a file at a time: the browser journeys of a file share one web process. In the order that
# tests/conftest.py gives them: else the files with the fewest tests come last, and those are the longest.
IN_PARALLEL = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
LINTERS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",), ("lint-imports",))


def run_tests(arguments: Sequence[str]) -> int:
    """Without arguments everything; with arguments only pytest, with these. 0 if all is well."""
    failed = [] if arguments else [command for command in LINTERS if not _passes(command)]
    # Some machines forbid compiled files: each of the many programs of a run would compile everything for itself.
    compiling = ("/usr/bin/env", "-u", "PYTHONDONTWRITEBYTECODE", sys.executable)
    tests = subprocess.run([*compiling, "-m", "pytest", *(arguments or IN_PARALLEL)], cwd=ROOT).returncode
    for command in failed:
        print(f"failed: {' '.join(command)}")
    return tests or int(bool(failed))


def _passes(command: Sequence[str]) -> bool:
    """Run one linter; a line if it is content, all it says if not."""
    program = str(Path(sys.executable).with_name(command[0]))
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    print(f"{' '.join(command)}: {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0
