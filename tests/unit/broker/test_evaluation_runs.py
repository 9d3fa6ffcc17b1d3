"""Conversations, runs and their measures."""

from __future__ import annotations

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from nextnest.broker.broker import Broker
from nextnest.broker.evaluation import Evaluation, Scenario, Suite, evaluate, load_suites, named, page
from nextnest.broker.evaluation.conversation import Conversation, Said
from nextnest.broker.evaluation.judge import Verdict
from nextnest.broker.evaluation.measures import ScenarioRun, Share, TurnRun
from nextnest.broker.evaluation.scenario import Turn
from nextnest.broker.evaluation.spread import evaluate_spread
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from tests.unit.broker.briefs import FACTS, lead, no_knowledge

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def scenario(*turns: dict[str, Any], **more: Any) -> Scenario:
    facts: dict[str, Any] = {"id": "one", "customer": "somebody", "suite": "tests", "lead": lead()}
    return Scenario(**(facts | more), turns=tuple(Turn.model_validate(turn) for turn in turns))


async def played(script: Scenario) -> tuple[Conversation, list[Said]]:
    conversation = Conversation(script, Broker(), 1, knowledge=no_knowledge)
    conversation.greet()
    return conversation, [await conversation.take(turn) for turn in script.turns]


def run_of(*scenarios: Scenario, repeats: int = 1) -> Evaluation:
    return asyncio.run(evaluate([Suite("tests", "tests", scenarios)], repeats=repeats))


async def test_a_person_who_speaks_silences_the_broker_until_it_is_given_back() -> None:
    _, said = await played(
        scenario(
            {"says": "how much can i borrow?"},
            {"person": "Kumar here."},
            {"says": "and the stamp duty?"},
            {"hand_back": True},
        )
    )
    assert [each.reply is not None for each in said] == [True, False, False, True]
    assert said[-1].reply is not None
    assert said[-1].reply.intent == "stamp_duty"  # what waited is answered


async def test_after_a_hand_over_the_broker_is_silent_and_later_knows_it_was_settled() -> None:
    _, said = await played(
        scenario({"says": "let me talk to a person"}, {"says": "hello?"}, {"hand_back": True}, {"says": "hi"})
    )
    assert said[0].reply is not None
    assert said[0].reply.handoff is HandoffReason.ASKED_FOR_PERSON
    assert said[1].reply is None
    assert said[3].brief.settled == {HandoffReason.ASKED_FOR_PERSON}


async def test_facts_are_learned_as_the_service_learns_them() -> None:
    conversation, said = await played(scenario({"says": "no, my income is 9k"}))
    assert conversation.lead is not None
    assert conversation.lead.applicants[0].fixed_monthly_income == 9_000
    assert said[0].brief.lead == lead(**FACTS)  # the turn itself still saw the old ones


async def test_secrets_are_masked_before_the_broker_sees_them() -> None:
    conversation, _ = await played(scenario({"says": "my nric is S1234567D"}))
    assert "S1234567D" not in str(conversation.thread)


async def test_misunderstood_replies_are_counted_in_a_row() -> None:
    _, said = await played(
        scenario({"says": "zzz qqq"}, {"says": "xx yy"}, {"says": "stamp duty?"}, {"says": "vv"})
    )
    assert [each.brief.misunderstood for each in said] == [0, 1, 2, 0]


def test_a_customer_answers_what_is_asked_from_what_they_know() -> None:
    bare = lead(applicants=[{"residency": "sc"}], monthly_debts=None)
    script = scenario(
        {"says": "how much can i borrow?"},
        {"answers": 6, "contains": "borrow up to"},
        lead=bare,
        knows={
            "applicants.0.fixed_monthly_income": "12000",
            "applicants.0.age": "35",
            "applicants.0.employment": "fixed salary",
            "monthly_debts": "500",
        },
        lead_ends={"monthly_debts": 500, "applicants.0.age": 35},
    )
    found = run_of(script)
    assert found.runs[0].failures() == []
    assert len(found.runs[0].turns) == 6  # greeting, question, four answers


def test_a_question_that_the_customer_cannot_answer_fails() -> None:
    bare = lead(applicants=[{"residency": "sc"}])
    found = run_of(scenario({"says": "how much can i borrow?"}, {"answers": 3}, lead=bare))
    assert not found.runs[0].passed
    assert "cannot answer" in found.runs[0].failures()[0]


def test_a_scenario_that_breaks_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(*args: Any, **more: Any) -> Reply:
        raise RuntimeError("boom")

    monkeypatch.setattr(Broker, "compose", breaks)
    found = run_of(scenario({"says": "hi"}), scenario({"person": "hello"}, id="two"))
    assert [run.passed for run in found.runs] == [False, True]
    assert "works: RuntimeError: boom" in found.runs[0].failures()[0]


def test_repeats_are_runs_of_their_own() -> None:
    found = run_of(scenario({"says": "hi"}), scenario({"says": "bye"}, id="two"), repeats=3)
    assert sorted((run.scenario.id, run.repeat) for run in found.runs) == [
        (name, repeat) for name in ("one", "two") for repeat in (1, 2, 3)
    ]


# -- measures ------------------------------------------------------------------------------------------


