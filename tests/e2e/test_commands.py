"""Commands beside a running `nextnest up`: they find it by its home."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.running import command, environment, up

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def _run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, "--home", str(home)),
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(),
        check=False,
    )


def test_check_live_and_doctor_reach_the_nextnest_that_runs_on_this_home(home: Path) -> None:
    with up(home) as nextnest:
        live = _run(home, "check", "--live")
        assert live.returncode == 0, live.stdout + live.stderr
        assert "live: answered" in live.stdout
        assert "nothing is left of the test" in live.stdout
        well = _run(home, "doctor")
        assert (well.returncode, well.stdout.strip()) == (0, "Nothing is wrong."), well.stdout + well.stderr
        lead = nextnest.submit()
        conversation = int(lead["conversationUrl"].rsplit("/", 1)[1])
        nextnest.greeted(conversation)
        shown = _run(home, "lead", "show", lead["lead_id"])
        assert '"name": "Or Wei Ling"' in shown.stdout
        assert nextnest.stop() < 5
    gone = _run(home, "doctor")
    assert gone.returncode == 2
    assert "CHATWOOT_BASE_URL" in gone.stderr
    assert "Traceback" not in gone.stderr
