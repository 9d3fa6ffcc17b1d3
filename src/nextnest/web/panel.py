"""The panel in Chatwoot's sidebar: what the broker knows and said, and the few things staff may do.

Chatwoot frames the page and tells it the conversation by postMessage. Whoever comes by the signed link (kept
in Chatwoot's dashboard app) or has logged in gets the page with a session token in it; data and buttons need
that token, see sessions.py.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextnest.service.panel import Needed
from nextnest.settings import Settings
from nextnest.web.bodies import read_json
from nextnest.web.login import Login
from nextnest.web.pages import Pages
from nextnest.web.problems import Refused
from nextnest.web.security import chatwoot_origins, content_security_policy
from nextnest.web.services import Services
from nextnest.web.sessions import Sessions
from nextnest.web.tokens import PANEL, panel_signer

ConversationId = Annotated[int, Path(ge=1, le=2**63 - 1)]
_MAX_BODY = 256 * 1024
_MAX_DRAFT = 20_000  # characters


def panel_router(
    services: Services, settings: Settings, pages: Pages, clock: Callable[[], float] = time.time
) -> APIRouter:
    sessions = Sessions("panel", settings, clock)
    origins = chatwoot_origins(settings)
    framed = {"content-security-policy": content_security_policy(origins)}
    login = Login(sessions, settings, pages, services.limits, framed)

    router = APIRouter(prefix="/panel")

    @router.get("")
    async def page(request: Request, link: str = "") -> Response:
        if panel_signer(settings).read(link) != PANEL and not sessions.may_see(request):
            return login.page()
        response = pages.render("panel.html", session=sessions.new(), origins=" ".join(origins))
        response.headers.update(framed)
        return response

    router.include_router(login.router())
    router.include_router(_data_router(services, sessions))
    return router


def _data_router(services: Services, sessions: Sessions) -> APIRouter:
    """What the page's script reads and does, each time with the session token."""

    def require_session(request: Request) -> None:
        if not sessions.may_act(request):
            raise Refused(401, "Please open the panel again: this session has ended.")

    router = APIRouter(dependencies=[Depends(require_session)])
    panel = services.panel

    @router.get("/data/{conversation_id}")
    async def data(conversation_id: ConversationId) -> Response:
        view = await panel.of_conversation(conversation_id)
        if view is None:
            raise _nothing("conversation")
        return Response(to_json(view), media_type="application/json")

    @router.post("/conversations/{conversation_id}/give-back")
    async def give_back(conversation_id: ConversationId) -> Response:
        return await _done(panel.give_back(conversation_id))

    @router.post("/conversations/{conversation_id}/rescore")
    async def rescore(conversation_id: ConversationId) -> Response:
        return await _done(panel.rescore(conversation_id))

    @router.post("/conversations/{conversation_id}/wrong")
    async def wrong(request: Request, conversation_id: ConversationId) -> Response:
        field = _text(await read_json(request, _MAX_BODY), "field")
        return await _done(panel.mark_wrong(conversation_id, field))

    @router.post("/drafts/{draft_id}/approve")
    async def approve(request: Request, draft_id: str) -> Response:
        body = await read_json(request, _MAX_BODY)
        text = _text(body, "text") if body.get("text") is not None else None
        return await _done(panel.approve(draft_id, text))

    @router.post("/drafts/{draft_id}/discard")
    async def discard(draft_id: str) -> Response:
        return await _done(panel.discard(draft_id))

    return router


async def _done(doing: Awaitable[None]) -> Response:
    try:
        await doing
    except LookupError:
        raise _nothing("conversation, fact or draft any more") from None
    except Needed:
        raise Refused(409, "A lead cannot be without this. Correct it in Chatwoot.") from None
    return JSONResponse({"ok": True})


def _nothing(what: str) -> Refused:
    return Refused(404, f"There is no such {what}.")


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_DRAFT or "\0" in value:
        raise Refused(422, "This cannot be done.", {name: f"write a text of at most {_MAX_DRAFT} characters"})
    return value
