"""Logs: one line an event on standard error, never a message body, a secret or personal data."""

from __future__ import annotations

import logging
import sys
from typing import Any

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
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the one of now, whoever replaced it
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its jobs report through our own lines
    logging.getLogger("httpx2").setLevel(logging.WARNING)


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
