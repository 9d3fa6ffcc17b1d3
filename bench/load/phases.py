"""What is measured, one function each. Rates are per second, latencies ms, memory MB of 10^6 bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx2
import psycopg

from bench.chaos.report import quantile
from bench.load.chats import SAID, Chat, Chats, answered
from bench.load.shooting import Shots, at_rate, closed
from bench.load.wire import Event, requests
from bench.processes import Command, cpu_seconds, family_cpu_seconds, resident_mb, wait_until_answers
from bench.site import Site

Figures = dict[str, Any]
NEVER = 1_000_000_000  # message ids that the desk does not have, so that nothing is there to answer


@dataclass(frozen=True)
class Volume:
    """How much of everything: the whole bench, or a quick one."""

    chats: int
    stalled_seconds: float
    shots: int
    backlog: int
    slow: int  # messages at 5/s
    fast: int  # messages at 20/s
    events: int
    steps: tuple[int, ...]


WHOLE = Volume(200, 60.0, 20_000, 300, 100, 400, 1_000_000, (10, 100, 1_000, 10_000))
QUICK = Volume(20, 5.0, 3_000, 20, 10, 20, 20_000, (10, 100))


class Ours:
    """nextnest's own processes, started and stopped as a phase needs them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.web: Command | None = None
        self.worker: Command | None = None

    def start_web(self, **env: str) -> Command:
        line = ("web", "--port", str(self.site.web_port))
        self.web = Command(*line, env=self.site.env | env, log=self.site.log("web"))
        wait_until_answers(f"{self.site.web_url}/healthz")
        return self.web

    def start_worker(self, **env: str) -> Command:
        self.worker = Command("worker", env=self.site.env | env, log=self.site.log("worker"))
        while httpx2.get(f"{self.site.web_url}/readyz").json()["checks"]["worker"] != "ok":
            time.sleep(0.1)
        return self.worker

    def stop_web(self) -> None:
        if self.web is not None:
            self.web.stop()
            self.web = None

    def stop_worker(self) -> None:
        if self.worker is not None:
            self.worker.stop()
            self.worker = None
            with psycopg.connect(self.site.postgres.url, autocommit=True) as connection:
                connection.execute("DELETE FROM procrastinate_workers")

    def stop(self) -> None:
        self.stop_worker()
        self.stop_web()

    def spent(self) -> dict[str, float]:
        """Processor seconds so far, by process: ours, PostgreSQL's, the desk's, and the load made here."""
        postmaster = int((self.site.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        return {
            "web": cpu_seconds(self.web.pid) if self.web else 0.0,
            "worker": cpu_seconds(self.worker.pid) if self.worker else 0.0,
            "desk": cpu_seconds(self.site.desk_pid),
            "postgres": family_cpu_seconds(postmaster),
            "load": time.process_time(),
        }


async def quiet(site: Site) -> None:
    """Until the queue is worked off, at most a minute: what is measured next shall not pay for it."""
    with psycopg.connect(site.postgres.url, autocommit=True) as connection:
        for _ in range(120):
            due = "SELECT count(*) FROM procrastinate_jobs WHERE scheduled_at <= now()"
            row = connection.execute(due).fetchone()
            if row is None or row[0] == 0:
                return
            await asyncio.sleep(0.5)


def memory(ours: Ours, when: str) -> Figures:
    found = {}
    for name, process in (("web", ours.web), ("worker", ours.worker)):
        if process is not None:
            found[f"{name}_{when}_mb"] = round(resident_mb(process.pid), 1)
    return found


async def overhead(site: Site, chats: Chats, each: list[Chat], volume: Volume, *, who: str) -> Figures:
    """Customer's message to answer, by the two times that the desk wrote down."""
    found: Figures = {}
    for per_second, count in ((5, volume.slow), (20, volume.fast)):
        await quiet(site)
        asked = await chats.at_rate(each, per_second=per_second, count=count)
        taken = await answered(site, asked, seconds=30.0)
        found[f"{who}reply_p50_ms_at_{per_second}"] = round(quantile(taken, 0.5), 1)
        found[f"{who}reply_p99_ms_at_{per_second}"] = round(quantile(taken, 0.99), 1)
        found[f"{who}answered_at_{per_second}"] = round(len(taken) / len(asked), 4)
    return found


def window(site: Site) -> Figures:
    """From the last look at a thread to the answer of the send: how long a person can act unseen."""
    with psycopg.connect(site.postgres.url) as connection:
        p50, p99 = connection.execute(
            """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY window_ms),
                      percentile_cont(0.99) WITHIN GROUP (ORDER BY window_ms)
               FROM outbox WHERE kind = 'message'"""
        ).fetchone() or (0.0, 0.0)
    return {"window_p50_ms": round(p50, 1), "window_p99_ms": round(p99, 1)}


async def turns(ours: Ours, chats: Chats, each: list[Chat], volume: Volume, model: dict[str, str]) -> Figures:
    """A backlog of messages, worked off with a model that answers at once; and what a turn costs whom."""
    ours.stop_worker()
    for number in range(volume.backlog):
        await chats.say(each[number % len(each)], SAID[number // len(each) % len(SAID)])
    await asyncio.sleep(1.0)
    ours.start_worker(**model)
    before = ours.spent()
    with psycopg.connect(ours.site.postgres.url, autocommit=True) as connection:
        due = "SELECT 1 FROM conversations WHERE due_at IS NOT NULL LIMIT 1"
        while connection.execute(due).fetchone():  # noqa: ASYNC110  another process does it
            await asyncio.sleep(0.1)
        count, seconds = connection.execute(
            """SELECT count(*), extract(epoch FROM max(ended_at) - min(ended_at))::float8 FROM turns
               WHERE ended_at > now() - interval '5 minutes' AND model IS NOT NULL"""
        ).fetchone() or (0, 0.0)
    return {
        "turns_per_s": round((count - 1) / seconds, 1) if count > 1 else 0.0,
        "turns": count,
        **{
            f"turn_{who}_cpu_ms": round((now - before[who]) * 1000 / max(count, 1), 1)
            for who, now in ours.spent().items()
        },
    }


class Receiver(Protocol):
    """Whoever is sent webhooks."""

    url: str

    def make(self, count: int) -> list[bytes]:
        """So many signed deliveries of new messages."""

    def lost(self, acknowledged: Sequence[int]) -> int | None:
        """How many of those last made that it acknowledged it did not keep; None: it keeps nothing."""


class Hooks:
    """Signed deliveries for our web process; each message id comes once, as from a real Chatwoot."""

    def __init__(self, site: Site, event: Event, each: list[Chat]) -> None:
        self.url = f"{site.web_url}/webhooks/chatwoot/bot"
        named = site.chatwoot.webhook_secrets[0].get_secret_value()  # bot:SECRET
        self._secret = named.rpartition(":")[2]
        self._database = site.postgres.url
        self._event = event
        self._conversations = [chat.conversation_id for chat in each]
        self._first_id = self._next_id = NEVER

    def make(self, count: int) -> list[bytes]:
        self._first_id, self._next_id = self._next_id, self._next_id + count
        return requests(
            self.url,
            self._event,
            secret=self._secret,
            conversations=self._conversations,
            first_id=self._first_id,
            count=count,
        )

    def lost(self, acknowledged: Sequence[int]) -> int:
        ids = [self._first_id + place for place in acknowledged]
        query = "SELECT count(DISTINCT message_id) FROM webhook_events WHERE message_id = ANY(%s)"
        with psycopg.connect(self._database) as connection:
            (stored,) = connection.execute(query, (ids,)).fetchone() or (0,)
        return len(ids) - int(stored)


def acks(receiver: Receiver, shots: Shots, name: str) -> Figures:
    return {
        f"{name}_p50_ms": shots.quantile(0.5),
        f"{name}_p99_ms": shots.quantile(0.99),
        f"{name}_share": round(shots.statuses[200] / max(shots.statuses.total(), 1), 4),
        f"{name}_lost": receiver.lost(shots.acknowledged),
    }


async def capacity(
    receiver: Receiver, volume: Volume, name: str, spent: Callable[[], dict[str, float]] = dict
) -> Figures:
    """As many acks as there can be, and what of `spent` one of them took."""
    made, before = receiver.make(volume.shots), spent()
    shots = await closed(receiver.url, made, connections=32, seconds=20.0)
    count = max(shots.statuses.total(), 1)
    each = {
        f"{name}_{who}_cpu_ms": round((now - before[who]) * 1000 / count, 3) for who, now in spent().items()
    }
    return {f"{name}_per_s": round(shots.per_second, 1), **each, **acks(receiver, shots, f"{name}_at_32")}


async def stalled(receiver: Receiver, volume: Volume, name: str) -> Figures:
    """100 deliveries a second while every call of the model takes a minute."""
    made = receiver.make(int(volume.stalled_seconds * 100))
    shots = await at_rate(receiver.url, made, per_second=100)
    return acks(receiver, shots, f"{name}_stalled")
