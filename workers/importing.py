"""`./rampa import` and `./rampa undo-import`: the steps of a run, done at once and told in English."""

from collections.abc import Sequence
from pathlib import Path

import typer

from core import clock
from core.db import transaction
from core.errors import NotFound
from core.imports import runs, sources
from core.imports.errors_file import errors_file
from core.imports.files import KINDS
from core.imports.runs import Run
from core.principal import SYSTEM
from workers.embedded import SetupError

MOST_TOLD = 50


def import_file(
    kind: str, path: Path, *, dry_run: bool, columns: Sequence[str], supplier: str, errors: Path | None
) -> int:
    """Look at a file, say what is in it, and load it unless it is a `dry_run`; the exit code.

    `columns` are `ours=theirs`; the supplier's are taken where it is known, and remembered where it is not.
    Raises SetupError for a wrong call.
    """
    if kind not in KINDS:
        raise SetupError(f"There is no import called {kind}. There are: {', '.join(KINDS)}")
    mapping = _mapping(kind, columns)
    with transaction(SYSTEM) as session:
        known = {source.name: source for source in sources.sources(session, kind)}
        source = known.get(supplier)
        start = mapping or (source.mapping if source else {})
        run_id = runs.start(session, kind, path.read_bytes(), path.name, clock.now(), start, source and source.id)
    run = _worked(run_id)
    if run.state != "looked" or run.preview is None:
        typer.echo(_said(run), err=True)
        return 1
    for sentence in [*run.preview.understood, *run.preview.notices]:
        typer.echo(sentence.text("en"))
    if run.preview.problems:
        _tell_problems(run)
        if errors:
            with transaction(SYSTEM) as session:
                errors.write_bytes(errors_file(session, run_id, clock.now(), "en"))
            typer.echo(f"The rows with what is wrong beside them: {errors}", err=True)
        return 1
    if dry_run:
        found = run.preview
        typer.echo(f"{kind}: {found.created} new, {found.changed} to change, {found.unchanged} unchanged; nothing done")
        return 0
    with transaction(SYSTEM) as session:
        runs.load(session, run_id, supplier if source is None else "")
    return _tell_loaded(_worked(run_id))


def undo_import(number: int) -> int:
    """Undo the import with a number; the exit code. Raises SetupError where there is none."""
    try:
        with transaction(SYSTEM) as session:
            runs.undo(session, number)
    except NotFound as error:
        raise SetupError(f"There is no import {number} that is kept") from error
    run = _worked(number)
    typer.echo(_said(run) or f"{run.kind}: {run.file_name} is undone", err=run.state != "undone")
    return int(run.state != "undone")


def _said(run: Run) -> str:
    return run.said.text("en") if run.said else ""


def _mapping(kind: str, columns: Sequence[str]) -> dict[str, str]:
    pairs = [tuple(column.split("=", 1)) for column in columns]
    known = {column.name for column in KINDS[kind].columns}
    wrong = [pair[0] for pair in pairs if len(pair) != 2 or pair[0] not in known]
    if wrong:
        raise SetupError(f"--column is one of ours = one of the file's; ours are: {', '.join(sorted(known))}")
    return {ours: theirs for ours, theirs in pairs}


def _worked(run_id: int) -> Run:
    while runs.work_next(clock.now(), run_id):
        pass
    with transaction(SYSTEM) as session:
        return runs.run(session, run_id)


def _tell_problems(run: Run) -> None:
    assert run.preview is not None
    for problem in run.preview.problems[:MOST_TOLD]:
        place = f"line {problem.line or 1} {problem.column}".rstrip()
        typer.echo(f"{place}: {problem.text('en')}", err=True)
    rest = max(run.preview.faults, len(run.preview.problems)) - MOST_TOLD
    typer.echo(f"Nothing was loaded{f'; {rest} more faults' if rest > 0 else ''}", err=True)


def _tell_loaded(run: Run) -> int:
    if run.state != "done":
        if run.preview and run.preview.problems:
            _tell_problems(run)
        else:
            typer.echo(_said(run), err=True)
        return 1
    typer.echo(f"{run.kind}: {run.created} created, {run.changed} changed, {run.unchanged} unchanged")
    if run.preview and run.preview.taken is not None:
        typer.echo(f"Pictures taken: {run.preview.taken}")
        for name, reason in run.preview.left:
            typer.echo(f"{name}: {reason}", err=True)
    typer.echo(f"To undo it: ./rampa undo-import {run.id}")
    return 0
