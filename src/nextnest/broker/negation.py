"""Whether a claim is denied where it stands: "we cannot promise approval" promises nothing.

Only a denial in the same clause counts, and an even number of denials is none. "I can't say it's guaranteed,
but it's guaranteed" is refused for its second half.
"""

from __future__ import annotations

import re
from functools import cache

from nextnest.broker.patterns import either, patterns, table

_REACH = 120  # characters before a claim in which its clause is looked for


def is_denied(text: str, start: int, end: int, *, open_too: bool = True) -> bool:
    """Whether the claim at `start` to `end` of a folded text is denied in its clause.

    With `open_too` it is enough that the words before it leave it open: "whether you will be approved".
    """
    words = patterns("negation")
    before = _clause_before(text, start)
    if (open_too and _open().search(before)) or words["warning"].search(before):
        return True
    denials = len(words["denial"].findall(words["doubled"].sub("no", _without_idioms(before))))
    if denials:
        return denials % 2 == 1
    return bool(_taken_back().match(text[end : end + 80]) or _refused().match(text[end : end + 200]))


def is_exposed(sentence: str) -> bool:
    """Whether a sentence tells of a claim as of somebody else's: "guaranteed approval is a red flag"."""
    return bool(patterns("negation")["exposed"].search(sentence))


def is_hedged(statement: str) -> bool:
    """Whether a statement is denied or left open as a whole."""
    return bool(patterns("negation")["denial"].search(_without_idioms(statement))) or is_left_open(statement)


def is_left_open(statement: str) -> bool:
    """Whether a statement says that it depends, or that somebody else decides."""
    return bool(patterns("negation")["hedge"].search(statement))


def is_condemned(sentence: str, following: str) -> bool:
    """Whether a sentence that names a scheme, or the next, warns against it, and neither speaks for it."""
    words = patterns("negation")
    endorsed = words["endorsed"].search(sentence) or words["endorsed"].search(following)
    condemned = words["condemned"].search(sentence) or words["condemned"].search(following)
    return bool(condemned) and not endorsed


def _without_idioms(text: str) -> str:
    return patterns("negation")["idioms"].sub(lambda m: " " * len(m[0]), text)


def _clause_before(text: str, start: int) -> str:
    """The words before a claim, back to where its clause begins."""
    words = patterns("negation")
    window = text[max(0, start - _REACH) : start]
    cut = 0
    for match in words["break"].finditer(window):
        clause = window[cut : match.start()]
        if match[0] == "," and _hanging().search(clause) and words["denial"].search(clause):
            continue
        cut = match.end()
    return window[cut:]


@cache
def _open() -> re.Pattern[str]:
    words = table("negation")
    return re.compile(rf"(?:{either(words['opener'])})(?: (?:{either(words['filler'])})){{0,5}}[ ,]*$")


@cache
def _hanging() -> re.Pattern[str]:
    return re.compile(rf"(?:{either(table('negation')['hanging'])})[, ]*$")


@cache
def _taken_back() -> re.Pattern[str]:
    words = table("negation")
    between = rf"(?:[ \"']*(?!(?:{either(words['turn'])}))[^ ,.;:!?\n]+){{0,4}}?"
    return re.compile(rf"^{between}[ \"']*(?:{either(words['taken_back'])})")


@cache
def _refused() -> re.Pattern[str]:
    return re.compile(rf"^[^.!?\n]*\?[\"')\s]*(?:{either(table('negation')['refusal'])})")
