"""Real threads for race tests: all start together, every outcome is kept."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def at_once(actions: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the actions in as many threads, released at the same moment; returns results, or exceptions as values."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        try:
            return action()
        except Exception as error:  # noqa: BLE001 (the test looks at what each thread met)
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
