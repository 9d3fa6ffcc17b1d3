"""/metrics tells what is in the tables and what workers know, and a scrape waits for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.store import numbers, operations
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.numbers import NumberRows
from nextnest.bootstrap.metrics import HELP, TableCollector, WorkerNumbers
from nextnest.broker.composition import BrokerEvent
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from tests.integration.test_main_corridor import customer_says, lead_in
from tests.integration.world import World, world

Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


def scraped(registry: CollectorRegistry) -> Numbers:
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


async def numbers_of(database: Database) -> Numbers:
    registry = CollectorRegistry()
    await TableCollector(registry, NumberRows(database)).refresh()
    return scraped(registry)


def labelled(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


OLD_SENDS = """INSERT INTO outbox (key, conversation_id, kind, guard, payload, state, done_at)
  SELECT 'old:' || n, %(id)s, 'note', 'none', '{}', 'sent', now() - interval '9 days'
  FROM generate_series(1, 50000) AS n"""


@pytest.mark.parametrize("statement", [numbers.STATEMENT, operations.OUTBOX], ids=["metrics", "ops page"])
async def test_what_was_sent_long_ago_costs_nothing(small: World, statement: str) -> None:
    await small.database.run(OLD_SENDS, {"id": await lead_in(small)})
    await small.database.run("ANALYZE outbox")
    plan = await small.database.fetch("EXPLAIN " + statement, {"dead": 12, "silent": 90})
    assert "Seq Scan on outbox" not in "\n".join(row["QUERY PLAN"] for row in plan)


async def test_turns_replies_and_handoffs_are_counted_from_the_tables(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    small.broker.script = lambda brief: Reply(
        text="A colleague will help.", intent="person", author="policy", handoff=HandoffReason.COMPLAINT
    )
    await customer_says(small, conversation, "this is bad")
    await small.work_off()
    found = await numbers_of(small.database)
    assert found["nextnest_turns_last_day", labelled(outcome="replied", reason="")] == 1
    assert found["nextnest_turns_last_day", labelled(outcome="handed_off", reason="complaint")] == 1
    assert found["nextnest_replies_last_day", labelled(author="playbook")] == 1
    assert found["nextnest_replies_last_day", labelled(author="policy")] == 1
    assert found["nextnest_handoffs", labelled(state="open")] == 1
    assert found["nextnest_reply_seconds", labelled(quantile="0.5")] > 0
    assert found["nextnest_send_window_milliseconds", labelled(quantile="0.99")] > 0
    assert found["nextnest_leads_unsynced", labelled()] == 0


async def test_what_waits_is_counted_and_what_is_not_known_is_left_out(database: Database) -> None:
    found = await numbers_of(database)
    assert found["nextnest_leads_unsynced", labelled()] == 0
    assert found["nextnest_workers", labelled()] == 0
    names = {name for name, _ in found}
    assert "nextnest_queue_age_seconds" not in names  # nothing is queued: no age, not an age of 0
    assert "nextnest_reply_seconds" not in names
    await database.run(
        """INSERT INTO leads (id, data, purpose, score, receipt, persona)
           VALUES ('ld_1', '{}', 'new_purchase', 50, '{}', 'balanced')"""
    )
    assert (await numbers_of(database))["nextnest_leads_unsynced", labelled()] == 1


async def test_spending_is_told_by_model(database: Database) -> None:
    for at, usd in (("now()", "0.25"), ("now()", "0.5"), ("now() - interval '2 days'", "9")):
        await database.run(
            f"""INSERT INTO model_spend (conversation_id, at, model, tokens, cost_usd)
                VALUES (1, {at}, 'test:one', 100, {usd})"""
        )
    found = await numbers_of(database)
    assert found["nextnest_model_cost_usd_last_day", labelled(model="test:one")] == 0.75
    assert found["nextnest_model_tokens_last_day", labelled(model="test:one")] == 200


async def test_a_worker_reports_what_only_it_knows(database: Database) -> None:
    circuit = Circuit(threshold=1)
    worker = WorkerNumbers()
    worker.watch("chatwoot", circuit)
    worker.count(BrokerEvent.MODEL_FAILED)
    worker.count(BrokerEvent.MODEL_FAILED)
    await NumberRows(database).report(worker.samples())
    circuit.failed()
    await NumberRows(database).report(worker.samples())  # its second report replaces the first
    found = {
        (name, dict(labels).get("event") or dict(labels).get("server")): (value, dict(labels)["process"])
        for (name, labels), value in (await numbers_of(database)).items()
        if "process" in dict(labels)
    }
    assert found["nextnest_broker_events_total", "model_failed"][0] == 2
    assert found["nextnest_circuit_open", "chatwoot"][0] == 1
    await database.run("UPDATE reports SET at = now() - interval '2 minutes'")
    assert not any("process" in dict(labels) for _, labels in await numbers_of(database))


async def test_a_scrape_asks_the_database_nothing_and_says_how_old_its_numbers_are(
    database: Database,
) -> None:
    now = 100.0
    registry = CollectorRegistry()
    table = TableCollector(registry, NumberRows(database), clock=lambda: now)
    assert scraped(registry) == {}  # nothing read yet: no numbers, rather than zeros
    await table.refresh()
    now = 107.0
    await database.close()
    found = scraped(registry)
    assert found["nextnest_numbers_age_seconds", labelled()] == 7
    assert found["nextnest_workers", labelled()] == 0


async def test_every_number_has_a_description(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    samples = await NumberRows(small.database).read()
    assert {sample.name for sample in samples} <= set(HELP)
