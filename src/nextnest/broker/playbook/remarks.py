"""Messages that no reading explains: a remark that asks nothing, and a question about something else."""

from __future__ import annotations

import re

from nextnest.broker.intent_rules import rules
from nextnest.broker.playbook.hearing import ELLIPTIC, asks

_OF_THEMSELVES = frozenset({"i", "we", "my", "our", "he", "she", "they", "his", "her"})
_OF_FAMILY = frozenset({"wife", "husband", "mother", "father", "mum", "dad", "son", "daughter", "parents"})
_WANTS = frozenset({"need", "want", "wish", "help", "advise", "advice", "please", "tell", "show", "explain"})
_OF_US = frozenset({"you", "your", "mean", "understand", "confused", "if", "instead"})
_AGAINST = frozenset({"no", "not", "never", "bad", "worst", "slow", "useless", "stupid", "angry", "upset"})
_SHORTEST_REMARK = 4  # words
_OF_NUMBERS = frozenset({"year", "years", "month", "loan", "rate", "interest", "salary", "income", "price"})
_SUMS = frozenset({"#money", "#pct"})
_LONG_NUMBER = re.compile(r"\d{3}")  # years and sums, not a child's age
_OWN_WORDS = 3  # beside a number: so many make it a matter of its own


def is_remark(text: str) -> bool:
    """Whether a text only tells of somebody, and no sum: it asks and wants nothing, denies nothing."""
    words = rules().spelling.words(text)
    if not _SUMS.isdisjoint(words) or _LONG_NUMBER.search(text):
        return False
    if len(words) < _SHORTEST_REMARK or (_OF_THEMSELVES | _OF_FAMILY).isdisjoint(words[:3]):
        return False
    return not asks(text) and (_WANTS | _OF_US | _AGAINST).isdisjoint(words)


def asks_something_else(text: str) -> bool:
    """Whether a question has a matter of its own beside a number: "after 5 years can I rent it out?"."""
    known = rules().light | rules().fillers | rules().asking | _OF_NUMBERS
    own = [word for word in rules().spelling.words(text) if word[0] not in "#," and word not in known]
    return asks(text) and not ELLIPTIC.match(text) and len(own) >= _OWN_WORDS
