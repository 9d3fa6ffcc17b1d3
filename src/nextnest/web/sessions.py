"""Staff sessions for the panel and the ops page.

The API key, typed once, sets a signed HttpOnly cookie. The cookie shows pages and does nothing else: each
request that reads or changes something by script carries the session token that the page was given, in the
Authorization header, and each form carries it in a hidden field. A page elsewhere has neither, so it can
make the browser send the cookie and gain nothing by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from nextnest.settings import Settings
from nextnest.web.security import bearer, is_api_key
from nextnest.web.tokens import Signer

SESSION_SECONDS = 12 * 3600
Area = Literal["panel", "ops"]


@dataclass(frozen=True)
class Sessions:
    """Sessions of one area; a session of the panel is none of the ops page's."""

    area: Area
    settings: Settings
    clock: Callable[[], float] = time.time

    @property
    def _signer(self) -> Signer:
        return Signer(self.settings.key_for(f"session {self.area}"))

    def new(self) -> str:
        return self._signer.sign(str(int(self.clock()) + SESSION_SECONDS))

    def is_valid(self, token: str | None) -> bool:
        expires = self._signer.read(token) if token else None
        return expires is not None and int(expires) > self.clock()

    def may_see(self, request: Request) -> bool:
        """By cookie: may be shown the page."""
        return self.is_valid(request.cookies.get(self._cookie))

    def may_act(self, request: Request) -> bool:
        """By the Authorization header: a session token from the page, or the API key itself."""
        token = bearer(request.headers)
        return token is not None and (self.is_valid(token) or is_api_key(token, self.settings))

    def remember(self, response: Response) -> None:
        """Set the cookie. In Chatwoot's iframe it is a third-party cookie: partitioned, which needs https."""
        https = self.settings.public_url.startswith("https://")
        framed = self.area == "panel" and https
        response.set_cookie(
            self._cookie,
            self.new(),
            max_age=SESSION_SECONDS,
            path=f"/{self.area}",
            httponly=True,
            secure=https,
            samesite="none" if framed else "lax",
        )
        if framed:
            response.headers["set-cookie"] += "; Partitioned"

    def forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path=f"/{self.area}")

    @property
    def _cookie(self) -> str:
        return f"nextnest_{self.area}"
