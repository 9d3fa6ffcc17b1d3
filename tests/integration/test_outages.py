"""What each fault of a neighbour does to customers: kept, answered once, told to an operator.

Nothing here waits for real time: what would be due later is made due by moving the rows.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.shipping import TraceQueue
from nextnest.adapters.store.spending import SpendRows
from nextnest.adapters.store.sweeping import SweepRows
from nextnest.adapters.store.work import PostgresStore
from nextnest.adapters.tracing import Origin, turn_scores, turn_trace
from nextnest.broker.broker import Broker
from nextnest.broker.budget import Limits
from nextnest.broker.model import open_model
from nextnest.desk import Chaos
from nextnest.desk.models import AgentBot
from nextnest.domain.drafting import DraftRules
from nextnest.domain.lead import parse_lead
from nextnest.domain.trace import TurnTrace
from nextnest.service import outbox as outbox_module
from nextnest.service.chat import Chat
from nextnest.service.lane import Lane
from nextnest.service.office import Office
from nextnest.service.outbox import Outbox
from nextnest.service.turn import Turns
from nextnest.service.voice import Voice
from tests.integration.cable import Asgi, Receiver, Sender
from tests.integration.langfuse_double import PUBLIC_KEY, SECRET_KEY, LangfuseDouble
from tests.integration.model_server import HANG, Answer, ModelServer, refuses
from tests.integration.serving import serving
from tests.integration.test_main_corridor import LEAD, customer_says, deliver, ends, lead_in
from tests.integration.world import TODAY, World, no_knowledge, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


class Line:
    """In front of the desk: what `fate` says of a request happens to it.

    None: nothing. A Response: that is answered instead. "lost": it is stored, and its answer withheld until
    the client's time is up. "broken": it is stored, and answered with 500.
    """

    def __init__(self, world: World, fate: Callable[[str, str], Response | str | None]) -> None:
        application = world.desk.app.middleware_stack
        assert application is not None
        self._application: Asgi = application
        self._fate = fate
        world.desk.app.middleware_stack = self

    async def __call__(self, scope: Any, receive: Receiver, send: Sender) -> None:
        fate = self._fate(scope["method"], scope["path"])
        if isinstance(fate, Response):
            await fate(scope, receive, send)
            return
        if fate is None:
            await self._application(scope, receive, send)
            return
        await self._application(scope, receive, _nowhere)
        if fate == "lost":
            raise httpx2.ReadTimeout("no answer in time")
        await JSONResponse({"error": "Internal Server Error"}, 500)(scope, receive, send)


async def _nowhere(message: Any) -> None:
    del message


def misbehave(world: World, **chaos: Any) -> None:
    world.desk.site.dice.throw_anew(Chaos(**chaos))


async def time_passes(world: World, seconds: float = 3600) -> None:
    """All that waits has waited that long already, and circuits have cooled down."""
    for query in (
        "UPDATE outbox SET not_before = not_before - %(by)s, attempted_at = attempted_at - %(by)s",
        "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - %(by)s WHERE status = 'todo'",
    ):
        await world.database.run(query, {"by": timedelta(seconds=seconds)})
    for client in (world.gateway._user, world.gateway._bot):
        client.circuit.succeeded()


async def settle(world: World) -> None:
    """The worker's life until nothing is left to do."""
    for _ in range(20):
        await time_passes(world)
        if not await world.work_off():
            return
    raise AssertionError("it never came to rest")


async def row(world: World, query: str) -> dict[str, Any]:
    (found,) = await world.database.fetch(query)
    return dict(found)


REPLY = """SELECT *, extract(epoch FROM not_before - now()) AS wait FROM outbox
  WHERE kind = 'message' AND turn_id IS NOT NULL"""


