"""The benches themselves: a short run of each says what it promises to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def run(*line: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the JSON line, which is the only thing on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", *line],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, found


def test_a_few_kills_lose_nothing_double_nothing_and_talk_over_nobody() -> None:
    code, found = run("bench.chaos", "--points", "4", "--seed", "5")
    assert found["points"] >= 4
    assert found["customers"] > 0
    assert found["messages"] >= found["customers"]
    verdict = {name: found[name] for name in ("lost", "doubled", "over_human", "stuck")}
    assert verdict == dict.fromkeys(verdict, 0)
    assert found["max_recovery_s"] >= 0
    assert code == 0


def test_every_point_is_listed_before_and_after_its_call() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.chaos", "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    points = done.stdout.splitlines()
    assert "worker: before http chatwoot.gateway.say/messages.create" in points
    before = {point.replace(": before ", ": ") for point in points if ": before " in point}
    after = {point.replace(": after ", ": ") for point in points if ": after " in point}
    assert before == after
    assert len(points) == len(set(points)) == 2 * len(before)


def test_the_quick_load_measures_ours_and_the_naive_handler_in_one_run() -> None:
    code, found = run("bench.load", "--quick")
    assert code == 0
    assert found["acks_per_s"] > 0
    assert found["acks_stalled_share"] == 1.0  # everything is acknowledged while the model stands still
    assert found["naive_acks_stalled_share"] == 0.0  # and nothing there
    assert found["answered_at_5"] == found["answered_at_20"] == 1.0
    assert found["turns_per_s"] > 0
    assert [row["conversations"] for row in found["growth"]] == [10, 100, 100]
    assert all(found[f"{who}_{when}_mb"] > 0 for who in ("web", "worker") for when in ("idle", "loaded"))
