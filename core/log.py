"""Logging: one line per event on the standard error, for people or (LOG_JSON) for machines, never a secret.

What somebody typed may be part of a line, and makes none of its own: who reads the log would take it for an entry.
"""

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, ExcInfo, Processor, WrappedLogger

from core.config import settings

SECRET_WORDS = ("password", "secret", "token", "ticket", "cookie", "authorization")


def configure() -> None:
    """Set up structlog and the standard library's root logger; call once when a process starts."""
    json = settings().log_json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(json)))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    for ours in ("core", "pages", "api", "workers"):
        logging.getLogger(ours).setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _rendering(json: bool) -> list[Processor]:
    """Tracebacks are plain on purpose: the prettier ones print local variables, passwords among them."""
    head: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json:
        return [*head, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=indented_traceback)
    return [*head, on_one_line, console]


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank out what must not be written down, whoever passed it."""
    hidden: dict[str, Any] = {key: "***" for key in event if any(word in key.lower() for word in SECRET_WORDS)}
    return {**event, **hidden}


def on_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Line breaks, and signs that a terminal would obey, as they are written in a program."""
    return {key: printable(value) if isinstance(value, str) else value for key, value in event.items()}


def indented_traceback(target: TextIO, error: ExcInfo) -> None:
    """A traceback none of whose lines can be taken for an entry, whatever stands in the error."""
    for line in "".join(traceback.format_exception(*error)).splitlines():
        target.write(f"\n    {printable(line)}")


def printable(text: str) -> str:
    return text if text.isprintable() else "".join(s if s.isprintable() else ascii(s)[1:-1] for s in text)
