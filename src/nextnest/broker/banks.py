"""Lenders of Singapore by the names that texts and rate sheets give them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NAMES = {
    "dbs": "dbs|posb|星展",
    "ocbc": "ocbc|华侨银行",
    "uob": "uob|united overseas bank|大华",
    "standard chartered": "standard chartered|stan ?chart|scb|渣打",
    "hsbc": "hsbc|汇丰",
    "citibank": "citi(?:bank)?|花旗",
    "maybank": "maybank|马来亚银行",
    "cimb": "cimb",
    "rhb": "rhb",
    "hong leong": "hong leong|hlf|丰隆",
    "bank of china": "bank of china|boc|中国银行",
    "icbc": "icbc|工商银行",
    "singapura": "singapura(?: finance)?",
    "sing investments": "sing investments(?: (?:and|&) finance)?",
    "state bank of india": "state bank of india|sbi",
}
BANK = re.compile(
    "|".join(f"(?P<b{i}>(?<![a-z])(?:{names})(?![a-z]))" for i, names in enumerate(_NAMES.values()))
)
_CANONICAL = tuple(_NAMES)


def banks_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Each bank named in a folded text: start, end, one name per bank."""
    for match in BANK.finditer(text):
        yield match.start(), match.end(), _CANONICAL[int(str(match.lastgroup)[1:])]


def bank_of(name: str) -> str:
    """The one name of a bank as a rate sheet writes it; an unknown bank keeps its own, in lower case."""
    return next((bank for _, _, bank in banks_in(name.casefold())), name.casefold().strip())
