"""HTML pages: templates, static files, error pages."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from nextnest.settings import Settings

_STATIC = Path(__file__).parent / "static"
_WORDS = {
    404: ("There is nothing here", "The link may be incomplete. Open it again from where you got it."),
    405: ("This does not work this way", "The page was asked for in a way that it does not understand."),
    429: ("One moment, please", "There were very many requests from here. Please wait a minute."),
    500: (
        "That did not work",
        "The fault is on our side. What you sent before is kept. Please try again in a minute.",
    ),
}


class Pages:
    """Renders templates; every page knows the brokerage's name."""

    def __init__(self, settings: Settings) -> None:
        self._env = Environment(
            loader=PackageLoader("nextnest.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals["brokerage"] = settings.brokerage

    def render(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        return HTMLResponse(self._env.get_template(name).render(context), status_code=status)

    def error(self, status: int) -> HTMLResponse:
        title, text = _WORDS.get(status, (HTTPStatus(status).phrase, "Please go back and try again."))
        return self.render("error.html", status=status, code=status, title=title, text=text)


class _Static(StaticFiles):
    """Asked for again each time, and 304 while unchanged: modules import each other by plain name."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        MutableHeaders(raw=response.raw_headers)["cache-control"] = "public, no-cache"
        return response


def add_pages(app: FastAPI, pages: Pages) -> None:
    """Static files, the icon, and error pages (JSON for programs)."""
    static = _Static(directory=_STATIC)
    app.mount("/static", static, name="static")

    @app.get("/favicon.svg")
    async def icon(request: Request) -> Response:
        return await static.get_response("favicon.svg", request.scope)

    async def on_status(request: Request, error: Exception) -> Response:
        status = int(getattr(error, "status_code", 500))
        headers = getattr(error, "headers", None)
        response = _for_program(status) if _is_program(request) else pages.error(status)
        response.headers.update(headers or {})
        return response

    for status in (404, 405, 500):
        app.add_exception_handler(status, on_status)


def _is_program(request: Request) -> bool:
    path = request.url.path
    return path.startswith(("/api/", "/webhooks/")) or "text/html" not in request.headers.get("accept", "")


def _for_program(status: int) -> Response:
    return JSONResponse({"success": False, "error": HTTPStatus(status).phrase}, status_code=status)
