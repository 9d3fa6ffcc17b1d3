"""Finds every number in a text, whatever dress it wears: digits, words, fractions, ranges, four languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from nextnest.broker.dress import coarse_of, currency, currency_before, dress
from nextnest.broker.folding import Folded, fold
from nextnest.broker.han_numbers import han_numbers
from nextnest.broker.nonfigures import non_figures
from nextnest.broker.number_words import SCALES, Spelled, spelled_numbers
from nextnest.broker.numeral import About, Numeral
from nextnest.domain.reply import Unit

__all__ = ["RANGE", "About", "Numeral", "find", "find_in"]

_ONE = Decimal(1)
_LETTER_DIGITS = re.compile(  # "8oo,000", "S$l.2m"
    r"(?<![a-z\d])(?=[oli|.,]*\d)[\doli|]+(?:[.,][\doli|]+)*(?=(?:k|m|mil|million|%|yrs?|mths?)?(?![a-z]))"
    r"|(?<=\$)[oli|](?=[.,]?\d)[\doli|.,]*"
)
_SPACED_DIGITS = re.compile(r"(?<![\d.,])\d(?: \d){3,}(?![\d.,])")
_MIXED = re.compile(r"(?<![\d.,])(?P<whole>\d{1,3}) (?P<top>[1-9])/(?P<bottom>[2-9])(?!\d)")  # 2 1/2
RANGE = re.compile(r" ?(?:-|to|~|until|至|到|hingga|sampai|முதல்) ?")
_PAIR = re.compile(r" (?:and|or|dan|atau) |或|和")
_SHARES = re.compile(  # "two thirds of", "half the price"
    r"\b(?P<top>two|three|four|five|six|seven|eight|nine|one|a|half)[ -]"
    r"(?P<bottom>third|quarter|fifth|sixth|eighth|tenth)s?(?: of|(?= the| your))"
    r"|\bhalf(?: of)? (?:the|your|that|its|this) "
    r"(?!years?|months?|stage|time|way|battle|day|units?|foundation)[a-z]+|一半"
)
_TOPS = {
    word: n for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine"], 2)
}
_BOTTOMS = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_YEAR_INDEX = re.compile(
    r"\byears? (\d{1,2})(?:(?: ?- ?| and | to )(\d{1,2}))?(?![\d.,%])"
    r"|\b(\d{1,2})(?:st|nd|rd|th) (?:year|yr)\b"
    r"|\b(second|third|fourth|fifth|sixth) year\b|第([二三四五六])年"
)
_INDEX = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6} | dict(
    zip("二三四五六", range(2, 7), strict=True)
)
_HALVES = re.compile(
    r"\bhalf[ -](?:an? )?(?:(?P<share>per ?cent|%)|(?P<month>month)|year)|(?<![\d一二两三四五六七八九十])半年"
)
_WORD_SUFFIX = re.compile(r"[ -]?(k|m|mil|mio|mln)(?![a-z])")
_ORDINAL = re.compile(r"(?<![\d.,$])\d{1,2}(?:st|nd|rd|th)\b")
_LONE = 9


def find(text: str) -> tuple[Numeral, ...]:
    """Every figure stated in a text, in order; positions count in `fold(text)`."""
    return find_in(fold(text))


def find_in(folded: Folded) -> tuple[Numeral, ...]:
    """Every figure stated in a folded text, in order; digits that no rule can read are marked so."""
    text = _repaired(folded).text
    taken = bytearray(len(text))  # 1: part of what states no figure, 2: part of a figure
    for start, end in (*non_figures(text), *(m.span() for m in _ORDINAL.finditer(text))):
        taken[start:end] = b"\1" * (end - start)
    found = _joined(text, _ranged(text, _longest_first(_hits(text), taken)))
    found = [numeral for numeral in found if not _states_nothing(text, numeral)]
    for match in re.finditer(r"\d+", text):
        if 0 in taken[match.start() : match.end()]:
            found.append(Numeral(*match.span(), Decimal(match[0]), None, _ONE, _ONE, readable=False))
    return tuple(sorted(found, key=lambda n: n.start))


def _repaired(folded: Folded) -> Folded:
    """Letters that stand for digits, and digits set apart ("8 0 0 0 0 0"), read as a number, in place."""
    swap = str.maketrans("oli|", "0111")
    fixed = folded.replaced(_LETTER_DIGITS, lambda m: m[0].translate(swap))
    return fixed.replaced(_SPACED_DIGITS, lambda m: m[0].replace(" ", "").ljust(len(m[0])))


def _states_nothing(text: str, numeral: Numeral) -> bool:
    """A small number in words without a unit only counts what is talked about: "one of you", "the two"."""
    return numeral.unit is None and numeral.value <= _LONE and text[numeral.start : numeral.end].isalpha()


def _hits(text: str) -> Iterator[Numeral]:
    """Every reading of any part of a text as a number; readings may overlap."""
    yield from (_written(text, match) for match in _digits().finditer(text))
    for match in _MIXED.finditer(text):
        value = Decimal(match["whole"]) + Decimal(match["top"]) / Decimal(match["bottom"])
        yield dress(text, match.start(), match.end(), value, Decimal("0.01"))
    for spelled in (*spelled_numbers(text), *han_numbers(text)):
        numeral = _spelled(text, spelled)
        if numeral:
            yield numeral
    for match in _SHARES.finditer(text):
        top = Decimal("0.5") if match["top"] == "half" else Decimal(_TOPS.get(match["top"], 1))
        share = 100 * top / _BOTTOMS[match["bottom"]] if match["bottom"] else Decimal(50)
        yield Numeral(*match.span(), share, Unit.PERCENT, _ONE, _ONE)
    for match in _HALVES.finditer(text):
        value = Decimal("0.5") if match["share"] or match["month"] else Decimal(6)
        unit = Unit.PERCENT if match["share"] else Unit.MONTHS
        yield Numeral(*match.span(), value, unit, Decimal("0.1"), Decimal("0.1"))
    for match in _YEAR_INDEX.finditer(text):
        for year in filter(None, match.groups()):
            yield Numeral(
                *match.span(), Decimal(_INDEX.get(year) or year), Unit.YEARS, _ONE, _ONE, year_index=True
            )


@cache
def _digits() -> re.Pattern[str]:
    scale = "|".join(sorted(map(re.escape, SCALES), key=len, reverse=True))
    return re.compile(
        rf"(?:{currency()})?(?P<digits>(?<!\d)(?:"
        r"\d{1,3}(?:[,' ]\d{3})+(?!\d)(?:\.\d+)?"  # 1,198,342 and 1 198 342
        r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)"  # 1.198.342
        r"|\d+,\d{1,2}(?![\d,])"  # 2,45
        r"|\d+\.\d+|\d+|(?<![^\s$(~])\.\d+)"
        r"(?:e\+?(?P<exponent>\d{1,2})(?![a-z\d]))?)"
        r"(?: ?/ ?(?P<under>\d{1,2})(?![\d/]))?"
        rf"(?P<scales>(?:[ -]?(?:{scale})(?![a-z0-9\u0b80-\u0bff]))*)"
    )


def _written(text: str, match: re.Match[str]) -> Numeral:
    """A number in digits, with its currency and its k, m, million."""
    digits = match["digits"].split("e")[0]
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    if digits.count(".") > 1:
        digits = digits.replace(".", "")
    digits = re.sub(r"[,' ]", "", digits)
    scale = Decimal(10) ** int(match["exponent"] or 0)
    for word in re.findall(r"[^\s-]+", match["scales"]):
        scale *= SCALES[word]
    step = scale / Decimal(10) ** len(digits.partition(".")[2])
    value = Decimal(digits) * scale
    if match["under"] and int(match["under"]):
        value, step = value / Decimal(match["under"]), Decimal("0.01")
    scaled = bool(match["scales"])
    numeral = dress(text, *match.span(), value, step, scaled=scaled)
    if match["local"] or match["foreign"] or (numeral.unit is None and scaled):
        return replace(numeral, unit=Unit.MONEY, foreign=numeral.foreign or bool(match["foreign"]))
    return numeral


def _spelled(text: str, spelled: Spelled) -> Numeral | None:
    """A number in words, with its currency."""
    suffix = _WORD_SUFFIX.match(text, spelled.end)
    if suffix:
        spelled = Spelled(spelled.start, suffix.end(), spelled.value * SCALES[suffix[1]])
    coarse, large = coarse_of(spelled.value), spelled.value >= 1000
    step = coarse if large else min(coarse, _ONE)
    numeral = dress(text, spelled.start, spelled.end, spelled.value, step, scaled=large)
    sign = currency_before().search(text, max(0, spelled.start - 6), spelled.start)
    if sign:
        return replace(numeral, start=sign.start(), unit=Unit.MONEY, foreign=bool(sign["foreign"]))
    if numeral.unit is not None:
        return numeral
    words = text[spelled.start : spelled.end]
    if suffix or "万" in words:
        return replace(numeral, unit=Unit.MONEY)
    return numeral


def _longest_first(hits: Iterator[Numeral], taken: bytearray) -> list[Numeral]:
    """Of readings that overlap the one that reads most; what lies within exempt text is no figure.

    Two numbers of one phrase ("years 1-2") share its span.
    """
    kept: list[Numeral] = []
    spans: set[tuple[int, int]] = set()
    for hit in sorted(hits, key=lambda n: (n.start - n.end, n.start)):
        span, part = (hit.start, hit.end), taken[hit.start : hit.end]
        if span in spans or (2 not in part and 0 in part):
            kept.append(hit)
            spans.add(span)
            taken[hit.start : hit.end] = b"\2" * (hit.end - hit.start)
    return sorted(kept, key=lambda n: n.start)


def _ranged(text: str, found: Sequence[Numeral]) -> list[Numeral]:
    """The two ends of a range share unit, currency, scale and vagueness: "S$1.1-1.2m", "2 to 3 years"."""
    out = list(found)
    for i in range(len(out) - 1):
        low, high = out[i], out[i + 1]
        between = text[low.end : high.start]
        if not (RANGE.fullmatch(between) or _PAIR.fullmatch(between)):
            continue
        if high.scaled and not low.scaled and low.value < 1000 and low.unit in {None, Unit.MONEY}:
            low = _times(low, _factor(text[high.start : high.end]))
        if low.unit is None and high.unit is not None:
            low = replace(low, unit=high.unit, noun=high.noun, foreign=high.foreign)
        elif high.unit is None and low.unit is not None:
            high = replace(high, unit=low.unit, noun=low.noun, foreign=low.foreign)
        out[i] = replace(low, per=low.per or high.per)
        out[i + 1] = replace(high, about=high.about or low.about)
    return out


def _times(numeral: Numeral, factor: Decimal) -> Numeral:
    value, step, coarse = (n * factor for n in (numeral.value, numeral.step, numeral.coarse))
    return replace(numeral, value=value, step=step, coarse=coarse, scaled=True)


def _factor(written: str) -> Decimal:
    factor = _ONE
    for word in re.findall(r"[a-z\u0b80-\u0bff]+|万|亿", written):
        factor *= {**SCALES, "万": 10**4, "亿": 10**8}.get(word, 1)
    return factor


def _joined(text: str, found: Sequence[Numeral]) -> list[Numeral]:
    """ "25 years 4 months" is one number, 304 months."""
    out: list[Numeral] = []
    for numeral in found:
        last = out[-1] if out else None
        if last and _goes_on(text, last, numeral):
            out[-1] = replace(
                numeral, start=last.start, value=last.value * 12 + numeral.value, about=last.about
            )
        else:
            out.append(numeral)
    return out


def _goes_on(text: str, years: Numeral, months: Numeral) -> bool:
    if (
        years.unit is not Unit.YEARS
        or years.year_index
        or months.unit is not Unit.MONTHS
        or months.value >= 12
    ):
        return False
    return bool(re.fullmatch(r",? (?:and |dan )?|零?", text[years.end : months.start]))
