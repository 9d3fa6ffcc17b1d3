"""`python -m bench.load`: rates, latencies, memory and growth, beside the naive handler, on this machine."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass

import uvloop
from rich.console import Console

from bench import processes
from bench.chaos.report import quantile
from bench.load import phases
from bench.load.chats import Chat, Chats
from bench.load.disk import disk_probe
from bench.load.growth import growth
from bench.load.naive import naive
from bench.load.phases import Figures, Hooks, Ours, Volume
from bench.load.report import show
from bench.load.wire import recorded
from bench.model import serve
from bench.site import git_version, site

NO_QUIET = {"NEXTNEST_QUIET_SECONDS": "0"}


@dataclass(frozen=True)
class Model:
    """The scripted model, and the settings by which a worker asks it."""

    url: str

    @property
    def env(self) -> dict[str, str]:
        return {"NEXTNEST_MODEL": "scripted", "NEXTNEST_MODEL_BASE_URL": f"{self.url}/v1"}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    options.add_argument("--quick", action="store_true", help="a minute instead of six, with rougher numbers")
    volume = phases.QUICK if options.parse_args().quick else phases.WHOLE
    processes.preload("bench.model")
    with site() as ground:
        port = processes.free_port()
        server = processes.Process(
            "model", serve, [port, 1, 0.0, 0.0], env=ground.env, log=ground.log("model")
        )
        ours, model = Ours(ground), Model(f"http://127.0.0.1:{port}")
        try:
            processes.wait_until_answers(model.url)
            found = uvloop.run(_run(ours, model, volume))
        finally:
            ours.stop()
            server.stop(2)
    show(Console(stderr=True), found)
    print(json.dumps(found), flush=True)
    return 0


async def _run(ours: Ours, model: Model, volume: Volume) -> Figures:
    ground, began = ours.site, time.monotonic()
    chats = Chats(ground)
    found: Figures = {"version": git_version(), "load_average": round(os.getloadavg()[0], 1)}
    try:
        _say("start, and leads")
        ours.start_web(**NO_QUIET)
        ours.start_worker()
        await asyncio.sleep(2.0)
        found |= phases.memory(ours, "idle")
        each, rate = await chats.begin(volume.chats)
        found["leads_per_s"] = round(rate, 1)
        _say("message to answer, without model")
        found |= await phases.overhead(ground, chats, each, volume, who="")
        found |= phases.window(ground)
        found |= phases.memory(ours, "loaded")
        event = await recorded(ground, each[0].conversation_id, each[0].source_id)
        hooks = Hooks(ground, event, each)
        _say("turns with an instant model")
        found |= await phases.turns(ours, chats, each, volume, model.env)
        found |= {f"model_{k}": v for k, v in phases.memory(ours, "loaded").items() if "worker" in k}
        found |= await _acks(ours, chats, each, hooks, volume, model)
        _say("growth")
        ours.stop()
        ours.start_web(**NO_QUIET)
        ours.start_worker()
        found["growth"] = await growth(ours, chats, each, hooks, volume)
        _say("the naive handler")
        ours.stop()
        found |= await naive(ground, chats, each, event, model.url, volume)
    finally:
        await chats.close()
    return found | {"seconds": round(time.monotonic() - began, 1)}


async def _acks(
    ours: Ours, chats: Chats, each: list[Chat], hooks: Hooks, volume: Volume, model: Model
) -> Figures:
    """Acks, with quiet time as people run it: while the model is stalled, then as many as there can be."""
    _say("acks at 100/s while the model is stalled")
    ours.stop()
    ours.start_web()
    ours.start_worker(**model.env)
    await chats.pace(model.url, slowest=-60.0)
    for chat in each[:16]:  # more than a worker has lanes
        await chats.say(chat, "What documents do you need from me?")
    await asyncio.sleep(2.0)
    with disk_probe(ours.site.folder) as disk:
        found = await phases.stalled(hooks, volume, "acks")
    found |= {f"disk_p{q}_ms": round(quantile(disk, q / 100), 2) for q in (50, 99)}
    await chats.pace(model.url, slowest=0.0)
    _say("acks as fast as they come")
    found |= await phases.capacity(hooks, volume, "acks_with_worker")
    ours.stop_worker()
    return found | await phases.capacity(hooks, volume, "acks", ours.spent)


def _say(what: str) -> None:
    Console(stderr=True).log(what)


if __name__ == "__main__":
    sys.exit(main())
