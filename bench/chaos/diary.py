"""What the processes wrote down before they died: kills, what was in flight, looks and sends."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Recovery:
    """Work that was in flight when its process was killed. Seconds; None: never within the run."""

    lane: str
    point: str
    taken: float | None  # until another process took it up
    again: float | None  # until a run of the same work came to its end, however often it was killed meanwhile
    finished: float | None  # until nothing of it was left to do


class Diary:
    def __init__(self, path: Path) -> None:
        self._events: list[dict[str, Any]] = []
        for line in path.read_text().splitlines():
            self._events.append(json.loads(line))
        self._events.sort(key=lambda event: event["t"])
        self._looks: dict[str, list[float]] = defaultdict(list)
        for event in self._events:
            if event["e"] == "look" and event["guard"] != "none":
                self._looks[event["key"]].append(event["t"])

    def passed(self) -> dict[str, set[str]]:
        """Each role's points that were passed at least once."""
        found: dict[str, set[str]] = defaultdict(set)
        for event in self._events:
            if event["e"] == "passed":
                found[event["role"]].add(event["point"])
        return found

    def last_look(self, key: str, before: float) -> float | None:
        """When the last look before a send of `key` began; wall-clock seconds."""
        return max((t for t in self._looks[key] if t <= before), default=None)

    def recoveries(self) -> list[Recovery]:
        found = []
        in_flight: dict[int, set[str]] = defaultdict(set)
        for number, event in enumerate(self._events):
            pid = event["pid"]
            if event["e"] == "begin":
                in_flight[pid].add(event["lane"])
            elif event["e"] == "end":
                in_flight[pid].discard(event["lane"])
            elif event["e"] == "killed":
                found += [self._recovery(number, event, lane) for lane in in_flight.pop(pid, ())]
        return found

    def _recovery(self, number: int, kill: dict[str, Any], lane: str) -> Recovery:
        taken: float | None = None
        again: float | None = None
        waits: dict[int, float | None] = {}
        for event in self._events[number:]:
            if event.get("lane") != lane or event["pid"] == kill["pid"]:
                continue
            passed = event["t"] - kill["t"]
            if event["e"] == "begin":
                taken = taken if taken is not None else passed
            elif event["e"] == "flushed":
                waits[event["pid"]] = event["wait"]
            elif event["e"] == "end":
                again = again if again is not None else passed
                if waits.get(event["pid"]) is None:
                    return Recovery(lane, kill["point"], taken, again, passed)
        return Recovery(lane, kill["point"], taken, again, None)
