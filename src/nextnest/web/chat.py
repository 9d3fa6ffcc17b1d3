"""The customer's chat: page, thread, writing, and live changes by server-sent events.

Whoever has the link has the thread, and may write into it as the customer and as nobody else. Private notes
and internal names never come this far: `services.chat` shows public messages alone.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextnest.settings import Settings
from nextnest.web.bodies import read_json
from nextnest.web.limits import Rate, admit
from nextnest.web.metrics import WebMetrics
from nextnest.web.pages import Pages
from nextnest.web.problems import Refused
from nextnest.web.services import Services
from nextnest.web.stream import Streams, message_json
from nextnest.web.tokens import chat_signer

MAX_TEXT = 4000  # characters
PER_CHAT = Rate(burst=20, seconds=40)
_MAX_BODY = 64 * 1024
_MESSAGE_ID = re.compile(r"[0-9]{1,18}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")  # neither PostgreSQL nor UTF-8 can hold these


def chat_router(
    services: Services, settings: Settings, pages: Pages, metrics: WebMetrics, closing: asyncio.Event
) -> APIRouter:
    router = APIRouter(prefix="/chat/{token}")
    signer = chat_signer(settings)
    streams = Streams(services.chat, metrics, closing)

    def lead_of(token: str) -> str:
        lead_id = signer.read(token)
        if lead_id is None:
            raise _no_chat()
        return lead_id

    @router.get("")
    async def page(token: str) -> Response:
        """The page alone: it opens at once, however slow what stands behind it is just now."""
        if signer.read(token) is None:
            return pages.render("no_chat.html", status=404)
        return pages.render("chat.html", max_text=MAX_TEXT)

    @router.get("/messages")
    async def messages(token: str, after: str | None = None) -> Response:
        try:
            view = await services.chat.view(lead_of(token), after=_message_id(after))
        except LookupError:
            raise _no_chat() from None
        shown = [message_json(message) for message in view.messages]
        state = {"holder": view.holder, "typing": view.typing, "ready": view.ready}
        return JSONResponse({"messages": shown, **state})

    @router.post("/messages")
    async def say(token: str, request: Request) -> Response:
        lead_id = lead_of(token)
        await admit(services.limits, f"chat {lead_id}", PER_CHAT)
        said = _read_said(await read_json(request, _MAX_BODY))
        try:
            message = await services.chat.say(lead_id, said.text, client_id=said.client_id)
        except LookupError:
            raise _no_chat() from None
        return JSONResponse(message_json(message), status_code=201)

    @router.get("/events")
    async def events(token: str, request: Request, after: str | None = None) -> Response:
        heard = request.headers.get("last-event-id") or after  # the browser's own word is the later one
        try:
            return await streams.open(lead_of(token), _message_id(heard))
        except LookupError:
            raise _no_chat() from None

    return router


def _message_id(text: str | None) -> str | None:
    """An id that Chatwoot can have given; anything else means "from the beginning"."""
    return text if text and _MESSAGE_ID.fullmatch(text) else None


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
