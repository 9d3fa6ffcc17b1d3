"""What a customer's message asks: by rules, and by likeness to examples where the rules are silent.

Each clause is read by the rules of `intents.toml` and weighed against the wordings of `examples.toml`. A
rule's reading stands unless the examples speak clearly for another one; a clause that no rule knows is what
its words are most like, or nothing when they are like nothing of ours.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from nextnest.broker.intent_rules import BREAKS, COMMA, Intent, Match, Rules, rules
from nextnest.broker.likeness import Likeness

UNKNOWN = "unknown"
REMARK = "remark"  # not understood either, but it asks nothing; see playbook/remarks.py
MANNERS = (
    "help",
    "goodbye",
    "thanks",
    "greeting",
    "no",
    "yes",
)  # no question; of several the first is answered
SOCIAL = frozenset(MANNERS)
GRAVE = frozenset({"person", "apply", "part_share", "insurance", "investment"})  # answered by a person
# policy.py decides these:
REASONS = frozenset({"bereavement", "complaint", "distress", "divorce", "legal_threat"})
LONGEST = 2_000  # characters of a message that are read; more is no question
MOST_INTENTS = 4  # of one message; nobody reads answers to more
# How much likelier, in the score of `likeness`, the examples must find an intent; set by leaving each example
# out in turn and reading it by the others:
LIKE_ENOUGH = 4.0  # than chance, to be heard at all where no rule fits,
NEW_WORD = 1.5  # and that much more for each word that no example has
NEW_WORD_IN_GRAVE = 5.0  # where a person would be called for it
NOT_CHATTER = 3.0  # than small talk, to be heard where no rule fits
CLEARLY = 2.0  # than the next intent, to be heard where no rule fits
OVERRULES = 12.0  # than the reading of a rule, to take its place
OUTSHINES = 3.0  # than another reading of the same thought, to silence that one
GRAVE_ENOUGH = 8.0  # than chance, where a person would be called for it
REASON_ENOUGH = 5.0  # than chance, for one of REASONS
MAYBE = 0.0  # than chance, to be asked back with
SURELY = 3.0  # than all else, for one of REASONS

_CLAUSE = re.compile(r"[!?;\n]+|\.(?=\s|$)|\s-\s|(?:^|\s)\d[).]\s")


@dataclass(frozen=True)
class Reading:
    """One intent found in a text: which rule (none: the examples), and which words showed it."""

    intent: str
    rule: str
    words: tuple[str, ...]
    clause: str  # the customer's own words of that clause


@dataclass(frozen=True)
class _Heard:
    reading: Reading
    intent: Intent
    score: float


class Reader:
    """Rules and examples together."""

    def __init__(self, by_rule: Rules, examples: Mapping[str, Sequence[str]]) -> None:
        self._rules = by_rule
        self._intents = {intent.name: intent for intent in by_rule.intents}
        self.likeness = Likeness(
            ((intent, by_rule.words(line)) for intent, lines in examples.items() for line in lines),
            by_rule.meanings(),
        )

    def readings(self, text: str) -> tuple[Reading, ...]:
        """Every intent of the text in the order of its words; manners only when there is nothing else."""
        heard = [h for clause in _clauses(text) for h in self._of_clause(clause)]
        if any(one.reading.rule and not one.intent.social for one in heard):
            heard = [one for one in heard if one.reading.rule]
        asked = [one for one in heard if not (one.intent.social or self._is_circumstance(one))]
        serious = asked or [one for one in heard if not one.intent.social]
        manners = sorted(heard, key=lambda one: MANNERS.index(one.reading.intent))[:1] if not serious else []
        first: dict[str, Reading] = {}
        for one in serious or manners:
            first.setdefault(one.reading.intent, one.reading)
        return tuple(first.values())[:MOST_INTENTS]

    def _is_circumstance(self, heard: _Heard) -> bool:
        """ "I am a foreigner" is one; "can a foreigner buy" is a question."""
        return heard.intent.circumstance and self._rules.asking.isdisjoint(heard.reading.words)

    def reasons(self, text: str) -> tuple[str, ...]:
        """Which of REASONS the clauses of a text are most like."""
        return tuple(reason for clause in _clauses(text) if (reason := self._reason(clause)) is not None)

    def _reason(self, clause: str) -> str | None:
        words = self._rules.words(clause)
        scores = self.likeness.scores(words, pair_times=1)  # rather a person too often than too seldom
        name = max(REASONS, key=lambda reason: scores[reason])
        other = max(score for intent, score in scores.items() if intent not in REASONS)
        sure = scores[name] >= max(REASON_ENOUGH, other + SURELY)
        return name if sure and len(words) > 3 else None

    def guesses(self, text: str) -> tuple[str, ...]:
        """What a text that was not understood may ask, at most two intents, the likelier first."""
        words = self._rules.words(text[:LONGEST])
        scores = self.likeness.scores(words)
        least = max(MAYBE, scores[UNKNOWN])
        likely = sorted((-score, name) for name, score in scores.items() if score > least)
        names = dict.fromkeys("person" if name in REASONS else name for _, name in likely)
        return tuple(names)[:2] if len(words) > 1 else ()

    def _of_clause(self, clause: str) -> Iterator[_Heard]:
        words = self._rules.words(clause)
        matches = self._rules.matches(words)
        denied = self._rules.denied(words)
        start = 0
        for end in (*_ends_of_thoughts(words, matches), len(words)):
            own = [match for match in matches if start <= min(match.taken) < end]
            said = tuple(words[i] for i in range(start, end) if i not in denied)
            yield from self._of_thought(said, own, words, clause)
            start = end

    def _of_thought(
        self, said: tuple[str, ...], matches: Sequence[Match], words: Sequence[str], clause: str
    ) -> Iterator[_Heard]:
        scores = self.likeness.scores(said)
        best = max((scores[match.intent.name] for match in matches), default=None)
        likely = self._likely(said, scores) if best is None else max(scores, key=lambda name: scores[name])
        explained = sum(len(match.taken) for match in matches) >= sum(w not in BREAKS | {COMMA} for w in said)
        heard = likely is not None and (
            best is None or (not explained and scores[likely] - best >= OVERRULES)
        )
        if likely in self._intents and heard and not self._tells(said):
            yield _Heard(Reading(likely, "", said, clause), self._intents[likely], scores[likely])
            return
        for match in matches:
            if best is not None and best - scores[match.intent.name] < OUTSHINES:
                taken = tuple(words[i] for i in sorted(match.taken))
                reading = Reading(match.intent.name, match.rule.text, taken, clause)
                yield _Heard(reading, match.intent, scores[match.intent.name])

    def _likely(self, said: Sequence[str], scores: Mapping[str, float]) -> str | None:
        """The intent that the words alone show; one word shows too little."""
        (name, score), (_, next_score) = sorted(scores.items(), key=lambda one: -one[1])[:2]
        new_word = NEW_WORD_IN_GRAVE if name in GRAVE else NEW_WORD
        enough = max(
            (GRAVE_ENOUGH if name in GRAVE else LIKE_ENOUGH) + self.likeness.unseen(said) * new_word,
            scores[UNKNOWN] + NOT_CHATTER,
            next_score + CLEARLY,
        )
        telling = [word for word in said if word not in self._rules.light | BREAKS | {COMMA}]
        return name if telling and len(said) > 1 and score >= enough else None

    def _tells(self, said: Sequence[str]) -> bool:
        """A number and no word that asks, "outstanding loan 380k", is a fact; "no robot" is no robot."""
        numbers = any(word[0] == "#" for word in said)
        return said[:1] == ("no",) or (numbers and self._rules.asking.isdisjoint(said))


def _clauses(text: str) -> Iterator[str]:
    return (clause.strip() for clause in _CLAUSE.split(text[:LONGEST]))


def _ends_of_thoughts(words: Sequence[str], matches: Sequence[Match]) -> Iterator[int]:
    """Where a thought of a clause ends and the next begins: at an "and" or comma that no reading spans."""
    for i, word in enumerate(words):
        if word in BREAKS | {COMMA} and not any(
            min(match.taken) < i <= max(match.taken) for match in matches
        ):
            yield i


@functools.cache
def examples() -> dict[str, tuple[str, ...]]:
    """The wordings that ship with nextnest, by what they mean."""
    text = resources.files("nextnest.broker").joinpath("examples.toml").read_text(encoding="utf-8")
    return {intent: tuple(lines.splitlines()) for intent, lines in tomllib.loads(text).items()}


@functools.cache
def reader() -> Reader:
    """The rules and examples that ship with nextnest."""
    return Reader(rules(), examples())


@functools.cache
def circumstances() -> frozenset[str]:
    """The intents that are no question beside another one."""
    return frozenset(intent.name for intent in rules().intents if intent.circumstance)


@functools.lru_cache(maxsize=2_000)
def reasons(text: str) -> tuple[str, ...]:
    """For which of REASONS the text sounds as if a person should answer, in the order of its clauses."""
    return reader().reasons(text)


def guesses(text: str) -> tuple[str, ...]:
    """What a text that was not understood may ask, at most two intents, the likelier first."""
    return reader().guesses(text)


@functools.lru_cache(maxsize=2_000)  # a thread is read anew at every turn
def read(text: str) -> tuple[Reading, ...]:
    """What the text asks, in the order asked; empty when nothing was understood."""
    return reader().readings(text)
