"""When a conversation goes to a person, what the customer is told, and how it is marked for the people.

Decided before anything is composed: by the customer's words (`policy.toml`), by counts, and by a setting for
large loans.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal

from nextnest.broker import intents
from nextnest.broker.folding import disguises, fold
from nextnest.broker.patterns import bounded, table
from nextnest.broker.spelling import slips_between
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import Lead
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Message

MOST_MISUNDERSTOOD = 3  # replies in a row
MOST_TURNS = 40  # the bot does not talk for ever
_READ = 4000  # characters of a message
MOST_ATTACKS = 3  # in one conversation; fewer are answered with a plain refusal

Priority = Literal["low", "medium", "high", "urgent"]


@dataclass(frozen=True)
class Routing:
    """How a handed-over conversation is marked in Chatwoot."""

    priority: Priority
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Words:
    """Patterns that show something, and what excuses the words it matches."""

    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]

    def match(self, text: str) -> bool:
        text = self.without_excuses(text)
        return any(pattern.search(text) for pattern in self.patterns)

    def without_excuses(self, text: str) -> str:
        for pattern in self.unless:
            text = pattern.sub(" | ", text)
        return text


@dataclass(frozen=True)
class _Policy:
    reasons: dict[HandoffReason, _Words]
    routing: dict[HandoffReason, Routing]
    attack: _Words
    words: frozenset[str]
    others: frozenset[str]


@cache
def _policy() -> _Policy:
    data = table("policy")
    reasons = {HandoffReason(name): entry for name, entry in data["reason"].items()}
    return _Policy(
        {name: _words(entry) for name, entry in reasons.items()},
        {name: Routing(entry["priority"], tuple(entry["labels"])) for name, entry in reasons.items()},
        _words(data["attack"]),
        frozenset(data["spelling"]["words"]),
        frozenset(data["spelling"]["others"]),
    )


def _words(entry: Mapping[str, list[str]]) -> _Words:
    return _Words(
        tuple(re.compile(bounded(p)) for p in entry["patterns"]),
        tuple(re.compile(bounded(p)) for p in entry["unless"]),
    )


def decide(
    inputs: Sequence[Message],
    *,
    lead: Lead | None,
    misunderstood: int,
    turns: int = 0,
    high_value_from: Decimal | None = None,
    earlier: Sequence[Message] = (),
    settled: Collection[HandoffReason] = (),
) -> HandoffReason | None:
    """Why a person should take over now, or None.

    `misunderstood` counts replies in a row that did not understand, `turns` the bot's messages so far. From a
    loan of `high_value_from` S$ on a person is asked; None: never. `earlier` are the customer's messages
    before `inputs`, for attacks that go on. For reasons in `settled` a person had the conversation before and
    gave it back: the size of the loan and the length of the thread are no news then.
    """
    by_words = by_text([m.text for m in inputs])
    if by_words:
        return by_words
    if (
        any(is_attack(m.text) for m in inputs)
        and sum(is_attack(m.text) for m in (*earlier, *inputs)) >= MOST_ATTACKS
    ):
        return HandoffReason.PROMPT_ATTACK
    if misunderstood >= MOST_MISUNDERSTOOD:
        return HandoffReason.NOT_UNDERSTOOD
    if _is_high_value(lead, high_value_from) and HandoffReason.HIGH_VALUE not in settled:
        return HandoffReason.HIGH_VALUE
    if turns >= MOST_TURNS and HandoffReason.TOO_LONG not in settled:
        return HandoffReason.TOO_LONG
    return None


def by_text(texts: Sequence[str]) -> HandoffReason | None:
    """The first reason, in the order of `policy.toml`, that a text gives by its words, or else is like."""
    plain = [_mended(fold(_ends(text)).text) for text in texts]
    reasons = _policy().reasons
    by_words = (reason for reason, words in reasons.items() if any(words.match(text) for text in plain))
    by_likeness = (
        reason
        for reason, words in reasons.items()
        if any(reason in intents.reasons(words.without_excuses(text)) for text in plain)
    )
    return next(by_words, None) or next(by_likeness, None)


def without_excuses(reason: HandoffReason, text: str) -> str:
    """A folded text without the words that look like a reason and are none: "the bank will call me"."""
    return _policy().reasons[reason].without_excuses(_mended(fold(_ends(text)).text))


def is_attack(text: str) -> bool:
    """Whether a message tries to change what the broker is, or to make it leak or say what it must not."""
    plain = fold(_ends(text))
    return any(_policy().attack.match(reading.text) for reading in (plain, *disguises(plain)))


def routing(reason: HandoffReason) -> Routing:
    """Priority and labels of a conversation that goes to a person."""
    return _policy().routing.get(reason) or _OTHER_ROUTING.get(reason) or Routing("medium", (_label(reason),))


def _label(reason: HandoffReason) -> str:
    return reason.value.replace("_", "-")


_OTHER_ROUTING = {
    HandoffReason.HIGH_VALUE: Routing("high", ("high-value",)),
    HandoffReason.PROMPT_ATTACK: Routing("low", ("prompt-attack",)),
    HandoffReason.TECHNICAL: Routing("high", ("technical",)),
}


def _is_high_value(lead: Lead | None, high_value_from: Decimal | None) -> bool:
    if lead is None or high_value_from is None:
        return False
    loans = [loan for loan in (lead.loan_amount, lead.outstanding_loan) if loan is not None]
    return bool(loans) and max(loans) >= high_value_from


def _ends(text: str) -> str:
    """A long text's beginning and end, where people say what they want; all of it would take too long."""
    return text if len(text) <= _READ else f"{text[: _READ * 3 // 4]}\n{text[-_READ // 4 :]}"


_TOKEN = re.compile(r"[a-z]+")


def _mended(text: str) -> str:
    """Small typos of the words that matter here: "speek to a humna" asks for a person too."""
    return _TOKEN.sub(lambda m: _near(m[0]), text)


@cache
def _near(word: str) -> str:
    policy = _policy()
    if len(word) < 5 or word in policy.words or word in policy.others:
        return word
    allowed = 2 if len(word) >= 9 else 1
    for target in sorted(policy.words):
        if target[0] == word[0] and slips_between(word, target, allowed) <= allowed:
            return target
    return word


def wording(reason: HandoffReason, persona: Persona, *, people_back: str | None = None) -> str:
    """What the customer is told at a hand-over; empty when a person has stepped in already.

    `people_back` says when people are at work again, such as "on Monday at 9 am"; None: they are at work now.
    """
    brisk = table("policy")["said_briskly"] if persona is Persona.AGGRESSIVE else {}
    said: str = brisk.get(reason) or table("policy")["said"][reason]
    if not said:
        return ""
    return f"{said} {answered_when(people_back)}"


def answered_when(people_back: str | None) -> str:
    """When a colleague answers; see `wording`."""
    if people_back is None:
        return "They will answer you here."
    return f"Our people are away at this hour and are back {people_back}; they will answer you here then."


def plain_greeting(brokerage: str) -> str:
    """A first message without any figure, for when no other can be proven."""
    return (
        f"Hello, I am the AI assistant of {brokerage}. The banks pay {brokerage} when a loan is taken up; "
        "you pay us nothing. You can ask for a person at any time. "
        "What would you like to know about your home loan?"
    )
