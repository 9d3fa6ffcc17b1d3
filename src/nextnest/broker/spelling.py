"""A customer's words in a common spelling: short forms opened, small typos mended, numbers by their kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_TOKEN = re.compile(
    r"(?P<money>(?:s?\$|sgd)\s?\d[\d,]*(?:\.\d+)?\s?(?:k|m|mil|mill|million|thousand)?\b|\d[\d,]*(?:\.\d+)?\s?(?:k|m|mil|mill|million|thousand)\b|\d{5,}|\d{1,3}(?:,\d{3})+)"
    r"|(?P<pct>\d+(?:\.\d+)?\s?(?:%|percent|pct|p\.a\.?))"
    r"|(?P<years>\d+(?:\.\d+)?\s?-?(?:years?|yrs?|yr)\b)"
    r"|(?P<part>99\s?(?:[-:/]|-?to-?)\s?1\b)"
    r"|(?P<number>\d+(?:\.\d+)?(?:st|nd|rd|th)?)"
    r"|(?P<comma>,)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*[\d]?)"
)
_HYPHEN = re.compile(r"(?<!99)(?<!99 )-(?!\s?1\b)")
_VOWEL = re.compile(r"[aeiou]")
_POSSESSIVE = re.compile(r"['’]s$")
_CONTRACTIONS = (
    (re.compile(r"\b(can|do|does|did|is|are|was|would|could|should|have|has)n['’]t\b"), r"\1 not"),
    (re.compile(r"\bcan['’]t\b"), "can not"),
    (re.compile(r"\bwon['’]t\b"), "will not"),
    (re.compile(r"['’]re\b"), " are"),
    (re.compile(r"['’]m\b"), " am"),
    (re.compile(r"['’]ve\b"), " have"),
    (re.compile(r"['’]ll\b"), " will"),
    (re.compile(r"['’]d\b"), " would"),
    (re.compile(r"\b(what|how|who|where|when|it|that|there|he|she)['’]s\b"), r"\1 is"),
    (re.compile(r"\blet['’]?s\b"), "let us"),
)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
SHORTEST_MENDED = 5  # letters: shorter words have too many neighbours
SHORTEST_MENDED_TWICE = 8
SHORTEST_ABBREVIATED = 4
SHORTEST_PLURAL = 3  # "prs", but not "his"


class Spelling:
    """Splits text into words. A word that is no known word and one slip away from one of ours becomes it.

    A slip is a letter more, less, other or swapped; the first letter must be right. Two slips are mended
    in words of eight letters or more. A word written almost without vowels ("dwnpymt") becomes the shortest
    of ours that it abbreviates. Words in `common` are never touched.
    """

    def __init__(
        self, table: Mapping[str, Any], vocabulary: frozenset[str], known: Iterable[str] = ()
    ) -> None:
        self._table = table
        self._vocabulary = vocabulary
        self._as: dict[str, str] = table["as"]
        self._known = vocabulary.union(known, table["common"].split())
        self._targets = sorted(word for word in vocabulary if len(word) >= SHORTEST_MENDED)
        self._mended: dict[str, str] = {}

    def knowing(self, vocabulary: Iterable[str], known: Iterable[str]) -> Spelling:
        """The same spelling with more words of ours, and more that are right as they are."""
        return Spelling(self._table, self._vocabulary.union(vocabulary), self._known.union(known))

    def words(self, text: str) -> tuple[str, ...]:
        """The words in order; numbers appear as #money, #pct, #years or #number."""
        return tuple(self._words(text))

    def _words(self, text: str) -> Iterator[str]:
        plain = unicodedata.normalize("NFKC", text).casefold()
        for pattern, opened in _CONTRACTIONS:
            plain = pattern.sub(opened, plain)
        for found in _TOKEN.finditer(_HYPHEN.sub(" ", plain)):
            kind, token = found.lastgroup or "word", found.group()
            if kind == "part":
                yield from ("99", "1")
            elif kind == "number":
                yield token if token.endswith(("st", "nd", "rd", "th")) else f"#{kind}"
            elif kind == "comma":
                yield ","
            elif kind != "word":
                yield f"#{kind}"
            else:
                yield from self._spelt(token).split()

    def _spelt(self, token: str) -> str:
        word = _POSSESSIVE.sub("", token).replace("'", "").replace("’", "")
        if word in self._as:
            return self._as[word]
        if word in self._known:
            return word
        short = _STRETCHED.sub(r"\1", word)
        for near in (short, short.removesuffix("s") if len(short) > SHORTEST_PLURAL else short):
            if near in self._as:
                return self._as[near]
            if near in self._known:
                return near
        if len(short) < SHORTEST_ABBREVIATED:
            return short
        if short not in self._mended:
            if len(self._mended) > 10_000:
                self._mended.clear()
            self._mended[short] = self._mend(short)
        return self._mended[short]

    def _mend(self, word: str) -> str:
        if len(word) < SHORTEST_MENDED:
            return self._in_full(word)
        allowed = 2 if len(word) >= SHORTEST_MENDED_TWICE else 1
        near = [
            (slips, target)
            for target in self._targets
            if target[0] == word[0]
            and abs(len(target) - len(word)) <= allowed
            and (slips := slips_between(word, target, allowed)) <= allowed
        ]
        return min(near)[1] if near else self._in_full(word)

    def _in_full(self, word: str) -> str:
        """The word that this one abbreviates by leaving its vowels out; itself when there is none."""
        if len(_VOWEL.findall(word)) > len(word) // 3:
            return word
        longer = (target for target in self._targets if _abbreviates(word, target))
        return min(longer, key=lambda target: (len(target), target), default=word)


def _abbreviates(word: str, target: str) -> bool:
    """Whether the word is the target without some letters of its inside, and at least half of it."""
    if word[0] != target[0] or word[-1] != target[-1] or not len(word) < len(target) <= 2 * len(word):
        return False
    rest = iter(target)
    return all(letter in rest for letter in word)


def slips_between(a: str, b: str, most: int) -> int:
    """Letters added, dropped, changed or swapped to make `a` into `b`; more than `most` is not counted on."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
