"""The scorecard: which facts earn how many points, read from scorecard.toml and checked."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

FULL = 100  # points

Bands = tuple[tuple[Decimal, int], ...]


class Signal(BaseModel):
    """One line of the card: at most `of` points, by a value's band or by a choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Literal["money", "urgency", "readiness", "contact"]
    title: str
    of: int
    at_least: Bands = ()
    at_most: Bands = ()
    choices: dict[str, int] = {}

    @model_validator(mode="after")
    def _best_first(self) -> Signal:
        """A better value earns at least as much: this is what makes every score monotone."""
        thresholds = [-start for start, _ in self.at_least], [end for end, _ in self.at_most]
        if any(later <= earlier for column in thresholds for earlier, later in pairwise(column)):
            raise ValueError(f"{self.title}: bands must be written best first")
        for points in ([p for _, p in self.at_least], [p for _, p in self.at_most], [*self.choices.values()]):
            if points and (points[0] != self.of or points[-1] < 0):
                raise ValueError(f"{self.title}: points must run from {self.of} down to 0")
            if any(worse > better for better, worse in pairwise(points)):
                raise ValueError(f"{self.title}: a worse value earns more points")
        return self

    def rising(self, value: Decimal) -> int:
        """Points of a value that is better the higher it is."""
        return next((points for start, points in self.at_least if value >= start), 0)

    def falling(self, value: Decimal) -> int:
        """Points of a value that is better the lower it is."""
        return next((points for end, points in self.at_most if value <= end), 0)


class Scorecard(BaseModel):
    """All signals by name, in the order of the receipt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    unnamed_loan_pct: Decimal
    commercial_down_payment_pct: Decimal
    signals: dict[str, Signal]

    @model_validator(mode="after")
    def _adds_up(self) -> Scorecard:
        total = sum(signal.of for signal in self.signals.values())
        if total != FULL:
            raise ValueError(f"the signals add up to {total} points, not {FULL}")
        return self


@cache
def current_scorecard() -> Scorecard:
    """The scorecard in force."""
    text = resources.files("nextnest.domain").joinpath("scorecard.toml").read_text("utf-8")
    return Scorecard.model_validate(tomllib.loads(text, parse_float=Decimal))
