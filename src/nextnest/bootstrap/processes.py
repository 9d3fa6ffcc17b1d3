"""The separate processes: any number of web and worker processes on one DATABASE_URL, and the desk alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from nextnest.bootstrap.assembly import assembled
from nextnest.bootstrap.running import run_worker, stopped
from nextnest.bootstrap.serving import serving, url_of
from nextnest.bootstrap.up import told_to_stop, web
from nextnest.desk import Chaos, Desk
from nextnest.settings import Settings, SettingsError

DRAIN_SECONDS = 15.0  # of a worker that is told to stop; SIGKILL comes after 20 in a rolling restart


def database_url(settings: Settings) -> str:
    """The database that several processes share.

    Raises:
        SettingsError: none is set.
    """
    if settings.database_url is None:
        raise SettingsError(["DATABASE_URL: not set; separate processes need a PostgreSQL that they share"])
    return settings.database_url.get_secret_value()


async def web_process(settings: Settings, listener: socket.socket) -> None:
    """Serve until told to stop. It composes no reply, so it opens no model, which is heavy to import."""
    settings = settings.model_copy(update={"model": None, "model_base_url": None})
    async with assembled(settings, database_url(settings)) as parts, web(parts, listener):
        await told_to_stop()


async def worker_process(settings: Settings) -> None:
    async with assembled(settings, database_url(settings)) as parts:
        work = asyncio.create_task(run_worker(parts, drain_seconds=DRAIN_SECONDS))
        try:
            await told_to_stop(work)
        finally:
            await stopped(work, within=DRAIN_SECONDS + 1)


def chaos_of(path: Path | None) -> Chaos | None:
    """What should go wrong at the desk.

    Raises:
        SettingsError: the file cannot be read or holds something else.
    """
    try:
        return Chaos.model_validate_json(path.read_text()) if path else None
    except (OSError, ValueError) as error:
        raise SettingsError([f"--chaos {path}: {str(error).splitlines()[0]}"]) from error


async def desk_process(
    settings: Settings,
    listener: socket.socket,
    *,
    chaos: Path | None,
    version: str,
    say: Callable[[str], None],
) -> None:
    """The desk until it is told to stop; `say` hears where to sign in, and an administrator's API token."""
    wanted = chaos_of(chaos)
    desk = Desk(settings.home / "desk", base_url=url_of(listener), chaos=wanted, version=version)
    async with serving(desk.app, listener, grace_seconds=1):
        say(f"Sign in, once: {desk.login_link()}")
        say(f"Administrator's API token: {desk.admin_token}")
        await told_to_stop()
