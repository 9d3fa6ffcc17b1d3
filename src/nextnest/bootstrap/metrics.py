"""Counters that a process keeps of its own; what is in the tables is read from there."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from nextnest.broker.composition import BrokerEvent


class BrokerCounter:
    """Counts what happened on the way to each reply: passed, refused, fell back, handed over."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "nextnest_broker_events", "Steps on the way to a reply, by kind", ["event"], registry=registry
        )

    def __call__(self, event: BrokerEvent) -> None:
        self._counter.labels(event.value).inc()
