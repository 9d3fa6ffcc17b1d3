"""Consent withdrawn, data erased: recorded, complete, and nothing of others touched (pain 75)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.work import PostgresStore
from nextnest.service.privacy import Privacy
from tests.integration.test_cli import Run, refused, run
from tests.integration.test_main_corridor import LEAD, customer_says, lead_in, woken
from tests.integration.world import TODAY, World, world

__all__ = ["run"]  # a fixture of the commands' tests

CONSENT = {"text_version": "2026-11", "contact": True, "marketing": True}
SECRET = "the landlord's dog is called Durian"


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


def privacy_of(world: World) -> Privacy:
    return Privacy(world.store, today=lambda: TODAY)


async def lead_of(world: World, conversation: int) -> str:
    query = "SELECT id FROM leads WHERE conversation_id = %(id)s"
    return str((await world.database.fetch(query, {"id": conversation}))[0]["id"])


async def everything(database: Database) -> str:
    """All rows of all our tables, as text."""
    tables = await database.fetch(
        """SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public'
           AND tablename NOT LIKE 'procrastinate%%'"""
    )
    dumped = [await database.fetch(f"SELECT row_to_json(x) AS row FROM {each['t']} x") for each in tables]
    return json.dumps(dumped, default=str, ensure_ascii=False)


async def rows_of(world: World, conversation: int) -> dict[str, int]:
    found = {}
    for table in ("turns", "outbox", "handoffs"):
        query = f"SELECT count(*) AS n FROM {table} WHERE conversation_id = %(id)s"
        found[table] = int((await world.database.fetch(query, {"id": conversation}))[0]["n"])
    return found


async def test_after_erasure_no_word_of_the_person_is_left_and_others_keep_theirs(small: World) -> None:
    other = await lead_in(small, email="other@example.com", phone="+6581234567", name="Somebody Else")
    conversation = await lead_in(small, notes=SECRET)
    for told in (conversation, other):
        await customer_says(small, told, SECRET)
        await small.work_off()
    lead_id = await lead_of(small, conversation)
    await small.database.run(
        "INSERT INTO customer_messages (lead_id, client_id, text) VALUES (%(id)s, 'c1', %(text)s)",
        {"id": lead_id, "text": SECRET},
    )
    small_store = PostgresStore(small.database, trace_of=lambda turn: {"inputs": list(turn.inputs)})
    async with small_store.work() as work:
        turns = await small.database.fetch("SELECT id FROM turns")
        for turn in turns:
            await work.traces.add(turn["id"])
    assert (await everything(small.database)).count(SECRET) > 3
    erased = await privacy_of(small).erase(lead_id)
    assert (erased.conversation_id, erased.turns, erased.messages) == (conversation, 1, 1)
    left = await everything(small.database)
    assert "lee@example.com" not in left
    assert "+6591234567" not in left
    assert "李小龙" not in left
    assert left.count(SECRET) > 0  # the other person's, in the same words
    assert "Somebody Else" in left
    assert await rows_of(small, conversation) == {"turns": 0, "outbox": 0, "handoffs": 0}
    kept = await rows_of(small, other)
    assert kept["turns"] == 1
    assert kept["outbox"] > 1  # greeting, labels, receipt, attributes and the reply
    with pytest.raises(LookupError):
        await privacy_of(small).erase(lead_id)


async def test_an_erased_persons_old_words_are_not_answered_again(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello")
    await small.work_off()
    await privacy_of(small).erase(await lead_of(small, conversation))
    await woken(small, conversation)
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 2  # the greeting and the answer of before


async def test_withdrawn_consent_is_recorded_with_how_it_was_said_and_people_are_told(small: World) -> None:
    conversation = await lead_in(small, consent=CONSENT)
    lead_id = await lead_of(small, conversation)
    await privacy_of(small).withdraw_consent(lead_id, channel="e-mail")
    await small.work_off()
    found = await privacy_of(small).find(email="LEE@example.com")
    assert found[0].lead.consent is not None
    assert not found[0].lead.consent.contact
    assert not found[0].lead.consent.marketing
    events = await small.database.fetch("SELECT data, at FROM lead_events WHERE kind = 'consent_withdrawn'")
    assert events[0]["data"] == {"channel": "e-mail", "before": CONSENT}
    shown = await small.admin.conversations.get(conversation)
    assert shown.custom_attributes["consent_contact"] is False
    notes = [m["content"] for m in await small.thread(conversation) if m["private"]]
    assert any("Consent withdrawn (by e-mail)" in note for note in notes)


async def test_consent_that_was_never_given_can_be_withdrawn_too(small: World) -> None:
    conversation = await lead_in(small)
    await privacy_of(small).withdraw_consent(await lead_of(small, conversation), channel="phone")
    events = await small.database.fetch("SELECT data FROM lead_events WHERE kind = 'consent_withdrawn'")
    assert events[0]["data"] == {"channel": "phone", "before": None}


# -- the commands


@pytest.fixture
async def kept(small: World) -> dict[str, str]:
    """Environment of a database with one lead in it."""
    await small.intake.submit(_lead(), idempotency_key=None)
    return {"DATABASE_URL": small.database.url}


def _lead() -> Any:
    from nextnest.domain.lead import parse_lead

    return parse_lead(LEAD)


async def test_a_lead_is_shown_and_erased_by_any_of_its_names(run: Run, kept: dict[str, str]) -> None:
    shown = await asyncio.to_thread(run, "lead", "show", "--phone", "9123 4567", **kept)
    assert shown.exit_code == 0, shown.output
    lead = json.loads(shown.stdout)
    assert lead["facts"]["email"] == "lee@example.com"
    by_id = await asyncio.to_thread(run, "lead", "show", lead["id"], **kept)
    assert by_id.stdout == shown.stdout
    withdrawn = await asyncio.to_thread(run, "lead", "withdraw-consent", lead["id"], **kept)
    assert withdrawn.stdout == f"{lead['id']}: consent withdrawn\n"
    asked = await asyncio.to_thread(run, "lead", "erase", "--email", "lee@example.com", **kept)
    assert asked.exit_code == 1  # nobody said yes
    erased = await asyncio.to_thread(run, "lead", "erase", "--email", "lee@example.com", "--yes", **kept)
    assert erased.exit_code == 0, erased.output
    assert erased.stdout.startswith(f"{lead['id']}: erased")
    assert "Backups" in erased.stdout
    gone = await asyncio.to_thread(run, "lead", "show", lead["id"], **kept)
    refused(gone, "there is no lead", code=1)


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        ([], ["--email or --phone"], 2),
        (["ld_1", "--email", "a@b.c"], ["--email or --phone"], 2),  # which of the two is meant?
        (["--phone", "hello"], ["--phone", "phone number"], 2),
        (["ld_nobody"], ["there is no lead ld_nobody"], 1),
    ],
)
@pytest.mark.parametrize("command", ["show", "erase", "withdraw-consent"])
def test_a_lead_that_is_not_named_clearly(
    run: Run, database_url: str, command: str, arguments: list[str], words: list[str], code: int
) -> None:
    refused(run("lead", command, *arguments, DATABASE_URL=database_url), *words, code=code)


async def test_erasing_with_chatwoot_deletes_the_contact_there(
    run: Run, small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.integration.serving import serving

    conversation = await lead_in(small)
    contact = (await small.admin.conversations.get(conversation)).meta.sender
    assert contact is not None
    async with serving(small.desk.app) as url:
        env = {
            "DATABASE_URL": small.database.url,
            "CHATWOOT_BASE_URL": url,
            "CHATWOOT_ACCOUNT_ID": "1",
            "CHATWOOT_API_KEY": small.desk.admin_token,
            "CHATWOOT_INBOX_ID": str(small.inbox_id),
            "CHATWOOT_BOT_TOKEN": "x",
        }
        lead_id = await lead_of(small, conversation)
        erased = await asyncio.to_thread(run, "lead", "erase", lead_id, "--yes", "--chatwoot", **env)
        assert erased.exit_code == 0, erased.output
        assert "Chatwoot: contact" not in erased.stdout
    answer = await small.http.get(f"/api/v1/accounts/1/contacts/{contact.id}")
    assert answer.status_code == 404
