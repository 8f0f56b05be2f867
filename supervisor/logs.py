"""Logs: one JSON object per line for machines, coloured lines for people on a terminal.

The id of the call that a line belongs to comes from a context variable (:func:`call_context`), so
that every line below a session carries it without being told. Standard-library loggers take the
same way. Values of type ``SecretStr`` print as stars; nothing else secret is ever passed.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import Processor

from supervisor.settings import LogSettings

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs(settings: LogSettings, **always: Any) -> None:
    """Send every log line to stderr in the form that ``settings`` name.

    ``always`` is added to each line of this process, such as ``process="worker-1"``.
    """
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(console, always))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every plugin of its own
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def call_context(call_id: UUID) -> Iterator[None]:
    """Every line logged inside, also by tasks started inside, carries the call's id."""
    with structlog.contextvars.bound_contextvars(call_id=str(call_id)):
        yield


def _formatter(console: bool, always: dict[str, Any]) -> logging.Formatter:
    def add_always(
        _: Any, __: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        return {**always, **event}

    finish: list[Processor] = (
        [  # plain: a traceback with the values of variables would show secrets
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if console
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            add_always,
            *finish,
        ],
    )


def failure_told(event: str) -> Callable[[BaseException], None]:
    """What a task's owner does with an exception that nobody awaits: an error in the log."""

    def tell(error: BaseException) -> None:
        structlog.get_logger(__name__).error(event, exc_info=error)

    return tell
