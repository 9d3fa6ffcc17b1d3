"""A small world for tests of the use cases: real PostgreSQL, the desk over HTTP, a scripted broker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
from pydantic import SecretStr

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.gateway import Gateway
from nextnest.adapters.chatwoot.provisioning import apply
from nextnest.adapters.queue import Handlers
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.events import EventRows, Quiet
from nextnest.adapters.store.panels import PanelRows
from nextnest.adapters.store.sweeping import SweepRows
from nextnest.adapters.store.work import PostgresStore
from nextnest.bootstrap.provision import desired, planned
from nextnest.broker.brief import Brief
from nextnest.broker.knowledge import Entry
from nextnest.desk import Desk
from nextnest.domain.drafting import DraftRules
from nextnest.domain.reply import Reply
from nextnest.domain.trace import Record, discard
from nextnest.service.acceptance import Acceptance
from nextnest.service.intake import Intake
from nextnest.service.lane import Lane
from nextnest.service.office import Office
from nextnest.service.outbox import Outbox
from nextnest.service.panel import Panel
from nextnest.service.receive import Receive
from nextnest.service.sweep import Sweep
from nextnest.service.sync import Sync
from nextnest.service.turn import Turns
from nextnest.service.voice import Voice
from nextnest.settings import ChatwootSettings, Settings

TODAY = date(2026, 11, 22)
DESK = "http://desk.test"


async def no_knowledge(query: str, *, today: date, least: float, limit: int) -> Sequence[Entry]:
    return ()


@dataclass
class ScriptedBroker:
    """Says what it was told to say; the default echoes the customer's last words."""

    script: Callable[[Brief], Reply] | None = None
    briefs: list[Brief] = field(default_factory=list)

    async def compose(self, brief: Brief, *, record: Record = discard) -> Reply:
        self.briefs.append(brief)
        if self.script is not None:
            return self.script(brief)
        return Reply(text=f"You said: {brief.inputs[-1].text}", intent="echo")

    def greeting(self, brief: Brief) -> Reply:
        return Reply(text="Hello, I am the AI assistant of the brokerage.", intent="greeting")


@dataclass
class World:
    desk: Desk
    database: Database
    store: PostgresStore
    gateway: Gateway
    admin: Chatwoot
    broker: ScriptedBroker
    intake: Intake
    receive: Receive
    lane: Lane
    sync: Sync
    sweep: Sweep
    panel: Panel
    http: httpx2.AsyncClient
    inbox_id: int

    @property
    def handlers(self) -> Handlers:
        return Handlers(self.lane.attend, self.lane.carry, self.sync.sync)

    async def work_off(self) -> int:
        """Carry out every job that is due, one after the other, as a worker would; how many."""
        done = 0
        while True:
            rows = await self.database.fetch(
                """DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs
                   WHERE status = 'todo' AND scheduled_at <= now() ORDER BY priority DESC, id LIMIT 1)
                   RETURNING task_name, args"""
            )
            if not rows:
                return done
            handler: Any = getattr(self.handlers, rows[0]["task_name"])
            await handler(*rows[0]["args"].values())
            done += 1

    async def thread(self, conversation_id: int) -> list[dict[str, Any]]:
        """All messages of a conversation as the desk holds them."""
        answer = await self.http.get(
            f"/api/v1/accounts/1/conversations/{conversation_id}/messages", params={"after": 0}
        )
        payload: list[dict[str, Any]] = answer.json()["payload"]
        return payload

    async def said_by_bot(self, conversation_id: int) -> list[str]:
        return [
            m["content"]
            for m in await self.thread(conversation_id)
            if m["message_type"] == 1 and not m["private"] and m["sender"]["type"] == "agent_bot"
        ]


@asynccontextmanager
async def _desk(folder: Path) -> AsyncIterator[tuple[Desk, httpx2.ASGITransport]]:
    desk = Desk(folder / "desk", base_url=DESK)
    with closing(desk.store):
        yield desk, httpx2.ASGITransport(desk.app)


@asynccontextmanager
async def world(database: Database, folder: Path, *, draft_for: Sequence[str] = ()) -> AsyncIterator[World]:
    """Everything joined, except that nothing runs by itself: tests say when."""
    settings = Settings(
        home=folder,
        api_key=SecretStr("k" * 32),
        secret_key=SecretStr("s" * 32),
        public_url="http://nextnest.test",
    )
    async with (
        _desk(folder) as (desk, transport),
        Chatwoot(DESK, 1, desk.admin_token, transport=transport) as admin,
    ):
        bare = ChatwootSettings(base_url=DESK, account_id=1, api_key=SecretStr(desk.admin_token))
        want = desired(bare, settings)
        made = await apply(admin, want, await planned(admin, want))
        async with (
            Chatwoot(DESK, 1, made.bot_token or "", transport=transport, attempts=1) as bot,
            httpx2.AsyncClient(
                transport=transport, base_url=DESK, headers={"Api-Access-Token": desk.agent_token}
            ) as http,
        ):
            gateway = Gateway(admin, bot, inbox_id=made.inbox_id, signature="Kind regards,\nTest Brokers")
            store = PostgresStore(database)
            broker = ScriptedBroker()
            voice = Voice(broker, no_knowledge, "Test Brokers", lambda: TODAY)
            outbox = Outbox(store, gateway)
            rules = DraftRules.parse(draft_for)
            office = Office(gateway, acceptance=timedelta(minutes=15))
            turns = Turns(store, gateway, voice, office, rules_version="test", draft_for=rules)
            yield World(
                desk=desk,
                database=database,
                store=store,
                gateway=gateway,
                admin=admin,
                broker=broker,
                intake=Intake(store, today=lambda: TODAY),
                receive=Receive(EventRows(database, Quiet(0, 0))),
                lane=Lane(store, outbox, turns),
                sync=Sync(store, gateway, voice),
                sweep=Sweep(SweepRows(database), gateway, Acceptance(store, gateway, office)),
                panel=Panel(store, PanelRows(database, settings), gateway, today=lambda: TODAY),
                http=http,
                inbox_id=made.inbox_id,
            )
