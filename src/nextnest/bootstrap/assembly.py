"""Real parts, chosen by the settings and joined: what the web app and a worker are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.gateway import Gateway
from nextnest.adapters.chatwoot.inbound import Inbound
from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.queue import Handlers
from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.drifting import DriftRows
from nextnest.adapters.store.events import EventRows, Quiet
from nextnest.adapters.store.knowledge import KnowledgeRows
from nextnest.adapters.store.numbers import NumberRows
from nextnest.adapters.store.operations import OperationRows
from nextnest.adapters.store.panels import PanelRows
from nextnest.adapters.store.spending import SpendRows
from nextnest.adapters.store.sweeping import SweepRows
from nextnest.adapters.store.traces import TraceOf
from nextnest.adapters.store.work import PostgresStore
from nextnest.adapters.tracing import Origin, turn_scores, turn_trace
from nextnest.bootstrap.brokers import broker_of
from nextnest.bootstrap.metrics import TableCollector, WorkerNumbers
from nextnest.domain.drafting import DraftRules
from nextnest.domain.trace import TurnTrace
from nextnest.mortgage.tables import RULES_CHECKED
from nextnest.service.acceptance import Acceptance
from nextnest.service.chat import Chat
from nextnest.service.drift import Doctor
from nextnest.service.intake import Intake
from nextnest.service.lane import Lane
from nextnest.service.office import Office
from nextnest.service.operations import Operations
from nextnest.service.outbox import Outbox
from nextnest.service.panel import Panel
from nextnest.service.receive import Receive
from nextnest.service.sweep import Sweep
from nextnest.service.sync import Sync
from nextnest.service.turn import Turns
from nextnest.service.typing_indicator import TypingIndicator
from nextnest.service.voice import Voice
from nextnest.settings import ChatwootSettings, Settings, SettingsError
from nextnest.web.services import Services

SINGAPORE = ZoneInfo("Asia/Singapore")


def today_in_singapore() -> date:
    return datetime.now(SINGAPORE).date()


@dataclass(frozen=True)
class Parts:
    """What a process may need; the web app takes `services`, a worker the rest."""

    settings: Settings
    database: Database
    services: Services
    handlers: Handlers
    sweep: Sweep
    doctor: Doctor
    chats: ChatRows
    langfuse: Langfuse | None
    numbers: WorkerNumbers
    table: TableCollector


def chatwoot_of(settings: Settings) -> ChatwootSettings:
    """The settings of Chatwoot, complete enough to run.

    Raises:
        SettingsError: which variables are missing.
    """
    chatwoot = settings.chatwoot
    if chatwoot is None:
        raise SettingsError(["CHATWOOT_BASE_URL: not set; set the CHATWOOT_ variables, or run `nextnest up`"])
    missing = [
        f"{name}: not set; `nextnest setup` makes what is needed and prints it"
        for name, value in (
            ("CHATWOOT_INBOX_ID", chatwoot.inbox_id),
            ("CHATWOOT_BOT_TOKEN", chatwoot.bot_token),
        )
        if value is None
    ]
    if missing:
        raise SettingsError(missing)
    return chatwoot


@asynccontextmanager
async def assembled(settings: Settings, database_url: str, *, connections: int = 16) -> AsyncIterator[Parts]:
    """All parts, open; closed again in the opposite order.

    Raises:
        SettingsError: Chatwoot is not set up, or the database belongs to another one.
    """
    chatwoot = chatwoot_of(settings)
    async with AsyncExitStack() as stack:
        database = Database(database_url, connections=connections)
        stack.push_async_callback(database.close)
        await database.open()
        await bind(database, chatwoot)
        gateway = await stack.enter_async_context(gateway_of(chatwoot, settings.brokerage))
        langfuse = await _langfuse(settings, stack)
        store = PostgresStore(database, trace_of=_trace_of(settings) if langfuse else None)
        registry = CollectorRegistry()
        numbers = WorkerNumbers()
        numbers.watch("chatwoot", gateway.circuit)
        broker = await broker_of(settings, SpendRows(database), stack, langfuse=langfuse, numbers=numbers)
        outbox = Outbox(store, gateway)
        knowledge = KnowledgeRows(database)
        voice = Voice(broker, knowledge.search, settings.brokerage, today_in_singapore)
        office = Office(gateway, acceptance=timedelta(minutes=settings.acceptance_minutes))
        turns = Turns(
            store,
            gateway,
            voice,
            office,
            rules_version=RULES_CHECKED.isoformat(),
            draft_for=DraftRules.parse(settings.draft_for),
            typing=TypingIndicator(gateway) if settings.model else None,
        )
        lane = Lane(store, outbox, turns)
        sync = Sync(store, gateway, voice)
        chats = ChatRows(database)
        receive = Receive(EventRows(database, Quiet(settings.quiet_seconds, settings.quiet_cap_seconds)))
        operations = Operations(OperationRows(database))
        services = Services(
            intake=Intake(store, today=today_in_singapore),
            receive=Inbound(receive, account_id=chatwoot.account_id),
            chat=Chat(chats, gateway),
            panel=Panel(store, PanelRows(database, settings), gateway, today=today_in_singapore),
            operations=operations,
            metrics=registry,
        )
        sweep = Sweep(SweepRows(database), gateway, Acceptance(store, gateway, office))
        handlers = Handlers(attend=lane.attend, carry=lane.carry, sync=sync.sync)
        doctor = Doctor(DriftRows(database), gateway)
        table = TableCollector(registry, NumberRows(database))
        yield Parts(
            settings,
            database,
            services,
            handlers,
            sweep,
            doctor,
            chats,
            langfuse,
            numbers=numbers,
            table=table,
        )


async def bind(database: Database, chatwoot: ChatwootSettings) -> None:
    """See that the database belongs to this Chatwoot, from its first use on.

    Raises:
        SettingsError: it belongs to another.
    """
    bound = await database.bind_to(chatwoot.origin)
    if bound != chatwoot.origin:
        raise SettingsError(
            [
                f"DATABASE_URL: this database belongs to {bound.replace('#', ', account ')}, whose "
                f"conversation numbers mean nothing at {chatwoot.base_url}; use another database"
            ]
        )


@asynccontextmanager
async def gateway_of(chatwoot: ChatwootSettings, brokerage: str) -> AsyncIterator[Gateway]:
    """Chatwoot with our two identities, which share a circuit."""
    token = chatwoot.bot_token.get_secret_value() if chatwoot.bot_token else ""
    at = (chatwoot.base_url, chatwoot.account_id)
    async with (
        Chatwoot(*at, chatwoot.api_key.get_secret_value()) as user,
        Chatwoot(*at, token, circuit=user.circuit) as bot,
    ):
        signature = f"Kind regards,\nthe AI assistant of {brokerage}"
        yield Gateway(user, bot, inbox_id=chatwoot.inbox_id or 0, signature=signature)


async def _langfuse(settings: Settings, stack: AsyncExitStack) -> Langfuse | None:
    keys = settings.langfuse
    if keys is None:
        return None
    client = Langfuse(keys.base_url, keys.public_key, keys.secret_key.get_secret_value())
    return await stack.enter_async_context(client)


def _trace_of(settings: Settings) -> TraceOf:
    origin = Origin(salt=settings.key_for("pseudonyms"), release=version("nextnest"))

    def trace_of(turn: TurnTrace) -> dict[str, Any]:
        return {"trace": turn_trace(turn, origin), "scores": turn_scores(turn, origin)}

    return trace_of
