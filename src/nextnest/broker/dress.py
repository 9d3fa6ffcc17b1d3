"""What stands around a number: currency, unit, period, words of vagueness."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from nextnest.broker.numeral import About, Numeral
from nextnest.broker.patterns import either, table
from nextnest.domain.reply import Unit

_NEAR = 40  # characters before and after a number in which its dress is looked for
_SIGN = r" ?(?:s\$|sgd|\$)? ?\*{0,2}$"
# Between a number and its period: "S$4,654 of instalment a month", "each month you'd pay roughly S$4,654".
_TO_PERIOD = r"^(?: ?(?:in |of |as )?(?:instal+ments?|repayments?))?(?: ?\((?!\w*ly\b))? ?"
_FROM_PERIOD = (
    r"(?:[ ,:~]|s\$|that's|that is|it's|it is|this is|about|around|roughly|is|would be|you'd|you|would"
    r"|pay|just|only)*$"
)
_TENTHS = re.compile(r" ?成(?![为功本交员立])(?P<more>[一二三四五六七八九半]?)")  # 七成五 is 75%
_TENTH_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九", 1)} | {"半": 5, "": 0}
_SHARE_SIGN = "百分之"


@cache
def currency() -> str:
    """A regular expression for a currency sign before a number, with groups `foreign` and `local`."""
    words = table("numerals")["currency"]
    foreign, local = "|".join(words["foreign"]), "|".join(words["local"])
    return rf"(?<![a-z])(?P<foreign>{foreign})|(?<![a-z])(?P<local>{local}) ?"


@cache
def currency_before() -> re.Pattern[str]:
    return re.compile(rf"(?:{currency()})$")


def dress(text: str, start: int, end: int, value: Decimal, step: Decimal, *, scaled: bool = False) -> Numeral:
    """The numeral that the value at `start` to `end` of a folded text is, with all that stands around it."""
    unit, noun, foreign = None, "", False
    for name, pattern in _units():
        match = pattern.match(text, end)
        if match:
            end = match.end()
            unit, noun, foreign = _unit(name)
            if name == "bps":
                value, step = value / 100, step / 100
            break
    else:
        start, end, value, unit = _tenths(text, start, end, value)
    if unit is Unit.YEARS and text[end : end + 1] == "半":
        value, end = value + Decimal("0.5"), end + 1
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return Numeral(
        start,
        end,
        value,
        unit,
        step,
        coarse=max(step, coarse_of(value)),
        scaled=scaled,
        about=_about(before, after),
        foreign=foreign,
        per=_period(before, after),
        noun=noun,
    )


def coarse_of(value: Decimal) -> Decimal:
    """The worth of the last digit that is not a trailing zero."""
    return Decimal(10) ** int(value.normalize().as_tuple().exponent) if value else Decimal(1)


def _unit(name: str) -> tuple[Unit, str, bool]:
    """Unit, duration noun and whether the currency is foreign, for a name in numerals.toml."""
    if name in {"money", "foreign"}:
        return Unit.MONEY, "", name == "foreign"
    if name in {"day", "week", "hour", "minute"}:
        return Unit.COUNT, name, False
    return Unit.PERCENT if name == "bps" else Unit(name), "", False


def _tenths(text: str, start: int, end: int, value: Decimal) -> tuple[int, int, Decimal, Unit | None]:
    """Chinese percentages: 七成 and 百分之七十."""
    tenths = _TENTHS.match(text, end)
    if tenths:
        return start, tenths.end(), value * 10 + _TENTH_DIGITS[tenths["more"]], Unit.PERCENT
    if text[max(0, start - len(_SHARE_SIGN)) : start] == _SHARE_SIGN:
        return start - len(_SHARE_SIGN), end, value, Unit.PERCENT
    return start, end, value, None


def _about(before: str, after: str) -> About:
    for about, pattern in _vague():
        if pattern.search(after if about is About.NOTHING else before):
            return about or About.AROUND
    return About.NOTHING


def _period(before: str, after: str) -> str:
    return next((name for name, to, fro in _periods() if to.search(after) or fro.search(before)), "")


@cache
def _units() -> tuple[tuple[str, re.Pattern[str]], ...]:
    words = table("numerals")["unit"].items()
    return tuple((name, re.compile(rf"[ -]?(?:{either(phrases)})")) for name, phrases in words)


@cache
def _periods() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    words = table("numerals")["period"].items()
    return tuple(
        (
            name,
            re.compile(rf"{_TO_PERIOD}(?:{either(phrases)})"),
            re.compile(rf"(?:{either(phrases)}){_FROM_PERIOD}"),
        )
        for name, phrases in words
    )


@cache
def _vague() -> tuple[tuple[About, re.Pattern[str]], ...]:
    words = table("numerals")["vague"]
    return (
        (About.OVER, re.compile(rf"(?:{either(words['over'])}){_SIGN}")),
        (About.UNDER, re.compile(rf"(?:{either(words['under'])}){_SIGN}")),
        (About.AROUND, re.compile(rf"(?:{either(words['around'])}){_SIGN}")),
        (About.NOTHING, re.compile(rf"^(?:{'|'.join(words['after'])})(?![a-z])")),
    )
