"""Leave a failing server alone: after some failures in a row, nothing for a while, then one trial call.

One circuit belongs to one server; hand the same one to every client of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum


class CircuitState(StrEnum):
    CLOSED = "closed"  # calls go through
    OPEN = "open"  # calls fail at once
    HALF_OPEN = "half_open"  # one call is on trial


class Circuit:
    """`threshold` failures in a row open it for `cool_down` seconds; `clock` is monotonic seconds."""

    def __init__(
        self, *, threshold: int = 5, cool_down: float = 15.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._threshold = threshold
        self._cool_down = cool_down
        self._clock = clock
        self._failures = 0
        self._next_trial_at: float | None = None
        self._on_trial = False

    @property
    def state(self) -> CircuitState:
        if self._next_trial_at is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._on_trial else CircuitState.OPEN

    def admits(self) -> bool:
        """May a call be made now? Asking when the cool-down is over claims the one trial."""
        if self._next_trial_at is None:
            return True
        now = self._clock()
        if now < self._next_trial_at:
            return False
        # The next trial waits a cool-down, so a trial that was cancelled half way blocks nobody for ever.
        self._next_trial_at = now + self._cool_down
        self._on_trial = True
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._next_trial_at = None
        self._on_trial = False

    def failed(self) -> None:
        self._failures += 1
        if self._on_trial or self._failures >= self._threshold:
            self._next_trial_at = self._clock() + self._cool_down
            self._on_trial = False
