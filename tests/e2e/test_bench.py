"""The benches themselves: a short run of each says what it promises to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.chaos.known import POINTS

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


def test_sixty_kills_lose_nothing_double_nothing_and_talk_over_nobody() -> None:
    code, found = run("bench.chaos", "--points", "60", "--seed", "5")
    assert found["points"] >= 60
    assert found["customers"] > 0
    assert found["messages"] >= found["customers"]
    verdict = {name: found[name] for name in ("lost", "doubled", "over_human", "stuck")}
    assert verdict == dict.fromkeys(verdict, 0)
    assert found["max_recovery_s"] > 0
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


def test_every_point_names_a_function_of_ours() -> None:
    """A renamed function would be a point that no run reaches."""
    sources = {path: path.read_text() for path in (ROOT / "src" / "nextnest").rglob("*.py")}
    calls = {point.split()[2] for points in POINTS.values() for point in points} - {"model"}
    ours = {part for call in calls for part in call.split("/") if not call.startswith("queue.")}
    missing = [name for name in ours if not _defined(name, sources)]
    assert missing == []


def _defined(name: str, sources: dict[Path, str]) -> bool:
    module, _, function = name.rpartition(".")
    file = module.replace(".", "/") + ".py"
    return any(
        str(path).endswith(f"/{file}") and f"def {function}(" in text for path, text in sources.items()
    )


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
