"""Numbers written in Chinese characters, mixed with digits or not: 一百二十万, 80万, 两年, 4千7百."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from nextnest.broker.number_words import Spelled

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
