"""Webhooks of Chatwoot: verified over the raw bytes, stored, acknowledged; everything else happens later.

Statuses are chosen for what Chatwoot does with them. It retries 429 and 500 alone, and those of the agent
bot only; a message event that fails for good makes it open the conversation, so that a person sees what we
could not. So: 200 once stored, 500 on purpose when it cannot be stored, and 401, 413 or 422 for what no
retry would mend.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from nextnest.adapters.chatwoot.payloads import MAX_BYTES, Event, PayloadError, parse_event
from nextnest.adapters.chatwoot.signature import Verdict, verify
from nextnest.service.receive import Source
from nextnest.settings import Settings
from nextnest.web.bodies import read_body
from nextnest.web.metrics import WebMetrics
from nextnest.web.problems import Refused
from nextnest.web.services import Services
from nextnest.web.tokens import webhook_path_token

SOURCES = {"bot": Source.AGENT_BOT, "account": Source.ACCOUNT, "inbox": Source.INBOX}
_MAX_DELIVERY_ID = 200
_STORED = b'{"ok":true}'

log = structlog.get_logger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def webhook_routes(
    services: Services, settings: Settings, metrics: WebMetrics, clock: Callable[[], float] = time.time
) -> list[Route]:
    """One signed and one unguessable path for each source. Plain routes: this is the busiest path we have."""
    receiver = _Receiver(services, settings, metrics, clock)
    routes = []
    for name, source in SOURCES.items():
        path = f"/webhooks/chatwoot/{name}"
        routes.append(Route(path, receiver.signed(source, name), methods=["POST"]))
        routes.append(Route(path + "/{token}", receiver.unguessable(source), methods=["POST"]))
    return routes


class _Receiver:
    def __init__(
        self, services: Services, settings: Settings, metrics: WebMetrics, clock: Callable[[], float]
    ) -> None:
        self._store = services.receive.store
        self._metrics = metrics
        self._clock = clock
        self._path_token = webhook_path_token(settings).encode()
        self._chatwoot = settings.chatwoot

    def signed(self, source: Source, name: str) -> Endpoint:
        secrets = self._chatwoot.secrets_of(name) if self._chatwoot else ()

        def require(request: Request, body: bytes) -> None:
            timestamp = request.headers.get("x-chatwoot-timestamp")
            signature = request.headers.get("x-chatwoot-signature")
            verdict = verify(secrets, timestamp, body, signature, now=self._clock())
            if verdict is not Verdict.OK:
                raise Refused(401, f"This webhook is not signed as agreed: {verdict.value}.")

        return self._endpoint(source, require)

    def unguessable(self, source: Source) -> Endpoint:
        def require(request: Request, _: bytes) -> None:
            if not hmac.compare_digest(request.path_params["token"].encode(), self._path_token):
                raise Refused(401, "This is not the path that was agreed.")

        return self._endpoint(source, require)

    def _endpoint(self, source: Source, require_genuine: Callable[[Request, bytes], None]) -> Endpoint:
        async def receive(request: Request) -> Response:
            started = time.perf_counter()
            try:
                body = await read_body(request, MAX_BYTES)
                require_genuine(request, body)
                event = _read(body)
            except Refused as refused:
                log.warning("webhook refused", source=source.value, why=str(refused))
                self._metrics.webhooks.labels(source.value, f"refused_{refused.status}").inc()
                return refused.answer()
            delivery_id = request.headers.get("x-chatwoot-delivery", "")[:_MAX_DELIVERY_ID] or None
            response = await self._keep(source, delivery_id, event)
            self._metrics.ack_seconds.observe(time.perf_counter() - started)
            return response

        return receive

    async def _keep(self, source: Source, delivery_id: str | None, event: Event) -> Response:
        try:
            new = await self._store(source, delivery_id, event)
        except Exception as error:
            log.error("webhook not stored", source=source.value, error=type(error).__name__)  # noqa: TRY400
            self._metrics.webhooks.labels(source.value, "not_stored").inc()
            return JSONResponse({"ok": False}, status_code=500)
        self._metrics.webhooks.labels(source.value, "stored" if new else "nothing_new").inc()
        return Response(_STORED, media_type="application/json")


def _read(body: bytes) -> Event:
    try:
        return parse_event(body)
    except PayloadError as error:
        raise Refused(422, f"This is no event: {error}.") from None
