"""Forbidden claims, by rule: what no evidence can make sayable.

The rules are data (`claims.toml`): patterns in English, Singlish, Chinese, Malay and Tamil. They read the text as a
person sees it, also spelled apart, dotted or with digits for letters. A claim that is denied in its own clause passes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from nextnest.broker.finding import Finding
from nextnest.broker.folding import Folded, disguises, fold
from nextnest.broker.inert import live_content
from nextnest.broker.negation import is_condemned, is_denied
from nextnest.broker.rate_quotes import misquoted
from nextnest.domain.reply import Evidence


@dataclass(frozen=True)
class _Rule:
    name: str
    why: str
    negation: Literal["local", "condemned", "none"]
    patterns: tuple[re.Pattern[str], ...]


@cache
def _rules() -> tuple[_Rule, ...]:
    data = tomllib.loads((files(__package__) / "claims.toml").read_text("utf-8"))
    return tuple(
        _Rule(
            name, entry["why"], entry["negation"], tuple(re.compile(_bounded(p)) for p in entry["patterns"])
        )
        for name, entry in data.items()
    )


def _bounded(pattern: str) -> str:
    """Latin letters may not touch the ends of a match; Han and Tamil have no word boundaries to ask for."""
    return rf"(?:(?<![a-z])|(?='))(?:{pattern})(?<![^\W_](?=[a-z]))"


_SENTENCE_END = re.compile(r"[!?\n]|\.(?!\d)")


def forbidden(text: str, *, evidence: Sequence[Evidence] = ()) -> tuple[Finding, ...]:
    """The claims in a text that may not leave, the rates said without what must be said with them, and live content.

    `evidence` is read for rate sheets and for addresses of knowledge entries that may be linked.
    """
    plain = fold(text)
    found: dict[tuple[str, int, int], Finding] = {}
    for reading in (plain, *disguises(plain)):
        for finding in _claims(reading):
            covered = any(
                f.rule == finding.rule and f.start < finding.end and finding.start < f.end
                for f in found.values()
            )
            if not covered:
                found[finding.rule, finding.start, finding.end] = finding
    return (*found.values(), *live_content(text, evidence), *misquoted(plain, evidence))


def _claims(folded: Folded) -> Iterator[Finding]:
    for rule in _rules():
        for pattern in rule.patterns:
            for match in pattern.finditer(folded.text):
                if match[0].strip() and not _harmless(folded.text, match, rule):
                    start, end = folded.span(*match.span())
                    excerpt = folded.source[start:end]
                    yield Finding(rule.name, excerpt, start, end, f'"{excerpt.strip()}": {rule.why}')


def _harmless(text: str, match: re.Match[str], rule: _Rule) -> bool:
    if rule.negation == "local":
        return is_denied(text, match.start(), match.end())
    if rule.negation == "condemned":
        start = max((m.end() for m in _SENTENCE_END.finditer(text, 0, match.start())), default=0)
        stop = _SENTENCE_END.search(text, match.end())
        end = stop.start() if stop else len(text)
        stop = _SENTENCE_END.search(text, end + 1)
        return is_condemned(text[start:end], text[end : stop.start() if stop else len(text)])
    return False
