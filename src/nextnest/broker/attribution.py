"""Which quantity a number in a text is said of.

Not grammar, only the few shapes in which brokers say figures: "the BSD is S$24,600", "S$24,600 of BSD",
"a S$900k loan", "Loan: S$900,000". Where the shape is unclear nothing is concluded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache

from nextnest.broker.banks import banks_in, of_number
from nextnest.broker.folding import Folded, fold
from nextnest.broker.numeral import Numeral
from nextnest.broker.numerals import RANGE, find_in
from nextnest.broker.patterns import either, patterns, table
from nextnest.broker.quantities import Mention, mentions, of_unit
from nextnest.domain.reply import Unit

_SENTENCE_END = re.compile(r"[;!?\n]+|\.(?!\d)|(?<!\d)\.(?=\d)")
_ABBREVIATION = re.compile(r"\b(?:approx|max|min|no|p\.a|e\.g|i\.e|incl|excl|est|yrs?|mths?|vs|[paei])$")
_ARTICLES = {"the", "your", "a", "an", "this", "that"}  # "of S$640,000 the penalty is …" begins anew
_ADDED = re.compile(r"\b(?:with|plus|including|adding|add)(?: the| your)? $")  # "with BSD that's S$339,800"
_SUMMED = re.compile(r",? (?:that|it|this|you)\b")
_PURPOSES = {"for", "for the", "for your"}
_LISTED = re.compile(
    r"[ ,]*(?:and|or|&|vs\.?|versus|against|和|dan)(?: \w+)? ?(?:sora)? ?\+? ?|, (?:\w+ ){0,3}sora ?\+ ?"
)
_NESTED = re.compile(r"\b(?:on|for|of|with|in) (?:the|your|a|an|this|that|its) (?:\w+ )?$")
_OF_NUMBER = re.compile(
    r" (?:on|for|with|of|over|at|against) (?:(?:a|an|the|your|this) )?(?:[a-z]+ (?:of )?)?(?:s\$|\d)"
)
_PERIODIC = frozenset({"income", "debts", "instalment", "saving"})
_EVERY = re.compile(r"(?: (?!and\b|then\b|plus\b)[a-z]+){1,4} (?:every|each) (?P<per>year|month)\b")
_LONGEST_GAP = 40  # characters


@cache
def _links() -> tuple[re.Pattern[str], ...]:
    """What may stand between a quantity and its number: left, right, as a stating verb, as the last verb."""
    words = table("attribution")
    left = re.compile(rf"(?:[\s:=\-()\[\]*_|\"'~≈$]|{either(words['left'])})*")
    right = re.compile(rf"(?:[\s\-/(*_\"']|{either(words['right'])})*")
    states = re.compile(
        rf" ?\*{{0,2}},? ?(?:{either(words['states'])})"
        r"(?: (?:about|around|roughly|only|just|then|now|a|exactly))* ?(?:s\$|sgd|\$)? ?\*{0,2}"
    )
    return left, right, states, re.compile(rf"{states.pattern}$")


@dataclass(frozen=True)
class Said:
    """A number with the quantity it is said of (None: unclear) and the words around it."""

    numeral: Numeral
    of: Mention | None
    certain: bool  # the words between leave no doubt
    before: str  # from the number before, or the start of the sentence
    lead_in: str  # from the number of the same unit before, or the start of the sentence
    after: str  # to the next number, or the end of the sentence
    sentence: str
    per: str  # the period: said at the number, or of the quantity ("your annual income is …")
    banks: frozenset[str]  # the banks that it can be of, as far as any are named


@lru_cache(maxsize=256)  # every check of a reply reads it, and the customer's messages are read in each turn
def read(text: str) -> tuple[Folded, tuple[Said, ...]]:
    """A text folded, and every number in it with what it is said of."""
    folded = fold(text)
    return folded, attribute(folded.text, find_in(folded), mentions(folded.text))


def attribute(text: str, numerals: Sequence[Numeral], found: Sequence[Mention]) -> tuple[Said, ...]:
    """Every number of a folded text with what it is said of."""
    bounds, lenders = sentences(text), tuple(banks_in(text))
    said: list[Said] = []
    bound: set[Mention] = set()
    for i, numeral in enumerate(numerals):
        first, last = next(((a, b) for a, b in bounds if a <= numeral.start < b), (0, len(text)))
        left = min(max(first, numerals[i - 1].end if i else 0), numeral.start)
        right = max(min(last, numerals[i + 1].start if i + 1 < len(numerals) else len(text)), numeral.end)
        place = _Place(text, numeral, first, left, right, of_unit(found, numeral.unit), bound)
        of, certain = place.quantity()
        if of is None and i and said and RANGE.fullmatch(text[numerals[i - 1].end : numeral.start]):
            of, certain = said[-1].of, said[-1].certain
        if of and certain:
            bound.add(of)
        lead_in = text[min(max(first, _alike_end(text, numerals, i)), numeral.start) : numeral.start]
        before, behind = text[left : numeral.start], text[numeral.end : right]
        per = numeral.per or _period_of(before, behind, of)
        banks = of_number(text, lenders, (numeral.start, numeral.end), (left, right), (first, last))
        said.append(Said(numeral, of, certain, before, lead_in, behind, text[first:last], per, banks))
    return tuple(said)


def _period_of(before: str, behind: str, of: Mention | None) -> str:
    """The period of a number that has none beside it: "your annual income is", "is charged every year"."""
    if late := _EVERY.match(behind):
        return late["per"]
    if not of or not of.names & _PERIODIC:
        return ""
    words = patterns("attribution")
    return next((per for per in ("year", "month") if words[f"a_{per}"].search(before)), "")


def _alike_end(text: str, numerals: Sequence[Numeral], i: int) -> int:
    """Where the last number of the same unit ends, but for one that this is listed with ("1% and 0.9%")."""
    at = numerals[i].start
    for earlier in reversed(numerals[:i]):
        if earlier.unit is numerals[i].unit:
            if not _LISTED.fullmatch(text[earlier.end : at]):
                return earlier.end
            at = earlier.start
    return 0


@dataclass(frozen=True)
class _Place:
    """A number in its sentence, between the numbers beside it, and what it could be said of."""

    text: str
    numeral: Numeral
    first: int  # where the sentence begins
    left: int  # where the number before ends, or the sentence begins
    right: int  # where the number after begins, or the sentence ends
    usable: Sequence[Mention]
    bound: Set[Mention]  # said of another number already

    def quantity(self) -> tuple[Mention | None, bool]:
        """What the number is said of, and whether the words between leave no doubt."""
        left, right, *_ = _links()
        start, end = self.numeral.start, self.numeral.end
        before = [m for m in self.usable if self.left <= m.start and m.end <= start and m not in self.bound]
        if before and self._is_summed(before[-1]):
            return None, False
        # "28 years old": the number's unit is part of the name
        after = [m for m in self.usable if start < m.start and end <= m.end <= self.right]
        while len(after) > 1 and self.text[after[0].end : after[1].start] == "'s ":
            after = after[1:]  # "S$1,560 for the flat's instalment"
        if before and left.fullmatch(self.text[before[-1].end : start]):
            return self._head(before), True
        behind = self.text[end : max(end, after[0].start)] if after else ""
        if after and right.fullmatch(behind) and behind.strip() not in self._of_others():
            return after[0], True
        return (None, False) if after else (self._subject() or self._alone(before), False)

    def _is_summed(self, last: Mention) -> bool:
        """ "Together with BSD that's S$339,800": the sum, not the last of its parts."""
        added = _ADDED.search(self.text[self.left : last.start])
        return bool(added and _SUMMED.match(self.text, last.end))

    def _of_others(self) -> Set[str]:
        """Words after which what follows is not what the number is of: "2.6% for the ratio"."""
        return _ARTICLES | _PURPOSES if self.numeral.unit is Unit.PERCENT else _ARTICLES

    def _head(self, before: Sequence[Mention]) -> Mention:
        """ "The stamp duty on the flat is S$10,200" is said of the duty, not of the flat."""
        last = before[-1]
        nested = _NESTED.search(self.text[self.left : last.start])
        return before[-2] if len(before) > 1 and nested and self._is_stated(last.end) else last

    def _subject(self) -> Mention | None:
        """ "BSD on S$520,000 is S$10,200": the sentence's first quantity that has no number yet."""
        if self.left == self.first or not self._is_stated(self.left):
            return None
        earlier = [
            m for m in self.usable if self.first <= m.start and m.end <= self.left and m not in self.bound
        ]
        return next((m for m in earlier if _OF_NUMBER.match(self.text, m.end)), None)

    def _is_stated(self, start: int) -> bool:
        return bool(_links()[2].fullmatch(self.text[start : self.numeral.start]))

    def _alone(self, before: Sequence[Mention]) -> Mention | None:
        """The only quantity before the number, with nothing between that would part them."""
        if len(before) != 1:
            return None
        gap, words = self.text[before[0].end : self.numeral.start], patterns("attribution")
        if _links()[3].search(gap) and not words["soft"].search(gap):
            return before[0]  # "the penalty for leaving early is S$9,600"
        parted = len(gap) > _LONGEST_GAP or words["soft"].search(gap) or words["other_verb"].search(gap)
        return None if parted else before[0]


def sentences(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence or line of a folded text."""
    bounds: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match[0] == "." and _ABBREVIATION.search(text[start : match.start()][-8:]):
            continue
        bounds.append((start, match.end()))
        start = match.end()
    return [*bounds, (start, len(text))] if start < len(text) else bounds or [(0, 0)]
