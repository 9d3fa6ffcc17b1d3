"""What a customer's words may stand for in the knowledge: `knowledge/synonyms.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources

from nextnest.broker.intent_rules import rules
from nextnest.broker.spelling import Spelling

MOST_WORDS = 40  # of a query; more is no question

Phrase = tuple[str, ...]


class Synonyms:
    """Reads queries as an index of texts knows their words.

    `same` are rows of terms that mean the same; `vocabulary` are words of the texts, towards which slips of
    the pen are mended.
    """

    def __init__(self, same: Iterable[Iterable[str]], vocabulary: Iterable[str]) -> None:
        rows = [tuple(term for term in row) for row in same]
        of_rows = (word for row in rows for term in row for word in term.split())
        self._spelling: Spelling = rules().spelling.knowing({*vocabulary, *of_rows})
        self._rows: dict[Phrase, tuple[str, ...]] = {
            self._spelling.words(term): row for row in rows for term in row
        }
        self._longest = max(map(len, self._rows), default=0)

    def terms(self, query: str) -> tuple[str, ...]:
        """The query's words, each once, and for each phrase that has synonyms all of them together.

        A term is in the syntax of websearch_to_tsquery: `absd or "additional buyer stamp duty"`.
        """
        words = [word for word in self._spelling.words(query)[:MOST_WORDS] if word.isalnum()]
        found: dict[str, None] = {}
        widened: set[int] = set()
        for length in range(self._longest, 0, -1):
            for start in range(len(words) - length + 1):
                row = self._rows.get(tuple(words[start : start + length]))
                if row is not None:
                    found[" or ".join(f'"{term}"' for term in row)] = None
                    widened |= {start} if length == 1 else set()
        found |= {word: None for place, word in enumerate(words) if place not in widened}
        return tuple(found)


@functools.cache
def rows() -> tuple[tuple[str, ...], ...]:
    """The synonyms that ship with nextnest."""
    text = resources.files("nextnest.broker").joinpath("knowledge", "synonyms.toml").read_text("utf-8")
    return tuple(tuple(row) for row in tomllib.loads(text)["same"])
