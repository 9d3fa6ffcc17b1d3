"""Keeps the processes of a run alive and has each of them killed, again and again, at the points in turn."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.chaos.known import POINTS
from bench.chaos.points import Order
from bench.chaos.victim import run
from bench.processes import Process
from bench.site import Site

LIFE = {"web": (0.5, 2.5), "worker": (1.0, 4.0)}  # seconds of work before its point counts
PATIENCE = 9.0  # seconds until a process that does not reach its point is killed wherever it is
ANYWHERE = "anywhere"
LOOK = 0.02  # seconds between looks at a process


class Killer:
    def __init__(self, site: Site, diary: Path, *, seed: int, points: int) -> None:
        self._site = site
        self._diary = diary
        self._left = points
        self._draw = random.Random(f"{seed} kills")
        self._names = {role: self._in_turn(names) for role, names in POINTS.items()}
        self._calm = asyncio.Event()
        self._slots: list[asyncio.Task[None]] = []
        self._processes: dict[str, Process] = {}
        self.kills: Counter[str] = Counter()
        self.exits: list[str] = []

    @property
    def total(self) -> int:
        """How many processes were killed so far."""
        return self.kills.total()

    def start(self, *, workers: int, model: dict[str, str]) -> None:
        """One web process and the workers; every second worker has the model."""
        web = ("web", "--port", str(self._site.web_port))
        self._slots = [asyncio.create_task(self._keep("web", web, self._site.env))]
        for number in range(workers):
            env = self._site.env | (model if number % 2 == 0 else {})
            self._slots.append(asyncio.create_task(self._keep(f"worker{number}", ("worker",), env)))

    async def stop(self) -> None:
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        for process in self._processes.values():
            await asyncio.to_thread(process.stop, 20.0)

    def _in_turn(self, names: tuple[str, ...]) -> Iterator[str]:
        while True:
            yield from self._draw.sample(names, len(names))

    def _order(self, role: str) -> Order:
        if self._left <= 0:
            return Order()
        self._left -= 1
        point, nth = next(self._names[role]), self._draw.choice((1, 1, 1, 2, 3))
        return Order(point, nth, self._draw.uniform(*LIFE[role]))

    async def _keep(self, name: str, line: tuple[str, ...], env: dict[str, str]) -> None:
        while True:
            order = self._order(line[0])
            process = Process(name, run, [line, order, str(self._diary)], env=env, log=self._site.log(name))
            self._processes[name] = process
            await self._until_dead(process, order)
            if process.exit_code == -9:
                continue
            self.exits.append(f"{name} ended by itself with {process.exit_code}")
            await asyncio.sleep(0.3)  # as a supervisor would wait

    async def _until_dead(self, process: Process, order: Order) -> None:
        patience = time.monotonic() + order.after + PATIENCE
        while process.exit_code is None:
            await asyncio.sleep(LOOK)
            if order.point and time.monotonic() > patience and process.exit_code is None:
                self._tell({"e": "killed", "point": ANYWHERE, "pid": process.pid, "role": process.name})
                self.kills[ANYWHERE] += 1
                process.kill()
                order = Order()
        if order.point and process.exit_code == -9:
            self.kills[order.point] += 1
        elif order.point:
            self._left += 1  # it ended for another reason: the point is still to come

    def _tell(self, event: dict[str, object]) -> None:
        with self._diary.open("a") as file:
            file.write(json.dumps({"t": round(time.time(), 4), **event}) + "\n")
