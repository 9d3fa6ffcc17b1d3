"""The rules of `intents.toml`: what a clause asks, by rows of words that can be read and explained.

The words of a clause are put into a common spelling; each rule is a row of terms looked for in that order.
The match that explains most of the customer's words wins; then the next one that needs none of the same
words, so that two questions in one sentence are both heard. A rule that ends in `$` must explain the whole
clause.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeAlias

from nextnest.broker import lexicon
from nextnest.broker.spelling import Spelling

GAP = 4  # words that may stand between two terms of a rule
BREAKS = frozenset({"and", "also", "plus", "then"})  # and these may not: they begin the next thought
COMMA = ","
QUESTION_WORDS = frozenset({"how", "what", "which", "when", "where", "who", "why"})
ENDS_DENIAL = frozenset({COMMA, "can", "how", "what", "which", "should", "still", "but"})
WORTH, LIGHT_WORTH = 3, 1  # of a word that a rule explains; "how", "the", "can" show little
DENIED = 5  # words after a "not" that it may deny

_BEYOND = 10**6  # more words than any message has

Places: TypeAlias = dict[str, list[tuple[int, int]]]
"""Where each word and each <concept> stands: spans of word numbers."""


@dataclass(frozen=True)
class Rule:
    """A row of terms that shows an intent."""

    intent: str
    text: str
    terms: tuple[tuple[str, ...], ...]  # for each term its alternatives: a word, or "<concept>"
    whole: bool


@dataclass(frozen=True)
class Intent:
    """What a customer can mean."""

    name: str
    order: int
    social: bool  # manners: counts only where nothing else was understood
    circumstance: bool  # "I am a foreigner": counts only where nothing else was asked
    about: frozenset[str]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Match:
    """A rule that fits a clause: the numbers of the words it explains, and what they are worth."""

    intent: Intent
    rule: Rule
    taken: frozenset[int]
    worth: int


class Rules:
    """The rules of `intents.toml`, ready to be matched."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.concepts = {
            name: tuple(tuple(phrase.replace("-", " ").split()) for phrase in phrases)
            for name, phrases in table["concepts"].items()
        }
        self.fillers = frozenset(table["words"]["fillers"].split())
        self.light = frozenset(table["words"]["light"].split())
        self.asking = frozenset(table["words"]["asking"].split())  # beside a number: it is asked about
        self.negators = _phrases(table["words"]["negators"])
        self.not_negating = _phrases(table["words"]["not_negating"])
        self._meant: dict[str, str] = table["seeming"]
        self._seeming = re.compile(rf"\b(?:{'|'.join(map(re.escape, self._meant))})\b", re.IGNORECASE)
        self.intents = tuple(_intent(n, i, t) for i, (n, t) in enumerate(table["intents"].items()))
        self._by_word = _by_word(self.intents)
        self.spelling = Spelling(table["spelling"], self._vocabulary(), lexicon.fields().keys())

    def _vocabulary(self) -> frozenset[str]:
        of_concepts = {word for phrases in self.concepts.values() for phrase in phrases for word in phrase}
        terms = (term for intent in self.intents for rule in intent.rules for term in rule.terms)
        of_rules = {word for term in terms for word in term if word[0] not in "<#"}
        of_manners = {word for phrase in self.negators + self.not_negating for word in phrase}
        return frozenset(of_concepts | of_rules | of_manners | self.fillers)

    def meanings(self) -> dict[str, frozenset[str]]:
        """For every word that alone is a concept or stands in the lexicon, what it may mean."""
        found = {word: {f"{name}~" for name in names} for word, names in lexicon.fields().items()}
        for name, phrases in self.concepts.items():
            for phrase in phrases:
                if len(phrase) == 1:
                    found.setdefault(phrase[0], set()).add(name)
        return {word: frozenset(names) for word, names in found.items()}

    def words(self, clause: str) -> tuple[str, ...]:
        """The words of a clause in the common spelling, without those that carry no meaning here."""
        words = self.spelling.words(self._seeming.sub(lambda match: self._meant[match[0].casefold()], clause))
        return tuple(word for word in words if word not in self.fillers) or words  # "ok", "ya": the message

    def matches(self, words: Sequence[str]) -> tuple[Match, ...]:
        """What the words of a clause ask, in their order; no word counts for two."""
        places = self._places(words)
        breaks = [i for i, word in enumerate(words) if word in BREAKS or _begins_question(words, i)]
        candidates = sorted({number for word in places for number in self._by_word.get(word, ())})
        matches = [match for number in candidates for match in self._matches(number, words, places, breaks)]
        matches.sort(key=lambda match: (-match.worth, match.intent.order))
        chosen: list[Match] = []
        used: set[int] = set()
        for match in matches:
            if not match.taken & used:
                chosen.append(match)
                used |= match.taken | _with_it(match, places, breaks)
        return tuple(sorted(chosen, key=lambda match: min(match.taken)))

    def _places(self, words: Sequence[str]) -> Places:
        """Where each word and each concept stands, as spans of word numbers; denied words stand nowhere."""
        denied = self.denied(words)
        places: Places = {}
        for i, word in enumerate(words):
            if i not in denied:
                places.setdefault(word, []).append((i, i + 1))
        for concept, phrases in self.concepts.items():
            for phrase in phrases:
                for i, _ in places.get(phrase[0], ()):
                    if tuple(words[i : i + len(phrase)]) == phrase:
                        places.setdefault(f"<{concept}>", []).append((i, i + len(phrase)))
        return places

    def denied(self, words: Sequence[str]) -> set[int]:
        """The words after "not", "no need" and the like, up to the next thought: "not a refinance"."""
        denied: set[int] = set()
        for i in range(len(words)):
            if any(_at(words, i, phrase) or _at(words, i - 1, phrase) for phrase in self.not_negating):
                continue
            for phrase in self.negators:
                if _at(words, i, phrase):
                    start = i + len(phrase)
                    end = next(
                        (j for j in range(start, len(words)) if words[j] in BREAKS | ENDS_DENIAL), len(words)
                    )
                    denied |= set(range(start, min(start + DENIED, end)))
        return denied

    def _matches(
        self, number: tuple[int, int], words: Sequence[str], places: Places, breaks: Sequence[int]
    ) -> Iterator[Match]:
        intent = self.intents[number[0]]
        rule = intent.rules[number[1]]
        found = _covers(rule.terms, places) if rule.whole else _fits(rule.terms, places, breaks)
        for taken in found:
            if rule.whole and any(
                words[i] not in self.fillers | BREAKS | {COMMA} for i in set(range(len(words))) - taken
            ):
                continue
            worth = sum(LIGHT_WORTH if words[i] in self.light else WORTH for i in taken)
            yield Match(intent, rule, taken, worth)


