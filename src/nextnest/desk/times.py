"""Seconds since 1970, in the shapes that Rails gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def iso(seconds: float | None) -> str | None:
    """`2026-11-22T15:36:12.354Z`, as `to_json` writes a time."""
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def whole(seconds: float | None) -> int:
    """Whole seconds; nothing is 0, as `nil.to_i` is."""
    return int(seconds or 0)


def parse(value: Any) -> float | None:
    """A time from a request: seconds since 1970 or ISO. None when it is neither."""
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        pass
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
