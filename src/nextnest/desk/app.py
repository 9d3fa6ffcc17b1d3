"""The desk itself: parts joined, routes mounted, requests carried out, misbehaviour included."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import traceback
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from nextnest.desk import activities, automation, csat, lifecycle, messages
from nextnest.desk.api import Endpoint, carry_out, json_response, read, safe_name
from nextnest.desk.chaos import Chaos, Dice
from nextnest.desk.delivery import Deliverer
from nextnest.desk.errors import Crash, NotRouted, Refused
from nextnest.desk.installation import ACCOUNT_ID, Installation
from nextnest.desk.models import Conversation, Delivery, Message, User
from nextnest.desk.page import Page
from nextnest.desk.routes import (
    account,
    automations,
    contacts,
    conversation_actions,
    conversations,
    inboxes,
    integrations,
    operator,
    people,
    public,
    settings,
)
from nextnest.desk.routes import messages as message_routes
from nextnest.desk.store import Store
from nextnest.desk.version import Version
from nextnest.desk.work import Work

log = structlog.get_logger("desk")

_IN_ACCOUNT = (
    contacts, conversations, conversation_actions, message_routes, inboxes, integrations, settings, people,
    automations, account,
)  # fmt: skip
_AT_ROOT = (account, public, operator)


@dataclass(frozen=True)
class People:
    """Who is there when the desk starts for the first time."""

    account_name: str = "NextNest"
    admin_name: str = "Desk Admin"
    admin_email: str = "admin@desk.example"
    agent_name: str = "Mei Lin Tan"
    agent_email: str = "meilin@desk.example"


class Desk:
    """A stand-in for Chatwoot: `app` is its ASGI application, `start` and `stop` its delivery workers.

    `base_url` is where others reach it (no slash at the end). `version` is the Chatwoot it plays.
    `retry_seconds` is the pause between two tries at an agent bot. `refuse_private_hosts` refuses webhook
    targets in private networks, as Chatwoot does from 4.14 unless told otherwise. `inbox_events` sends
    inbox_created and inbox_updated, which Chatwoot does only with ENABLE_INBOX_EVENTS. `clock` gives seconds
    since 1970.
    """

    account_id = ACCOUNT_ID

    def __init__(
        self,
        data_dir: Path,
        *,
        base_url: str,
        chaos: Chaos | None = None,
        version: str = "4.14.2",
        people: People | None = None,
        retry_seconds: float = 3.0,
        refuse_private_hosts: bool = False,
        inbox_events: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        people = people or People()
        self.store = Store(data_dir / "desk.sqlite3")
        self.site = Installation(
            store=self.store,
            data_dir=data_dir,
            base_url=base_url.rstrip("/"),
            version=Version(version),
            account_name=people.account_name,
            dice=Dice(chaos or Chaos()),
            inbox_events=inbox_events,
            clock=clock,
            listeners=[automation.listen, csat.listen],
        )
        _first_start(self.store, people, self.site.clock())
        self.deliverer = Deliverer(
            self.site,
            self._delivery_failed,
            retry_seconds=retry_seconds,
            refuse_private_hosts=refuse_private_hosts,
        )
        self.page = Page(self.site)
        self.app = Starlette(
            routes=self._routes(),
            lifespan=self._lifespan,
            exception_handlers={404: _not_found, 405: _not_found, 500: _crash},
        )
        self.app.state.desk = self
        self._started = False

    @property
    def admin_token(self) -> str:
        """The API token of the administrator, made at the first start."""
        return self._user("administrator").token

    @property
    def agent_token(self) -> str:
        """The API token of the human colleague."""
        return self._user("agent").token

    def _user(self, role: str) -> User:
        user = self.store.find(User, role=role)
        assert user is not None  # noqa: S101  # made at the first start
        return user

    def login_link(self) -> str:
        """A link that signs one browser in, once."""
        return f"{self.site.base_url}/?token={self.page.one_time_code()}"

    async def start(self) -> None:
        """Starts the delivery workers; what was left for bots goes out. Does nothing the second time."""
        if not self._started:
            self._started = True
            await self.deliverer.start()

    async def stop(self) -> None:
        """Stops the delivery workers and closes the store."""
        if self._started:
            self._started = False
            self.page.close()
            await self.deliverer.stop()
            self.store.close()

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        await self.start()
        yield
        await self.stop()

    # -- requests

    def _routes(self) -> list[Route]:
        base = "/api/v1/accounts/{account_id}"
        endpoints = [
            Endpoint(each.method, base + each.path, each.handler, each.access)
            for module in _IN_ACCOUNT
            for each in module.ENDPOINTS
        ]
        endpoints += [each for module in _AT_ROOT for each in module.ROOT]
        routes = [Route(each.path, self._serve(each), methods=[each.method]) for each in endpoints]
        files = "/rails/active_storage/blobs/redirect/{key}/{name}"
        return [*routes, Route(files, self._file), *self.page.routes()]

    def _serve(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        operator_only = endpoint.path.startswith("/desk/")

        async def serve(request: Request) -> Response:
            try:
                body, files = await read(request)
            except Refused as refusal:
                return json_response(refusal.body, refusal.status)
            if operator_only:
                return self._carry_out(request, endpoint, body, files)
            chaos, fate = self.site.dice.chaos, self.site.dice.request(request.url.path)
            if chaos.latency_seconds:
                await asyncio.sleep(chaos.latency_seconds)
            if fate.down:
                return PlainTextResponse("Service Unavailable\n", 503)
            if fate.too_many:
                return PlainTextResponse("Retry later\n", 429)
            if fate.fail_before:
                return _crashed()
            answer = self._carry_out(request, endpoint, body, files)
            if fate.hang_after:
                await asyncio.sleep(chaos.hang_seconds)
            return _crashed() if fate.fail_after else answer

        return serve

    def _carry_out(self, request: Request, endpoint: Endpoint, body: Any, files: Any) -> Response:
        work = Work(self.site)
        try:
            answer = carry_out(request, endpoint, work, body, files)
        except Exception as error:  # Chatwoot answers 500 to what it did not foresee, and so do we
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(last.filename).name}:{last.lineno}"
            facts = {"method": request.method, "path": endpoint.path, "error": type(error).__name__}
            log.error("crashed", **facts, where=where)  # noqa: TRY400  # bad input prints no traceback
            return _crashed()
        self._after(work)
        return answer

    def _after(self, work: Work) -> None:
        self.deliverer.hand_over(work.outbox)
        if work.changed:
            self.page.pulse()

    async def _file(self, request: Request) -> Response:
        path = self.site.data_dir / "files" / safe_name(request.path_params["key"])
        if not path.is_file():
            return json_response(NotRouted().body, 404)
        return FileResponse(path, media_type="application/octet-stream", filename=request.path_params["name"])

    # -- deliveries that failed for good

    async def _delivery_failed(self, delivery: Delivery, error: str) -> None:
        """What Chatwoot does about it, which is only ever something for message events."""
        if delivery.event not in ("message_created", "message_updated"):
            return
        with Work(self.site) as work:
            if delivery.receiver == "agent_bot_webhook":
                conversation = self.store.get(Conversation, delivery.conversation_id)
                if conversation and conversation.status == "pending":
                    lifecycle.change(work, conversation, activity=activities.BOT_FAILED, status="open")
            elif delivery.receiver == "api_inbox_webhook":
                message = self.store.get(Message, delivery.message_id)
                if message:
                    messages.set_status(work, message, "failed", error)
        self._after(work)


def _first_start(store: Store, people: People, now: float) -> None:
    if store.all(User):
        return
    named = (
        (people.admin_name, people.admin_email, "administrator"),
        (people.agent_name, people.agent_email, "agent"),
    )
    for name, email, role in named:
        store.add(User(name, email, role, secrets.token_hex(12), secrets.token_hex(12)), now)
    store.commit()


def _crashed() -> Response:
    return json_response(Crash().body, 500)


async def _not_found(request: Request, error: Exception) -> Response:
    del request, error
    return json_response(NotRouted().body, 404)


async def _crash(request: Request, error: Exception) -> Response:
    del request, error
    return _crashed()


async def serve(desk: Desk, *, host: str = "127.0.0.1", port: int) -> None:
    """Runs the desk until it is told to stop."""
    config = uvicorn.Config(desk.app, host=host, port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()
