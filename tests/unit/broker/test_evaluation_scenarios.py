"""The scenarios that ship: that they can be read, that they are enough, that slips of the pen are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from nextnest.broker.evaluation import Scenario, ScenarioErrors, load_suites, named
from nextnest.broker.evaluation.scenario import ExpectedFigure, Turn
from nextnest.domain.handoff import HandoffReason

SHIPPED = [scenario for suite in load_suites() for scenario in suite.scenarios]

# Issue 2, item 6: what the playbook understands at least.
INTENTS = [
    "capacity",
    "instalment",
    "afford",
    "ratios",
    "down_payment",
    "stamp_duty",
    "fixed_or_floating",
    "rates",
    "refinance",
    "lock_in",
    "documents",
    "process",
    "hdb_or_bank",
    "grants",
    "costs",
    "who_pays",
    "foreigner",
    "self_employed",
    "commercial",
    "robot",
    "thanks",
    "goodbye",
    "off_topic",
]


def test_there_are_enough_scenarios_and_enough_of_them_go_on_for_several_turns() -> None:
    assert len(SHIPPED) >= 150
    assert sum(scenario.multi_turn for scenario in SHIPPED) >= 60


@pytest.mark.parametrize("intent", INTENTS)
def test_every_question_of_the_playbook_is_asked(intent: str) -> None:
    assert any(turn.intent == intent for scenario in SHIPPED for turn in scenario.turns)


# TECHNICAL, UNPROVEN and WINDOW_CLOSED come of trouble on our side, PERSON_STEPPED_IN of a person,
# TOO_LONG of forty replies: none of them is a script for a customer.
@pytest.mark.parametrize(
    "reason",
    sorted(
        set(HandoffReason)
        - {
            HandoffReason.TECHNICAL,
            HandoffReason.UNPROVEN,
            HandoffReason.WINDOW_CLOSED,
            HandoffReason.PERSON_STEPPED_IN,
            HandoffReason.TOO_LONG,
        }
    ),
)
def test_every_reason_for_a_hand_over_is_due_somewhere(reason: HandoffReason) -> None:
    assert any(turn.hands_over == (reason,) for scenario in SHIPPED for turn in scenario.turns)


@pytest.mark.parametrize("scenario", SHIPPED, ids=lambda scenario: scenario.id)
def test_expected_figures_can_be_computed_from_their_own_inputs(scenario: Scenario) -> None:
    for turn in scenario.turns:
        for figure in turn.figures:
            value, _ = figure.on(scenario.today)
            assert value > 0


def test_a_figure_is_computed_on_the_scenarios_day() -> None:
    # Stamp Duties Act, First Schedule: on 4m the BSD is 179,600 since 15 Feb 2023; with 4% above 1m,
    # as before, it was 144,600.
    figure = ExpectedFigure(calc="bsd", inputs={"price": 4_000_000}, key="bsd")
    days = (SHIPPED[0].today, SHIPPED[0].today.replace(year=2022))
    assert [int(figure.on(day)[0]) for day in days] == [179_600, 144_600]


def test_a_suite_or_one_scenario_can_be_named() -> None:
    suites = load_suites()
    assert [suite.name for suite in named(suites, "duties")] == ["duties"]
    (one,) = named(suites, "bsd-small-flat")
    assert [scenario.id for scenario in one.scenarios] == ["bsd-small-flat"]
    assert named(suites, "nothing") == ()


SLIPS = {
    # what is wrong: (the scenario's YAML, a part of the problem)
    "an unknown key": ("{id: a, customer: one, turns: [{says: hi, intend: x}]}", "intend"),
    "an unknown key of the scenario": ("{id: a, customer: one, turn: []}", "turn"),
    "no turns": ("{id: a, customer: one, turns: []}", "turns"),
    "two events in a turn": ("{id: a, customer: one, turns: [{says: hi, person: hello}]}", "exactly one"),
    "no event in a turn": ("{id: a, customer: one, turns: [{intent: thanks}]}", "exactly one"),
    "an unknown reason": ("{id: a, customer: one, turns: [{says: hi, hands_over: bored}]}", "hands_over"),
    "a broken pattern": ("{id: a, customer: one, turns: [{says: hi, never: '('}]}", "never"),
    "a figure without a source": (
        "{id: a, customer: one, turns: [{says: hi, figures: [{value: 5, unit: money}]}]}",
        "a figure needs",
    ),
    "an output the calculator has not": (
        "{id: a, customer: one, turns: [{says: hi, figures: [{calc: bsd, inputs: {price: 1}, key: absd}]}]}",
        "no output 'absd'",
    ),
    "an unknown calculator": (
        "{id: a, customer: one, turns: [{says: hi, figures: [{calc: bds, inputs: {}, key: bsd}]}]}",
        "no calculator 'bds'",
    ),
    "a lead that is none": (
        "{id: a, customer: one, lead: {property_type: castle}, turns: [{says: hi}]}",
        "lead",
    ),
    "a lead nobody named": ("{id: a, customer: one, lead: nobody, turns: [{says: hi}]}", "nobody"),
}


@pytest.mark.parametrize(("text", "problem"), SLIPS.values(), ids=SLIPS)
def test_a_slip_of_the_pen_is_refused(text: str, problem: str, tmp_path: Path) -> None:
    (tmp_path / "slips.yaml").write_text(f"about: slips\nscenarios:\n  - {text}\n", "utf-8")
    with pytest.raises(ScenarioErrors) as caught:
        load_suites(tmp_path)
    assert problem in str(caught.value)


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    good = "about: one\nscenarios:\n  - {id: a, customer: one, turns: [{says: hi}]}\n"
    (tmp_path / "first.yaml").write_text(good, "utf-8")
    (tmp_path / "second.yaml").write_text(good, "utf-8")
    (tmp_path / "third.yaml").write_text("about: [", "utf-8")
    (tmp_path / "fourth.yaml").write_text("about: x\nextra: 1\nscenarios: []\n", "utf-8")
    with pytest.raises(ScenarioErrors) as caught:
        load_suites(tmp_path)
    assert len(caught.value.problems) == 3
    assert "a: there is another scenario of this id" in caught.value.problems


def test_a_lead_may_build_on_another(tmp_path: Path) -> None:
    text = """
about: leads
leads: {flat: {property_type: hdb, property_price: 500000, monthly_debts: 0}}
scenarios:
  - id: a
    customer: one
    lead: {from: flat, property_price: 600000, monthly_debts: null}
    turns: [{says: hi}]
"""
    (tmp_path / "leads.yaml").write_text(text, "utf-8")
    (suite,) = load_suites(tmp_path)
    lead = suite.scenarios[0].lead
    assert lead is not None
    assert lead.facts() == {
        "name": "Tan Mei Ling",
        "email": "mei.ling@example.com",
        "property_type": "hdb",
        "property_price": 600_000,
    }


def test_one_line_and_several_lines_are_both_lines() -> None:
    assert Turn.model_validate({"says": "hi"}).says == ("hi",)
    assert Turn.model_validate({"says": ["hi", "there"]}).says == ("hi", "there")
