"""Numbers written as words in English, Malay, Tamil and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_ENGLISH = {
    **{
        w: n
        for n, w in enumerate(
            [
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
            ]
        )
    },
    **{
        w: n
        for n, w in enumerate(
            ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], 13
        )
    },
    **{
        w: 10 * n
        for n, w in enumerate(
            ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
        )
    },
    **{"nil": 0, "fourty": 40, "fiveteen": 15, "ninty": 90, "tow": 2},
}
_MALAY = {
    **{
        w: n
        for n, w in enumerate(
            [
                "sifar",
                "satu",
                "dua",
                "tiga",
                "empat",
                "lima",
                "enam",
                "tujuh",
                "lapan",
                "sembilan",
                "sepuluh",
                "sebelas",
            ]
        )
    },
    **{"kosong": 0, "delapan": 8},
}
_TAMIL_UNITS = {
    **{"ஒன்று": 1, "இரண்டு": 2, "மூன்று": 3, "நான்கு": 4, "நாலு": 4, "ஐந்து": 5, "அஞ்சு": 5, "ஆறு": 6, "ஏழு": 7},
    **{"எட்டு": 8, "ஒன்பது": 9},
}
# Each multiple of ten, alone and as it is joined to what follows: இருபது, இருபத்தைந்து, இருபத்து ஐந்து.
_TAMIL_TENS = {
    **{"இருபது": ("இருபத்", 20), "முப்பது": ("முப்பத்", 30), "நாற்பது": ("நாற்பத்", 40), "ஐம்பது": ("ஐம்பத்", 50)},
    **{"அறுபது": ("அறுபத்", 60), "எழுபது": ("எழுபத்", 70), "எண்பது": ("எண்பத்", 80), "தொண்ணூறு": ("தொண்ணூற்", 90)},
}
_VOWEL_SIGNS = {
    "அ": "",
    "ஆ": "ா",
    "இ": "ி",
    "ஈ": "ீ",
    "உ": "ு",
    "ஊ": "ூ",
    "எ": "ெ",
    "ஏ": "ே",
    "ஐ": "ை",
    "ஒ": "ொ",
    "ஓ": "ோ",
}


def _tamil_tens() -> Iterator[tuple[str, int]]:
    for alone, (stem, tens) in _TAMIL_TENS.items():
        last = "ற" if stem.endswith("ற்") else "த"
        yield from ((alone, tens), (f"{stem}{last}ு", tens), (f"{stem}{last}ி", tens))
        for word, unit in _TAMIL_UNITS.items():
            yield f"{stem}{last}ு{word}", tens + unit
            yield f"{stem}{last}ி{word}", tens + unit
            if word[0] in _VOWEL_SIGNS:
                yield f"{stem}{last}{_VOWEL_SIGNS[word[0]]}{word[1:]}", tens + unit


_TAMIL = {
    **_TAMIL_UNITS,
    **dict(_tamil_tens()),
    **{
        "ஒரு": 1,
        "இரு": 2,
        "பத்து": 10,
        "பதினொன்று": 11,
        "பன்னிரண்டு": 12,
        "பனிரண்டு": 12,
        "பதின்மூன்று": 13,
        "பதிமூன்று": 13,
    },
    **{
        "பதினான்கு": 14,
        "பதினாலு": 14,
        "பதினைந்து": 15,
        "பதினாறு": 16,
        "பதினேழு": 17,
        "பதினெட்டு": 18,
        "பத்தொன்பது": 19,
    },
    **{
        "நூறு": 100,
        "நூற்று": 100,
        "இருநூறு": 200,
        "இருநூற்று": 200,
        "முந்நூறு": 300,
        "முன்னூறு": 300,
        "நானூறு": 400,
        "நாநூறு": 400,
    },
    **{"ஐநூறு": 500, "ஐநூற்று": 500, "அறுநூறு": 600, "எழுநூறு": 700, "எண்ணூறு": 800, "தொள்ளாயிரம்": 900},
    **{"இரண்டாயிரம்": 2000, "மூவாயிரம்": 3000, "நாலாயிரம்": 4000, "நான்காயிரம்": 4000, "ஐயாயிரம்": 5000, "ஆறாயிரம்": 6000},
    **{"ஏழாயிரம்": 7000, "எட்டாயிரம்": 8000, "ஒன்பதாயிரம்": 9000, "பத்தாயிரம்": 10000},
    **{"இரண்டாயிரத்து": 2000, "மூவாயிரத்து": 3000, "நாலாயிரத்து": 4000, "நான்காயிரத்து": 4000, "ஐயாயிரத்து": 5000},
    **{"ஆறாயிரத்து": 6000, "ஏழாயிரத்து": 7000, "எட்டாயிரத்து": 8000, "ஒன்பதாயிரத்து": 9000},
}
_TAMIL_THOUSANDS = {  # எட்டு + ஆயிரம் = எட்டாயிரம்
    word.removesuffix("ு") + ending: 1000 * n
    for word, n in _TAMIL.items()
    if word.endswith("ு") and n < 100
    for ending in ("ாயிரம்", "ாயிரத்து")
}
_ADD: dict[str, Decimal] = {
    word: Decimal(n) for word, n in {**_ENGLISH, **_MALAY, **_TAMIL, **_TAMIL_THOUSANDS}.items()
}
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


_HAN_DIGIT = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_SCALE = {"十": 10, "百": 100, "千": 1000}
_HAN_BIG = {"万": 10**4, "亿": 10**8}
_HAN = re.compile(
    r"(?:\d[\d,]*(?:\.\d+)?(?=[十百千万亿]))?"
    r"[零〇一二两三四五六七八九十百千万亿](?:[零〇一二两三四五六七八九十百千万亿]|\d(?![\d.]))*(?:点[零〇一二三四五六七八九]+[十百千万亿]*)?"
)
# A lone Chinese digit is a figure only before one of these; "一定", "十分" and "万一" are not numbers.
_HAN_UNIT = re.compile(r"\s?(?:年|个月|元|块|新元|新币|%|巴仙|厘|成|岁|天|周|星期|个?小时|分钟|个?百分点)")


def han_numbers(text: str) -> Iterator[Spelled]:
    """Numbers in Chinese characters, mixed with digits or not: 一百二十万, 80万, 两年, 4千7百."""
    for match in _HAN.finditer(text):
        written = match[0]
        begin = match.start()
        mixed = bool(re.match(r"\d", written))
        share = text[max(0, begin - 3) : begin] == "百分之"
        has_unit = share or _HAN_UNIT.match(text, match.end())
        if text[max(0, begin - 1) : begin] in {"第", "之", "万"} and not mixed and not share:
            continue
        value = _han_value(written)
        if mixed or has_unit or (len(written) > 1 and value >= 20 and written[0] in _HAN_DIGIT):
            yield Spelled(begin, match.end(), value)


def _han_value(written: str) -> Decimal:
    total = section = Decimal(0)
    digit: Decimal | None = None
    decimals: Decimal | None = None
    for part in re.findall(r"\d[\d,]*(?:\.\d+)?|.", written):
        if part[0].isdigit() and part[0].isascii():
            digit = Decimal(part.replace(",", ""))
        elif part == "点":
            decimals = Decimal("0.1")
            section += digit or 0
            digit = Decimal(0)
        elif part in _HAN_DIGIT:
            if decimals is not None:
                section += _HAN_DIGIT[part] * decimals
                decimals /= 10
            else:
                digit = (digit or Decimal(0)) * 10 + _HAN_DIGIT[part]
        elif part in _HAN_SCALE:
            section = (
                section * _HAN_SCALE[part]
                if decimals is not None
                else section + (digit or 1) * _HAN_SCALE[part]
            )
            digit = None
        elif part == "万":
            total, section, digit = total + (section + (digit or 0)) * _HAN_BIG[part], Decimal(0), None
        else:
            total, section, digit = (total + section + (digit or 0)) * _HAN_BIG[part], Decimal(0), None
    return total + section + (digit or 0)
