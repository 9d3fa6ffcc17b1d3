"""The operator's page: what failed and can be tried again, how long customers wait, what turns ended in.

Real data or "no data": nothing on this page is made up or smoothed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import structlog
from fastapi import APIRouter, Form
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nextnest.service.operations import Overview
from nextnest.settings import Settings
from nextnest.web.login import Login
from nextnest.web.pages import Pages
from nextnest.web.problems import Refused
from nextnest.web.services import Services
from nextnest.web.sessions import Sessions

log = structlog.get_logger(__name__)


def ops_router(
    services: Services, settings: Settings, pages: Pages, clock: Callable[[], float] = time.time
) -> APIRouter:
    sessions = Sessions("ops", settings, clock)
    login = Login(sessions, settings, pages, services.limits, {})
    router = APIRouter(prefix="/ops")
    router.include_router(login.router())

    @router.get("")
    async def page(request: Request, note: str = "") -> Response:
        if not sessions.may_see(request):
            return login.page()
        return pages.render(
            "ops.html",
            overview=await read_overview(),
            ready=await services.operations.ready(),
            session=sessions.new(),
            note=_NOTES.get(note, ""),
        )

    async def read_overview() -> Overview | None:
        try:
            return await services.operations.overview()
        except Exception as error:  # the page must open when the database does not
            log.warning("no overview", error=type(error).__name__)
            return None

    @router.get("/data")
    async def data(request: Request) -> Response:
        if not sessions.may_act(request):
            raise Refused(401, "Send the API key as a bearer token.")
        return Response(to_json(await services.operations.overview()), media_type="application/json")

    @router.post("/retry")
    async def retry(session: Annotated[str, Form()] = "", failure: Annotated[str, Form()] = "") -> Response:
        if not sessions.is_valid(session):
            return RedirectResponse("/ops", status_code=303)
        try:
            await services.operations.retry(failure)
        except LookupError:
            return RedirectResponse("/ops?note=gone", status_code=303)
        return RedirectResponse("/ops?note=again", status_code=303)

    return router


_NOTES = {"again": "It is being tried again.", "gone": "That failure is not there any more."}
