"""`nextnest up`: everything embedded, in one process beside one PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import psycopg
import structlog
from psycopg import sql

from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.bootstrap.assembly import Parts, assembled
from nextnest.bootstrap.provision import provision
from nextnest.bootstrap.running import run_worker
from nextnest.bootstrap.serving import bind, serving, url_of
from nextnest.desk import Desk
from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.app import create_app

STOP_SECONDS = 2.5  # for what is under way when we are told to stop

log = structlog.get_logger()


@dataclass(frozen=True)
class Ready:
    """Where everything is. `desk` and `desk_token` are None where a real Chatwoot is set."""

    form: str
    api: str
    desk: str | None
    desk_token: str | None
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
async def running(settings: Settings, listening: Sockets) -> AsyncIterator[Ready]:
    """Everything up while the block runs.

    Raises:
        SettingsError, HomeError, RuntimeError: with one line for a person.
    """
    async with AsyncExitStack() as stack:
        public_url = (
            settings.public_url if "public_url" in settings.model_fields_set else url_of(listening.web)
        )
        settings = settings.model_copy(update={"public_url": public_url})
        database = asyncio.create_task(_database(settings, stack))
        desk = await _desk(settings, listening.desk, stack)
        url = await database
        if desk is not None:
            settings = settings.model_copy(update={"chatwoot": await _provisioned(desk, settings)})
        parts = await stack.enter_async_context(assembled(settings, await own_database(url, settings)))
        await stack.enter_async_context(_working(parts))
        await stack.enter_async_context(web(parts, listening.web))
        yield Ready(
            form=f"{public_url}/",
            api=public_url,
            desk=desk.url if desk else None,
            desk_token=desk.desk.admin_token if desk else None,
            api_key=settings.api_key.get_secret_value(),
        )


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
        base_url=running.url, account_id=running.desk.account_id, api_key=running.desk.admin_token
    )
    return await provision(bare, settings)


async def _database(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    server = EmbeddedPostgres(settings.home / "postgres")
    url = await asyncio.to_thread(server.start)
    stack.push_async_callback(asyncio.to_thread, server.stop)
    return url


async def own_database(url: str, settings: Settings) -> str:
    """In the embedded server each Chatwoot has a database of its own: display ids mean nothing elsewhere."""
    if settings.database_url is not None or settings.chatwoot is None:
        return url
    desk = settings.chatwoot.base_url.startswith("http://127.0.0.1")
    origin = "desk" if desk else hashlib.sha256(settings.chatwoot.origin.encode()).hexdigest()[:12]
    name = f"nextnest_{origin}"

    def make() -> None:
        with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    await asyncio.to_thread(make)
    return url.replace("/postgres", f"/{name}", 1)


@asynccontextmanager
async def web(parts: Parts, listener: socket.socket) -> AsyncIterator[None]:
    """The web app, and the line that brings news of threads to its open pages."""
    app = create_app(parts.services, parts.settings)
    news = asyncio.create_task(parts.chats.listen())
    try:
        async with serving(app, listener, grace_seconds=2):
            yield
            app.state.closing.set()
    finally:
        news.cancel()
        await asyncio.gather(news, return_exceptions=True)


@asynccontextmanager
async def _working(parts: Parts, *, drain_seconds: float = STOP_SECONDS) -> AsyncIterator[None]:
    worker = asyncio.create_task(run_worker(parts, drain_seconds=drain_seconds))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def told_to_stop() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
