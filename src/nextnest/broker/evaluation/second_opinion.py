"""A second, simpler judge of what the broker says, written apart from the broker's own checks.

It shares no code with them, and reads figures and forbidden claims with a few plain expressions. Where it and
the broker's checks disagree, one of the two is wrong, and a person should look.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from nextnest.domain.reply import Evidence, Unit


@dataclass(frozen=True)
class Number:
    """A number in a text.

    `half` is what its last written digit leaves open: S$829k may be S$828,500 to S$829,500.
    """

    value: Decimal
    half: Decimal
    unit: Unit

    def means(self, value: Decimal) -> bool:
        return abs(self.value - value) <= self.half


_NUMBER = re.compile(
    r"(?<![\w.,])(?P<dollar>s?\$\s?|sgd\s?)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<scale>k|thousand|mil|million|m)(?![a-z]))?"
    r"\s?(?P<unit>%|per ?cent|years?|yrs?|months?)?",
    re.IGNORECASE,
)
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mil": 1_000_000, "million": 1_000_000}


def numbers(text: str) -> Iterator[Number]:
    """The numbers of a text, with what they are numbers of."""
    for match in _NUMBER.finditer(text):
        digits = match["digits"].rstrip(",").replace(",", "")
        scale = Decimal(_SCALES.get((match["scale"] or "").lower(), 1))
        places = len(digits.partition(".")[2])
        half = Decimal(5).scaleb(-places - 1) * scale
        said = (match["unit"] or "").lower()
        if match["dollar"] or match["scale"]:
            unit = Unit.MONEY
        elif said.startswith(("%", "per")):
            unit = Unit.PERCENT
        else:
            unit = Unit.YEARS if said.startswith("y") else Unit.MONTHS if said else Unit.COUNT
        yield Number(Decimal(digits) * scale, half, unit)


def says(text: str, value: Decimal, unit: Unit) -> bool:
    """Whether a text says this figure; months may be said in years."""
    for number in numbers(text):
        if number.unit is unit and number.means(value):
            return True
        if unit is Unit.MONTHS and number.unit is Unit.YEARS and number.value * 12 == value:
            return True
    return False


def has_evidence(evidence: Iterable[Evidence], value: Decimal, unit: Unit) -> bool:
    """Whether evidence holds this figure, to the cent."""
    figures = [figure for each in evidence for figure in each.figures if figure.unit is unit]
    return any(abs(figure.value - value) <= Decimal("0.005") for figure in figures)


def figures_said(
    text: str, evidence: Iterable[Evidence], known: Iterable[str]
) -> tuple[int, tuple[str, ...]]:
    """How many sums and percentages a text says, and those that neither evidence nor `known` bears out."""
    backing = [figure for each in evidence for figure in each.figures]
    told = [number for words in known for number in numbers(words)]
    count, unsupported = 0, []
    for number in numbers(text):
        if number.unit not in (Unit.MONEY, Unit.PERCENT):
            continue
        count += 1
        by_evidence = any(figure.unit is number.unit and number.means(figure.value) for figure in backing)
        if not by_evidence and not any(number.value == each.value for each in told):
            unsupported.append(f"{number.value.normalize():f} {number.unit}")
    return count, tuple(unsupported)


@cache
def _rules() -> dict[str, re.Pattern[str]]:
    data: dict[str, list[str]] = tomllib.loads(
        (files(__package__) / "second_opinion.toml").read_text("utf-8")
    )
    return {name: re.compile("|".join(patterns), re.IGNORECASE) for name, patterns in data.items()}


_ABSOLUTE = {"identity number", "template code", "link"}  # no "not" excuses these
_DENIED = re.compile(
    r"\b(?:not|no|nor|cannot|can't|never|nobody|without|rather than|avoidance)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_QUOTED_RATE = re.compile(r"%[^.\n]{0,30}\bfixed\b|\bsora\b ?\+", re.IGNORECASE)
_WITH_A_RATE = ("as of", "thereafter", "lock-in", "approval")


def forbidden(text: str) -> tuple[str, ...]:
    """What a text claims that no broker may claim; a claim that its own sentence denies is none."""
    found = []
    for sentence in _SENTENCE.split(text):
        denied = bool(_DENIED.search(sentence))
        found += [
            f"{name}: {match[0]!r}"
            for name, rule in _rules().items()
            if (match := rule.search(sentence)) and (name in _ABSOLUTE or not denied)
        ]
    if _QUOTED_RATE.search(text):
        missing = [words for words in _WITH_A_RATE if words not in text.lower()]
        found += [f"a rate without {words!r}" for words in missing]
    return tuple(found)