def turn_run(
    wanted: Sequence[str], handed_over: str | None, *, passed: bool = True, seconds: float = 0.0
) -> TurnRun:
    handoff = HandoffReason(handed_over) if handed_over else None
    reply = Reply(text="x", intent="x", handoff=handoff)
    return TurnRun("customer", ("hi",), tuple(wanted), (Verdict("intent", passed),), reply, seconds=seconds)


def evaluation(*runs: Sequence[TurnRun], repeats: int = 1) -> Evaluation:
    """Runs of one turn list each; with repeats, one scenario's repeats follow each other."""
    script = scenario({"says": "hi"})
    done = [
        ScenarioRun(
            script.model_copy(update={"id": f"s{number // repeats}"}),
            number % repeats + 1,
            NOON,
            NOON,
            tuple(turns),
        )
        for number, turns in enumerate(runs)
    ]
    return Evaluation(tuple(done), "playbook", repeats, 1.0)


def test_pass_hat_k_asks_for_every_repeat() -> None:
    good, bad = [turn_run(["no"], None)], [turn_run(["no"], None, passed=False)]
    found = evaluation(good, good, good, bad, repeats=2)
    assert (found.passed, found.pass_hat_k) == (Share(3, 4), Share(1, 2))


def test_pass_hat_is_the_chance_that_k_of_the_repeats_pass() -> None:
    good, bad = [turn_run(["no"], None)], [turn_run(["no"], None, passed=False)]
    found = evaluation(good, good, good, good, good, good, bad, bad, repeats=4)
    # of 4 repeats with 2 that passed: 2/4 of the singles, 1/6 of the pairs, none of the triples
    assert found.pass_hat() == pytest.approx({1: 0.75, 2: (1 + 1 / 6) / 2, 3: 0.5, 4: 0.5})
    assert found.pass_hat()[4] == found.pass_hat_k.value
    assert "pass^4" in page_of(found)


def test_the_playbook_over_processes_says_what_it_says_in_one() -> None:
    suites = named(load_suites(), "manners")
    done: list[ScenarioRun] = []
    spread = evaluate_spread(suites, repeats=1, processes=2, on_done=done.append)
    alone = asyncio.run(evaluate(suites))

    def said(found: Evaluation) -> list[Any]:
        return [(run.scenario.id, run.passed, [turn.said for turn in run.turns]) for run in found.runs]

    assert said(spread) == said(alone)
    assert len(done) == len(alone.runs)


def test_hand_over_precision_and_recall() -> None:
    found = evaluation(
        [turn_run(["complaint"], "complaint")],  # right
        [turn_run(["complaint"], "divorce")],  # due, for another reason
        [turn_run(["distress"], None)],  # missed
        [turn_run(["no"], "complaint")],  # uncalled for
        [turn_run(["no", "prompt_attack"], "prompt_attack")],  # allowed, not due
        [turn_run(["no"], None)],
    )
    assert found.handoff_precision == Share(3, 4)
    assert found.handoff_recall == Share(2, 3)
    assert found.handoff_reasons == Share(1, 2)


def test_percentiles_go_by_nearest_rank() -> None:
    found = evaluation([turn_run(["no"], None, seconds=ms / 1000) for ms in range(1, 101)])
    assert (round(found.latency_ms(50)), round(found.latency_ms(99))) == (50, 99)


@pytest.mark.parametrize(("passed", "ok"), [(95, True), (94, False)])
def test_the_threshold_is_95_percent(passed: int, ok: bool) -> None:
    runs = [[turn_run(["no"], None, passed=number < passed)] for number in range(100)]
    assert evaluation(*runs).ok is ok


def test_nothing_run_is_nothing_failed() -> None:
    found = evaluation()
    assert found.ok
    assert found.latency_ms(99) == 0.0


# -- the page ------------------------------------------------------------------------------------------


class Outside(HTMLParser):
    """Collects whatever a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "link", "img", "iframe", "object"}:
            self.found.append(tag)
        self.found += [f"{name}={value}" for name, value in attrs if name in {"src", "href", "style"}]


def page_of(found: Evaluation) -> str:
    return page(found, when=NOON)


def test_the_page_loads_and_runs_nothing() -> None:
    outside = Outside()
    text = page_of(
        run_of(
            scenario({"says": "<script>alert(1)</script> stamp duty?"}, {"says": "bye", "intent": "thanks"})
        )
    )
    outside.feed(text)
    assert outside.found == []
    assert "url(" not in text
    assert "&lt;script&gt;alert(1)" in text  # what the customer wrote is shown, and inert


def test_the_page_shows_what_went_wrong() -> None:
    text = page_of(run_of(scenario({"says": "ok bye now", "intent": "thanks"})))
    assert "What went wrong" in text
    assert "intent: wanted thanks" in text


def test_the_plots_are_well_formed() -> None:
    text = page_of(run_of(scenario({"says": "talk to a human", "hands_over": "asked_for_person"})))
    plots = text.split("<svg")[1:]
    assert len(plots) == 4  # suites, checks, hand-overs, times
    for plot in plots:
        ET.fromstring("<svg" + plot.split("</svg>")[0] + "</svg>")


def test_a_page_of_nothing_is_still_a_page() -> None:
    assert "0 of 0" in page_of(replace(evaluation(), runs=()))
