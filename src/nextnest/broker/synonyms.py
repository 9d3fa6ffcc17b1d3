"""What a customer's words may stand for in the knowledge: `knowledge/synonyms.toml`."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Sequence
from importlib import resources

from nextnest.broker.intent_rules import rules

MOST_WORDS = 40  # of a query; more is no question


class Synonyms:
    """Reads queries as an index of texts knows their words.

    `same` are rows of terms that mean the same. Slips of the pen are mended towards `names`, the words of
    titles and keywords; other words of the `texts` are right as they are.
    """

    def __init__(self, same: Iterable[Sequence[str]], names: Iterable[str], texts: Iterable[str]) -> None:
        rows = [tuple(row) for row in same]
        of_rows = (word for row in rows for term in row for word in term.split())
        self._spelling = rules().spelling.knowing({*names, *of_rows}, texts)
        self._empty = rules().fillers | rules().light
        self._rows: dict[tuple[str, ...], tuple[str, ...]] = {
            self._spelling.words(term): row for row in rows for term in row
        }
        self._longest = max(map(len, self._rows), default=0)

    def terms(self, query: str) -> tuple[str, ...]:
        """What the query asks for: phrases that have synonyms, with all of them, and its other words.

        A term is in the syntax of websearch_to_tsquery: `"absd" or "additional buyer stamp duty"`. Words that
        carry no meaning of their own are left out.
        """
        words = [word for word in self._spelling.words(query)[:MOST_WORDS] if word.isalnum()]
        found: dict[str, None] = {}
        place = 0
        while place < len(words):
            length, row = self._longest_at(words, place)
            if row:
                found[" or ".join(f'"{term}"' for term in row)] = None
            elif words[place] not in self._empty:
                found[words[place]] = None
            place += length
        return tuple(found)

    def _longest_at(self, words: Sequence[str], place: int) -> tuple[int, Sequence[str]]:
        """Length and synonyms of the longest phrase that begins here; one word and none where none does."""
        for length in range(min(self._longest, len(words) - place), 0, -1):
            if row := self._rows.get(tuple(words[place : place + length])):
                return length, row
        return 1, ()


@functools.cache
def rows() -> tuple[tuple[str, ...], ...]:
    """The synonyms that ship with nextnest."""
    text = resources.files("nextnest.broker").joinpath("knowledge", "synonyms.toml").read_text("utf-8")
    return tuple(tuple(row) for row in tomllib.loads(text)["same"])
