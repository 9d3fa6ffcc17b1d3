"""Forbidden claims, by rule: what no evidence can make sayable.

The rules are data (`claims.toml`): phrases, and words that must not stand together in one sentence, in
English, Singlish, Chinese, Malay and Tamil. They read the text as a person sees it, also spelled apart,
dotted or with digits for letters. A claim that is denied in its own clause passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from nextnest.broker.attribution import read
from nextnest.broker.finding import Finding
from nextnest.broker.folding import disguises
from nextnest.broker.inert import live_content
from nextnest.broker.negation import is_condemned, is_denied, is_exposed, is_hedged, is_left_open
from nextnest.broker.patterns import bounded, either, is_latin, patterns, table
from nextnest.broker.rate_quotes import misquoted
from nextnest.domain.reply import Evidence

_SENTENCE_END = re.compile(r"[!?\n]|\.(?!\d)")
_STATEMENT = re.compile(
    r"(?:(?!(?<!choice )(?<!nothing )(?<!all )\bbut\b|\b(?:however|though|yet)\b|但是?|可是|tetapi|tapi|ஆனால்)"
    r"[^.!?;\n]|\.(?=\d))+"
)


@dataclass(frozen=True)
class _Rule:
    name: str
    why: str
    negation: str  # "condemned": a warning against it is harmless, wherever in the sentence; see claims.toml
    phrases: tuple[re.Pattern[str], ...]
    together: tuple[tuple[re.Pattern[str], ...], ...]
    topics: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]  # what not to speak about, and what allows it


@cache
def _rules(latin: bool) -> tuple[_Rule, ...]:
    """The rules; with `latin` without what only Han or Tamil letters match: English is read the faster."""

    def kept(phrases: list[str]) -> bool:
        return not latin or all(is_latin(phrase) for phrase in phrases)

    return tuple(
        _Rule(
            name,
            entry["why"],
            entry["negation"],
            tuple(re.compile(bounded(p)) for p in entry["patterns"] if kept([p])),
            tuple(
                tuple(re.compile(bounded(p)) for p in row) for row in entry.get("together", ()) if kept(row)
            ),
            tuple((_any(topic["about"]), _any(topic["unless"])) for topic in entry.get("topics", ())),
        )
        for name, entry in table("claims").items()
    )


def _any(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(either(phrases))


def forbidden(text: str, *, evidence: Sequence[Evidence] = ()) -> tuple[Finding, ...]:
    """The claims in a text that may not leave, rates said without what belongs to them, and live content.

    `evidence` is read for rate sheets and for addresses of knowledge entries that may be linked.
    """
    return (*_claimed(text), *live_content(text, evidence), *misquoted(text, evidence))


@lru_cache(
    maxsize=500
)  # the playbook says many things again and again, and reading a text costs milliseconds
def _claimed(text: str) -> tuple[Finding, ...]:
    unqualified = read(text)[0].replaced(patterns("rate_quotes")["approval"], lambda m: " " * len(m[0]))
    found: list[Finding] = []
    for reading in (unqualified, *disguises(unqualified)):
        for rule in _rules(reading.text.isascii()):
            for start, end in _claims(reading.text, rule):
                first, last = reading.span(start, end)
                if not any(f.rule == rule.name and f.start < last and first < f.end for f in found):
                    excerpt = text[first:last].strip()
                    found.append(Finding(rule.name, excerpt, first, last, f'"{excerpt}": {rule.why}'))
    return tuple(found)


def _claims(text: str, rule: _Rule) -> Iterator[tuple[int, int]]:
    yield from _phrases(text, rule)
    yield from _together(text, rule)
    yield from _topics(text, rule)


def _phrases(text: str, rule: _Rule) -> Iterator[tuple[int, int]]:
    for phrase in rule.phrases:
        for match in phrase.finditer(text):
            if match[0].strip() and not _is_harmless(text, match, rule):
                yield match.span()


def _together(text: str, rule: _Rule) -> Iterator[tuple[int, int]]:
    rows = [row for row in rule.together if all(pattern.search(text) for pattern in row)]
    for statement in _STATEMENT.finditer(text) if rows else ():
        for row in rows:
            found = [[m.span() for m in pattern.finditer(text, *statement.span())] for pattern in row]
            spans = _nearest(found) if all(found) else []
            if spans and not _is_excused(text, statement, spans, rule):
                yield min(start for start, _ in spans), max(end for _, end in spans)


def _topics(text: str, rule: _Rule) -> Iterator[tuple[int, int]]:
    for statement in _STATEMENT.finditer(text):
        for about, unless in rule.topics:
            for match in about.finditer(text, *statement.span()):
                end = _next_end(text, match.end())  # "You asked about insurance. That is for an adviser."
                allowed = unless.search(_sentence(text, *match.span()) + text[end : _next_end(text, end + 1)])
                if not (
                    allowed
                    or text[end : end + 1] == "?"
                    or _is_excused(text, statement, [match.span()], rule)
                ):
                    yield match.span()


def _nearest(found: Sequence[Sequence[tuple[int, int]]]) -> list[tuple[int, int]]:
    """One place of each pattern, as near to each other as they come."""
    near = ([min(each, key=lambda span: abs(span[0] - first[0])) for each in found] for first in found[0])
    return min(near, key=lambda spans: max(end for _, end in spans) - min(start for start, _ in spans))


def _is_harmless(text: str, match: re.Match[str], rule: _Rule) -> bool:
    if rule.negation == "condemned":
        return _is_warning(text, match)
    denied = is_denied(text, *match.span(), open_too=rule.negation == "local")
    return denied or is_exposed(_statement(text, match.start()))


def _is_excused(text: str, statement: re.Match[str], spans: Sequence[tuple[int, int]], rule: _Rule) -> bool:
    if rule.negation == "condemned":
        return _is_warning(text, statement)
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    between = list(text[first:last])
    for start, end in spans:  # what makes the claim does not excuse it
        between[start - first : end - first] = " " * (end - start)
    denied = is_hedged("".join(between)) or is_left_open(statement[0]) or is_denied(text, first, last)
    return denied or is_exposed(statement[0])


def _statement(text: str, at: int) -> str:
    return next((m[0] for m in _STATEMENT.finditer(text) if m.start() <= at < m.end()), "")


def _is_warning(text: str, match: re.Match[str]) -> bool:
    end = _next_end(text, match.end())
    told_of = is_exposed(_statement(text, match.start()))
    return told_of or is_condemned(_sentence(text, *match.span()), text[end : _next_end(text, end + 1)])


def _sentence(text: str, start: int, end: int) -> str:
    begin = max((m.end() for m in _SENTENCE_END.finditer(text, 0, start)), default=0)
    return text[begin : _next_end(text, end)]


def _next_end(text: str, start: int) -> int:
    stop = _SENTENCE_END.search(text, start)
    return stop.start() if stop else len(text)
