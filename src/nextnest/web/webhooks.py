"""Webhooks of Chatwoot: verified over the raw bytes, stored, acknowledged; everything else happens later.

Statuses are chosen for what Chatwoot does with them. It retries 429 and 500 alone, and those of the agent
bot only; a message event that fails for good makes it open the conversation, so that a person sees what we
could not. So: 200 once stored, 500 on purpose when it cannot be stored, and 401, 413 or 422 for what no
retry would mend.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from nextnest.adapters.chatwoot.payloads import MAX_BYTES, Event, PayloadError, parse_event
from nextnest.adapters.chatwoot.signature import Verdict, verify
from nextnest.service.receive import Source
from nextnest.settings import Settings
from nextnest.web.bodies import read_body
from nextnest.web.metrics import WebMetrics
from nextnest.web.problems import Refused
from nextnest.web.services import Services
from nextnest.web.tokens import webhook_path_token

PATH = "/webhooks/chatwoot/"
SOURCES = {"bot": Source.AGENT_BOT, "account": Source.ACCOUNT, "inbox": Source.INBOX}
_MAX_DELIVERY_ID = 200
_STORED: tuple[Message, Message] = (
    {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"11")],
    },
    {"type": "http.response.body", "body": b'{"ok":true}'},
)

log = structlog.get_logger(__name__)


class Webhooks:
    """The receiver, an ASGI application of its own: what comes most often passes no layer that pages need.

    For each source there is one path for what is signed and an unguessable one beneath it for what is not.
    """

    def __init__(
        self,
        services: Services,
        settings: Settings,
        metrics: WebMetrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = services.receive.store
        self._metrics = metrics
        self._clock = clock
        self._path_token = webhook_path_token(settings).encode()
        chatwoot = settings.chatwoot
        self._secrets = {name: chatwoot.secrets_of(name) if chatwoot else () for name in SOURCES}

    def serves(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        path: str = scope["path"]
        return path.startswith(PATH) and path[len(PATH) :].partition("/")[0] in SOURCES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        if scope["method"] != "POST":
            await PlainTextResponse("Method Not Allowed", 405, {"allow": "POST"})(scope, receive, send)
            return
        request = Request(scope, receive)
        name, slash, token = scope["path"][len(PATH) :].partition("/")
        try:
            event = await self._genuine(request, name, token if slash else None)
        except ClientDisconnect:
            return
        except Refused as refused:
            log.warning("webhook refused", source=SOURCES[name].value, why=str(refused))
            self._metrics.webhooks.labels(SOURCES[name].value, f"refused_{refused.status}").inc()
            await refused.answer()(scope, receive, send)
            return
        delivery_id = request.headers.get("x-chatwoot-delivery", "")[:_MAX_DELIVERY_ID] or None
        if not await self._keep(SOURCES[name], delivery_id, event):
            await JSONResponse({"ok": False}, status_code=500)(scope, receive, send)
            return
        for message in _STORED:
            await send(message)
        self._metrics.ack_seconds.observe(time.perf_counter() - started)

    async def _genuine(self, request: Request, name: str, token: str | None) -> Event:
        body = await read_body(request, MAX_BYTES)
        if token is None:
            self._require_signed(request, name, body)
        elif not hmac.compare_digest(token.encode(), self._path_token):
            raise Refused(401, "This is not the path that was agreed.")
        try:
            return parse_event(body)
        except PayloadError as error:
            raise Refused(422, f"This is no event: {error}.") from None

    def _require_signed(self, request: Request, name: str, body: bytes) -> None:
        timestamp = request.headers.get("x-chatwoot-timestamp")
        signature = request.headers.get("x-chatwoot-signature")
        verdict = verify(self._secrets[name], timestamp, body, signature, now=self._clock())
        if verdict is not Verdict.OK:
            raise Refused(401, f"This webhook is not signed as agreed: {verdict.value}.")

    async def _keep(self, source: Source, delivery_id: str | None, event: Event) -> bool:
        """Whether it is stored, or need not be; why it is not goes to the log without what it holds."""
        try:
            new = await self._store(source, delivery_id, event)
        except Exception as error:
            log.error("webhook not stored", source=source.value, error=type(error).__name__)  # noqa: TRY400
            self._metrics.webhooks.labels(source.value, "not_stored").inc()
            return False
        self._metrics.webhooks.labels(source.value, "stored" if new else "nothing_new").inc()
        return True
