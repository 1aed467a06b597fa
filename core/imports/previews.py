"""What was found by looking at a file, as JSON: it is kept with the run, to be shown again."""

from typing import Any

from core.imports.files import KINDS, Preview
from core.imports.problems import Problem
from core.imports.records import Row
from core.imports.staging import Change

MOST_KEPT = 500
"""So many problems are kept one by one."""


def as_json(found: Preview) -> dict[str, Any]:
    """All of it but the problems beyond MOST_KEPT, which are only counted."""
    return {
        "created": found.created,
        "changed": found.changed,
        "unchanged": found.unchanged,
        "faults": max(found.faults, len(found.problems)),
        "problems": [as_list(each) for each in found.problems[:MOST_KEPT]],
        "notices": [as_list(each) for each in found.notices],
        "understood": [as_list(each) for each in found.understood],
        "sample": [[row.line, row.cells] for row in found.sample],
        "names": found.names,
        "columns": found.columns,
        "cells": found.cells,
        "guesses": found.guesses,
        "changes": [[each.line, each.name, each.column, each.old, each.new] for each in found.changes],
        "taken": found.taken,
        "left": found.left[:MOST_KEPT],
    }


def from_json(kind: str, kept: dict[str, Any]) -> Preview:
    """What `as_json` made, of a file of a kind. JSONB keeps no order: that of the columns is the kind's."""
    order = [column.name for column in KINDS[kind].columns]
    return Preview(
        kind,
        kept["created"],
        kept["changed"],
        kept["unchanged"],
        notices=[Problem(*each) for each in kept["notices"]],
        problems=[Problem(*each) for each in kept["problems"]],
        sample=[Row(line, {name: cells[name] for name in order if name in cells}) for line, cells in kept["sample"]],
        understood=[Problem(*each) for each in kept["understood"]],
        names=kept["names"],
        columns={name: kept["columns"][name] for name in order if name in kept["columns"]},
        cells=kept["cells"],
        guesses=kept["guesses"],
        changes=[Change(*each) for each in kept["changes"]],
        taken=kept["taken"],
        left=kept["left"],
        faults=kept["faults"],
    )


def as_list(each: Problem) -> list[Any]:
    """What a Problem is made of, as JSON."""
    params = {name: value if isinstance(value, int) else str(value) for name, value in each.params.items()}
    return [each.line, each.column, each.message, params]
