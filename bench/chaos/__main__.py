"""`python -m bench.chaos`: kill the real processes at seeded points and account for every message."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import processes
from bench.chaos.account import read
from bench.chaos.diary import Diary
from bench.chaos.judge import Verdict, judge
from bench.chaos.killer import Killer
from bench.chaos.known import POINTS
from bench.chaos.people import People, Record
from bench.chaos.report import figures, show
from bench.chaos.script import customer
from bench.chaos.weather import Weather
from bench.model import serve
from bench.site import Site, site

NEW_CUSTOMER_EVERY = 1.0  # seconds
AT_ONCE = 50  # customers
SETTLE_SECONDS = 150.0
QUIET = {"NEXTNEST_QUIET_SECONDS": "0.5", "NEXTNEST_QUIET_CAP_SECONDS": "2"}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    options.add_argument("--points", type=int, default=60, help="how many kills")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--list", action="store_true", help="print the points and stop")
    options.add_argument("--keep", type=Path, help="copy diary and logs into this folder")
    chosen = options.parse_args()
    if chosen.list:
        for role, names in POINTS.items():
            print(*(f"{role}: {name}" for name in names), sep="\n")
        return 0
    processes.preload("bench.chaos.victim", "bench.model")
    with site(**QUIET) as ground:
        try:
            return asyncio.run(_run(ground, chosen.points, chosen.seed, chosen.workers))
        finally:
            if chosen.keep:
                _keep(ground, chosen.keep)


async def _run(ground: Site, points: int, seed: int, workers: int) -> int:
    started = time.monotonic()
    record, diary = Record(), ground.folder / "diary.jsonl"
    port = processes.free_port()
    model = processes.Process("model", serve, [port, seed, 1.5, 0.1], env=ground.env, log=ground.log("model"))
    people, weather = People(ground, record), Weather(ground, seed)
    killer = Killer(ground, diary, seed=seed, points=points)
    try:
        killer.start(
            workers=workers,
            model={"NEXTNEST_MODEL": "scripted", "NEXTNEST_MODEL_BASE_URL": f"http://127.0.0.1:{port}/v1"},
        )
        await _violence(killer, weather, people, seed=seed, points=points)
        verdict = await _settled(ground, record, diary)
    finally:
        await killer.stop()
        await people.close()
        model.stop(2)
    found = figures(verdict, record, Diary(diary), killer, weather, seconds=time.monotonic() - started)
    found |= {"seed": seed, "workers": workers}
    show(Console(stderr=True), verdict, found)
    print(json.dumps(found), flush=True)
    return 0 if verdict.clean else 1


async def _violence(killer: Killer, weather: Weather, people: People, *, seed: int, points: int) -> None:
    """Customers come and write until every point is used up; then they finish in peace."""
    rage = asyncio.create_task(weather.rage())
    customers: set[asyncio.Task[None]] = set()
    run = f"{seed}-{os.getpid()}-"
    cuts = [points * (n + 1) // (points // 60 + 2) for n in range(points // 60 + 1)]
    number = 0
    with _progress() as progress:
        bar = progress.add_task("kills", total=points, customers=0)
        while (killed := killer.total) < points:
            progress.update(bar, completed=killed, customers=number)
            if len(customers) < AT_ONCE:
                number += 1
                task = asyncio.create_task(people.live(customer(seed, number, run)))
                customers.add(task)
                task.add_done_callback(customers.discard)
            if cuts and killed >= cuts[0]:
                cuts.pop(0)
                await weather.power_cut()
            await asyncio.sleep(NEW_CUSTOMER_EVERY)
        progress.update(bar, completed=points)
    rage.cancel()
    with suppress(asyncio.CancelledError):
        await rage
    await weather.calm()
    await asyncio.gather(*customers)


async def _settled(ground: Site, record: Record, diary: Path) -> Verdict:
    """The verdict, as soon as it is clean, or when all had its time."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        verdict = judge(record, await asyncio.to_thread(read, ground), Diary(diary))
        if not (verdict.lost or verdict.stuck) or time.monotonic() > deadline:
            return verdict
        await asyncio.sleep(2.0)


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[customers]} customers"),
    )
    progress = Progress(*columns, console=Console(stderr=True))
    return progress


def _keep(ground: Site, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*ground.folder.glob("*.log"), *ground.folder.glob("*.jsonl")):
        (folder / file.name).write_bytes(file.read_bytes())
    try:
        found = read(ground)
    except httpx2.HTTPError:
        return  # the desk is gone: the run was stopped from outside
    turns = [turn for of_one in found.turns.values() for turn in of_one]
    rows = (*found.all_messages(), *found.outbox, *found.open_work, *turns)
    (folder / "account.txt").write_text("".join(f"{row}\n" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
