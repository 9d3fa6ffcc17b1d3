"""Hand-overs for technical trouble, with a cap: an outage of the model must not fill every person's queue."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class TechnicalHandoffs:
    """At most `most` in any `window` seconds, in this process; `clock` is monotonic seconds."""

    def __init__(
        self, *, most: int = 5, window: float = 600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._window = window
        self._clock = clock
        self._times: deque[float] = deque()

    def admit(self) -> bool:
        """Whether one more is within the cap; if so it counts."""
        now = self._clock()
        while self._times and now - self._times[0] >= self._window:
            self._times.popleft()
        if len(self._times) >= self._most:
            return False
        self._times.append(now)
        return True
