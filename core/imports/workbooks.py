"""From a workbook (XLSX, XLS, ODS) to rows, one after the other: `workbook_program` reads it, a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from core.i18n import N_
from core.imports.decoding import CONTROL, CONTROLS, EMPTY, with_comma_below
from core.imports.numbers import exact
from core.imports.problems import Fault, Problem
from core.imports.records import Record, Records

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How they begin: a ZIP, as XLSX and ODS are, and the XLS of old."""

FAULTS = {
    "damaged": N_("The workbook cannot be read: it is damaged, or no workbook. Open it, save it anew and load that."),
    "password": N_("The workbook has a password. Save it without one."),
    "too large": N_("The workbook is too large when it is unpacked. Split it, or save the one sheet as “CSV UTF-8”."),
}

_JSON = json.JSONDecoder(parse_float=exact, parse_int=exact)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its first rows, and the further ones, which are read as they are asked for."""

    name: str
    first: list[Record | Problem]
    rest: Records


@contextmanager
def opened(data: bytes, wanted: Callable[[Sequence[Record | Problem]], bool]) -> Iterator[Sheet]:
    """The first visible sheet whose first rows are wanted; with none, the first one that has any (and no more of it
    than those). Raises Fault, also while its rows are read."""
    program = [sys.executable, "-I", str(Path(__file__).with_name("workbook_program.py"))]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    try:
        with subprocess.Popen(program, stdin=pipe, stdout=pipe, stderr=nowhere, env={}) as process:  # noqa: S603 (our own)
            try:
                yield _choose(process, data, wanted)
            finally:
                process.kill()
    except BrokenPipeError as error:  # it ended before it had the whole file
        raise Fault(FAULTS["too large"]) from error


def _choose(
    process: subprocess.Popen[bytes], data: bytes, wanted: Callable[[Sequence[Record | Problem]], bool]
) -> Sheet:
    _say(process.stdin, b"%d\n" % len(data) + data)
    answers = _answers(process)
    other = None
    for answer in answers:
        if "end" in answer:
            break
        sheet = Sheet(
            answer["sheet"],
            [_record(row) for row in answer["first"]],
            (_record(row) for row in answers if "end" not in row),
        )
        if wanted(sheet.first):
            _say(process.stdin, b"take\n")
            return sheet
        other = other or (sheet if any(isinstance(row, Problem) or row.filled for row in sheet.first) else None)
        _say(process.stdin, b"next\n")
    if other is None:
        raise Fault(EMPTY)
    return Sheet(other.name, other.first, iter(()))


def _say(stdin: IO[bytes] | None, what: bytes) -> None:
    assert stdin is not None
    stdin.write(what)
    stdin.flush()


def _answers(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    """What the program says, to the end. One that was ended by a limit says no end."""
    for line in process.stdout or ():
        answer = _JSON.decode(line.decode())
        if isinstance(answer, dict) and "fault" in answer:
            raise Fault(FAULTS[answer["fault"]])
        yield answer
        if isinstance(answer, dict) and "end" in answer:
            return
    raise Fault(FAULTS["too large"])


def _record(row: Any) -> Record | Problem:
    line, cells = int(row[0]), [cell if cell.isascii() else with_comma_below(cell) for cell in row[1]]
    if found := CONTROLS.search("".join(cells)):
        return Problem(line, "", CONTROL, {"line": str(line), "code": f"{ord(found[0]):04X}"})
    return Record(line, cells)
