"""The recording of a real Chatwoot 4.14.2: its exchanges in order, each with the webhooks that it caused."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

RECORDING = Path(__file__).parents[2] / "data" / "chatwoot" / "recorded.jsonl.gz"
ADDRESS = "http://127.0.0.1:3000"  # where the recorded server was
RECEIVER = "127.0.0.1:9399"  # where its webhooks went


@dataclass(frozen=True)
class Hook:
    """One webhook as it arrived."""

    path: str
    headers: dict[str, str]
    body: str
    replied: int

    @property
    def payload(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def event(self) -> str:
        return str(self.payload["event"])


@dataclass(frozen=True)
class Exchange:
    """One request, what the server answered, and what it sent because of it."""

    seq: int
    section: str
    name: str
    at: float  # seconds since 1970
    auth: str
    method: str
    target: str
    headers: dict[str, str]
    body: str | None
    status: int
    answer: str
    hooks: list[Hook] = field(default_factory=list)


@cache
def exchanges() -> tuple[Exchange, ...]:
    found: dict[int, Exchange] = {}
    with gzip.open(RECORDING, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["kind"] == "http":
                found[record["seq"]] = _exchange(record)
            elif record["kind"] == "webhook":
                found[record["cause_seq"]].hooks.append(_hook(record))
    return tuple(found.values())


def _exchange(record: dict[str, Any]) -> Exchange:
    request, response = record["request"], record["response"]
    return Exchange(
        seq=record["seq"],
        section=record["section"],
        name=record["name"],
        at=datetime.fromisoformat(record["at"]).timestamp(),
        auth=record["auth"],
        method=request["method"],
        target=request["target"],
        headers={name.lower(): value for name, value in request["headers"]},
        body=request["body"],
        status=response["status"],
        answer=response["body"] or "",
    )


def _hook(record: dict[str, Any]) -> Hook:
    request = record["request"]
    headers = {name.lower(): value for name, value in request["headers"]}
    return Hook(request["path"], headers, request["body"], record["reply"]["status"])
