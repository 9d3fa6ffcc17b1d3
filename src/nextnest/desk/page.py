"""The agent's page: signing in, its files, and the live stream that tells it to look again."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from nextnest.desk.auth import COOKIE, by_cookie, by_token
from nextnest.desk.installation import Installation
from nextnest.desk.models import Session, User

STATIC = Path(__file__).parent / "static"
FILES = {
    "desk.css": "text/css",
    "icon.svg": "image/svg+xml",
    **dict.fromkeys(
        ("desk.js", "api.js", "dom.js", "frames.js", "list.js", "side.js", "thread.js"), "text/javascript"
    ),
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src http: https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
# A browser hears from the stream at least so often (seconds), and counts as present meanwhile.
HEARTBEAT_SECONDS = 10.0


class Page:
    """Sessions and streams of the browsers that look at the desk."""

    def __init__(self, site: Installation) -> None:
        self._site = site
        self._codes: set[str] = set()
        self._listeners: set[asyncio.Event] = set()
        self._closed = False

    def one_time_code(self) -> str:
        code = secrets.token_urlsafe(24)
        self._codes.add(code)
        return code

    def pulse(self) -> None:
        """Something has changed: everybody who listens is told."""
        for listener in self._listeners:
            listener.set()

    def close(self) -> None:
        self._closed = True
        self.pulse()

    def routes(self) -> list[Route]:
        return [
            Route("/", self._show),
            Route("/app/{path:path}", self._show),
            Route("/desk/login", self._login, methods=["POST"]),
            Route("/desk/logout", self._logout, methods=["POST"]),
            Route("/desk/events", self._events),
            Route("/desk/static/{name}", self._static),
        ]

    async def _show(self, request: Request) -> Response:
        code = request.query_params.get("token")
        if code is not None:
            if code in self._codes:
                self._codes.discard(code)
                return self._signed_in(self._colleague())
            return self._sign_in("This link has been used, or it was not for this desk.")
        if by_cookie(request, self._site.store) is None:
            return self._sign_in()
        return HTMLResponse((STATIC / "desk.html").read_text(encoding="utf-8"), headers=HEADERS)

    def _sign_in(self, wrong: str = "") -> Response:
        page = (STATIC / "login.html").read_text(encoding="utf-8")
        shown = page.replace("<!-- what was wrong -->", wrong)
        return HTMLResponse(shown, 401 if wrong else 200, headers=HEADERS)

    def _colleague(self) -> User:
        """Who types on the page: the human colleague, an agent like any other."""
        user = self._site.store.find(User, role="agent")
        assert user is not None  # noqa: S101  # made at the first start
        return user

    async def _login(self, request: Request) -> Response:
        """With anybody's API token; an administrator plays the colleague."""
        async with request.form() as form:
            token = str(form.get("token") or "").strip()
        owner = by_token(self._site.store, token)
        if not isinstance(owner, User):
            return self._sign_in("Nobody here has this token.")
        return self._signed_in(owner if owner.role == "agent" else self._colleague())

    def _signed_in(self, user: User) -> Response:
        session = Session(secrets.token_urlsafe(32), user.id)
        self._site.store.add(session, self._site.clock())
        self._site.store.commit()
        answer = RedirectResponse("/", 303, headers={"Referrer-Policy": "no-referrer"})
        secure = self._site.base_url.startswith("https:")
        answer.set_cookie(
            COOKIE, session.key, httponly=True, samesite="strict", secure=secure, max_age=30 * 86400
        )
        return answer

    async def _logout(self, request: Request) -> Response:
        session = self._site.store.find(Session, key=request.cookies.get(COOKIE))
        if session:
            self._site.store.delete(session)
            self._site.store.commit()
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def _static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES:
            return Response(status_code=404)
        headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        return FileResponse(STATIC / name, media_type=FILES[name], headers=headers)

    async def _events(self, request: Request) -> Response:
        user = by_cookie(request, self._site.store)
        if user is None:
            return Response(status_code=401)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(user), media_type="text/event-stream", headers=headers)

    async def _stream(self, user: User) -> AsyncIterator[str]:
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            while not self._closed:
                self._site.presence[user.id] = self._site.clock()
                listener.clear()  # before telling: what changes while this is written is told next
                yield "data: changed\n\n"
                try:
                    await asyncio.wait_for(listener.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._listeners.discard(listener)
