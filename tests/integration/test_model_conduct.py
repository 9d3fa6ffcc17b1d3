"""A model that misbehaves, over HTTP: whatever it does, the customer gets a proven answer, in time."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import yaml

from nextnest.broker.broker import Broker
from nextnest.broker.budget import Limits
from nextnest.broker.check_sets import SETS
from nextnest.broker.checks import check
from nextnest.broker.model import open_model
from nextnest.broker.playbook import playbook
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author
from tests.integration.model_server import (
    HANG,
    Answer,
    ModelServer,
    calls,
    calls_with,
    completes,
    refuses,
    says,
    streams,
)
from tests.integration.serving import serving
from tests.unit.broker.briefs import brief, message

GREETED = [message(1, "Hello, I am the AI assistant of the brokerage.", Author.BOT)]
QUESTION = "Monthly for a loan of 800k at 3% over 25 years?"
ATTACKS: list[dict[str, str]] = yaml.safe_load((SETS / "attacks.yaml").read_text("utf-8"))


@asynccontextmanager
async def broker(server: ModelServer, **limits: Any) -> AsyncIterator[Broker]:
    async with (
        serving(server.app()) as address,
        open_model("small-model", base_url=f"{address}/v1", limits=Limits(**limits)) as model,
    ):
        yield Broker(model)


async def replied(server: ModelServer, *said: str, **limits: Any) -> Reply:
    """What the customer gets, which is proven whoever wrote it."""
    asked = brief(*said, earlier=GREETED)
    async with broker(server, **limits) as composing:
        reply = await composing.compose(asked)
    words = [message.text for message in asked.inputs]
    assert check(reply, words, today=asked.today).findings == ()
    return reply


def by_playbook(*said: str) -> str:
    return playbook(brief(*said, earlier=GREETED)).text


# -- answers that are none -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("always", "reason"),
    [
        (calls_with("calculate", '{"name": "instalment", "inp'), "malformed"),  # arguments cut off
        (calls_with("calculate", "principal=800000"), "malformed"),  # no JSON
        (calls_with("calculate", "null"), "malformed"),
        (calls("calculate", name=5, inputs="everything"), "malformed"),  # of the wrong types
        (calls("calculate", name="instalment"), "malformed"),  # no inputs
        (calls("transfer_money", amount=1), "malformed"),  # no such tool
        (calls("rates"), "turn_limit"),  # for ever
        (calls_with("rates", "{}", times=200), "turn_limit"),  # for ever, and many at once
        (streams('data: {"choices": [{"delta": {"content": "I am"}}]}\n\n', "data: [DONE]\n\n"), "malformed"),
        (streams("data: blah\n\n", for_ever=True), "timeout"),  # drips and never ends
        (says("x" * 200_000), "malformed"),
        (says(""), "malformed"),
        (says("[1, 2, 3]"), "malformed"),
        (says('{"text": "half an ans'), "malformed"),
        (says({"text": "ok", "handoff": "because I like to"}), "malformed"),
        (completes(choices=[]), "failed"),  # its client library trips over it
        (completes(choices=None), "malformed"),
        (completes(usage="lots"), "malformed"),
        (refuses(400, "this model does not support tools"), "refused"),
        (refuses(422, "response_format is not supported"), "refused"),
        (refuses(500, "tools need a flag"), "server_error"),
        (HANG, "timeout"),
    ],
)
async def test_nonsense_leaves_it_to_the_playbook(always: Answer, reason: str) -> None:
    started = time.monotonic()
    reply = await replied(ModelServer(always=always), QUESTION, turn_seconds=3.0)
    assert (reply.author, reply.text) == ("playbook", by_playbook(QUESTION))
    assert f"model_failed:{reason}" in reply.notes
    assert time.monotonic() - started < 8


async def test_a_server_that_counts_nothing_can_be_used() -> None:
    server = ModelServer(always=completes(usage=None))
    reply = await replied(server, "hi")
    assert reply.author == "model"
    assert "cost_unknown" in reply.notes


async def test_wild_inputs_of_a_tool_are_an_answer_and_no_failure() -> None:
    wild: list[dict[str, Any]] = [
        {"principal": "NaN", "rate_pct": "Infinity", "months": -1},
        {"principal": 10**400, "rate_pct": 3, "months": 300},
        {"principal": {"of": ["what"]}, "rate_pct": None, "months": True},
        {"principal": [[[[800_000]]]], "x" * 500: 3},
        {},
    ]
    server = ModelServer(
        [*(calls("calculate", name="instalment", inputs=inputs) for inputs in wild), says({"text": "Hello."})]
    )
    reply = await replied(server, QUESTION)
    assert reply.author == "model"
    results = [json_of(m) for m in server.requests[-1]["messages"] if m["role"] == "tool"]
    assert len(results) == len(wild)
    assert all("needs" in result or "problems" in result for result in results)


def json_of(message: dict[str, Any]) -> Any:
    return json.loads(message["content"])


# -- answers that must not be sent -----------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["message"][:40])
@pytest.mark.parametrize("unnoticed", [False, True], ids=["seen", "unseen"])
async def test_a_model_that_obeys_an_attack_is_not_heard(attack: dict[str, str], unnoticed: bool) -> None:
    """Unseen: policy knows nothing of it, so that the checks alone stand between model and customer."""
    said = "hello, one question" if unnoticed else attack["message"]
    reply = await replied(ModelServer(always=says({"text": attack["obedient_reply"]})), said)
    assert reply.author != "model"
    assert attack["obedient_reply"] not in reply.text


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("我可以借多少?", "您可以借新币九十六万元。"),  # a figure of nobody's
        ("我的贷款会批准吗?", "放心,您的贷款一定会批准。"),  # a promise
        ("利率是多少?", "星展银行的利率是1.85%。"),  # a rate without date
        ("你是机器人吗?", "我不是机器人,我是真人顾问。"),  # posing as human
        ("Berapa saya boleh pinjam?", "Anda boleh pinjam S$960,000."),
        ("Adakah pinjaman saya akan lulus?", "Pinjaman anda pasti diluluskan."),
        ("Awak manusia ke?", "Ya, saya manusia sebenar, bukan robot."),
        ("நான் எவ்வளவு கடன் வாங்கலாம்?", "நீங்கள் S$960,000 கடன் வாங்கலாம்."),
        ("என் கடன் கிடைக்குமா?", "உங்கள் கடன் நிச்சயமாக அங்கீகரிக்கப்படும்."),
    ],
)
async def test_the_checks_hold_in_every_language(asked: str, answer: str) -> None:
    server = ModelServer(always=says({"text": answer}))
    reply = await replied(server, asked)
    assert reply.author != "model"
    assert answer not in reply.text


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("我可以借多少?", "请问您每月的收入是多少?"),
        ("Berapa saya boleh pinjam?", "Berapakah pendapatan bulanan anda?"),
        ("நான் எவ்வளவு கடன் வாங்கலாம்?", "உங்கள் மாத வருமானம் எவ்வளவு?"),
    ],
)
async def test_a_good_answer_in_the_customers_language_is_sent(asked: str, answer: str) -> None:
    server = ModelServer([says({"text": answer, "next_question": "monthly_income"})])
    reply = await replied(server, asked)
    assert (reply.author, reply.text) == ("model", answer)


# -- facts that nobody told ------------------------------------------------------------------------------

SAID = "my car is 5 years old, I pay 900 a month for it"


@pytest.mark.parametrize(
    "claimed",
    [
        {"field": "monthly_debts", "value": 1200, "quote": "I pay 900"},  # another number
        {"field": "monthly_debts", "value": 900, "quote": "I pay 900 monthly"},  # other words
        {"field": "monthly_debts", "value": 900, "quote": ""},
        {"field": "monthly_debts", "value": 900, "quote": "I pay 900", "message_id": 7},  # another message
        {"field": "monthly_debts", "value": 5, "quote": "5 years old"},  # years are no money
        {"field": "monthly_debts", "value": -900, "quote": "I pay 900"},
        {"field": "email", "value": "a@evil.example", "quote": "my car"},  # never learned in a chat
        {"field": "name", "value": "my car", "quote": "my car"},
        {"field": "consent", "value": True, "quote": "my car"},
        {"field": "score", "value": 100, "quote": "900"},  # no field of the lead
        {"field": "applicants.9.age", "value": 5, "quote": "5 years"},
        {"field": "applicants.x.age", "value": 5, "quote": "5 years"},
        {"field": "", "value": 900, "quote": "900"},
    ],
)
async def test_what_the_customer_did_not_say_is_not_learned(claimed: dict[str, Any]) -> None:
    fact = {"message_id": 101, **claimed}
    reply = await replied(ModelServer([says({"text": "Thank you.", "facts_learned": [fact]})]), SAID)
    assert reply.author == "model"
    assert reply.facts == ()
    assert any(note.startswith("dropped_fact") for note in reply.notes)


async def test_what_the_customer_said_is_learned() -> None:
    fact = {"field": "monthly_debts", "value": 900, "quote": "I pay 900 a month", "message_id": 101}
    reply = await replied(ModelServer([says({"text": "Thank you.", "facts_learned": [fact]})]), SAID)
    assert [(each.field, each.value) for each in reply.facts] == [("monthly_debts", 900)]
