"""Logging: one line per event on the standard error, for people or (LOG_JSON) for machines, never a secret."""

import logging
import sys
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

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
    plain = structlog.dev.plain_traceback
    return [*head, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank out what must not be written down, whoever passed it."""
    hidden: dict[str, Any] = {key: "***" for key in event if any(word in key.lower() for word in SECRET_WORDS)}
    return {**event, **hidden}
