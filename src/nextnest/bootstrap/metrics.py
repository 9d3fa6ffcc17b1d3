"""Numbers for Prometheus: what a worker counts by itself, and what is read from the tables.

A worker has no web page, so it leaves its numbers in the database; every web process shows those of all
workers, with the numbers of the tables, as it last read them. A scrape waits for nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry

from nextnest.adapters.chatwoot.circuit import Circuit, CircuitState
from nextnest.adapters.store.numbers import NumberRows, Sample
from nextnest.broker.composition import BrokerEvent

HELP = {
    "turns_last_day": "Turns that ended in the last 24 hours, by outcome and reason",
    "replies_last_day": "Replies of the last 24 hours, by who wrote them: model, playbook, policy",
    "reply_seconds": "From a customer's message to the reply, over the last 24 hours",
    "send_window_milliseconds": "From the last look at a thread to the answer of the POST",
    "queue_age_seconds": "Age of the oldest job that is due",
    "oldest_unanswered_seconds": "How long the customer waits who has waited longest",
    "outbox": "Writes to Chatwoot that are not done, by state",
    "outbox_retries_last_day": "Attempts beyond the first, of writes done in the last 24 hours",
    "leads_unsynced": "Leads that are not in Chatwoot yet",
    "traces_waiting": "Traces that Langfuse has not taken yet",
    "traces_refused": "Traces that Langfuse refused",
    "handoffs": "Hand-offs that are not over, by state",
    "drafts_waiting": "Drafts that wait for a person",
    "model_tokens_last_day": "Tokens used in the last 24 hours, by model",
    "model_cost_usd_last_day": "US$ spent in the last 24 hours, by model",
    "model_calls_last_day": "Calls of the model in the last 24 hours",
    "workers": "Workers with a heartbeat",
    "drift": "What the last comparison with Chatwoot found wrong, by kind",
    "broker_events_total": "Steps on the way to a reply since a worker started, by kind",
    "circuit_open": "1 while a server that failed is left alone, by worker",
    "numbers_age_seconds": "Age of the numbers that are read from the database",
}


class WorkerNumbers:
    """What only this process knows: steps of the broker, and which servers it leaves alone."""

    def __init__(self) -> None:
        self._events: Counter[str] = Counter()
        self._circuits: dict[str, Circuit] = {}

    def count(self, event: BrokerEvent) -> None:
        self._events[event.value] += 1

    def watch(self, server: str, circuit: Circuit) -> None:
        self._circuits[server] = circuit

    def samples(self) -> list[Sample]:
        events = [Sample("broker_events_total", {"event": e}, n) for e, n in sorted(self._events.items())]
        circuits = [
            Sample("circuit_open", {"server": server}, float(circuit.state is not CircuitState.CLOSED))
            for server, circuit in self._circuits.items()
        ]
        return [*events, *circuits]


class TableCollector(Collector):
    """Shows the numbers as they were last read; `refresh` runs on a task beside the web app."""

    def __init__(
        self, registry: CollectorRegistry, rows: NumberRows, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rows = rows
        self._clock = clock
        self._samples: list[Sample] = []
        self._read_at: float | None = None
        registry.register(self)

    async def refresh(self) -> None:
        self._samples = sorted(await self._rows.read(), key=lambda sample: sample.name)
        self._read_at = self._clock()

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is read when the collector is registered

    def collect(self) -> Iterator[Metric]:
        if self._read_at is None:
            return
        age = Sample("numbers_age_seconds", {}, self._clock() - self._read_at)
        for name, samples in groupby([*self._samples, age], key=lambda sample: sample.name):
            yield _family(name, list(samples))


def _family(name: str, samples: list[Sample]) -> Metric:
    labels = sorted({label for sample in samples for label in sample.labels})
    kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    family = kind(f"nextnest_{name}", HELP.get(name, name), labels=labels)
    for sample in samples:
        family.add_metric([sample.labels.get(label, "") for label in labels], sample.value)
    return family
