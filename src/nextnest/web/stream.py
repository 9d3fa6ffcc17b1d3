"""Server-sent events of a chat: everything an open page has not been told, as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from fastapi.sse import format_sse_event
from pydantic_core import to_json
from starlette.responses import Response, StreamingResponse

from nextnest.service.chat import ChatMessage, ChatView
from nextnest.web.metrics import WebMetrics
from nextnest.web.services import Chat

MAX_STREAMS = 8  # open pages of one chat; one more lets the oldest go, which most often nobody reads any more
PING_SECONDS = 20.0

log = structlog.get_logger(__name__)


def message_json(message: ChatMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author,
        "name": message.name,
        "text": message.text,
        "at": message.at.isoformat(),
        "state": message.state,
        "client_id": message.client_id,
        "files": message.files,
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


class Streams:
    """The open pages of this process. When it stops, `closing` lets them go; they come back elsewhere."""

    def __init__(self, chat: Chat, metrics: WebMetrics, closing: asyncio.Event) -> None:
        self._chat = chat
        self._open_pages = metrics.chat_streams
        self._closing = closing
        self._pages: dict[str, list[asyncio.Event]] = {}  # by lead, oldest first; set: it is let go

    async def open(self, lead_id: str, after: str | None) -> Response:
        """Raises LookupError for a lead that is not there."""
        first = await self._chat.view(lead_id, after=after)
        events = self._events(lead_id, Changes(after), first)
        headers = {"x-accel-buffering": "no"}  # a proxy must pass each event on at once
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    @contextmanager
    def _page(self, lead_id: str) -> Iterator[asyncio.Event]:
        """Counts an open page; the event is set when it has to give way to a newer one."""
        gives_way = asyncio.Event()
        pages = self._pages.setdefault(lead_id, [])
        if len(pages) >= MAX_STREAMS:
            pages.pop(0).set()
        pages.append(gives_way)
        self._open_pages.inc()
        try:
            yield gives_way
        finally:
            self._open_pages.dec()
            if gives_way in pages:
                pages.remove(gives_way)
            if not self._pages.get(lead_id):
                self._pages.pop(lead_id, None)

    async def _events(self, lead_id: str, news: Changes, first: ChatView) -> AsyncIterator[bytes]:
        """News as it comes, and a ping for each look that found none.

        The thread is read again at least every `PING_SECONDS`, so a lost notice costs seconds, not an answer;
        and something is written each time, so that page, proxies and this process notice a dead line.
        """
        with self._page(lead_id) as gives_way:
            wake = asyncio.Event()
            waits = (self._watch(lead_id, wake), _pass_on(self._closing, wake), _pass_on(gives_way, wake))
            watchers = [asyncio.create_task(each) for each in waits]
            try:
                for event in news.since(first):
                    yield event
                while True:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), PING_SECONDS)
                    wake.clear()
                    if any(watcher.done() for watcher in watchers):
                        break
                    for event in news.since(await self._chat.view(lead_id, after=news.after)) or [PING]:
                        yield event
            except Exception as error:  # the page comes back by itself; a broken stream tells it to
                log.warning("chat stream ended", error=type(error).__name__)
            finally:
                for watcher in watchers:
                    watcher.cancel()

    async def _watch(self, lead_id: str, wake: asyncio.Event) -> None:
        try:
            async for _ in self._chat.changes(lead_id):
                wake.set()
        except Exception as error:
            log.warning("chat changes ended", error=type(error).__name__)
        finally:
            wake.set()


async def _pass_on(event: asyncio.Event, wake: asyncio.Event) -> None:
    await event.wait()
    wake.set()


def _event(kind: str, data: dict[str, Any], event_id: str | None = None) -> bytes:
    return format_sse_event(event=kind, data_str=to_json(data).decode(), id=event_id)


PING = _event("ping", {})  # an event: a page does not see comments
