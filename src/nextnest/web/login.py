"""Logging in to the panel and to the operator's page: the API key, once, for a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from nextnest.settings import Settings
from nextnest.web.limits import ClientAddress, Rate, RateLimiter, admit
from nextnest.web.pages import Pages
from nextnest.web.security import is_api_key
from nextnest.web.sessions import Sessions

LOGINS = Rate(burst=10, seconds=300)  # from one address


class Login:
    """The login of one area: its page, sent with `headers`, and the routes `login` and `logout` beside it."""

    def __init__(
        self,
        sessions: Sessions,
        settings: Settings,
        pages: Pages,
        limits: RateLimiter,
        headers: Mapping[str, str],
    ) -> None:
        self._sessions = sessions
        self._settings = settings
        self._pages = pages
        self._limits = limits
        self._headers = headers
        self._address = ClientAddress(settings.trusted_proxies)
        self._home = f"/{sessions.area}"

    def page(self, *, wrong: bool = False) -> Response:
        status = 401 if wrong else 200
        page = self._pages.render("login.html", status=status, area=self._sessions.area, wrong=wrong)
        page.headers.update(self._headers)
        return page

    def router(self) -> APIRouter:
        router = APIRouter()
        router.add_api_route("/login", self._login, methods=["POST"])
        router.add_api_route("/logout", self._logout, methods=["POST"])
        return router

    async def _login(self, request: Request, api_key: Annotated[str, Form()] = "") -> Response:
        await admit(self._limits, f"login from {self._address.of(request)}", LOGINS)
        if not is_api_key(api_key.strip(), self._settings):
            return self.page(wrong=True)
        response = RedirectResponse(self._home, status_code=303)
        self._sessions.remember(response)
        return response

    async def _logout(self) -> Response:
        response = RedirectResponse(self._home, status_code=303)
        self._sessions.forget(response)
        return response
