"""Traces and scores to Langfuse: what was taken, what to try again, what never to try again.

Repeats are safe: every id follows from the turn.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nextnest.adapters.langfuse.client import Answer, Langfuse, Verdict
from nextnest.adapters.langfuse.otlp import OtlpPayload, merged

MOST_BYTES = 3_000_000  # of one export before compression; the cloud refuses from 4.5 MB
AT_ONCE = 8  # scores on their way at the same time
_OTLP = "/api/public/otel/v1/traces"
_HEADERS = {
    "content-type": "application/json",
    "content-encoding": "gzip",
    # Version 4 is written as it comes; without it a trace shows up to ten minutes late.
    "x-langfuse-ingestion-version": "4",
}


@dataclass(frozen=True)
class Parcel:
    """One turn on its way: `id` is the sender's, `trace` from turn_trace, `scores` from turn_scores."""

    id: str
    trace: OtlpPayload
    scores: Sequence[dict[str, Any]] = ()


@dataclass
class ShipResult:
    """Every parcel's id is in exactly one of the three; `retry` and `refused` say why."""

    taken: list[str] = field(default_factory=list)
    retry: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None  # seconds, when the server named them

    def missed(self, parcel: Parcel, answer: Answer, what: str) -> None:
        missed = self.refused if answer.verdict is Verdict.REFUSED else self.retry
        missed[parcel.id] = f"{what}: {answer.reason}"
        self.retry_after = max(filter(None, (self.retry_after, answer.retry_after)), default=None)


async def ship(langfuse: Langfuse, parcels: Sequence[Parcel], *, seconds: float = 60.0) -> ShipResult:
    """Send the parcels, for at most `seconds` in all; what is left then is to be tried again."""
    result = ShipResult()
    try:
        async with asyncio.timeout(seconds):
            await _ship(langfuse, parcels, result)
    except TimeoutError:
        named = {*result.taken, *result.retry, *result.refused}
        late = (parcel.id for parcel in parcels if parcel.id not in named)
        result.retry |= dict.fromkeys(late, f"not sent within {seconds:g} s")
    return result


async def _ship(langfuse: Langfuse, parcels: Sequence[Parcel], result: ShipResult) -> None:
    waiting = _loads(parcels)
    while waiting:
        load = waiting.pop(0)
        answer = await _export(langfuse, load)
        if answer.verdict is Verdict.TAKEN:
            await _post_scores(langfuse, load, result)
        elif answer.verdict is Verdict.REFUSED and len(load) > 1:
            # One bad span makes the server refuse them all: halve until the bad one is alone.
            middle = len(load) // 2
            waiting[:0] = [load[:middle], load[middle:]]
        else:
            missed = [load, *waiting] if answer.verdict is Verdict.RETRY else [load]
            for parcel in (one for some in missed for one in some):
                result.missed(parcel, answer, "trace")
            if answer.verdict is Verdict.RETRY:
                return  # the rest would wait for the same time-out, one after the other


def _loads(parcels: Sequence[Parcel]) -> list[list[Parcel]]:
    loads: list[list[Parcel]] = []
    size = MOST_BYTES
    for parcel in parcels:
        bytes_ = len(json.dumps(parcel.trace))
        if size + bytes_ > MOST_BYTES:
            loads.append([])
            size = 0
        loads[-1].append(parcel)
        size += bytes_
    return loads


async def _export(langfuse: Langfuse, load: Sequence[Parcel]) -> Answer:
    text = json.dumps(merged([parcel.trace for parcel in load]), ensure_ascii=False)
    content = gzip.compress(text.encode(), compresslevel=5, mtime=0)
    return await langfuse.call("POST", _OTLP, content=content, headers=_HEADERS)


async def _post_scores(langfuse: Langfuse, load: Sequence[Parcel], result: ShipResult) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def of_parcel(parcel: Parcel) -> None:
        async with places:
            for score in parcel.scores:
                answer = await langfuse.call("POST", "/api/public/scores", body=score)
                if answer.verdict is not Verdict.TAKEN:
                    result.missed(parcel, answer, f"score {score.get('name')}")
                    return
        result.taken.append(parcel.id)

    await asyncio.gather(*(of_parcel(parcel) for parcel in load))
