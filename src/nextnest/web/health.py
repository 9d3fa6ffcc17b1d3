"""Is it alive, is it ready, and what does it count?"""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nextnest.settings import Settings
from nextnest.web.problems import Refused
from nextnest.web.security import bearer, is_api_key
from nextnest.web.services import Services


def health_router(services: Services, settings: Settings) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz")
    async def alive() -> Response:
        """This process answers; nothing more is meant."""
        return JSONResponse({"ok": True})

    @router.get("/readyz")
    async def ready() -> Response:
        """503 with the reasons while a customer who wrote now would not be answered."""
        readiness = await services.operations.ready()
        return JSONResponse(
            {"ok": readiness.ok, "checks": readiness.checks}, status_code=200 if readiness.ok else 503
        )

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """For Prometheus, with the API key as its bearer token."""
        if not is_api_key(bearer(request.headers) or "", settings):
            raise Refused(401, "Send the API key as a bearer token.")
        return Response(generate_latest(services.metrics), media_type=CONTENT_TYPE_LATEST)

    return router
