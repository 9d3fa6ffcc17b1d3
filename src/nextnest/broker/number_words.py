"""Numbers written as words in English, Malay and Tamil."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nextnest.broker.tamil_numbers import TAMIL

_ENGLISH_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ENGLISH = {
    **{word: n for n, word in enumerate(_ENGLISH_WORDS.split())},
    **{word: 10 * n for n, word in enumerate(_ENGLISH_TENS.split(), 2)},
    **{"nil": 0, "fourty": 40, "fiveteen": 15, "ninty": 90, "tow": 2},
}
_MALAY_WORDS = "sifar satu dua tiga empat lima enam tujuh lapan sembilan sepuluh sebelas"
_MALAY = {**{word: n for n, word in enumerate(_MALAY_WORDS.split())}, "kosong": 0, "delapan": 8}
_ADD: dict[str, Decimal] = {word: Decimal(n) for word, n in {**_ENGLISH, **_MALAY, **TAMIL}.items()}
_ADD["half"] = _ADD["setengah"] = _ADD["அரை"] = Decimal("0.5")
_ADD["quarter"] = _ADD["suku"] = _ADD["கால்"] = Decimal("0.25")
_PARTS = {word for word, value in _ADD.items() if 0 < value < 1}

# Multipliers of what stands just before them …
_SMALL = {"hundred": 100, "hundreds": 100, "dozen": 12, "puluh": 10, "ratus": 100, "நூறு": 100}
# … and of all that stands before them.
_BIG = {
    **{"thousand": 10**3, "thousnd": 10**3, "grand": 10**3, "million": 10**6, "milion": 10**6, "mil": 10**6},
    **{"billion": 10**9, "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "ribu": 10**3, "juta": 10**6},
    **{
        "ஆயிரம்": 10**3,
        "ஆயிரத்து": 10**3,
        "லட்சம்": 10**5,
        "இலட்சம்": 10**5,
        "லட்சத்து": 10**5,
        "மில்லியன்": 10**6,
        "கோடி": 10**7,
    },
}
_WHOLE = {"seratus": 100, "seribu": 10**3, "sejuta": 10**6}  # Malay "se-" is one of the unit that follows
_GLUE = {"and", "a"}
_POINT = {"point", "perpuluhan", "dot"}

_TOKEN = re.compile(r"[a-z]+|[\u0b80-\u0bff]+")
_GAP = re.compile(r"[ \-]{1,2}")
SCALES = {
    **_BIG,
    **_SMALL,
    "k": 10**3,
    "m": 10**6,
    "mio": 10**6,
    "mln": 10**6,
    "bn": 10**9,
    "b": 10**9,
    "rb": 10**3,
    "jt": 10**6,
}


@dataclass(frozen=True)
class Spelled:
    """A number in words: where it stands and what it says."""

    start: int
    end: int
    value: Decimal


def spelled_numbers(text: str) -> Iterator[Spelled]:
    """Numbers in English, Malay and Tamil words in a folded text, longest reading first."""
    tokens = list(_TOKEN.finditer(text))
    at = 0
    while at < len(tokens):
        length, value = _longest(text, tokens, at)
        if length:
            yield Spelled(tokens[at].start(), tokens[at + length - 1].end(), value)
        at += max(length, 1)


def _longest(text: str, tokens: list[re.Match[str]], at: int) -> tuple[int, Decimal]:
    """How many tokens from `at` on make one number, and which. A lone "a", "and", "half" or scale is none."""
    words: list[str] = []
    for index in range(at, min(at + 16, len(tokens))):
        if index > at and not _GAP.fullmatch(text[tokens[index - 1].end() : tokens[index].start()]):
            break
        word = tokens[index][0]
        if not (
            word in _ADD
            or word in _SMALL
            or word in _BIG
            or word in _WHOLE
            or word in _GLUE | _POINT | {"belas"}
        ):
            break
        if (
            word in _ADD
            and len(words) > 1
            and words[-1] == "and"
            and words[-2] in _ADD
            and word not in _PARTS
        ):
            break  # "two and three years" are two numbers
        words.append(word)
    while words and words[-1] in _GLUE | _POINT:
        words.pop()
    if (
        not words
        or words[0] in {"and", "mil", *_POINT}
        or (words[0] == "a" and (len(words) < 2 or words[1] in _ADD))
    ):
        return 0, Decimal(0)
    if len(words) == 1 and (words[0] in _SMALL or words[0] in _BIG or words[0] in _PARTS | {"ஒரு"}):
        return 0, Decimal(0)
    return len(words), _value(words)


def _value(words: list[str]) -> Decimal:
    total = current = pending = Decimal(0)
    decimals: Decimal | None = None
    after_unit = False
    for word in words:
        unit = word in _ADD and _ADD[word] < 10 and word not in _PARTS
        if word in _POINT:
            decimals = Decimal("0.1")
        elif decimals is not None and unit:
            current += _ADD[word] * decimals
            decimals /= 10
        elif word in _BIG:
            total += (current + pending or Decimal(1)) * _BIG[word]
            current = pending = Decimal(0)
            decimals = None
        elif word in _SMALL:
            pending = (pending or Decimal(1)) * _SMALL[word]
        elif word == "belas":
            pending += 10
        elif word in _WHOLE:
            total += _WHOLE[word] if _WHOLE[word] >= 1000 else 0
            pending += _WHOLE[word] if _WHOLE[word] < 1000 else 0
        elif word in _ADD:
            if unit and after_unit:  # digits said one by one: "eight zero zero"
                pending = pending * 10 + _ADD[word]
            else:
                current += pending
                pending = _ADD[word]
        after_unit = unit and decimals is None
    return total + current + pending
