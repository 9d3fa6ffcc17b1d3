"""How long a newcomer waits: from `scripts/up` to ready, from form to greeting, from message to reply.

    python -m bench.start [--runs 5]

prints JSON, seconds: the median and every run. `first_start` is on an empty home (a database cluster is made,
the desk provisioned), `later_start` on a home that is there. `form_to_greeting` runs from the POST of the
form's answers until the greeting is in the thread; `message_to_reply` from the POST of a chat message until
the reply is in the thread, with a quiet time of 0. Both are seen by asking the desk every 5 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[1]
MESSAGES = 5  # a run
LEAD = {
    "purpose": "new_purchase",
    "name": "Or Wei Ling",
    "property_type": "condo",
    "property_price": 1_200_000,
    "applicants": [{"age": 35, "residency": "sc", "employment": "employed", "fixed_monthly_income": 12_000}],
    "monthly_debts": 500,
    "outstanding_housing_loans": 0,
}


@contextmanager
def up(home: Path) -> Iterator[tuple[dict[str, Any], float]]:
    """`scripts/up` on this home: where everything is, and the seconds until it said so."""
    foreign = ("CHATWOOT_", "LANGFUSE_", "NEXTNEST_", "DATABASE_URL")
    env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    command = [str(ROOT / "scripts/up"), "--home", str(home), "--port", "0", "--desk-port", "0", "--json"]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**env, "NEXTNEST_QUIET_SECONDS": "0"},
    )
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield ready, time.monotonic() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)
        process.stdout.close()


class Watch:
    """A customer with a stop-watch."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._http = httpx2.Client(timeout=30)
        self._desk = f"{ready['desk']}/api/v1/accounts/1/conversations"
        self._token = {"Api-Access-Token": ready["desk_token"]}
        self._api = ready["api"]
        self._key = {"Authorization": f"Bearer {ready['api_key']}"}
        self._chat = ""
        self._conversation = 0

    def form_to_greeting(self) -> float:
        started = time.monotonic()
        lead = {**LEAD, "email": f"or{time.time_ns()}@example.com"}
        answer = self._http.post(f"{self._api}/api/leads", json=lead, headers=self._key).json()
        self._chat = answer["chatUrl"]
        self._conversation = int(answer["conversationUrl"].rsplit("/", 1)[1])
        self._until_said(1)
        return time.monotonic() - started

    def message_to_reply(self) -> float:
        already = self._said()
        started = time.monotonic()
        words = {"text": "How much can I borrow?", "client_id": f"bench-{time.time_ns()}"}
        self._http.post(f"{self._chat}/messages", json=words)
        self._until_said(already + 1)
        return time.monotonic() - started

    def _until_said(self, lines: int) -> None:
        while self._said() < lines:
            time.sleep(0.005)

    def _said(self) -> int:
        """Lines of the bot in the thread."""
        thread = self._http.get(f"{self._desk}/{self._conversation}/messages", headers=self._token).json()
        public = [message for message in thread["payload"] if not message["private"]]
        return sum((message.get("sender") or {}).get("type") == "agent_bot" for message in public)


def measured(runs: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {
        name: [] for name in ("first_start", "later_start", "form_to_greeting", "message_to_reply")
    }
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="nextnest-start-") as folder:
            Path(folder).chmod(0o755)
            with up(Path(folder) / "home") as (_, seconds):
                found["first_start"].append(seconds)
            with up(Path(folder) / "home") as (ready, seconds):
                found["later_start"].append(seconds)
                watch = Watch(ready)
                found["form_to_greeting"].append(watch.form_to_greeting())
                found["message_to_reply"] += [watch.message_to_reply() for _ in range(MESSAGES)]
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=5)
    found = measured(arguments.parse_args().runs)
    shown = {
        name: {"median": round(statistics.median(runs), 3), "runs": [round(run, 3) for run in runs]}
        for name, runs in found.items()
    }
    print(json.dumps(shown, indent=1))


if __name__ == "__main__":
    main()
