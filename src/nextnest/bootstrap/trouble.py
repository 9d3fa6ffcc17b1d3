"""What visitors are told while the database is away or takes nothing: 503 in words, and no traceback."""

from __future__ import annotations

import psycopg
import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextnest.settings import Settings
from nextnest.web.pages import Pages

RETRY_AFTER = "10"  # seconds
_AWAY = "Our database does not answer just now."
# True of a commit whose answer was lost, too: a repeat under the same key counts once.
_NOT_STORED = f"{_AWAY} Count this as not stored: please send it again in a minute."
_NOT_SHOWN = f"{_AWAY} What you sent before is kept. Please try again in a minute."

log = structlog.get_logger()


def answer_for_database(app: FastAPI, settings: Settings) -> None:
    """Answer 503 wherever a route could not reach the database (a pool without connections included)."""
    pages = Pages(settings)

    async def answer(request: Request, error: Exception) -> Response:
        log.error(
            "database not reachable",
            path=getattr(request.scope.get("route"), "path", ""),
            error=type(error).__name__,
        )
        text = _NOT_SHOWN if request.method in ("GET", "HEAD") else _NOT_STORED
        response: Response
        if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
            title = "One moment, please"
            response = pages.render("error.html", status=503, code=503, title=title, text=text)
        else:
            response = JSONResponse({"success": False, "error": text, "errors": {}}, status_code=503)
        response.headers["retry-after"] = RETRY_AFTER
        return response

    app.add_exception_handler(psycopg.OperationalError, answer)
    # One that takes nothing for a moment, while another takes over from it.
    app.add_exception_handler(psycopg.errors.ReadOnlySqlTransaction, answer)
