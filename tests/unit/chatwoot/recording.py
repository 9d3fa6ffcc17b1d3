"""What a real Chatwoot 4.14.2 answered and sent, and its own examples of one of each."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data" / "chatwoot"


@cache
def lines() -> tuple[dict[str, Any], ...]:
    with gzip.open(DATA / "recorded.jsonl.gz", "rt", encoding="utf-8") as file:
        return tuple(json.loads(line) for line in file)


def webhooks() -> list[dict[str, Any]]:
    return [line for line in lines() if line["kind"] == "webhook"]


def exchanges() -> list[dict[str, Any]]:
    return [line for line in lines() if line["kind"] == "http"]


def exchange(name: str) -> dict[str, Any]:
    return next(line for line in exchanges() if line["name"] == name)


@cache
def examples() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / "payload_examples.json").read_text(encoding="utf-8"))
    return loaded


def example_event(name: str) -> bytes:
    return json.dumps(examples()["webhook_events"][name]["payload"]).encode()
