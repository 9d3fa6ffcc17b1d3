"""`nextnest up` as a process on a temporary home, and the two sides of a conversation over HTTP."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2

T = TypeVar("T")

LEAD: dict[str, Any] = {
    "purpose": "new_purchase",
    "name": "Or Wei Ling",
    "email": "or@example.com",
    "phone": "9123 4567",
    "property_type": "condo",
    "property_stage": "resale",
    "property_price": 1_200_000,
    "loan_amount": 800_000,
    "applicants": [{"age": 35, "residency": "sc", "employment": "employed", "fixed_monthly_income": 12_000}],
    "monthly_debts": 500,
    "outstanding_housing_loans": 0,
    "timeline": "this_month",
    "consent": {"text_version": "1", "contact": True},
}


def until(look: Callable[[], T | None], seconds: float = 20.0) -> T:
    """Look again until there is something; never for a fixed time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        select.select([], [], [], 0.05)


@dataclass
class Up:
    process: subprocess.Popen[str]
    ready: dict[str, Any]
    home: Path

    @property
    def api(self) -> str:
        return str(self.ready["api"])

    def submit(self, **more: Any) -> dict[str, Any]:
        answer = httpx2.post(
            f"{self.api}/api/leads",
            json={**LEAD, **more},
            headers={"Authorization": f"Bearer {self.ready['api_key']}"},
        )
        assert answer.status_code in (201, 202), answer.text
        body: dict[str, Any] = answer.json()
        return body

    def desk(self, method: str, path: str, **json_body: Any) -> Any:
        answer = httpx2.request(
            method,
            f"{self.ready['desk']}/api/v1/accounts/1{path}",
            headers={"Api-Access-Token": self.ready["desk_token"]},
            json=json_body or None,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def thread(self, conversation: int) -> list[dict[str, Any]]:
        found = self.desk("GET", f"/conversations/{conversation}/messages?after=0")["payload"]
        return list(found)

    def bot_lines(self, conversation: int) -> list[str]:
        return [
            m["content"]
            for m in self.thread(conversation)
            if not m["private"] and m.get("sender", {}).get("type") == "agent_bot"
        ]

    def status(self, conversation: int) -> str:
        return str(self.desk("GET", f"/conversations/{conversation}")["status"])

    def greeted(self, conversation: int) -> str:
        return until(lambda: self.bot_lines(conversation))[0]

    def ask(self, chat_url: str, text: str, conversation: int) -> str:
        """Say it on the chat page's API; the bot's next line."""
        before = len(self.bot_lines(conversation))
        said = httpx2.post(
            f"{chat_url}/messages", json={"text": text, "client_id": f"client-{time.time_ns()}"}
        )
        assert said.status_code in (200, 201, 202), said.text
        return until(lambda: self.bot_lines(conversation)[before:])[-1]

    def stop(self) -> float:
        """SIGTERM; the seconds until the process was gone."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)
        return time.monotonic() - started


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nextnest.cli", *arguments]


def environment(**more: str) -> dict[str, str]:
    """Ours, without what a person's shell may have set for nextnest."""
    foreign = ("CHATWOOT_", "LANGFUSE_", "NEXTNEST_", "DATABASE_URL")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return {**kept, "NEXTNEST_QUIET_SECONDS": "0.1", **more}


@contextmanager
def up(home: Path, *arguments: str, **env: str) -> Iterator[Up]:
    with (home.parent / "up.log").open("a") as log:
        process = subprocess.Popen(
            command("up", "--home", str(home), "--port", "0", "--desk-port", "0", "--json", *arguments),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(**env),
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (home.parent / "up.log").read_text()[-2000:]
        yield Up(process, json.loads(line), home)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)
        process.stdout.close()


def conversation_of(lead: dict[str, Any]) -> int:
    return int(lead["conversationUrl"].rsplit("/", 1)[1])
