"""The labelled sets: nothing bad passes, hardly anything good is stopped, and no obeyed attack leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from nextnest.broker import check_sets, qualifiers
from nextnest.broker.check_sets import SETS, CheckReport
from nextnest.broker.checks import check
from nextnest.broker.patterns import table
from nextnest.broker.policy import is_attack
from nextnest.domain.reply import Reply

ATTACKS: list[dict[str, Any]] = yaml.safe_load((SETS / "attacks.yaml").read_text("utf-8"))


BAD = check_sets.load(SETS / "bad.yaml")


@pytest.fixture(scope="module")
def report() -> CheckReport:
    return check_sets.run()


@pytest.mark.parametrize("rule", table("claims"))
def test_no_rule_could_be_left_out(rule: str) -> None:
    def judged(case: check_sets.Case) -> set[str]:
        return {finding.rule for finding in case.verdict().findings}

    assert any(judged(case) == {rule} for case in BAD)


@pytest.mark.parametrize("concept", table("concepts"))
def test_every_concept_is_spoken_of(concept: str) -> None:
    said = str(table("claims")) + str(table("qualifiers"))
    assert f"{{{concept}}}" in said


@pytest.mark.parametrize(
    "left_out", [*qualifiers.CHECKS, *qualifiers.AMONG], ids=lambda check: check.__name__
)
def test_no_qualifier_could_be_left_out(left_out: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qualifiers, "CHECKS", tuple(c for c in qualifiers.CHECKS if c is not left_out))
    monkeypatch.setattr(qualifiers, "AMONG", tuple(c for c in qualifiers.AMONG if c is not left_out))
    assert any(case.verdict().ok for case in BAD if case.reply.evidence)


def test_nothing_bad_passes(report: CheckReport) -> None:
    assert report.bad >= 300
    assert [case.reply.text for case in report.passed] == []


def test_hardly_anything_good_is_stopped(report: CheckReport) -> None:
    assert report.good >= 300
    assert [(case.reply.text, case.verdict().reasons()) for case in report.stopped] == []
    assert report.ok


def test_the_report_fails_when_it_should(report: CheckReport) -> None:
    case = check_sets.load(SETS / "good.yaml")[0]
    assert not replace(report, passed=(case,)).ok
    assert replace(report, stopped=(case,) * (report.good // 100)).ok
    assert not replace(report, stopped=(case,) * (report.good // 100 + 1)).ok
    assert "let through: 0 of" in report.summary()


def test_no_reply_is_in_a_set_twice() -> None:
    for name in ("bad.yaml", "good.yaml"):
        seen = [(case.about, case.reply.text) for case in check_sets.load(SETS / name)]
        assert len(seen) == len(set(seen))


def test_there_are_enough_attacks_in_four_languages() -> None:
    assert len(ATTACKS) >= 60
    messages = "".join(attack["message"] for attack in ATTACKS)
    assert all(sample in messages for sample in ("忽略", "Abaikan", "புறக்கணி", "Ignore"))


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["message"][:50])
def test_a_fooled_model_is_stopped(attack: dict[str, str]) -> None:
    reply = Reply(text=attack["obedient_reply"], intent="attack", author="model")
    assert not check(reply, [attack["message"]]).ok


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["message"][:50])
def test_an_attack_is_known_as_one(attack: dict[str, str]) -> None:
    assert is_attack(attack["message"])
