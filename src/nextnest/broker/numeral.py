"""A number in a text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from nextnest.domain.reply import Unit


class About(StrEnum):
    """Which word of vagueness stands before or after a number."""

    NOTHING = ""
    AROUND = "around"
    UNDER = "under"  # "just under S$1.2m"
    OVER = "over"  # "slightly more than 2 years"


@dataclass(frozen=True)
class Numeral:
    """A number in a text, with its unit and how precisely it is written.

    `start` and `end` count in the folded reading. `step` is the worth of the last digit written (S$100,000 in
    "S$1.2m", 1 in "800,000"); `coarse` that of the last digit but trailing zeros (100,000 in both).
    """

    start: int
    end: int
    value: Decimal
    unit: Unit | None
    step: Decimal
    coarse: Decimal
    scaled: bool = False  # written with k, m, 万 …
    about: About = About.NOTHING
    foreign: bool = False  # another currency than S$
    per: str = ""  # "month", "year", "week" or "day" when said per period
    noun: str = ""  # "day", "week", "hour" or "minute": a duration that Unit has no member for
    year_index: bool = False  # "year 3", "the third year"
    readable: bool = True  # False: digits that no rule could read
