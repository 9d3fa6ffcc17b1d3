"""Finds every number in a text, whatever dress it wears, with its unit and how precisely it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from nextnest.broker.folding import Folded, fold
from nextnest.broker.nonfigures import non_figures
from nextnest.broker.number_words import SCALES, Spelled, han_numbers, spelled_numbers
from nextnest.domain.reply import Unit


class About(StrEnum):
    """Which word of vagueness stands before or after a number."""

    NOTHING = ""
    AROUND = "around"
    UNDER = "under"  # "just under S$1.2m"
    OVER = "over"  # "slightly more than 2 years"


@dataclass(frozen=True)
class Numeral:
    """A number in a text.

    `start` and `end` count in the folded reading. `step` is the worth of the last digit written (S$100,000 in
    "S$1.2m", 1 in "800,000"); `coarse` that of the last digit that is not a trailing zero (100,000 in both).
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
    noun: str = ""  # "day", "week", "hour" or "minute" when a duration that Unit has no member for
    year_index: bool = False  # "year 3", "the third year"
    readable: bool = True  # False: digits that no rule could read


_LETTER_DIGITS = re.compile(
    r"(?<![a-z\d])(?=[oli|.,]*\d)[\doli|]+(?:[.,][\doli|]+)*(?=(?:k|m|mil|million|%|yrs?|mths?)?(?![a-z]))"
    r"|(?<=\$)[oli|](?=[.,]?\d)[\doli|.,]*"
)
_SPACED_DIGITS = re.compile(r"(?<![\d.,])\d(?: \d){3,}(?![\d.,])")
_CURRENCY = r"(?<![a-z])(?P<foreign>us\$|usd ?|rm ?(?=\d)|myr ?|eur ?|hk\$ ?|a\$|aud ?|rmb ?|cny ?|inr ?|€ ?|£ ?|¥ ?|₹ ?|₩ ?)|(?<![a-z])(?P<local>s\$|sgd ?\$?|sg\$|\$) ?"
_SCALE = "|".join(sorted(map(re.escape, SCALES), key=len, reverse=True))
_DIGITS = re.compile(
    rf"(?:{_CURRENCY})?"
    r"(?P<digits>(?<![\d])(?:\d{1,3}(?:[,' ]\d{3})+(?![\d])(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d+,\d{1,2}(?![\d,])|\d+\.\d+|\d+|(?<![^\s$(~])\.\d+)"
    r"(?:e\+?(?P<exp>\d{1,2})(?![a-z\d]))?)"
    r"(?: ?(?P<over>/) ?(?P<under>\d{1,2})(?![\d/]))?"
    rf"(?P<scales>(?:[ -]?(?:{_SCALE})(?![a-z0-9\u0b80-\u0bff]))*)"
)
_MIXED = re.compile(r"(?<![\d.,])(?P<whole>\d{1,3}) (?P<top>[1-9])/(?P<bottom>[2-9])(?!\d)")
_BEFORE_CURRENCY = re.compile(rf"(?:{_CURRENCY})$")
_TA = r"[\u0b80-\u0bff]*"
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bps", re.compile(r"[ -]?(?:bps?(?![a-z])|basis[ -]points?)")),
    (
        "percent",
        re.compile(
            rf"[ -]?(?:%|percent(?:age)?(?: points?)?|per[ -]?cents?|pct(?![a-z])|p\.?a\.?(?![a-z])|巴仙|个?百分点|peratus|persen|சத{_TA}|விழுக்காடு{_TA})"
        ),
    ),
    (
        "years",
        re.compile(
            rf"[ -]?(?:years?(?![a-z])|yrs?(?![a-z])|y(?![a-z/])|tahun(?![a-z])|年(?!前的)|岁|ஆண்டு{_TA}|வருட{_TA}|வயது{_TA})"
        ),
    ),
    (
        "months",
        re.compile(rf"[ -]?(?:months?(?![a-z])|mths?(?![a-z])|mos?(?![a-z])|bulan(?![a-z])|个月|மாத{_TA})"),
    ),
    (
        "day",
        re.compile(
            r"[ -]?(?:(?:working|business|calendar)[ -])?(?:days?(?![a-z])|天|个?工作日|hari(?![a-z])|நாட்?கள்|நாள்)"
        ),
    ),
    ("week", re.compile(r"[ -]?(?:weeks?(?![a-z])|wks?(?![a-z])|周|个?星期|minggu(?![a-z])|வார)")),
    ("hour", re.compile(r"[ -]?(?:hours?(?![a-z])|hrs?(?![a-z])|个?小时|jam(?![a-z])|மணி)")),
    ("minute", re.compile(r"[ -]?(?:min(?:ute)?s?(?![a-z])|分钟|minit(?![a-z])|நிமிட)")),
    (
        "foreign",
        re.compile(
            r" ?(?:us dollars?|usd|ringgit|euros?|pounds?|rmb|yuan|baht|rupees?|rupiah|yen|美元|令吉|人民币)"
        ),
    ),
    (
        "money",
        re.compile(
            r"[ -]?(?:sing(?:apore)?[ -]dollars?|dollars?(?![a-z])|bucks(?![a-z])|sgd(?![a-z])|s\$(?! ?\d)|\$(?! ?\d)|元|块钱?|新元|新币|坡币"
            rf"|டாலர்{_TA}|வெள்ளி{_TA})"
        ),
    ),
)
_PER = re.compile(
    r"^(?: ?(?:in |of |as )?(?:instal+ments?|repayments?))?(?: ?\((?!\w*ly\b))? ?(?:(?:/|per|a|an|each|every|se|setiap|每) ?(?P<per>months?|mths?|mo\b|bulan|月|years?|yrs?|annum|tahun|年|weeks?|days?)"
    r"|(?P<adv>monthly|mthly|yearly|annually|weekly|daily|sebulan|setahun|p\.?m\.?(?![a-z])))"
)
_PER_BEFORE = re.compile(
    r"(?<![a-z])(?:(?:per|a|each|every) (?P<per>month|year)|(?P<adv>monthly|yearly|annually))"
    r"(?:[ ,:]|that's|that is|it's|it is|this is|about|around|roughly|is|would be|you'd|you|would|pay|just|only|~|s\$)*$"
)
_AROUND = re.compile(
    r"(?:\b(?:about|around|approximately|approx\.?|roughly|circa|c\.|near(?:ly)?|almost|close to|some|in the region of|somewhere (?:near|around)|kira-kira|sekitar|lebih kurang|anggaran|hampir)|~|≈|大约|大概|约|差不多|将近|接近|சுமார்|ஏறத்தாழ|கிட்டத்தட்ட) ?(?:s\$|sgd|\$)? ?\*{0,2}$"
)
_OVER = re.compile(
    r"\b(?:just|slightly|a (?:little|bit|touch)) (?:over|above|more than) ?(?:s\$|sgd|\$)? ?\*{0,2}$"
)
_UNDER = re.compile(
    r"\b(?:just|slightly|a (?:little|bit|touch)) (?:under|below|less than|shy of|short of) ?(?:s\$|sgd|\$)? ?\*{0,2}$"
)
_AROUND_AFTER = re.compile(r"^(?:-?ish\b| or so\b| or thereabouts|左右|上下| lebih kurang)")
RANGE = re.compile(r" ?(?:-|to|~|until|至|到|hingga|sampai|முதல்) ?")
_PAIR = re.compile(r" (?:and|or|dan|atau) |或|和")
_SHARES = re.compile(
    r"\b(?P<n>two|three|four|five|six|seven|eight|nine|one|a|half)[ -](?P<d>thirds?|quarters?|fifths?|sixths?|eighths?|tenths?)(?: of|(?= the| your))|\b(?P<half>half)(?: of)? (?:the|your|that|its|this) (?!years?|months?|stage|time|way|battle|day|units?|foundation)[a-z]+|一半"
)
_YEAR_INDEX = re.compile(
    r"\byears? (?P<n>\d{1,2})(?:(?: ?- ?| and | to )(?P<m>\d{1,2}))?(?![\d.,%])|\b(?P<o>\d{1,2})(?:st|nd|rd|th) (?:year|yr)\b|\b(?P<w>second|third|fourth|fifth|sixth) year\b|第(?P<h>[二三四五六])年"
)
_PARTS = {
    word: Decimal(n)
    for n, word in enumerate(["two", "three", "four", "five", "six", "seven", "eight", "nine"], 2)
}
_PARTS["half"] = Decimal("0.5")
_WHOLES = {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_INDEX_WORDS = {
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
}
_WORD_SUFFIX = re.compile(r"[ -]?(k|m|mil|mio|mln)(?![a-z])")
_ORDINAL = re.compile(r"(?<![\d.,$])\d{1,2}(?:st|nd|rd|th)\b")

_TENTHS = re.compile(r" ?成(?![为功本交员立])(?P<more>[一二三四五六七八九半]?)")
_HALVES = re.compile(
    r"\bhalf[ -](?:an? )?(?P<u>year|month|per ?cent|%)|(?<![\d一二两三四五六七八九十])半(?P<z>年)"
)
_TENTH_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九", 1)} | {"半": 5, "": 0}


def find(text: str) -> tuple[Numeral, ...]:
    """Every figure stated in a text, in order; positions count in `fold(text)`."""
    return find_in(fold(text))


def find_in(folded: Folded) -> tuple[Numeral, ...]:
    """Every figure stated in a folded text, in order. Digits that no rule can read come back as not readable."""
    text = _repaired(folded).text
    exempt = non_figures(text)
    found = [n for n in _longest_first(_hits(text)) if not _within(n, exempt)]
    found = _joined(text, _ranged(text, found))
    covered = [*exempt, *((n.start, n.end) for n in found), *(m.span() for m in _ORDINAL.finditer(text))]
    for match in re.finditer(r"\d+", text):
        if not any(a <= match.start() and match.end() <= b for a, b in covered):
            one = Decimal(1)
            found.append(Numeral(*match.span(), Decimal(match[0]), None, one, one, readable=False))
    return tuple(sorted(found, key=lambda n: n.start))


def _repaired(folded: Folded) -> Folded:
    """Letters that stand for digits ("8oo,000") and digits set apart ("8 0 0 0 0 0") read as a number, in place."""
    swap = str.maketrans("oli|", "0111")
    fixed = folded.replaced(_LETTER_DIGITS, lambda m: m[0].translate(swap))
    return fixed.replaced(_SPACED_DIGITS, lambda m: m[0].replace(" ", "").ljust(len(m[0])))


def _hits(text: str) -> list[Numeral]:
    hits = [_written(text, m) for m in _DIGITS.finditer(text)]
    for m in _MIXED.finditer(text):
        share = Decimal(m["whole"]) + Decimal(m["top"]) / Decimal(m["bottom"])
        hits.append(_dressed(text, m.start(), m.end(), share, Decimal("0.01")))
    for spelled in (*spelled_numbers(text), *han_numbers(text)):
        hits += filter(None, [_spelled(text, spelled)])
    for m in _SHARES.finditer(text):
        hits.append(Numeral(*m.span(), _share(m), Unit.PERCENT, Decimal(1), Decimal(1)))
    for m in _HALVES.finditer(text):
        unit = Unit.PERCENT if m["u"] and m["u"][0] in "p%" else Unit.MONTHS
        value = Decimal("0.5") if unit is Unit.PERCENT or m["u"] == "month" else Decimal(6)
        hits.append(Numeral(*m.span(), value, unit, Decimal("0.1"), Decimal("0.1")))
    for m in _YEAR_INDEX.finditer(text):
        for group in filter(None, m.groups()):
            n = Decimal(_INDEX_WORDS.get(group) or group)
            hits.append(Numeral(*m.span(), n, Unit.YEARS, Decimal(1), Decimal(1), year_index=True))
    return hits


def _share(match: re.Match[str]) -> Decimal:
    if not match["d"]:
        return Decimal(50)
    top = _PARTS.get(match["n"], Decimal(1))
    bottom = _WHOLES[match["d"].removesuffix("s")]
    return Decimal(100) * top / bottom


def _written(text: str, match: re.Match[str]) -> Numeral:
    """A number in digits, with its currency and its k, m, million."""
    digits = match["digits"].split("e")[0]
    if re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")  # decimal comma
    if digits.count(".") > 1:
        digits = digits.replace(".", "")  # points between thousands
    digits = re.sub(r"[,' ]", "", digits)
    scale = Decimal(10) ** int(match["exp"] or 0)
    for word in re.findall(r"[^\s-]+", match["scales"]):
        scale *= SCALES[word]
    value = Decimal(digits)
    if match["over"] and int(match["under"]):
        value /= Decimal(match["under"])
    decimals = len(digits.partition(".")[2])
    scaled = bool(match["scales"])
    step = scale / (Decimal(10) ** decimals) if not match["over"] else Decimal("0.01")
    numeral = _dressed(text, match.start(), match.end(), value * scale, step, scaled=scaled)
    if match["local"] or match["foreign"] or (numeral.unit is None and scaled):
        numeral = replace(numeral, unit=Unit.MONEY, foreign=numeral.foreign or bool(match["foreign"]))
    return numeral


def _spelled(text: str, spelled: Spelled) -> Numeral | None:
    """A number in words; "one" counts only with a unit, as in "one year"."""
    suffix = _WORD_SUFFIX.match(text, spelled.end)
    if suffix:
        spelled = Spelled(spelled.start, suffix.end(), spelled.value * SCALES[suffix[1]])
    coarse = _coarse(spelled.value)
    step = coarse if spelled.value >= 1000 else min(coarse, Decimal(1))
    numeral = _dressed(text, spelled.start, spelled.end, spelled.value, step, scaled=spelled.value >= 1000)
    currency = _BEFORE_CURRENCY.search(text, 0, spelled.start)
    if currency:
        return replace(numeral, start=currency.start(), unit=Unit.MONEY, foreign=bool(currency["foreign"]))
    if numeral.unit is None and (suffix or "万" in text[spelled.start : spelled.end]):
        return replace(numeral, unit=Unit.MONEY)
    lone = numeral.unit is None and text[spelled.start : spelled.end] in {
        "one",
        "satu",
        "ஒன்று",
        "nil",
        "tow",
        "dot",
    }
    return None if lone else numeral


def _coarse(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    return Decimal(10) ** int(exponent) if value else Decimal(1)


def _dressed(
    text: str, start: int, end: int, value: Decimal, step: Decimal, *, scaled: bool = False
) -> Numeral:
    """A numeral with what stands around it: unit, period, words of vagueness."""
    unit: Unit | None = None
    noun = ""
    foreign = False
    for name, pattern in _AFTER:
        match = pattern.match(text, end)
        if not match:
            continue
        end = match.end()
        if name == "bps":
            value, step, unit = value / 100, step / 100, Unit.PERCENT
        elif name in {"money", "foreign"}:
            unit, foreign = Unit.MONEY, name == "foreign"
        elif name in {"day", "week", "hour", "minute"}:
            unit, noun = Unit.COUNT, name
        else:
            unit = Unit(name)
        break
    tenths = _TENTHS.match(text, end)
    if unit is None and tenths:
        value = value * 10 + _TENTH_DIGITS[tenths["more"]]
        unit, end = Unit.PERCENT, tenths.end()
    if unit is None and text[max(0, start - 3) : start] == "百分之":
        unit, start = Unit.PERCENT, start - 3
    if unit is Unit.YEARS and text[end : end + 1] == "半":
        value, end = value + Decimal("0.5"), end + 1
    per = _PER.match(text[end : end + 40]) or _PER_BEFORE.search(text[max(0, start - 40) : start])
    return Numeral(
        start, end, value, unit, step, max(step, _coarse(value)), scaled=scaled, about=_about(text, start, end),
        foreign=foreign, per=_period(per) if per else "", noun=noun,
    )  # fmt: skip


def _about(text: str, start: int, end: int) -> About:
    before = text[max(0, start - 40) : start]
    if _OVER.search(before):
        return About.OVER
    if _UNDER.search(before):
        return About.UNDER
    return (
        About.AROUND if _AROUND.search(before) or _AROUND_AFTER.match(text[end : end + 20]) else About.NOTHING
    )


def _period(match: re.Match[str]) -> str:
    word = match["per"] or match["adv"]
    if word.startswith(("mo", "mt", "bulan", "月", "sebulan", "pm", "p.m")):
        return "month"
    if word.startswith(("w",)):
        return "week"
    return "day" if word.startswith("da") else "year"


def _longest_first(hits: Sequence[Numeral]) -> list[Numeral]:
    """Of hits that overlap, the one that reads most; two numbers of one phrase ("years 1-2") share its span."""
    kept: list[Numeral] = []
    for hit in sorted(hits, key=lambda n: (n.start - n.end, n.start)):
        if all(
            hit.end <= k.start or k.end <= hit.start or (hit.start, hit.end) == (k.start, k.end) for k in kept
        ):
            kept.append(hit)
    return sorted(kept, key=lambda n: n.start)


def _within(numeral: Numeral, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a <= numeral.start and numeral.end <= b for a, b in spans)


def _ranged(text: str, found: list[Numeral]) -> list[Numeral]:
    """The two ends of a range share unit, currency, scale and vagueness: "S$1.1-1.2m", "2 to 3 years"."""
    out = list(found)
    for i in range(len(out) - 1):
        low, high = out[i], out[i + 1]
        between = text[low.end : high.start]
        if not (RANGE.fullmatch(between) or _PAIR.fullmatch(between)):
            continue
        if high.scaled and not low.scaled and low.value < 1000 and low.unit in {None, Unit.MONEY}:
            factor = _factor(text[high.start : high.end])
            low = replace(
                low, value=low.value * factor, step=low.step * factor, coarse=low.coarse * factor, scaled=True
            )
        if low.unit is None and high.unit is not None:
            low = replace(low, unit=high.unit, noun=high.noun, foreign=high.foreign)
        elif high.unit is None and low.unit is not None:
            high = replace(high, unit=low.unit, noun=low.noun, foreign=low.foreign)
        out[i] = replace(low, per=low.per or high.per, about=low.about)
        out[i + 1] = replace(high, about=high.about or low.about)
    return out


def _factor(written: str) -> Decimal:
    factor = Decimal(1)
    for word in re.findall(r"[a-z\u0b80-\u0bff]+|万|亿", written):
        factor *= SCALES.get(word, {"万": 10**4, "亿": 10**8}.get(word, 1))
    return factor


def _joined(text: str, found: list[Numeral]) -> list[Numeral]:
    """ "25 years 4 months" is one number, 304 months."""
    out: list[Numeral] = []
    for numeral in found:
        last = out[-1] if out else None
        if (
            last
            and last.unit is Unit.YEARS
            and numeral.unit is Unit.MONTHS
            and not last.year_index
            and numeral.value < 12
            and re.fullmatch(r",? (?:and |dan )?|零?", text[last.end : numeral.start])
        ):
            months = last.value * 12 + numeral.value
            out[-1] = replace(numeral, start=last.start, value=months, about=last.about)
        else:
            out.append(numeral)
    return out