def is_reply(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/messages")


async def test_chatwoot_down_for_an_hour_loses_nothing_and_answers_once_in_order(small: World) -> None:
    misbehave(small, down=True)
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    chats = ChatRows(small.database)
    said = ["hello?", "I want a loan", "how much can I borrow?"]
    for number, text in enumerate(said):
        await chats.keep(submission.lead_id, f"client-{number}", text)
        await small.work_off()
        await time_passes(small, 1200)
    assert await small.intake.conversation_of(submission.lead_id, wait=0) is None
    assert (await row(small, "SELECT sync::text FROM leads"))["sync"] == "pending"

    misbehave(small)
    await settle(small)
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    await small.sweep.theirs(within=3600)
    await settle(small)

    thread = await small.thread(conversation)
    assert [m["content"] for m in thread if m["message_type"] == 0] == said
    assert len(await small.said_by_bot(conversation)) == 2, "the greeting and one answer to all of it"
    assert await ends(small) == [("replied", None)]


async def test_a_conversation_that_chatwoot_lost_sight_of_for_an_hour_is_answered_once(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "are you there?")
    misbehave(small, down=True)
    for _ in range(3):
        await small.work_off()
        await time_passes(small, 1200)
    assert await ends(small) == []

    misbehave(small)
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: are you there?"]


async def test_a_slow_chatwoot_makes_answers_late_and_nothing_else(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "slowly please")
    misbehave(small, latency_seconds=0.1)
    await small.work_off()
    misbehave(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: slowly please"]
    assert (await row(small, REPLY))["window_ms"] >= 100, "the window that remains is measured"


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"retry-after": "7"}, 6.0, 7.0),  # what it asks for, whatever our own pauses are
        ({}, 0.2, 60.0),  # Chatwoot's own limiter names no wait: ours, from half a second to a minute
    ],
)
async def test_over_its_limit_chatwoot_is_left_alone_for_as_long_as_it_asks(
    small: World, headers: dict[str, str], least: float, most: float
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "busy?")
    busy = [True]
    too_many = PlainTextResponse("Retry later\n", 429, headers=headers)
    Line(small, lambda method, path: too_many if busy[0] and is_reply(method, path) else None)
    await small.lane.attend(conversation)

    waiting = await row(small, REPLY)
    assert least <= waiting["wait"] <= most
    assert waiting["state"] == "intended", "a refused request was certainly not carried out"
    busy[0] = False
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: busy?"]


async def test_500_after_storing_is_settled_by_the_mark_and_not_posted_again(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "once, please")
    posts = 0

    def fate(method: str, path: str) -> str | None:
        nonlocal posts
        posts += is_reply(method, path)
        return "broken" if is_reply(method, path) else None

    Line(small, fate)
    await small.lane.attend(conversation)
    assert (await row(small, REPLY))["state"] == "unknown"
    await settle(small)
    assert (await row(small, REPLY))["state"] == "settled"
    assert (await small.said_by_bot(conversation))[1:] == ["You said: once, please"]
    assert posts == 1


async def test_a_customers_line_whose_answer_was_lost_stands_on_the_page_once(small: World) -> None:
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await small.work_off()
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    chats = ChatRows(small.database)
    await chats.keep(submission.lead_id, "client-1", "it is me")
    Line(small, lambda method, path: "broken" if is_reply(method, path) else None)
    await small.lane.carry(conversation)
    (state,) = [
        each["state"]
        for each in await small.database.fetch("SELECT state FROM outbox WHERE kind = 'customer_message'")
    ]
    assert state == "unknown"
    shown = (await Chat(chats, small.gateway).view(submission.lead_id)).messages
    assert [(m.text, m.state, m.client_id) for m in shown if m.author == "customer"] == [
        ("it is me", "sent", "client-1")
    ]


async def test_half_of_the_replies_time_out_after_storing_and_none_is_lost_or_doubled(small: World) -> None:
    conversations = [await lead_in(small, email=f"c{n}@example.com", phone=None) for n in range(6)]
    for conversation in conversations:
        await customer_says(small, conversation, f"question {conversation}")
    fates = itertools.cycle(["lost", None])
    Line(small, lambda method, path: next(fates) if is_reply(method, path) else None)
    await settle(small)

    for conversation in conversations:
        assert (await small.said_by_bot(conversation))[1:] == [f"You said: question {conversation}"]
    assert {each["state"] for each in await small.database.fetch(REPLY)} == {"sent", "settled"}, (
        "some of each, or this proved nothing"
    )


async def test_a_reply_that_timed_out_unstored_is_sent_again_but_only_once_it_can_no_longer_come(
    small: World,
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "anybody?")
    lost = [True]

    def fate(method: str, path: str) -> Response | None:
        gone = lost[0] and is_reply(method, path)
        return JSONResponse({"error": "Internal Server Error"}, 500) if gone else None

    Line(small, fate)
    await small.lane.attend(conversation)
    lost[0] = False
    await time_passes(small, outbox_module.SETTLE_SECONDS / 2)
    await small.lane.attend(conversation)
    assert len(await small.said_by_bot(conversation)) == 1, "Chatwoot may still be at it"
    await time_passes(small, outbox_module.SETTLE_SECONDS)
    await small.lane.attend(conversation)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: anybody?"]


