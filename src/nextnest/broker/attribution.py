"""Which quantity a number in a text is said of.

Not grammar, only the few shapes in which brokers say figures: "the BSD is S$24,600", "S$24,600 of BSD", "a S$900k
loan", "Loan: S$900,000". Where the shape is unclear nothing is concluded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nextnest.broker.numerals import Numeral
from nextnest.broker.quantities import Mention, of_unit

_SENTENCE_END = re.compile(r"[;!?\n]+|\.(?!\d)|(?<!\d)\.(?=\d)")
_ABBREVIATION = re.compile(r"(?:\b(?:approx|max|min|no|p\.a|e\.g|i\.e|incl|excl|est|yrs?|mths?|vs)|p|a|e|i)$")

# "the loan [is about] S$900,000"
_LEFT_LINK = re.compile(
    r"(?:[\s:=\-(\[*_|\"'~≈$]|s\$|\b(?:is|are|was|be|been|of|at|to|comes?|coming|work(?:s|ed|ing)?|out|would|will|can|could|should"
    r"|about|around|roughly|approximately|approx\.?|nearly|almost|only|just|now|currently|then|still|max|maximum|minimum|min|least|most|up"
    r"|the|a|an|this|here|estimated?|stands?|sits?|equals?|totals?|amounts?|reach(?:es)?|drops?|falls?|rises?|goes|down|limit|cap|ceiling"
    r"|limited|capped|share|portion|component|amount|figure|sum|payable|due|required|needed|need|for you|you|your|yours|it|that|which|so|say|also"
    r"|ratio|level|rate|band|quantum|more|exactly|in total|total|overall|altogether|as|high|low|from|between|near|adalah|ialah|sebanyak|kira-kira"
    r"|ஆகும்|சுமார்)\b|[是为约大的达到最多可以会只共将在于大概差不多左右为需要])*"
)
# "S$24,600 [of] BSD"
_RIGHT_LINK = re.compile(
    r"(?:[\s\-/(*_\"']|\b(?:in|of|for|as|a|an|the|your|per|towards?|to|cover|goes|is|are|would|be|will|upfront|estimated|monthly|new|current|bank"
    r"|home|housing|outstanding|total|worth|paid|payable|minimum|maximum|max|min|hard|extra|more|existing|combined|gross|fixed|household|possible"
    r"|most|you|can|could|able|property|purchase|mortgage|refundable|initial|first|buyer'?s?|sebagai|untuk|dalam|wang)\b|[的是为作])*"
)
_SOFT = re.compile(
    r",|\b(?:and|but|while|so|then|which|plus|minus|less|after|before|if|when|because|with|without|from|against|than|dan|tetapi)\b|[，、]"
)


@dataclass(frozen=True)
class Said:
    """A number with the quantity it is said of (None: unclear) and the words around it."""

    numeral: Numeral
    of: Mention | None
    certain: bool  # the words between leave no doubt
    before: str  # from the number before, or the start of the sentence
    after: str  # to the next number, or the end of the sentence
    sentence: str


def attribute(text: str, numerals: Sequence[Numeral], found: Sequence[Mention]) -> tuple[Said, ...]:
    """Every number of a folded text with what it is said of."""
    bounds = sentences(text)
    said: list[Said] = []
    bound: set[Mention] = set()
    for i, numeral in enumerate(numerals):
        first, last = next(((a, b) for a, b in bounds if a <= numeral.start < b), (0, len(text)))
        left = max(first, numerals[i - 1].end if i else 0)
        right = min(last, numerals[i + 1].start if i + 1 < len(numerals) else len(text))
        left, right = min(left, numeral.start), max(right, numeral.end)
        usable = of_unit(found, numeral.unit)
        before = [m for m in usable if left <= m.start and m.end <= numeral.start]
        after = [m for m in usable if numeral.end <= m.start and m.end <= right]
        of, certain = _nearest(text, numeral, before, after, bound)
        if of and certain:
            bound.add(of)
        said.append(
            Said(
                numeral, of, certain, text[left : numeral.start], text[numeral.end : right], text[first:last]
            )
        )
    return tuple(said)


def _nearest(
    text: str, numeral: Numeral, before: list[Mention], after: list[Mention], bound: set[Mention]
) -> tuple[Mention | None, bool]:
    if before and before[-1] not in bound and _LEFT_LINK.fullmatch(text[before[-1].end : numeral.start]):
        return before[-1], True
    if after and _RIGHT_LINK.fullmatch(text[numeral.end : after[0].start]):
        return after[0], True
    free = [m for m in before if m not in bound]
    if len(free) == 1 and not after:
        gap = text[free[0].end : numeral.start]
        if len(gap) <= 40 and not _SOFT.search(gap):
            return free[0], False
    return None, False


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
