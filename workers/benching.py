"""`./rampa bench NAME`: run one of benchmarks/ on a fresh database of its own."""

import importlib
from typing import Any

from workers.embedded import ROOT, SetupError
from workers.environment import scratch

DATABASE = "rampa_bench"


def run_benchmark(name: str) -> list[dict[str, Any]]:
    """The rows that `benchmarks/NAME.py`'s `run()` measured."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if "\ndef run(" in path.read_text())
    if name not in names:
        raise SetupError(f"There is no benchmark {name}. There are: {', '.join(names) or 'none yet'}")
    with scratch(ROOT / "var" / "bench", DATABASE):
        from core.db import migrate

        migrate()
        rows: list[dict[str, Any]] = importlib.import_module(f"benchmarks.{name}").run()
        return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as aligned columns."""
    if not rows:
        return "nothing measured"
    names = list(rows[0])
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