async def test_a_label_that_chatwoot_cannot_write_keeps_no_customer_waiting(small: World) -> None:
    broken = True

    def fate(method: str, path: str) -> Response | None:
        beside = path.endswith(("/labels", "/custom_attributes"))
        return PlainTextResponse("", 500) if broken and method == "POST" and beside else None

    Line(small, fate)
    conversation = await lead_in(small)
    await time_passes_by_sweeps(small, 8)
    await customer_says(small, conversation, "hello?")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    open_work = "SELECT DISTINCT kind::text FROM outbox WHERE state = 'intended' ORDER BY kind"
    assert [r["kind"] for r in await small.database.fetch(open_work)] == ["attributes", "labels"]

    broken = False
    await time_passes_by_sweeps(small, 4)
    assert await small.database.fetch(open_work) == []
    shown = await small.admin.conversations.get(conversation)
    assert "nextnest" in shown.labels
    assert shown.custom_attributes["lead_score"] > 0


async def time_passes_by_sweeps(world: World, times: int) -> None:
    """Each time an hour later: what is due without a job is found, as a worker finds it."""
    for _ in range(times):
        await time_passes(world)
        await SweepRows(world.database).requeue_due(100)
        await world.work_off()


async def test_a_token_that_was_rotated_costs_no_message_and_is_told(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    bot = small.desk.store.all(AgentBot)[0]
    good, bot.token = bot.token, "rotated"
    await small.lane.attend(conversation)
    kept = await row(small, REPLY)
    assert (kept["state"], 25 < kept["wait"] <= 30) == ("intended", True)
    assert "401" in kept["error"]

    bot.token = good
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert await ends(small) == [("replied", None)]


async def test_a_webhook_of_a_conversation_that_is_not_there_comes_to_an_end(small: World) -> None:
    assert await deliver(small, 987_654, 1, "is this thing on?")
    await settle(small)
    await small.sweep.ours()
    assert await small.work_off() == 0, "nobody asks for it for ever"


# --- Langfuse


def trace_of(turn: TurnTrace) -> dict[str, Any]:
    origin = Origin(salt=b"salt", release="test")
    return {"trace": turn_trace(turn, origin), "scores": turn_scores(turn, origin)}


@asynccontextmanager
async def langfuse(double: LangfuseDouble, seconds: float = 5.0) -> AsyncIterator[Langfuse]:
    async with (
        serving(double.app()) as address,
        Langfuse(address, PUBLIC_KEY, SECRET_KEY, seconds=seconds) as client,
    ):
        yield client


async def traced_turn(small: World, text: str) -> str:
    """A turn from message to reply, its trace kept as the worker keeps it; its id."""
    conversation = await lead_in(small)
    await customer_says(small, conversation, text)
    await small.work_off()
    turn: str = (await row(small, "SELECT id FROM turns ORDER BY started_at DESC LIMIT 1"))["id"]
    async with PostgresStore(small.database, trace_of=trace_of).work() as work:
        await work.traces.add(turn)
    return turn


async def test_a_langfuse_that_hangs_holds_up_no_turn_and_loses_no_trace(small: World) -> None:
    await traced_turn(small, "first")
    double = LangfuseDouble(hanging=True)
    async with langfuse(double, seconds=0.5) as client:
        shipping = asyncio.create_task(TraceQueue(small.database).ship(client))
        conversation = await lead_in(small, email="second@example.com", phone=None)
        await customer_says(small, conversation, "second")
        await small.work_off()
        assert (await small.said_by_bot(conversation))[1:] == ["You said: second"]
        assert await shipping == 0
        assert (await row(small, "SELECT count(*) AS n FROM trace_outbox WHERE refused IS NULL"))["n"] == 1

        double.hanging = False
        await small.database.run("UPDATE trace_outbox SET not_before = now()")
        assert await TraceQueue(small.database).ship(client) == 1
    assert double.spans
    assert (await row(small, "SELECT count(*) AS n FROM trace_outbox"))["n"] == 0


async def test_a_trace_that_is_sent_twice_is_one_trace_with_one_object_for_each_score(small: World) -> None:
    turn = await traced_turn(small, "hello")
    double = LangfuseDouble()
    async with langfuse(double) as client:
        assert await TraceQueue(small.database).ship(client) == 1
        spans, scores = dict(double.spans), dict(double.scores)
        async with PostgresStore(small.database, trace_of=trace_of).work() as work:
            await work.traces.add(turn)  # as after a worker that died between the server's yes and our note
        assert await TraceQueue(small.database).ship(client) == 1
    assert spans.keys() == double.spans.keys()
    assert scores.keys() == double.scores.keys()
    assert len({(score["name"], score["traceId"]) for score in scores.values()}) == len(scores)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_langfuse_over_its_limit_or_down_gets_its_traces_later(small: World, status: int) -> None:
    await traced_turn(small, "hello")
    double = LangfuseDouble(failures=[PlainTextResponse("no", status, headers={"retry-after": "30"})])
    async with langfuse(double) as client:
        assert await TraceQueue(small.database).ship(client) == 0
    kept = await row(
        small, "SELECT refused, extract(epoch FROM not_before - now()) AS wait FROM trace_outbox"
    )
    assert kept["refused"] is None
    assert 25 < kept["wait"] <= 30


# --- the model


@asynccontextmanager
async def with_model(small: World, answers: list[Answer], **limits: Any) -> AsyncIterator[World]:
    """The same world, its turns composed by the real broker with a model on a socket."""
    server = ModelServer(answers)
    async with (
        serving(server.app()) as address,
        open_model("small-model", base_url=f"{address}/v1", limits=Limits(**limits)) as model,
    ):
        broker = Broker(model, spend=SpendRows(small.database), circuit=Circuit())
        voice = Voice(broker, no_knowledge, "Test Brokers", lambda: TODAY)
        office = Office(small.gateway, acceptance=timedelta(minutes=15))
        rules = DraftRules.parse(())
        turns = Turns(small.store, small.gateway, voice, office, rules_version="test", draft_for=rules)
        small.lane = Lane(small.store, Outbox(small.store, small.gateway), turns)
        yield small


QUESTION = "what is the monthly instalment for 800k over 25 years at 3%?"
INSTALMENT = "3,793"  # S$800,000 over 300 months at 3%/12: by any loan calculator S$3,793.69 a month


@pytest.mark.parametrize(
    ("answers", "limits"),
    [
        ([refuses(503)] * 6, {}),  # down
        ([HANG] * 3, {"turn_seconds": 0.3}),  # hangs: no turn takes longer than its limit
        ([refuses(429, "slow down", **{"retry-after": "60"})] * 6, {"turn_seconds": 3.0}),  # over its limit
        ([], {"day_usd": Decimal(0)}),  # the day's budget is spent: it is not even asked
    ],
    ids=["down", "hangs", "over_its_limit", "budget_spent"],
)
async def test_without_its_model_the_broker_answers_from_the_playbook(
    small: World, answers: list[Answer], limits: dict[str, Any]
) -> None:
    conversation = await lead_in(small)
    async with with_model(small, answers, **limits):
        await customer_says(small, conversation, QUESTION)
        started = time.monotonic()
        await small.work_off()
    (answer,) = (await small.said_by_bot(conversation))[1:]
    assert INSTALMENT in answer
    assert time.monotonic() - started < 15
    assert (await row(small, "SELECT reply ->> 'author' AS author FROM turns"))["author"] == "playbook"


# --- clocks


class Stepped(datetime):
    """The clock of a machine that thinks it is another year."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.now(tz) + cls.by


@pytest.mark.parametrize("days", [-400, 400], ids=["backwards", "forwards"])
async def test_a_clock_that_steps_changes_no_timer_and_silences_nobody(
    small: World, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * 86_400)
    monkeypatch.setattr(Stepped, "by", timedelta(days=days))
    ours = [
        m for name, m in sys.modules.items() if name.startswith(("nextnest.service", "nextnest.adapters"))
    ]
    for module in [m for m in ours if getattr(m, "datetime", None) is datetime]:
        monkeypatch.setattr(module, "datetime", Stepped)
    assert abs(Stepped.now(UTC) - datetime.now(UTC)) > timedelta(days=399)

    conversation = await lead_in(small)
    await customer_says(small, conversation, "what year is it?")
    await small.work_off()
    await customer_says(small, conversation, "and now?", delivered=False)
    assert (await small.sweep.theirs(within=150)).unanswered == 1
    misbehave(small, fail_before=1.0, path_prefix=f"/api/v1/accounts/1/conversations/{conversation}/messages")
    await small.work_off()
    misbehave(small)
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: what year is it?", "You said: and now?"]
    assert await ends(small) == [("replied", None)] * 2
