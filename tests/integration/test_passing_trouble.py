"""Trouble of Chatwoot's that passes is no fault of what was said: it is said later, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.operations import OperationRows
from nextnest.domain.lead import parse_lead
from nextnest.service.operations import Failed, Operations
from tests.integration.cable import Receiver, Sender
from tests.integration.test_main_corridor import LEAD, customer_says, ends, lead_in
from tests.integration.test_outages import REPLY, Line, is_reply, row, settle, time_passes
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def failures(world: World) -> tuple[Failed, ...]:
    return (await Operations(OperationRows(world.database)).overview()).failures


class Breaking(Line):
    """Answers replies with 422 and these words until it is `over`; `stored`: they are kept all the same."""

    def __init__(self, world: World, says: str, *, stored: bool) -> None:
        self.over = False
        self._says = says
        self._stored = stored
        super().__init__(world, lambda method, path: None)

    async def __call__(self, scope: Any, receive: Receiver, send: Sender) -> None:
        async def says(message: Any) -> None:
            if message["type"] == "http.response.start":
                await JSONResponse({"error": self._says}, 422)(scope, receive, send)

        if self.over or not is_reply(scope["method"], scope["path"]):
            await self._application(scope, receive, send)
        elif self._stored:
            await self._application(scope, receive, says)
        else:
            await says({"type": "http.response.start"})


REDIS = "Error connecting to Redis on redis:6379 (Errno::ECONNREFUSED)"


@pytest.mark.parametrize(
    ("says", "stored"),
    [
        (REDIS, False),
        (REDIS, True),  # what follows a message is queued after it was committed
        ("could not obtain a connection from the pool within 5.000 seconds (waited 5.003 seconds)", False),
        ("PG::QueryCanceled: ERROR:  canceling statement due to statement timeout", False),
        ("PG::QueryCanceled: ERROR:  canceling statement due to statement timeout", True),  # of a later one
        ("The request took too long to complete.", False),  # the same, where it is not the message's own
    ],
)
async def test_a_reply_on_which_chatwoot_broke_is_said_later_and_once(
    small: World, says: str, stored: bool
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    trouble = Breaking(small, says, stored=stored)
    await small.lane.attend(conversation)
    assert (await row(small, REPLY))["state"] == "unknown"
    assert await failures(small) == ()

    trouble.over = True
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert (await row(small, REPLY))["state"] == ("settled" if stored else "sent")
    assert await ends(small) == [("replied", None)]


async def test_a_conversation_over_chatwoots_limit_of_messages_is_answered_when_the_minute_is_over(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    with monkeypatch.context() as flooded:
        flooded.setattr("nextnest.desk.messages.MAX_PER_MINUTE", 1)
        await small.lane.attend(conversation)
    kept = await row(small, REPLY)
    assert kept["state"] == "intended", "it was certainly not stored"
    assert 30 < kept["wait"] <= 60
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert await ends(small) == [("replied", None)]


class Routerless(Line):
    """A proxy that finds no Chatwoot behind it, until it is `over`."""

    def __init__(self, world: World, page: str) -> None:
        self.over = False
        nothing = PlainTextResponse(page, 404)
        super().__init__(world, lambda method, path: None if self.over else nothing)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client asks again without a pause."""
    monkeypatch.setattr("nextnest.adapters.chatwoot.connection._FIRST_PAUSE", 0.0)


PAGES = pytest.mark.parametrize(
    "page",
    [
        "404 page not found\n",  # Traefik, while its backend starts
        "default backend - 404",  # an ingress without an endpoint
        "<html><head><title>404 Not Found</title></head></html>",  # nginx with another site
    ],
)


@PAGES
@pytest.mark.usefixtures("at_once")
async def test_a_lead_outlives_a_proxy_whose_chatwoot_restarts(small: World, page: str) -> None:
    proxy = Routerless(small, page)
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await small.work_off()
    assert (await row(small, "SELECT sync::text FROM leads"))["sync"] == "pending"

    proxy.over = True
    await settle(small)
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    assert len(await small.said_by_bot(conversation)) == 1
    assert await failures(small) == ()


@PAGES
@pytest.mark.usefixtures("at_once")
async def test_a_reply_outlives_a_proxy_whose_chatwoot_restarts(small: World, page: str) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    assert await small.lane._turns.take(conversation)
    proxy = Routerless(small, page)
    await time_passes(small)
    await small.work_off()
    assert await failures(small) == ()

    proxy.over = True
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert await ends(small) == [("replied", None)]
