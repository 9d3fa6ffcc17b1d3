"""What runs in a process: the web app with its news line, a worker with its sweep and its traces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg
import psycopg_pool
import structlog

from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.queue import queue, work
from nextnest.adapters.store.numbers import NumberRows
from nextnest.adapters.store.shipping import TraceQueue
from nextnest.bootstrap.assembly import Parts, today_in_singapore
from nextnest.broker.warming import warm
from nextnest.service.drift import Doctor
from nextnest.service.failures import Failure
from nextnest.service.sweep import Sweep

LANES = 8  # conversations that one worker answers at the same time
OURS_EVERY = 5.0  # seconds between looks at our own tables
THEIRS_EVERY = 30.0  # seconds between looks at Chatwoot
HANDOFFS_EVERY = 15.0  # seconds between looks at hand-offs that wait for a person
DRIFT_ASKED_EVERY = 60.0  # seconds between a worker's questions whether it is time to compare
COMPARED_EVERY = timedelta(minutes=10)  # by all workers together
COMPARED_WITHIN = timedelta(hours=1)
NUMBERS_EVERY = 15.0  # seconds between reports of a worker, and between readings of the web
OVERLAP = 120.0  # seconds: a look at Chatwoot reaches back over the one before
FIRST_LOOK_BACK = 3 * 24 * 3600.0  # seconds: what was said while nobody ran

log = structlog.get_logger()


async def run_worker(parts: Parts, *, drain_seconds: float) -> None:
    """Work until cancelled; then finish what is under way within `drain_seconds`."""
    beside = [
        asyncio.create_task(_warm()),
        asyncio.create_task(repeat(OURS_EVERY, parts.sweep.ours)),
        asyncio.create_task(_look(parts.sweep)),
        asyncio.create_task(repeat(HANDOFFS_EVERY, parts.sweep.handoffs)),
        asyncio.create_task(repeat(NUMBERS_EVERY, lambda: _report(parts))),
        asyncio.create_task(repeat(DRIFT_ASKED_EVERY, lambda: _compare(parts.doctor))),
    ]
    if parts.langfuse is not None:
        beside.append(asyncio.create_task(_ship(TraceQueue(parts.database), parts.langfuse)))
    try:
        await work(queue(parts.handlers), parts.database.pool, lanes=LANES, drain_seconds=drain_seconds)
    finally:
        await stopped(*beside)


async def stopped(*tasks: asyncio.Task[Any], within: float = 1.0) -> None:
    """Cancel tasks until they have ended, which each may take `within` seconds for.

    Again and again, because Python 3.11 loses a cancellation that meets the answer which is waited for.
    """
    while going := [task for task in tasks if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=within)
    await asyncio.gather(*tasks, return_exceptions=True)


async def repeat(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    """Do it for ever, and do not let one bad time be the last."""
    while True:
        try:
            await act()
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            log.warning("database not reachable, trying again", error=type(error).__name__)
        except Exception:
            log.exception("something beside the work failed")
        await asyncio.sleep(seconds)


async def _warm() -> None:
    try:
        await asyncio.to_thread(warm, today_in_singapore())
    except Exception:
        log.exception("the broker could not be warmed")


async def _look(sweep: Sweep) -> None:
    last: float | None = None

    async def look() -> None:
        nonlocal last
        now = time.monotonic()
        healed = await sweep.theirs(within=FIRST_LOOK_BACK if last is None else now - last + OVERLAP)
        if healed.whole:  # else the next look reaches back as far, and whom this one missed is found
            last = now

    await repeat(THEIRS_EVERY, look)


async def _report(parts: Parts) -> None:
    await NumberRows(parts.database).report(parts.numbers.samples())


async def _compare(doctor: Doctor) -> None:
    """Compare our record with Chatwoot now and then; `nextnest doctor` says what to do."""
    try:
        found = await doctor.round(COMPARED_EVERY, within=COMPARED_WITHIN)
    except Failure as failure:
        log.warning("could not compare with Chatwoot", why=failure.why)
        return
    for drift in found:
        log.warning("drift", kind=drift.kind, conversation=drift.conversation_id, what=drift.what)


async def _ship(traces: TraceQueue, langfuse: Langfuse) -> None:
    """Send what waits for Langfuse. On its own task: no turn ever waits for it."""
    await repeat(1.0, lambda: traces.ship(langfuse))
