"""`nextnest up` beside a Langfuse over a socket: what it is told, and that nobody waits for it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import LEAD, Up, conversation_of, until, up
from tests.integration.langfuse_double import PUBLIC_KEY, SECRET_KEY, LangfuseDouble
from tests.integration.serving import serving

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
QUESTIONS = ("How much can I borrow?", "Which documents do I need?", "Who pays you?")
PATIENCE = 3.0  # seconds: the shortest time-out of a call to Langfuse, so nobody waited for one


@asynccontextmanager
async def _langfuse() -> AsyncIterator[tuple[LangfuseDouble, dict[str, str]]]:
    """The double, and the environment that points to it."""
    double = LangfuseDouble()
    async with serving(double.app()) as address:
        keys = {"LANGFUSE_PUBLIC_KEY": PUBLIC_KEY, "LANGFUSE_SECRET_KEY": SECRET_KEY}
        yield double, {"LANGFUSE_BASE_URL": address, **keys}


async def test_a_turn_is_one_trace_with_its_scores(home: Path) -> None:
    async with _langfuse() as (double, env):
        lead, answers = await asyncio.to_thread(_chat, home, double, env)
    turns = _turns(double)
    assert [turn["langfuse.observation.input"] for turn in turns] == [json.dumps([q]) for q in QUESTIONS]
    assert [json.loads(turn["langfuse.observation.output"]) for turn in turns] == answers
    conversation = conversation_of(lead)
    for turn in turns:
        assert turn["langfuse.session.id"] == f"conversation-{conversation}"
        assert turn["langfuse.observation.model.name"] == "playbook"
        assert json.loads(turn["langfuse.observation.usage_details"])["total"] == 0
        assert turn["langfuse.observation.metadata.lead_score"] == lead["leadScore"]
        assert turn["langfuse.observation.metadata.broker_persona"] == lead["brokerPersona"]
        assert turn["langfuse.observation.metadata.property_type"] == "condo"
        assert turn["langfuse.observation.metadata.outcome"] == "replied"
        assert turn["langfuse.observation.metadata.rule_version"]
    scores = {(each["traceId"], each["name"]): each["value"] for each in double.scores.values()}
    traces = {trace for trace, _ in double.spans}
    assert len(traces) == len(QUESTIONS)
    assert scores == {
        (trace, name): value
        for trace in traces
        for name, value in (("lead_score", lead["leadScore"]), ("outcome", "replied"))
    }
    everything = json.dumps([*double.spans.values(), *double.scores.values()], ensure_ascii=False)
    assert LEAD["email"] not in everything
    assert not re.search(r"9123 ?4567", everything)  # fewer digits may be part of an id or a time


def _chat(home: Path, double: LangfuseDouble, env: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """A lead and its questions; the lead and what it was answered, once Langfuse has heard of all."""
    with up(home, **env) as nextnest:
        lead = nextnest.submit()
        answers = _ask_all(nextnest, lead)
        until(lambda: len(_turns(double)) == len(QUESTIONS) and len(double.scores) == 2 * len(QUESTIONS))
        return lead, answers


def _ask_all(nextnest: Up, lead: dict[str, Any]) -> list[str]:
    conversation = conversation_of(lead)
    nextnest.greeted(conversation)
    return [nextnest.ask(lead["chatUrl"], question, conversation) for question in QUESTIONS]


async def test_a_langfuse_that_hangs_holds_up_no_turn_and_hears_of_each_afterwards(home: Path) -> None:
    async with _langfuse() as (double, env):
        double.hanging = True
        await asyncio.to_thread(_chat_while_it_hangs, home, double, env)


def _chat_while_it_hangs(home: Path, double: LangfuseDouble, env: dict[str, str]) -> None:
    with up(home, **env) as nextnest:
        lead = nextnest.submit()
        conversation = conversation_of(lead)
        nextnest.greeted(conversation)
        nextnest.ask(lead["chatUrl"], QUESTIONS[0], conversation)
        until(lambda: double.calls)  # from here on a call hangs
        for question in QUESTIONS[1:]:
            started = time.monotonic()
            nextnest.ask(lead["chatUrl"], question, conversation)
            assert time.monotonic() - started < PATIENCE
        assert not double.spans
        double.hanging = False
        until(lambda: len(_turns(double)) >= len(QUESTIONS), seconds=60)
        assert len({trace for trace, _ in double.spans}) == len(QUESTIONS), "each turn once"
        double.hanging = True
        heard = len(double.calls)
        nextnest.ask(lead["chatUrl"], "thanks", conversation)
        until(lambda: len(double.calls) > heard)
        assert nextnest.stop() < 5, "nor does the end wait for it"


def _turns(double: LangfuseDouble) -> list[dict[str, Any]]:
    """The generation `broker-response` of each trace, oldest first, its trace's id checked."""
    spans = sorted(double.spans.values(), key=lambda span: int(span["startTimeUnixNano"]))
    turn_ids = {
        attributes["langfuse.trace.metadata.turn_id"]: span["traceId"]
        for span in spans
        if "langfuse.trace.metadata.turn_id" in (attributes := _attributes(span))
    }
    for turn_id, trace in turn_ids.items():
        assert trace == hashlib.sha256(f"nextnest:turn:{turn_id}".encode()).hexdigest()[:32]
    return [_attributes(span) for span in spans if span["name"] == "broker-response"]


def _attributes(span: dict[str, Any]) -> dict[str, Any]:
    """By name; OTLP/JSON writes whole numbers as text."""
    found = {}
    for each in span["attributes"]:
        kind, value = next(iter(each["value"].items()))
        found[each["key"]] = int(value) if kind == "intValue" else value
    return found
