"""The customer's chat: page, thread, writing, and live changes by server-sent events.

Whoever has the link has the thread, and may write into it as the customer and as nobody else. Private notes
and internal names never come this far: `services.chat` shows public messages alone.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from nextnest.service.chat import ChatMessage, ChatView
from nextnest.settings import Settings
from nextnest.web.bodies import read_json
from nextnest.web.limits import Rate, admit
from nextnest.web.metrics import WebMetrics
from nextnest.web.pages import Pages
from nextnest.web.problems import Refused
from nextnest.web.services import Chat, Services
from nextnest.web.tokens import chat_signer

MAX_TEXT = 4000  # characters
PER_CHAT = Rate(burst=20, seconds=40)
MAX_STREAMS = 8  # open pages of one chat
PING_SECONDS = 20.0
_MAX_BODY = 64 * 1024
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # neither PostgreSQL nor UTF-8 can hold these

log = structlog.get_logger(__name__)


def message_json(message: ChatMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author,
        "name": message.name,
        "text": message.text,
        "at": message.at.isoformat(),
        "state": message.state,
    }


def view_json(view: ChatView) -> dict[str, Any]:
    return {
        "messages": [message_json(message) for message in view.messages],
        "holder": view.holder,
        "typing": view.typing,
        "ready": view.ready,
    }


class Changes:
    """What one open page has not been told yet. `after` is the id of the last message it has for good."""

    def __init__(self, after: str | None) -> None:
        self.after = after
        self._pending: tuple[str, ...] = ()
        self._state: dict[str, Any] = {}

    def since(self, view: ChatView) -> list[bytes]:
        """Events for a view of what came after `after`. Messages on their way there carry no event id."""
        events = []
        for message in view.messages:
            if message.state == "sent":
                self.after = message.id
                events.append(_event("message", message_json(message), message.id))
            elif message.id not in self._pending:
                events.append(_event("message", message_json(message)))
        self._pending = tuple(message.id for message in view.messages if message.state == "sending")
        state = {"holder": view.holder, "typing": view.typing, "ready": view.ready, "pending": self._pending}
        if state != self._state:
            self._state = state
            events.append(_event("state", state))
        return events


def _event(kind: str, data: dict[str, Any], event_id: str | None = None) -> bytes:
    return format_sse_event(event=kind, data_str=to_json(data).decode(), id=event_id)


def chat_router(
    services: Services, settings: Settings, pages: Pages, metrics: WebMetrics, closing: asyncio.Event
) -> APIRouter:
    """`closing` is set when the process stops; open pages are let go then, and reconnect elsewhere."""
    router = APIRouter(prefix="/chat/{token}")
    signer = chat_signer(settings)
    streams: Counter[str] = Counter()

    def lead_of(token: str) -> str:
        lead_id = signer.read(token)
        if lead_id is None:
            raise LookupError(token)
        return lead_id

    @router.get("")
    async def page(token: str) -> Response:
        try:
            await services.chat.view(lead_of(token))
        except LookupError:
            return pages.render("no_chat.html", status=404)
        return pages.render("chat.html", max_text=MAX_TEXT)

    @router.get("/messages")
    async def messages(token: str, after: str | None = None) -> Response:
        try:
            view = await services.chat.view(lead_of(token), after=after)
        except LookupError:
            raise _no_chat() from None
        return JSONResponse(view_json(view))

    @router.post("/messages")
    async def say(token: str, request: Request) -> Response:
        try:
            lead_id = lead_of(token)
            await admit(services.limits, f"chat {lead_id}", PER_CHAT)
            said = _read_said(await read_json(request, _MAX_BODY))
            message = await services.chat.say(lead_id, said.text, client_id=said.client_id)
        except LookupError:
            raise _no_chat() from None
        return JSONResponse(message_json(message), status_code=201)

    @router.get("/events")
    async def events(token: str, request: Request) -> Response:
        news = Changes(request.headers.get("last-event-id"))
        try:
            lead_id = lead_of(token)
            await services.chat.view(lead_id, after=news.after)
        except LookupError:
            raise _no_chat() from None
        if streams[lead_id] >= MAX_STREAMS:
            raise Refused(429, "This chat is open in very many windows.", retry_after=PING_SECONDS)

        async def counted() -> AsyncIterator[bytes]:
            streams[lead_id] += 1
            metrics.chat_streams.inc()
            try:
                async for event in _stream(services.chat, lead_id, news, closing):
                    yield event
            finally:
                metrics.chat_streams.dec()
                streams[lead_id] -= 1
                if not streams[lead_id]:
                    del streams[lead_id]

        headers = {"x-accel-buffering": "no"}  # a proxy must pass each event on at once
        return StreamingResponse(counted(), media_type="text/event-stream", headers=headers)

    return router


async def _stream(chat: Chat, lead_id: str, news: Changes, closing: asyncio.Event) -> AsyncIterator[bytes]:
    """Everything the page has not been told, then a ping whenever nothing happened for a while.

    The thread is read again at each ping too, so a lost notice costs seconds, not an answer.
    """
    wake = asyncio.Event()
    watchers = [
        asyncio.create_task(_watch(chat, lead_id, wake)),
        asyncio.create_task(_wake_on(closing, wake)),
    ]
    try:
        while not any(watcher.done() for watcher in watchers):
            wake.clear()
            for event in news.since(await chat.view(lead_id, after=news.after)):
                yield event
            try:
                await asyncio.wait_for(wake.wait(), PING_SECONDS)
            except TimeoutError:
                yield KEEPALIVE_COMMENT
    except Exception as error:  # the page reconnects by itself; a broken stream tells it to
        log.warning("chat stream ended", error=type(error).__name__)
    finally:
        for watcher in watchers:
            watcher.cancel()


async def _watch(chat: Chat, lead_id: str, wake: asyncio.Event) -> None:
    try:
        async for _ in chat.changes(lead_id):
            wake.set()
    except Exception as error:
        log.warning("chat changes ended", error=type(error).__name__)
    finally:
        wake.set()


async def _wake_on(closing: asyncio.Event, wake: asyncio.Event) -> None:
    await closing.wait()
    wake.set()


@dataclass(frozen=True)
class _Said:
    text: str
    client_id: str


def _read_said(data: dict[str, Any]) -> _Said:
    errors = {}
    text, client_id = data.get("text"), data.get("client_id")
    if not isinstance(text, str) or not text.strip():
        errors["text"] = "write a message"
    elif len(text) > MAX_TEXT:
        errors["text"] = f"write at most {MAX_TEXT} characters"
    elif _NO_TEXT.search(text):
        errors["text"] = "this has characters that are not text"
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        errors["client_id"] = "send an id of 8 to 64 letters and digits, the same when you repeat a message"
    if errors or not isinstance(text, str) or not isinstance(client_id, str):
        raise Refused(422, "This message cannot be sent.", errors)
    return _Said(text.strip(), client_id)


def _no_chat() -> Refused:
    return Refused(404, "There is no such chat.")
