"""Numbers that a customer says in words, put into digits: "six k", "two hundred thousand"."""

from __future__ import annotations

import re

from nextnest.broker.number_words import spelled_numbers

_SMALLEST_ALONE = 13  # "one more thing", "two of us": smaller ones count only with a unit
_HALF_A_MILLION = re.compile(r"\bhalf a mil(?:lion)?\b")
_UNIT = re.compile(r"[\s-]?(?:k|m|mil|million|%|per ?cent|pct|years?|yrs?|room|bedroom)\b")


def in_digits(plain: str) -> str:
    """A lower-case text with its English number words as digits."""
    plain = _HALF_A_MILLION.sub("500k", plain)
    parts: list[str] = []
    end = 0
    for spelled in spelled_numbers(plain):
        has_unit = _UNIT.match(plain, spelled.end) is not None
        if plain[spelled.start].isascii() and (spelled.value >= _SMALLEST_ALONE or has_unit):
            parts += [plain[end : spelled.start], f"{spelled.value.normalize():f}"]
            end = spelled.end
    return "".join([*parts, plain[end:]])
