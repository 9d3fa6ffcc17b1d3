"""`nextnest eval` with the playbook, suite by suite: what a customer may expect where no model is set."""

from __future__ import annotations

import pytest

from nextnest.broker.evaluation import Evaluation, Suite, evaluate, load_suites

LEAST = 0.95  # of the scenarios of a suite


@pytest.mark.parametrize("suite", load_suites(), ids=lambda suite: suite.name)
async def test_the_playbook_passes_its_scenarios(suite: Suite) -> None:
    found = await evaluate([suite])
    assert found.passed.value >= LEAST, failures(found)
    assert found.figure_precision.value == 1, failures(found)
    assert found.handoff_precision.value >= LEAST, failures(found)
    assert found.handoff_recall.value >= LEAST, failures(found)


def failures(found: Evaluation) -> str:
    return "\n".join(line for run in found.failed for line in (run.scenario.id, *run.failures()))
