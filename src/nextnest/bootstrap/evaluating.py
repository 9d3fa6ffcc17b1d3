"""An evaluation by the settings: a model where one is named, and a run in Langfuse where that is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.langfuse.datasets import (
    DatasetError,
    ensure_dataset,
    experiment_attributes,
    link_item,
    put_item,
)
from nextnest.adapters.langfuse.shipping import Parcel, ship
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.adapters.store.knowledge import KnowledgeRows
from nextnest.adapters.tracing import Origin, span_id, trace_id, turn_trace
from nextnest.broker.budget import Limits
from nextnest.broker.evaluation import Evaluation, Suite, evaluate
from nextnest.broker.evaluation.measures import ScenarioRun
from nextnest.broker.evaluation.spread import WORTH_IT, evaluate_spread, processors
from nextnest.broker.ports import Model
from nextnest.domain.trace import TurnTrace
from nextnest.settings import Settings, SettingsError, read_settings

DATASET = "nextnest-eval"
AT_ONCE = 6  # items on their way to Langfuse
LANGFUSE_SECONDS = 120.0  # for the whole run to be written there

OnDone: TypeAlias = Callable[[ScenarioRun], None]


def settings_for(env: Mapping[str, str], model: str | None) -> Settings:
    """The settings, with this model in place of NEXTNEST_MODEL. No home is made and no key is written.

    Raises:
        SettingsError: a variable is broken.
    """
    named = dict(env) | {"NEXTNEST_MODEL": model} if model else dict(env)
    return read_settings(named, keys={"api_key": "unused", "secret_key": "unused"})


async def evaluated(
    settings: Settings,
    suites: Sequence[Suite],
    *,
    by_model: bool,
    repeats: int,
    parallel: int,
    on_done: OnDone,
) -> Evaluation:
    """Run the suites.

    Raises:
        SettingsError: the model cannot be had.
    """
    if not by_model:
        return await _by_playbook(suites, repeats, parallel, on_done)
    async with AsyncExitStack() as stack:
        model = await _model(settings, stack)
        knowledge = await stack.enter_async_context(_knowledge())
        return await evaluate(
            suites,
            model=model,
            knowledge=knowledge.search,
            author=settings.model or "",
            repeats=repeats,
            parallel=parallel,
            on_done=on_done,
        )


async def _by_playbook(suites: Sequence[Suite], repeats: int, parallel: int, on_done: OnDone) -> Evaluation:
    processes = min(parallel, processors())
    if processes == 1 or repeats * sum(len(suite.scenarios) for suite in suites) < WORTH_IT:
        return await evaluate(suites, repeats=repeats, on_done=on_done)
    return evaluate_spread(suites, repeats=repeats, processes=processes, on_done=on_done)


@asynccontextmanager
async def _knowledge() -> AsyncIterator[KnowledgeRows]:
    """The knowledge in a PostgreSQL of its own, gone afterwards: a model searches as it does in service."""
    with TemporaryDirectory(prefix="nextnest-eval-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        database = Database(await asyncio.to_thread(_started, server, Path(folder)), connections=2)
        try:
            await database.open()
            yield KnowledgeRows(database)
        finally:
            await database.close()
            await asyncio.to_thread(server.stop)


def _started(server: EmbeddedPostgres, folder: Path) -> str:
    try:
        folder.chmod(0o755)  # as root the server runs as another user
        return server.start()
    except (OSError, RuntimeError) as error:
        raise SettingsError([f"--model: its knowledge needs a PostgreSQL: {error}"]) from error


async def _model(settings: Settings, stack: AsyncExitStack) -> Model:
    from nextnest.broker.model import open_model  # slow to import, and needed only with a model

    limits = Limits(turn_seconds=settings.model_seconds, day_usd=settings.model_usd_per_day)
    try:
        opened = open_model(settings.model or "", base_url=settings.model_base_url, limits=limits)
    except ValueError as error:
        raise SettingsError([f"--model: {error}"]) from error
    return await stack.enter_async_context(opened)


async def to_langfuse(settings: Settings, evaluation: Evaluation, *, run: str) -> str | None:
    """Write the evaluation as a run of the dataset `nextnest-eval`; a line that says what came of it.

    None where Langfuse is not set. A server that is down, slow or older fails no evaluation.
    """
    keys = settings.langfuse
    if keys is None:
        return None
    origin = Origin(salt=settings.key_for("pseudonyms"), environment="evaluation")
    async with Langfuse(keys.base_url, keys.public_key, keys.secret_key.get_secret_value()) as langfuse:
        try:
            async with asyncio.timeout(LANGFUSE_SECONDS):
                return await _write(langfuse, evaluation, run, origin)
        except DatasetError as error:
            return f"Langfuse did not take the run: {error}"
        except TimeoutError:
            return f"Langfuse did not take the run within {LANGFUSE_SECONDS:g} s"


async def _write(langfuse: Langfuse, evaluation: Evaluation, run: str, origin: Origin) -> str:
    dataset = await ensure_dataset(langfuse, DATASET, description="Scripted customers of nextnest")
    places = asyncio.Semaphore(AT_ONCE)

    async def parcel(each: ScenarioRun) -> tuple[Parcel, str]:
        async with places:
            return await _parcel(langfuse, each, dataset, run, origin)

    packed = await asyncio.gather(*(parcel(each) for each in evaluation.runs))
    result = await ship(langfuse, [one for one, _ in packed], seconds=LANGFUSE_SECONDS / 2)
    taken = set(result.taken)
    said = await asyncio.gather(
        *(_linked(langfuse, run, item, one.id, places) for one, item in packed if one.id in taken)
    )
    notes = sorted({*filter(None, said), *result.retry.values(), *result.refused.values()})
    line = f"Langfuse: {len(taken)} of {len(packed)} traces as run {run!r} of dataset {DATASET!r}"
    return "; ".join([line, *notes[:3]])


async def _parcel(
    langfuse: Langfuse, each: ScenarioRun, dataset: str, run: str, origin: Origin
) -> tuple[Parcel, str]:
    """The trace of one scenario with its score, and the item of the dataset that it is a run of."""
    scenario = each.scenario
    said = [line for turn in each.turns for line in turn.lines]
    wanted = scenario.model_dump(mode="json", include={"turns", "never", "lead_ends"}, exclude_defaults=True)
    item = await put_item(
        langfuse,
        DATASET,
        f"{scenario.suite}/{scenario.id}",
        given={"lead": scenario.lead.facts() if scenario.lead else None, "says": said},
        expected=wanted,
        metadata={"suite": scenario.suite, "customer": scenario.customer},
    )
    turn = _trace(each, run)
    extra = experiment_attributes(
        dataset_id=dataset, run=run, item_id=item, root_span_id=span_id(turn.turn_id, "root"), expected=wanted
    )
    score = {
        "id": f"{trace_id(turn.turn_id)}-passed",
        "traceId": trace_id(turn.turn_id),
        "name": "passed",
        "value": int(each.passed),
        "dataType": "BOOLEAN",
        "comment": "; ".join(each.failures())[:1_000],
        "environment": origin.environment,
    }
    return Parcel(turn.turn_id, turn_trace(turn, origin, extra=extra), [score]), item


def _trace(each: ScenarioRun, run: str) -> TurnTrace:
    replies = [turn.reply for turn in each.turns if turn.reply is not None]
    return TurnTrace(
        turn_id=f"{run}/{each.scenario.id}/{each.repeat}",
        conversation_id=0,
        contact_key=each.scenario.id,
        started_at=each.started_at,
        ended_at=each.ended_at,
        inputs=tuple(line for turn in each.turns for line in turn.lines),
        outcome="passed" if each.passed else "failed",
        reason=None if each.passed else each.failures()[0],
        reply=replies[-1] if replies else None,
        steps=each.steps,
    )


async def _linked(
    langfuse: Langfuse, run: str, item: str, turn_id: str, places: asyncio.Semaphore
) -> str | None:
    async with places:
        return await link_item(langfuse, run, item, trace_id(turn_id))