def _by_word(intents: Sequence[Intent]) -> dict[str, list[tuple[int, int]]]:
    """The rules that a word can begin, by their intent's number and their own: few of all fit a clause."""
    found: dict[str, list[tuple[int, int]]] = {}
    for i, intent in enumerate(intents):
        for r, rule in enumerate(intent.rules):
            for word in {word for term in (rule.terms if rule.whole else rule.terms[:1]) for word in term}:
                found.setdefault(word, []).append((i, r))
    return found


def _with_it(match: Match, places: Places, breaks: Sequence[int]) -> set[int]:
    """The words beside a match that belong to its question: its `about` concepts, up to the next "and"."""
    first = max((i for i in breaks if i < min(match.taken)), default=-1)
    last = min((i for i in breaks if i > max(match.taken)), default=_BEYOND)
    spans = (span for concept in match.intent.about for span in places.get(f"<{concept}>", ()))
    return {i for span in spans for i in range(*span) if first < i < last}


def _covers(terms: Sequence[tuple[str, ...]], places: Places) -> Iterator[frozenset[int]]:
    """All the words that any of the terms names, however often."""
    spans = [span for term in terms for word in term for span in places.get(word, ())]
    if spans:
        yield frozenset(i for span in spans for i in range(*span))


def _fits(
    terms: Sequence[tuple[str, ...]], places: Places, breaks: Sequence[int]
) -> Iterator[frozenset[int]]:
    """Every way to find the terms in order with at most GAP words, and no break, between two of them."""
    partial: list[tuple[int, frozenset[int]]] = [(-1, frozenset())]
    for term in terms:
        spans = sorted({span for word in term for span in places.get(word, ())})
        longer: dict[int, frozenset[int]] = {}
        for end, taken in partial:
            for start, stop in spans:
                if start < max(end, 0) or (end >= 0 and _apart(end, start, breaks)):
                    continue
                words = taken | frozenset(range(start, stop))
                if len(words) > len(longer.get(stop, ())):
                    longer[stop] = words
        partial = list(longer.items())
        if not partial:
            return
    yield from (taken for _, taken in partial)


def _apart(end: int, start: int, breaks: Sequence[int]) -> bool:
    return start - end > GAP or any(end <= i < start for i in breaks)


def _begins_question(words: Sequence[str], comma: int) -> bool:
    """A comma before a question word: "how much downpayment, how long approval takes"."""
    return (
        words[comma] == COMMA and bool(comma) and not QUESTION_WORDS.isdisjoint(words[comma + 1 : comma + 2])
    )


def _at(words: Sequence[str], start: int, phrase: tuple[str, ...]) -> bool:
    return start >= 0 and tuple(words[start : start + len(phrase)]) == phrase


def _phrases(phrases: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in phrases)


def _intent(name: str, order: int, table: Mapping[str, Any]) -> Intent:
    rules = tuple(_rule(name, text) for text in table["rules"])
    social, circumstance = table.get("social", False), table.get("circumstance", False)
    return Intent(name, order, social, circumstance, frozenset(table.get("about", ())), rules)


def _rule(intent: str, text: str) -> Rule:
    terms = tuple(tuple(term.split("|")) for term in text.removesuffix(" $").split())
    return Rule(intent, text, terms, whole=text.endswith(" $"))


@functools.cache
def rules() -> Rules:
    """The rules that ship with nextnest."""
    text = resources.files("nextnest.broker").joinpath("intents.toml").read_text(encoding="utf-8")
    return Rules(tomllib.loads(text))
