"""What is known while a page runs, so that it is not asked for again at every line of it."""

from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

KEPT = "rampa_kept"


def this_run() -> dict[str, Any] | None:
    """Of this run of the page, or of one of its fragments; empty when it begins.

    None where no page runs, and in callbacks: what they change the run that follows must see.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not context.has_script_started:
        return None
    run = context.cursors  # Streamlit keeps the context for run after run, and begins each with new cursors
    of, kept = vars(context).get(KEPT, (None, None))
    if of is not run or kept is None:
        kept = {}
        vars(context)[KEPT] = run, kept
    return kept
