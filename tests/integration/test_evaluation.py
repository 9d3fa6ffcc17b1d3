"""`nextnest eval` as it is typed, and its run in Langfuse over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import JSONResponse
from typer.testing import CliRunner

from nextnest.bootstrap.evaluating import settings_for, to_langfuse
from nextnest.broker.evaluation import Evaluation, evaluate, load_suites, named
from nextnest.cli import app
from nextnest.settings import Settings, SettingsError
from tests.integration.langfuse_double import PUBLIC_KEY, SECRET_KEY, LangfuseDouble
from tests.integration.serving import serving


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine that runs the tests."""
    for name in ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "NEXTNEST_MODEL", "NEXTNEST_MODEL_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> LangfuseDouble:
    return LangfuseDouble()


@pytest.fixture
async def settings(server: LangfuseDouble) -> AsyncIterator[Settings]:
    async with serving(server.app()) as address:
        env = {
            "LANGFUSE_BASE_URL": address,
            "LANGFUSE_PUBLIC_KEY": PUBLIC_KEY,
            "LANGFUSE_SECRET_KEY": SECRET_KEY,
        }
        yield settings_for(env, None)


@pytest.fixture
async def evaluation() -> Evaluation:
    suites = named(load_suites(), "bsd-series-of-prices") + named(load_suites(), "thanks")
    return await evaluate(suites, repeats=2)


def typed(*words: str) -> Any:
    return CliRunner().invoke(app, ["eval", *words])


# -- the command -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bare")
def test_one_scenario_by_its_name_as_json() -> None:
    result = typed("bsd-small-flat", "--repeats", "2", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (found["author"], found["runs"], found["passed"], found["pass^2"]) == ("playbook", 2, 2, 1)
    assert found["figure_precision"] == 1


@pytest.mark.usefixtures("bare")
def test_a_report_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    result = typed("bsd-small-flat", "--report", str(report))
    assert result.exit_code == 0
    assert "1 of 1 conversations" in report.read_text("utf-8")
    assert "scenarios passed: 100.0 % (1 of 1)" in result.stdout


@pytest.mark.usefixtures("bare")
def test_a_report_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    result = typed("bsd-small-flat", "--report", str(tmp_path / "nowhere" / "report.html"))
    assert result.exit_code == 2
    assert result.stderr.strip().endswith("cannot be written (No such file or directory)")


@pytest.mark.usefixtures("bare")
def test_an_unknown_suite_names_those_there_are() -> None:
    result = typed("nothing")
    assert result.exit_code == 2
    assert "no suite or scenario 'nothing'" in result.stderr
    assert "duties" in result.stderr


@pytest.mark.usefixtures("bare")
def test_a_model_that_cannot_be_had_is_one_line() -> None:
    result = typed("bsd-small-flat", "--model", "nobody:nothing")
    assert result.exit_code == 2
    assert result.stderr.startswith("nextnest: --model: ")
    assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("bare")
def test_failed_scenarios_fail_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nextnest.broker.playbook.purchase.stamp_duty.__code__", _says_nothing.__code__)
    result = typed("bsd-small-flat")
    assert result.exit_code == 1
    assert "duties/bsd-small-flat" in result.stdout


def _says_nothing(answer: Any) -> None:
    answer.say("I do not know.")


@pytest.mark.usefixtures("bare")
def test_the_labelled_replies_are_counted() -> None:
    found = json.loads(typed("checks", "--json").stdout)
    assert found["bad"] >= 300
    assert found["good"] >= 300
    assert (found["ok"], found["passed"]) == (True, 0)


# -- in Langfuse -----------------------------------------------------------------------------------------


def test_a_broken_setting_is_told() -> None:
    with pytest.raises(SettingsError, match="LANGFUSE_SECRET_KEY"):
        settings_for({"LANGFUSE_PUBLIC_KEY": "pk-lf-example"}, None)


async def test_without_langfuse_nothing_is_sent(evaluation: Evaluation) -> None:
    assert await to_langfuse(settings_for({}, None), evaluation, run="one") is None


async def test_a_run_is_items_traces_and_scores(
    settings: Settings, server: LangfuseDouble, evaluation: Evaluation
) -> None:
    said = await to_langfuse(settings, evaluation, run="run 1")
    assert said == "Langfuse: 4 of 4 traces as run 'run 1' of dataset 'nextnest-eval'"
    assert sorted(item["metadata"]["key"] for item in server.items.values()) == [
        "duties/bsd-series-of-prices",
        "manners/thanks",
    ]
    assert len(server.run_items) == 4  # two scenarios, two repeats
    assert {score["value"] for score in server.scores.values()} == {1}
    experiments = {
        value["value"]["stringValue"]
        for span in server.spans.values()
        for value in span["attributes"]
        if value["key"] == "langfuse.experiment.name"
    }
    assert experiments == {"run 1"}


async def test_a_repeated_run_writes_over_itself(
    settings: Settings, server: LangfuseDouble, evaluation: Evaluation
) -> None:
    await to_langfuse(settings, evaluation, run="run 1")
    before = (len(server.items), len(server.spans), len(server.scores))
    await to_langfuse(settings, evaluation, run="run 1")
    assert (len(server.items), len(server.spans), len(server.scores)) == before


async def test_a_server_without_run_items_is_no_failure(
    settings: Settings, server: LangfuseDouble, evaluation: Evaluation
) -> None:
    server.events_only = True
    said = await to_langfuse(settings, evaluation, run="run 1")
    assert said is not None
    assert said.startswith("Langfuse: 4 of 4 traces")
    assert "events-only" in said


async def test_a_server_that_is_down_is_told_in_a_line(
    settings: Settings, server: LangfuseDouble, evaluation: Evaluation
) -> None:
    server.failures = [JSONResponse({"message": "down"}, 503)] * 50
    said = await to_langfuse(settings, evaluation, run="run 1")
    assert said == "Langfuse did not take the run: dataset nextnest-eval: 503 down"


async def test_a_server_that_hangs_does_not_hold_the_command(
    settings: Settings,
    server: LangfuseDouble,
    evaluation: Evaluation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nextnest.bootstrap.evaluating.LANGFUSE_SECONDS", 0.2)
    server.hanging = True
    assert (
        await to_langfuse(settings, evaluation, run="run 1") == "Langfuse did not take the run within 0.2 s"
    )
