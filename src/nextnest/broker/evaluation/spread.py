"""The playbook's scenarios over all processors: it computes and never waits, so one process would use one."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from nextnest.broker.budget import SpendInMemory
from nextnest.broker.evaluation.measures import Evaluation, ScenarioRun
from nextnest.broker.evaluation.runner import run_scenario
from nextnest.broker.evaluation.scenario import Scenario
from nextnest.broker.evaluation.suites import Suite
from nextnest.broker.warming import warm
from nextnest.mortgage.tables import RULES_CHECKED

CHUNK = 8  # runs handed to a process at once
WORTH_IT = 64  # runs; a process takes about two seconds to begin

_Run = tuple[Scenario, int]  # and which repeat


def processors() -> int:
    """How many of the machine's processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def evaluate_spread(
    suites: Sequence[Suite], *, repeats: int, processes: int, on_done: Callable[[ScenarioRun], None]
) -> Evaluation:
    """Every scenario `repeats` times by the playbook; as `evaluate` without a model, and faster."""
    started = time.perf_counter()
    wanted = [(s, repeat) for repeat in range(1, repeats + 1) for suite in suites for s in suite.scenarios]
    chunks = [wanted[at : at + CHUNK] for at in range(0, len(wanted), CHUNK)]
    done: dict[int, list[ScenarioRun]] = {}
    # Spawned, not forked: the progress bar is drawn by a thread.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin) as pool:
        places = {pool.submit(_runs, chunk): place for place, chunk in enumerate(chunks)}
        try:
            for future in as_completed(places):
                done[places[future]] = future.result()
                for run in future.result():
                    on_done(run)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    runs = tuple(run for place in sorted(done) for run in done[place])
    return Evaluation(runs, "playbook", repeats, time.perf_counter() - started)


def _runs(chunk: Sequence[_Run]) -> list[ScenarioRun]:
    async def work() -> list[ScenarioRun]:
        return [await run_scenario(scenario, repeat, spend=SpendInMemory()) for scenario, repeat in chunk]

    return asyncio.run(work())


def _begin() -> None:
    """Leave Ctrl-C to the parent, and read the rules before replies are timed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm(RULES_CHECKED)
