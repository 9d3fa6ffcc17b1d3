"""The judge: every kind of wrong reply is caught by the check meant for it, and a right one by none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nextnest.broker.evaluation.conversation import Said
from nextnest.broker.evaluation.judge import Verdict, judged
from nextnest.broker.evaluation.scenario import Scenario, Turn
from nextnest.broker.evidence import of_calculation
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import LearnedFact, Reply
from nextnest.domain.thread import Author
from nextnest.mortgage import calculate
from tests.unit.broker.briefs import TODAY, brief, message

BSD = of_calculation(calculate("bsd", {"price": 1_200_000, "as_of": TODAY.isoformat()}))
ESTIMATE = (
    "This is a computer-generated estimate, not an offer of credit; the bank's own assessment decides. "
    "Rules as of 22 Nov 2026."
)
GREETED = (
    message(1, "I am the AI assistant of X. The bank pays us a commission. Ask for a person.", Author.BOT),
)
RIGHT: dict[str, Any] = {
    "text": f"On a price of S$1,200,000 the BSD is S$32,600.\n\n{ESTIMATE}",
    "intent": "stamp_duty",
    "evidence": (BSD,),
    "asks_for": "owned_homes",
    "facts": (LearnedFact(field="property_price", value=1_200_000, message_id=101, quote="1.2m"),),
}
WANTED: dict[str, Any] = {
    "says": "bsd for 1.2m?",
    "intent": "stamp_duty",
    "asks": "owned_homes",
    "figures": [{"calc": "bsd", "inputs": {"price": 1_200_000}, "key": "bsd"}],
    "contains": "BSD",
    "never": "ABSD is",
    "learns": {"property_price": 1_200_000},
}


def verdicts(turn: dict[str, Any], reply: dict[str, Any] | None, *, greeted: bool = True) -> list[Verdict]:
    expected = Turn.model_validate(turn)
    scenario = Scenario(id="one", customer="somebody", suite="tests", today=TODAY, turns=(expected,))
    said = Reply.model_validate(reply) if reply is not None else None
    of_turn = brief("bsd for 1.2m?", earlier=GREETED if greeted else ())
    return list(judged(expected, Said(said, of_turn, 0.01), scenario))


def failed(turn: dict[str, Any], reply: dict[str, Any] | None, **more: bool) -> set[str]:
    return {verdict.check for verdict in verdicts(turn, reply, **more) if not verdict.passed}


def test_a_right_reply_passes_every_check() -> None:
    found = verdicts(WANTED, RIGHT)
    assert [verdict for verdict in found if not verdict.passed] == []
    assert {"intent", "asks", "hand-over", "learns", "figure", "contains", "never"} <= {
        v.check for v in found
    }


def test_what_passes_says_nothing() -> None:
    assert {verdict.detail for verdict in verdicts(WANTED, RIGHT)} == {""}


WRONG = {
    # what is wrong with the reply: (what differs from the right one, the checks that must fail)
    "another figure in the text": (
        {"text": f"On S$1,200,000 the BSD is S$33,600. {ESTIMATE}"},
        {"figure", "proven", "supported"},
    ),
    "the figure is not in the text": ({"text": f"BSD is due. {ESTIMATE}"}, {"figure"}),
    "the figure without its evidence": ({"evidence": ()}, {"figure", "proven", "supported"}),
    "no disclosure under the first figure": ({"text": "On S$1,200,000 the BSD is S$32,600."}, {"disclosure"}),
    "another question understood": ({"intent": "rates"}, {"intent"}),
    "another fact asked for": ({"asks_for": "monthly_debts"}, {"asks"}),
    "nothing asked for": ({"asks_for": None}, {"asks"}),
    "handed over uncalled": ({"handoff": HandoffReason.COMPLAINT}, {"hand-over"}),
    "a fact not learned": ({"facts": ()}, {"learns"}),
    "a fact learned wrong": (
        {"facts": (LearnedFact(field="property_price", value=12, message_id=101, quote="1.2m"),)},
        {"learns"},
    ),
    "a forbidden pattern": ({"text": f"{RIGHT['text']} ABSD is the next question."}, {"never"}),
    "a promise": ({"text": f"{RIGHT['text']} You will be approved."}, {"claims", "proven"}),
    "in Chinese": ({"text": f"BSD 是 S$32,600。{ESTIMATE}"}, {"language"}),
    "far too long": ({"text": f"{RIGHT['text']} {'And so on. ' * 200}"}, {"length"}),
}


@pytest.mark.parametrize(("change", "checks"), WRONG.values(), ids=WRONG)
def test_a_wrong_reply_is_caught_by_the_check_meant_for_it(change: dict[str, Any], checks: set[str]) -> None:
    assert failed(WANTED, {**RIGHT, **change}) == checks


def test_the_first_words_must_introduce_the_broker() -> None:
    assert failed(WANTED, RIGHT, greeted=False) == {"introduction"}


def test_nothing_may_be_learned_where_nothing_was_told() -> None:
    assert failed({**WANTED, "learns": {}}, RIGHT) == {"learns"}


def test_one_of_several_hand_overs_may_be_right() -> None:
    turn = {"says": "hi", "hands_over": ["no", "prompt_attack"]}
    assert failed(turn, {"text": "I cannot help with that.", "intent": "internal"}) == set()
    assert failed(turn, {"text": "To a colleague.", "intent": "x", "handoff": HandoffReason.DIVORCE}) == {
        "hand-over"
    }


@pytest.mark.parametrize(
    ("turn", "reply", "checks"),
    [
        ({"says": "hi"}, None, {"answers"}),  # the broker was to speak
        ({"says": "hi", "silent": True}, RIGHT, {"silent"}),  # a person has the conversation
        ({"person": "Kumar here"}, RIGHT, {"silent"}),  # nobody asked the broker
        ({"says": "hi", "silent": True}, None, set()),
    ],
)
def test_silence_is_judged_too(turn: dict[str, Any], reply: dict[str, Any] | None, checks: set[str]) -> None:
    assert failed(turn, reply) == checks


def test_the_intent_is_expected_of_the_playbook_alone() -> None:
    assert failed(WANTED, {**RIGHT, "intent": "model", "author": "model"}) == set()


def test_a_figure_said_more_coarsely_counts_within_its_own_digits() -> None:
    turn = {
        "says": "x",
        "figures": [
            {"value": Decimal("32600"), "unit": "money", "source": "Stamp Duties Act, First Schedule"}
        ],
    }
    assert failed(turn, {**RIGHT, "text": f"On S$1.2m the BSD is about S$32.6k. {ESTIMATE}"}) == set()
    assert "figure" in failed(turn, {**RIGHT, "text": f"On S$1.2m the BSD is about S$32.7k. {ESTIMATE}"})
