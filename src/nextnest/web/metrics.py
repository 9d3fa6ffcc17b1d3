"""What the web counts about itself, for /metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ACK_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 1, 5)  # seconds


class WebMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.webhooks = Counter(
            "nextnest_webhooks",
            "Webhooks by source and by what became of them",
            ["source", "outcome"],
            registry=registry,
        )
        self.ack_seconds = Histogram(
            "nextnest_webhook_ack_seconds",
            "Time to acknowledge a stored webhook",
            registry=registry,
            buckets=_ACK_BUCKETS,
        )
        self.leads = Counter(
            "nextnest_leads",
            "Leads by how they came and what became of them",
            ["way", "outcome"],
            registry=registry,
        )
        self.chat_streams = Gauge("nextnest_chat_streams", "Chat pages connected now", registry=registry)
