"""`check --live` over sockets: the whole loop, where it stops without a part, and nothing left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from nextnest.adapters.chatwoot.check import CheckLine
from nextnest.bootstrap import probing
from nextnest.bootstrap.assembly import Parts, assembled
from nextnest.bootstrap.probing import probe
from nextnest.bootstrap.provision import provision
from nextnest.bootstrap.running import run_worker
from nextnest.bootstrap.serving import bind, url_of
from nextnest.bootstrap.serving import serving as web_serving
from nextnest.desk import Desk
from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.app import create_app
from tests.integration.serving import serving


@asynccontextmanager
async def standing(folder: Path, database_url: str, *, worker: bool) -> AsyncIterator[tuple[Settings, Parts]]:
    """A whole installation on sockets of this machine; without a worker where told so."""
    desk = Desk(folder / "desk", base_url="http://desk.test")
    listener = bind("127.0.0.1", 0, "--port")
    settings = Settings(
        home=folder,
        database_url=SecretStr(database_url),
        api_key=SecretStr("k" * 32),
        secret_key=SecretStr("s" * 32),
        public_url=url_of(listener),
        quiet_seconds=0,
    )
    async with serving(desk.app) as url:
        bare = ChatwootSettings(base_url=url, account_id=1, api_key=SecretStr(desk.admin_token))
        settings = settings.model_copy(update={"chatwoot": await provision(bare, settings)})
        async with assembled(settings, database_url) as parts:
            work = asyncio.create_task(run_worker(parts, drain_seconds=1)) if worker else None
            try:
                app = create_app(parts.services, settings)
                async with web_serving(app, listener, grace_seconds=1):
                    yield settings, parts
            finally:
                if work is not None:
                    work.cancel()
                    await asyncio.gather(work, return_exceptions=True)


async def lines_of(settings: Settings) -> list[CheckLine]:
    return [line async for line in probe(settings)]


async def left(parts: Parts) -> int:
    return int((await parts.database.fetch("SELECT count(*) AS n FROM leads"))[0]["n"])


async def test_the_probe_walks_the_whole_loop_and_leaves_nothing(tmp_path: Path, database_url: str) -> None:
    async with standing(tmp_path, database_url, worker=True) as (settings, parts):
        lines = await lines_of(settings)
        assert [(line.name, line.ok) for line in lines] == [
            ("live: lead taken in", True),
            ("live: greeted in Chatwoot", True),
            ("live: answered", True),
            ("live: cleared up", True),
        ]
        assert " s" in lines[2].detail
        assert await left(parts) == 0


async def test_without_a_worker_it_says_so_and_clears_up(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "LONGEST_WAIT", 0.5)
    async with standing(tmp_path, database_url, worker=False) as (settings, parts):
        lines = await lines_of(settings)
        assert [line.ok for line in lines] == [True, False, True]
        assert "no worker has a heartbeat" in lines[1].detail
        assert await left(parts) == 0


async def test_a_key_of_another_installation_is_named(tmp_path: Path, database_url: str) -> None:
    async with standing(tmp_path, database_url, worker=False) as (settings, parts):
        wrong = settings.model_copy(update={"api_key": SecretStr("x" * 32)})
        lines = await lines_of(wrong)
        assert (lines[0].ok, lines[0].variable) == (False, "NEXTNEST_API_KEY")
        assert len(lines) == 2
        assert await left(parts) == 0


async def test_an_address_where_nobody_answers_is_named(tmp_path: Path, database_url: str) -> None:
    async with standing(tmp_path, database_url, worker=False) as (settings, _):
        lines = await lines_of(settings.model_copy(update={"public_url": "http://127.0.0.1:9"}))
        assert (lines[0].ok, lines[0].variable) == (False, "NEXTNEST_PUBLIC_URL")
