"""Which intent a wording is most like, by the weight of its words in labelled examples.

Rules hear the wordings that somebody thought of; this hears the others. It is a complement naive Bayes
classifier (Rennie and others, 2003): a word counts for an intent as far as it is commoner in that intent's
examples than in all the rest. Training is counting, so it takes no time.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

SMOOTHING = 0.1  # of a count: what has never been seen is not impossible
PAIR_TIMES = 2  # examples that must have a pair of words: one alone has it by chance
SHORTEST_STEM = 3  # letters
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e", "y")


class Likeness:
    """Scores of every intent for a row of words; higher is likelier, and differences are what counts.

    `concepts` gives for a word the names of what it may mean, so that a synonym that no example has counts.
    """

    def __init__(
        self, examples: Iterable[tuple[str, Sequence[str]]], concepts: Mapping[str, Iterable[str]]
    ) -> None:
        self._concepts = concepts
        self._counts: dict[str, Counter[str]] = {}
        self._all: Counter[str] = Counter()
        self._totals: Counter[str] = Counter()
        for intent, words in examples:
            self.add(intent, words)

    def add(self, intent: str, words: Sequence[str], times: int = 1) -> None:
        """Count an example; -1 times takes it out again."""
        for feature in self._features(words):
            self._counts.setdefault(intent, Counter())[feature] += times
            self._all[feature] += times
            self._totals[intent] += times

    def scores(self, words: Sequence[str], pair_times: int = PAIR_TIMES) -> dict[str, float]:
        """The score of every intent; all 0 where no word was ever seen.

        Pairs of words count that at least `pair_times` examples have.
        """
        seen = [
            feature
            for feature in self._features(words)
            if self._all[feature] >= (pair_times if " " in feature else 1)
        ]
        everything = self._totals.total()
        smooth = SMOOTHING * len(self._all)
        found: dict[str, float] = {}
        for intent, counts in self._counts.items():
            own = self._totals[intent]
            of_rest = math.log(everything - own + smooth) - math.log(own + smooth)
            found[intent] = sum(
                of_rest
                + math.log(counts[feature] + SMOOTHING)
                - math.log(self._all[feature] - counts[feature] + SMOOTHING)
                for feature in seen
            )
        return found

    def unseen(self, words: Sequence[str]) -> int:
        """How many of the words no example has."""
        return sum(1 for word in set(words) if self._all[_stem(word)] <= 0)

    def _features(self, words: Sequence[str]) -> frozenset[str]:
        """Stems, pairs of neighbours with the ends of the message, and what the words may mean."""
        stems = [_stem(word) for word in words]
        pairs = (f"{a} {b}" for a, b in zip(["^", *stems], [*stems, "$"], strict=True))
        meant = (f"<{name}>" for word in words for name in self._concepts.get(word, ()))
        return frozenset((*stems, *pairs, *meant))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word
