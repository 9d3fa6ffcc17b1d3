"""`nextnest up`: everything embedded, in one process beside one PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.bootstrap.assembly import Parts, assembled
from nextnest.bootstrap.home import announced
from nextnest.bootstrap.provision import provision
from nextnest.bootstrap.running import NUMBERS_EVERY, repeat, run_worker, stopped
from nextnest.bootstrap.serving import bind, serving, url_of
from nextnest.bootstrap.trouble import answer_for_database
from nextnest.desk import Desk
from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.app import create_app

STOP_SECONDS = 2.5  # for what is under way when we are told to stop

log = structlog.get_logger()


@dataclass(frozen=True)
class Ready:
    """Where everything is. The desk's three are None where a real Chatwoot is set.

    `desk_token` is an administrator's API token there; `desk_login` signs one browser in, once.
    """

    form: str
    api: str
    desk: str | None
    desk_token: str | None
    desk_login: str | None
    api_key: str


@dataclass(frozen=True)
class Sockets:
    web: socket.socket
    desk: socket.socket | None


def sockets(settings: Settings, *, host: str, port: int, desk_port: int) -> Sockets:
    """The sockets of web app and desk, taken before anything is started.

    Raises:
        PortTaken: with the option that chooses another.
    """
    desk = None if settings.chatwoot else bind("127.0.0.1", desk_port, "--desk-port")
    return Sockets(bind(host, port, "--port"), desk)


@asynccontextmanager
async def running(settings: Settings, listening: Sockets) -> AsyncIterator[tuple[Ready, asyncio.Task[None]]]:
    """Everything up while the block runs; the task is the worker's and should not end by itself.

    Raises:
        SettingsError, HomeError, RuntimeError: with one line for a person.
    """
    async with AsyncExitStack() as stack:
        public_url = (
            settings.public_url if "public_url" in settings.model_fields_set else url_of(listening.web)
        )
        settings = settings.model_copy(update={"public_url": public_url})
        server = EmbeddedPostgres(settings.home / "postgres") if settings.database_url is None else None
        if server is not None:  # told to stop before it is up, it is stopped as well
            stack.push_async_callback(asyncio.to_thread, server.stop)
        database = asyncio.create_task(_database(settings, server))
        stack.callback(database.cancel)
        desk = await _desk(settings, listening.desk, stack)
        url = await database
        if desk is not None:
            settings = settings.model_copy(update={"chatwoot": await _provisioned(desk, settings)})
        parts = await stack.enter_async_context(assembled(settings, url))
        worker = await stack.enter_async_context(_working(parts))
        await stack.enter_async_context(web(parts, listening.web))
        ready = Ready(
            form=f"{public_url}/",
            api=public_url,
            desk=desk.url if desk else None,
            desk_token=desk.desk.admin_token if desk else None,
            desk_login=desk.desk.login_link() if desk else None,
            api_key=settings.api_key.get_secret_value(),
        )
        stack.enter_context(announced(settings))
        yield ready, worker


@dataclass(frozen=True)
class _RunningDesk:
    desk: Desk
    url: str


async def _desk(
    settings: Settings, listener: socket.socket | None, stack: AsyncExitStack
) -> _RunningDesk | None:
    if listener is None:
        return None
    url = url_of(listener)
    desk = Desk(settings.home / "desk", base_url=url)
    await stack.enter_async_context(serving(desk.app, listener, grace_seconds=1))
    return _RunningDesk(desk, url)


async def _provisioned(running: _RunningDesk, settings: Settings) -> ChatwootSettings:
    bare = ChatwootSettings(
        base_url=running.url,
        account_id=running.desk.account_id,
        api_key=running.desk.admin_token,
        embedded=True,
    )
    return await provision(bare, settings)


def database_name(settings: Settings) -> str:
    """In the embedded server each Chatwoot has a database of its own: display ids mean nothing elsewhere."""
    if settings.chatwoot is None or settings.chatwoot.embedded:
        return "nextnest_desk"
    return "nextnest_" + hashlib.sha256(settings.chatwoot.origin.encode()).hexdigest()[:12]


async def _database(settings: Settings, server: EmbeddedPostgres | None) -> str:
    if server is None:
        return settings.database_url.get_secret_value() if settings.database_url else ""
    await asyncio.to_thread(server.start)
    return await asyncio.to_thread(server.database, database_name(settings))


@asynccontextmanager
async def web(parts: Parts, listener: socket.socket) -> AsyncIterator[None]:
    """The web app, with the line that brings news of threads to its open pages, and its numbers."""
    app = create_app(parts.services, parts.settings)
    answer_for_database(app, parts.settings)
    beside = [
        asyncio.create_task(parts.chats.listen()),
        asyncio.create_task(repeat(NUMBERS_EVERY, parts.table.refresh)),
    ]
    try:
        async with serving(app, listener, grace_seconds=2):
            yield
            app.state.closing.set()
    finally:
        await stopped(*beside)


@asynccontextmanager
async def _working(parts: Parts) -> AsyncIterator[asyncio.Task[None]]:
    worker = asyncio.create_task(run_worker(parts, drain_seconds=STOP_SECONDS))
    try:
        yield worker
    finally:
        await stopped(worker, within=STOP_SECONDS + 1)


async def told_to_stop(worker: asyncio.Task[None] | None = None) -> None:
    """Wait for Ctrl-C or SIGTERM, or for a worker that ends by itself, which is an error.

    Raises:
        RuntimeError: the worker ended.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    told = asyncio.create_task(stop.wait())
    await asyncio.wait({told, worker} if worker else {told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if worker is not None and worker.done():
        error = worker.exception()
        raise RuntimeError(f"the worker ended by itself: {error!r}") from error
