"""The knowledge in PostgreSQL: what customers' words find, what they do not, and releases side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from nextnest.adapters.store import knowledge as store
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.knowledge import KnowledgeRows
from nextnest.broker.broker import Broker
from nextnest.broker.knowledge import LIKELY, Entry, load
from nextnest.broker.playbook import playbook
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author
from tests.unit.broker.briefs import brief, message

TODAY = date(2026, 11, 22)
QUERIES: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "knowledge_queries.yaml").read_text("utf-8")
)


async def search(rows: KnowledgeRows, query: str, today: date = TODAY) -> Sequence[Entry]:
    return await rows.search(query, today=today, least=LIKELY, limit=3)


async def found(rows: KnowledgeRows, query: str) -> list[str]:
    return [entry.id for entry in await search(rows, query)]


async def test_customers_words_find_the_entry_that_answers_them(database: Database) -> None:
    rows = KnowledgeRows(database)
    missed = {
        query: ids
        for query, *wanted in QUERIES["found"]
        if not set(wanted) & set(ids := await found(rows, query))
    }
    assert len(QUERIES["found"]) >= 100
    assert missed == {}


async def test_what_no_entry_says_finds_nothing(database: Database) -> None:
    rows = KnowledgeRows(database)
    assert {query: ids for query in QUERIES["nothing"] if (ids := await found(rows, query))} == {}


async def test_a_term_and_its_synonym_find_the_same_entry(database: Database) -> None:
    rows = KnowledgeRows(database)
    missed = {
        (term, wanted): ids
        for one, other, wanted in QUERIES["pairs"]
        for term in (one, other)
        if wanted not in (ids := await found(rows, term))
    }
    assert missed == {}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "the of and",  # nothing but words that carry no meaning
        "!!! & | <-> :* ' \" ( )",  # what a query language may take for its own
        '"" or - or',
        "\u8d37\u6b3e",  # Chinese
        "x" * 10_000,
        "loan " * 5_000,
    ],
)
async def test_no_query_is_a_failure(database: Database, query: str) -> None:
    assert isinstance(await search(KnowledgeRows(database), query), list)


async def test_what_is_found_says_the_figures_of_the_day(database: Database) -> None:
    rows = KnowledgeRows(database)

    async def ceilings(today: date) -> str:
        return next(e.text for e in await search(rows, "income ceiling", today) if e.id == "income-ceilings")

    # HDB: S$14,000 for families until 23 Aug 2026, S$16,000 since.
    assert "S$14,000 for families" in await ceilings(date(2026, 8, 23))
    assert "S$16,000 for families" in await ceilings(date(2026, 8, 24))
    assert "S$14,000 for families" in await ceilings(date(2026, 8, 23))  # and back again


async def test_an_entry_past_review_is_found_and_known_to_be(database: Database) -> None:
    later = date(2030, 1, 1)
    entries = await search(KnowledgeRows(database), "lock-in penalty", later)
    assert entries
    assert not any(entry.current(later) for entry in entries)


async def test_storing_again_or_at_once_changes_nothing(database: Database) -> None:
    await asyncio.gather(*(search(KnowledgeRows(database), "loan") for _ in range(6)))
    stored = await database.fetch("SELECT hash, stored_at FROM knowledge_entries ORDER BY hash")
    await search(KnowledgeRows(database), "loan")
    assert stored == await database.fetch("SELECT hash, stored_at FROM knowledge_entries ORDER BY hash")
    assert len(stored) == len(load(TODAY))


async def test_releases_side_by_side_find_each_their_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = KnowledgeRows(database), KnowledgeRows(database)
    before = load(TODAY)

    def release(of: Entry) -> Entry:
        return Entry(**{**vars(of), "text": "Rewritten."}) if of.id == "lock-in" else of

    assert "lock-in" in await found(older, "lock-in")
    monkeypatch.setattr(store, "load", lambda today: tuple(map(release, before)))
    texts = [entry.text for entry in await search(newer, "lock-in")]
    assert "Rewritten." in texts
    assert "Rewritten." not in [entry.text for entry in await search(older, "lock-in")]
    rows = await database.fetch("SELECT count(*) AS rows FROM knowledge_entries")
    assert rows[0]["rows"] == len(before) + 1  # what they have in common is there once


async def test_the_index_serves_the_search(database: Database) -> None:
    await found(KnowledgeRows(database), "loan")
    async with database.transaction() as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.execute(
            "EXPLAIN SELECT hash FROM knowledge_entries WHERE words @@ plainto_tsquery('english', 'absd')"
        )
        assert "knowledge_entries_by_words" in str(await plan.fetchall())


# -- what the playbook does not understand ---------------------------------------------------------------

UNKNOWN, REMARK = "unknown", "remark"
GREETED = [message(1, "Hello, I am the AI assistant of the brokerage.", Author.BOT)]


async def answered(rows: KnowledgeRows, said: str, today: date = TODAY) -> Reply:
    return await Broker().compose(brief(said, earlier=GREETED, today=today, knowledge=rows.search))


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("I stand guarantor for my brother's mortgage", "guarantor"),
        ("waiting period for private owners who want an HDB flat", "wait-out"),
        ("upgrader sell first or buy first", "selling-first"),
    ],
)
async def test_an_entry_that_surely_fits_answers_what_the_playbook_did_not_understand(
    database: Database, said: str, entry: str
) -> None:
    rows = KnowledgeRows(database)
    assert playbook(brief(said, earlier=GREETED)).intent in {REMARK, UNKNOWN}
    reply = await answered(rows, said)
    assert (reply.author, [evidence.ref for evidence in reply.evidence]) == ("playbook", [entry])
    assert reply.handoff is None
    assert (await answered(rows, said, date(2030, 1, 1))).evidence == ()  # past its review it is not said


async def test_small_talk_is_not_answered_from_an_entry(database: Database) -> None:
    rows = KnowledgeRows(database)
    lines = [*QUERIES["nothing"], "how old is the president", "fix my computer please", "flurb the wuggle"]
    assert [line for line in lines if (await answered(rows, line)).intent == "knowledge"] == []
