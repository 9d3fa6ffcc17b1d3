"""What customers ask, by a labelled set: ordinary wording, typos, Singlish and near misses."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.broker.intent_rules import rules
from nextnest.broker.intents import LONGEST, REASONS, UNKNOWN, examples, read, reader, reasons
from nextnest.broker.spelling import slips_between
from tests.unit.broker.playbook_briefs import labelled


def _intents(text: str) -> tuple[str, ...]:
    return tuple(reading.intent for reading in read(text))


@pytest.mark.parametrize(("text", "intents"), labelled("intents.yaml"))
def test_the_labelled_set_is_understood(text: str, intents: tuple[str, ...]) -> None:
    assert _intents(text) == intents


def test_what_was_once_held_out_stays_understood() -> None:
    """Sets that became examples, each written before anything was changed for it.

    First hearings by rules alone: 78 of 110 lines (71 %), 95 of 115 (83 %), 71 of 79 (90 %), and 220 of 302
    in five voices (73 %). With the examples: 197 of 241 unusual wordings (82 %; rules alone 66 %) and 223 of
    231 everyday ones (97 %; rules alone 88 %). Some are not learnt by heart: a pair of words that one example
    alone has does not count, for it made strangers' sentences sound like that one.
    """
    assert _share_understood(_examples()[::3]) >= 0.95


def test_most_wordings_are_understood_when_never_seen() -> None:
    """Each line is heard by a reader who knows all the other lines."""
    assert _share_understood(_examples()[1::5], forgotten=True) >= 0.85


def _share_understood(lines: list[tuple[str, str]], *, forgotten: bool = False) -> float:
    likeness, by_rule = reader().likeness, rules()
    heard = 0
    for intent, line in lines:
        times = 1 if forgotten else 0
        likeness.add(intent, by_rule.words(line), -times)
        heard += _intents(line) == (() if intent == UNKNOWN else (intent,))
        likeness.add(intent, by_rule.words(line), times)
    return heard / len(lines)


def _examples() -> list[tuple[str, str]]:
    """What intents ask; what gives a reason for a person is no question."""
    return [(intent, line) for intent, lines in examples().items() if intent not in REASONS for line in lines]


def test_what_is_like_a_reason_for_a_person_is_heard_as_one() -> None:
    lines = [(reason, line) for reason in REASONS for line in examples()[reason]]
    assert sum(reasons(line) == (reason,) for reason, line in lines) >= 0.9 * len(lines)


def test_everyday_lines_give_no_reason_for_a_person() -> None:
    lines = [line for _, line in _examples()]
    assert sum(bool(reasons(line)) for line in lines) <= 0.002 * len(lines)


def test_every_intent_is_shown_in_at_least_twelve_ways() -> None:
    counts = Counter(intent for _, intents in labelled("intents.yaml") for intent in intents)
    assert {intent.name for intent in rules().intents} == set(counts)
    assert min(counts.values()) >= 12


@pytest.mark.parametrize(
    ("text", "not_this"),
    [
        ("my floor is high", "greeting"),  # pain 47: "hi" in "high"
        ("the information is on the form", "person"),  # pain 47: "form" in "information"
        ("i know", "rates"),  # pain 22: "now" in "know"
        ("I trust my estate agent", "person"),  # pain 22
        ("don't call me", "person"),
        ("I am not refinancing", "refinance"),
        ("no robot talk please, how much can I borrow", "robot"),
    ],
)
def test_a_word_inside_another_or_denied_is_not_heard(text: str, not_this: str) -> None:
    assert not_this not in _intents(text)


@pytest.mark.parametrize(
    ("a", "b", "slips"),
    [
        ("stamp", "stamp", 0),
        ("stmap", "stamp", 1),  # two letters swapped are one slip
        ("instalmnt", "instalment", 1),
        ("instlamnt", "instalment", 2),
        ("fish", "stamp", 3),  # more than the most that is counted
    ],
)
def test_slips_are_counted_as_people_make_them(a: str, b: str, slips: int) -> None:
    assert slips_between(a, b, 2) == slips


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("dwnpymt", "downpayment"),  # vowels left out
        ("mnthly instlmt", "monthly instalment"),
        ("rfnance", "refinance"),
        ("brorow", "borrow"),  # two letters swapped
        ("his", "his"),  # no plural of "hi"
        ("scared of the scope", "scared of the scope"),  # English, and not a misspelt "scored"
        ("99-to-1", "99 1"),
        ("t-bill", "t bill"),
    ],
)
def test_words_are_put_into_the_common_spelling(written: str, meant: str) -> None:
    assert rules().spelling.words(written) == tuple(meant.split())


def test_a_reading_says_why() -> None:
    (reading,) = read("So, hw much can i borow ah?")
    assert (reading.intent, reading.words) == ("capacity", ("how", "much", "can", "i", "borrow"))
    assert reading.clause == "So, hw much can i borow ah"


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert len(read(text)) <= 4


def test_a_flood_is_read_in_bounded_time() -> None:
    assert read("how much can i borrow " * 5_000) == read(("how much can i borrow " * 5_000)[:LONGEST])
