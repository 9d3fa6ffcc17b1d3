"""The web application: every route, behind the same headers and the same error pages."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from nextnest.settings import Settings
from nextnest.web.chat import chat_router
from nextnest.web.form import form_router
from nextnest.web.health import health_router
from nextnest.web.leads import leads_router
from nextnest.web.metrics import WebMetrics
from nextnest.web.openapi import docs_router
from nextnest.web.ops import ops_router
from nextnest.web.pages import Pages, add_pages
from nextnest.web.panel import panel_router
from nextnest.web.problems import Refused, answer_refused
from nextnest.web.security import SecurityHeaders
from nextnest.web.services import Services
from nextnest.web.webhooks import Webhooks


class Application(FastAPI):
    """The pages and the API. Webhooks go to their receiver past all the layers that only these need."""

    def __init__(self, webhooks: Webhooks, *, https: bool) -> None:
        super().__init__(
            title="nextnest",
            openapi_url=None,  # written by hand in openapi.py, from the same schema that is checked
            # FastAPI's own telemetry would record bodies and exceptions with what customers wrote.
            telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        )
        self.add_middleware(SecurityHeaders, https=https)
        self._is_webhook = webhooks.serves
        self._webhooks = SecurityHeaders(webhooks, https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_webhook(scope):
            await self._webhooks(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(services: Services, settings: Settings) -> FastAPI:
    """The application. Set `app.state.closing` when the process is told to stop: it lets open chats go."""
    metrics = WebMetrics(services.metrics)
    app = Application(Webhooks(services, settings, metrics), https=settings.public_url.startswith("https://"))
    app.add_exception_handler(Refused, answer_refused)
    app.state.closing = closing = asyncio.Event()
    pages = Pages(settings)
    app.include_router(leads_router(services, settings, metrics))
    app.include_router(form_router(services, settings, pages, metrics))
    app.include_router(chat_router(services, settings, pages, metrics, closing))
    app.include_router(panel_router(services, settings, pages))
    app.include_router(ops_router(services, settings, pages))
    app.include_router(health_router(services, settings))
    app.include_router(docs_router(pages))
    add_pages(app, pages)
    return app
