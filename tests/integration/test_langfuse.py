"""Langfuse over a real socket: shipping, keys, managed prompts, datasets."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.responses import HTMLResponse, JSONResponse

from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.langfuse.datasets import (
    DatasetError,
    ensure_dataset,
    experiment_attributes,
    link_item,
    put_item,
)
from nextnest.adapters.langfuse.prompts import ManagedPrompts
from nextnest.adapters.langfuse.shipping import Parcel, ship
from nextnest.adapters.tracing import span_id, trace_id, turn_scores, turn_trace
from nextnest.broker.prompts import local_prompt
from nextnest.domain.persona import Persona
from tests.integration.langfuse_double import PUBLIC_KEY, SECRET_KEY, LangfuseDouble
from tests.integration.serving import serving
from tests.unit.test_tracing import ORIGIN, TURN

BALANCED = Persona.BALANCED
NAME = "nextnest-broker-balanced"


@pytest.fixture
def server() -> LangfuseDouble:
    return LangfuseDouble()


@pytest.fixture
async def langfuse(server: LangfuseDouble) -> AsyncIterator[Langfuse]:
    async with (
        serving(server.app()) as address,
        Langfuse(address, PUBLIC_KEY, SECRET_KEY, seconds=5) as client,
    ):
        yield client


def parcel(turn_id: str = "turn-1") -> Parcel:
    turn = dataclasses.replace(TURN, turn_id=turn_id)
    return Parcel(turn_id, turn_trace(turn, ORIGIN), turn_scores(turn, ORIGIN))


def broken(turn_id: str) -> Parcel:
    whole = parcel(turn_id)
    del whole.trace["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"]
    return whole


async def test_a_trace_and_its_scores_arrive(langfuse: Langfuse, server: LangfuseDouble) -> None:
    result = await ship(langfuse, [parcel()])
    assert result.taken == ["turn-1"]
    assert {trace for trace, _ in server.spans} == {trace_id("turn-1")}
    assert {score["name"]: score["value"] for score in server.scores.values()} == {
        "outcome": "replied",
        "lead_score": 62,
    }


async def test_it_asks_for_the_path_that_is_readable_at_once(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    await ship(langfuse, [parcel()])
    assert server.headers[0]["x-langfuse-ingestion-version"] == "4"
    assert server.headers[0]["content-encoding"] == "gzip"


async def test_sending_again_adds_nothing(langfuse: Langfuse, server: LangfuseDouble) -> None:
    await ship(langfuse, [parcel(), parcel("turn-2")])
    once = (dict(server.spans), dict(server.scores))
    await ship(langfuse, [parcel("turn-2"), parcel()])
    assert (server.spans, server.scores) == once


async def test_many_turns_go_in_one_export(langfuse: Langfuse, server: LangfuseDouble) -> None:
    ids = [f"turn-{n}" for n in range(40)]
    result = await ship(langfuse, [parcel(turn_id) for turn_id in ids])
    assert sorted(result.taken) == sorted(ids)
    assert server.calls.count("POST /api/public/otel/v1/traces") == 1


async def test_one_bad_trace_does_not_take_the_others_with_it(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    good = [parcel(f"turn-{n}") for n in range(6)]
    result = await ship(langfuse, [*good[:3], broken("bad"), *good[3:]])
    assert sorted(result.taken) == [one.id for one in good]
    assert set(result.refused) == {"bad"}
    assert "entire export was rejected" in result.refused["bad"]
    assert not result.retry


async def test_an_export_too_large_for_a_proxy_goes_in_parts(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    parcels = [parcel(f"turn-{n}") for n in range(4)]
    server.most_export_bytes = 30_000
    result = await ship(langfuse, parcels)
    assert sorted(result.taken) == [one.id for one in parcels]
    assert server.calls.count("POST /api/public/otel/v1/traces") > 1


async def test_a_score_that_is_refused_is_named(langfuse: Langfuse) -> None:
    wrong = dataclasses.replace(parcel(), scores=[{**parcel().scores[1], "value": "many"}])
    result = await ship(langfuse, [wrong, parcel("turn-2")])
    assert result.taken == ["turn-2"]
    assert result.refused["turn-1"].startswith("score lead_score: 400")


@pytest.mark.parametrize(
    ("status", "retry_after"),
    [
        (500, None),
        (503, None),
        (429, "7"),  # it says when to come again
        (401, None),  # wrong keys are put right by a person; no trace is lost meanwhile
        (403, None),  # ingestion suspended
        (404, None),  # a wrong address
        (422, None),  # its ClickHouse is overloaded
    ],
)
async def test_what_may_pass_is_tried_later(
    langfuse: Langfuse, server: LangfuseDouble, status: int, retry_after: str | None
) -> None:
    headers = {"retry-after": retry_after} if retry_after else None
    server.failures = [JSONResponse({"message": "no"}, status, headers=headers)]
    result = await ship(langfuse, [parcel(), parcel("turn-2")])
    assert set(result.retry) == {"turn-1", "turn-2"}
    assert result.retry_after == (7.0 if retry_after else None)
    assert not result.taken
    assert not result.refused


async def test_another_sites_page_is_not_taken_for_an_answer(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    server.failures = [HTMLResponse("<html>Welcome</html>")]
    result = await ship(langfuse, [parcel()])
    assert "is this the address of Langfuse?" in result.retry["turn-1"]


async def test_a_failed_score_leaves_the_parcel_for_later(langfuse: Langfuse, server: LangfuseDouble) -> None:
    only_scores = Parcel("turn-1", {"resourceSpans": []}, parcel().scores)
    server.failures = [JSONResponse({}), JSONResponse({"message": "busy"}, 503)]
    result = await ship(langfuse, [only_scores])
    assert result.retry == {"turn-1": "score outcome: 503 busy"}


async def test_a_hanging_server_costs_one_time_out_for_all(server: LangfuseDouble) -> None:
    server.hanging = True
    async with (
        serving(server.app()) as address,
        Langfuse(address, PUBLIC_KEY, SECRET_KEY, seconds=1.0) as client,
    ):
        started = time.monotonic()
        result = await ship(client, [parcel(f"turn-{n}") for n in range(20)])
        assert time.monotonic() - started < 10  # one after another they would take 20
    assert len(result.retry) == 20
    assert "no answer within 1 s" in result.retry["turn-0"]
    assert len(server.calls) == 1


async def test_shipping_as_a_whole_has_an_end(langfuse: Langfuse, server: LangfuseDouble) -> None:
    server.hanging = True
    result = await ship(langfuse, [parcel(), parcel("turn-2")], seconds=0.1)
    assert result.retry == dict.fromkeys(["turn-1", "turn-2"], "not sent within 0.1 s")


async def test_nobody_listening_is_tried_later() -> None:
    async with Langfuse("http://127.0.0.1:9", PUBLIC_KEY, SECRET_KEY) as client:
        result = await ship(client, [parcel()])
    assert "cannot be reached (ConnectError)" in result.retry["turn-1"]


async def test_nothing_to_ship_calls_nobody(langfuse: Langfuse, server: LangfuseDouble) -> None:
    result = await ship(langfuse, [])
    assert (result.taken, server.calls) == ([], [])


async def test_right_keys_have_no_problem(langfuse: Langfuse) -> None:
    assert await langfuse.problem() is None


@pytest.mark.parametrize(
    ("keys", "answer", "variable", "says"),
    [
        ((PUBLIC_KEY, "sk-wrong"), None, "LANGFUSE_SECRET_KEY", "Invalid credentials"),
        ((PUBLIC_KEY, SECRET_KEY), HTMLResponse("<html>", 404), "LANGFUSE_BASE_URL", "404"),
        ((PUBLIC_KEY, SECRET_KEY), JSONResponse([]), "LANGFUSE_BASE_URL", "does not answer as Langfuse does"),
        ((PUBLIC_KEY, SECRET_KEY), JSONResponse({"data": []}), "LANGFUSE_PUBLIC_KEY", "no project"),
    ],
)
async def test_what_is_wrong_is_said_with_the_variable_to_change(
    server: LangfuseDouble, keys: tuple[str, str], answer: Any, variable: str, says: str
) -> None:
    server.failures = [answer] if answer else []
    async with serving(server.app()) as address, Langfuse(address, *keys) as client:
        problem = await client.problem()
    assert problem is not None
    assert variable in problem
    assert says in problem
    assert SECRET_KEY not in problem


async def test_an_address_that_is_none_is_a_problem_and_no_error() -> None:
    async with Langfuse("http://[broken", PUBLIC_KEY, SECRET_KEY) as client:
        assert "LANGFUSE_BASE_URL" in str(await client.problem())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_managed_prompt_is_used_with_its_version(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    server.prompts[NAME] = {"prompt": "Be kind.", "version": 3}
    prompt = await ManagedPrompts(langfuse, wait=5).prompt(BALANCED)
    assert (prompt.text, prompt.version, prompt.managed) == ("Be kind.", "3", True)


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (None, "it is not managed there"),
        ({"prompt": [{"role": "system", "content": "x"}], "version": 1, "type": "chat"}, "a chat prompt"),
        ({"prompt": "  ", "version": 1}, "an empty prompt would leave the model without rules"),
        ({"prompt": "Be kind."}, "without a version it cannot be linked"),
    ],
)
async def test_else_the_file_of_the_release(
    langfuse: Langfuse, server: LangfuseDouble, stored: dict[str, Any] | None, reason: str
) -> None:
    if stored is not None:
        server.prompts[NAME] = stored
    assert await ManagedPrompts(langfuse, wait=5).prompt(BALANCED) == local_prompt(BALANCED), reason


async def test_a_turn_waits_shortly_for_a_hanging_server_and_only_once(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    server.hanging = True
    prompts = ManagedPrompts(langfuse, wait=0.1)
    started = time.monotonic()
    for _ in range(10):
        assert await prompts.prompt(BALANCED) == local_prompt(BALANCED)
    assert time.monotonic() - started < 0.8
    await prompts.aclose()
    assert len(server.calls) == 1


async def test_a_stale_prompt_is_used_while_it_is_renewed(langfuse: Langfuse, server: LangfuseDouble) -> None:
    clock = Clock()
    prompts = ManagedPrompts(langfuse, fresh=300, wait=5, clock=clock)
    server.prompts[NAME] = {"prompt": "Old.", "version": 1}
    assert (await prompts.prompt(BALANCED)).text == "Old."
    server.prompts[NAME] = {"prompt": "New.", "version": 2}
    assert (await prompts.prompt(BALANCED)).text == "Old."
    clock.now = 301
    assert (await prompts.prompt(BALANCED)).text == "Old."
    async with asyncio.timeout(5):
        while (await prompts.prompt(BALANCED)).text != "New.":  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_an_outage_keeps_the_last_managed_prompt(langfuse: Langfuse, server: LangfuseDouble) -> None:
    clock = Clock()
    prompts = ManagedPrompts(langfuse, fresh=300, wait=5, clock=clock)
    server.prompts[NAME] = {"prompt": "Managed.", "version": 1}
    await prompts.prompt(BALANCED)
    clock.now = 301
    server.failures = [JSONResponse({"message": "down"}, 503)]
    await prompts.prompt(BALANCED)
    async with asyncio.timeout(5):
        while server.failures:  # noqa: ASYNC110
            await asyncio.sleep(0)
    await prompts.aclose()
    assert (await prompts.prompt(BALANCED)).text == "Managed."


async def test_an_evaluation_is_a_dataset_with_items_and_an_experiment(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    dataset = await ensure_dataset(langfuse, "nextnest-eval")
    item = await put_item(
        langfuse, "nextnest-eval", "capacity-1", given=["hi"], expected={"ok": 1}, metadata={}
    )
    again = await put_item(
        langfuse, "nextnest-eval", "capacity-1", given=["hi"], expected={"ok": 2}, metadata={}
    )
    assert (item, len(server.items)) == (again, 1)
    extra = experiment_attributes(
        dataset_id=dataset,
        run="run 1",
        item_id=item,
        root_span_id=span_id("turn-1", "root"),
        expected={"ok": 2},
    )
    await ship(langfuse, [Parcel("turn-1", turn_trace(TURN, ORIGIN, extra=extra))])
    sent = {
        value["value"]["stringValue"]
        for span in server.spans.values()
        for value in span["attributes"]
        if value["key"] == "langfuse.experiment.item.id"
    }
    assert sent == {item}
    assert await link_item(langfuse, "run 1", item, trace_id("turn-1")) is None
    assert server.run_items[0]["traceId"] == trace_id("turn-1")


async def test_a_server_without_run_items_says_so_and_is_no_failure(
    langfuse: Langfuse, server: LangfuseDouble
) -> None:
    server.events_only = True
    said = await link_item(langfuse, "run 1", "item", trace_id("turn-1"))
    assert said is not None
    assert "events-only" in said


async def test_a_dataset_that_cannot_be_made_is_an_error(langfuse: Langfuse, server: LangfuseDouble) -> None:
    server.failures = [JSONResponse({"message": "no"}, 500)]
    with pytest.raises(DatasetError, match="dataset nextnest-eval: 500 no"):
        await ensure_dataset(langfuse, "nextnest-eval")
