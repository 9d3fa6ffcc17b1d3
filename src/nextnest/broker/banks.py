"""Lenders of Singapore by the names that texts and rate sheets give them, and of which a figure is said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
_LISTED = re.compile(r"(?:'s)? ?(?:,|/|&|、|and|or|和|dan) ?")  # "DBS and UOB are at …"
_ATTACHED = re.compile(
    r"(?:from|with|by|at|\() ?$"
)  # "2.45% from DBS": the bank is that of the number before

_AGAINST = re.compile(r"(?:against|vs\.?|versus|than|compared (?:to|with)) ?$")  # "3 years against 2"

_PAIRED = re.compile(r"^ (?:years? )?(?:and|&) \d")  # "lock-ins of 2 and 3 years"
_PAIRED_BEFORE = re.compile(r"\d (?:years? )?(?:and|&) $")

Named = tuple[int, int, str]  # where a bank is named, and which


def banks_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Each bank named in a folded text: start, end, one name per bank."""
    for match in BANK.finditer(text):
        yield match.start(), match.end(), _CANONICAL[int(str(match.lastgroup)[1:])]


def bank_of(name: str) -> str:
    """The one name of a bank as a rate sheet writes it; an unknown bank keeps its own, in lower case."""
    return next((bank for _, _, bank in banks_in(name.casefold())), name.casefold().strip())


def of_number(
    text: str,
    named: Sequence[Named],
    number: tuple[int, int],
    gap: tuple[int, int],
    sentence: tuple[int, int],
) -> frozenset[str]:
    """The banks that a number can be said of; empty where none is named before it or with it.

    `gap` reaches from the number before to the number after. A number without a bank of its own is said of
    the bank that its sentence spoke of last, or of one of those that the sentences before spoke of.
    """
    if _AGAINST.search(text[max(0, number[0] - 20) : number[0]]):
        return frozenset()
    if _PAIRED.search(text[number[1] : number[1] + 8]) or _PAIRED_BEFORE.search(
        text[max(0, number[0] - 12) : number[0]]
    ):
        return frozenset(b[2] for b in named if b[1] <= number[0])
    inside = [b for b in named if sentence[0] <= b[0] and b[1] <= sentence[1]]
    before, after = [b for b in inside if b[1] <= number[0]], [b for b in inside if b[0] >= number[1]]
    near = [b for b in before if b[0] >= gap[0] and not _is_of_number_before(text, b, gap[0], sentence[0])]
    if near:
        return _listed(text, near)
    attached = [b for b in after if b[1] <= gap[1] and _ATTACHED.search(text[number[1] : b[0]])]
    if attached and not before:
        return frozenset({attached[0][2]})
    if before:
        return _listed(text, before) | {b[2] for b in (attached or after)[:1]}
    return frozenset(b[2] for b in named if b[1] <= sentence[0]) if not after else frozenset()


def _is_of_number_before(text: str, bank: Named, number_end: int, sentence_start: int) -> bool:
    lead_in = text[number_end : bank[0]]
    return number_end > sentence_start and bool(_ATTACHED.search(lead_in)) and len(lead_in) > 2


def _listed(text: str, banks: Sequence[Named]) -> frozenset[str]:
    """The last bank, with those that it stands in a list with."""
    names = {banks[-1][2]}
    for one, following in zip(banks[-2::-1], banks[:0:-1], strict=True):
        if not _LISTED.fullmatch(text[one[1] : following[0]]):
            break
        names.add(one[2])
    return frozenset(names)
