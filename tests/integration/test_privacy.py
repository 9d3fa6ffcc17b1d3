"""Consent withdrawn, data erased: recorded, complete, and nothing of others touched (pain 75)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.store.database import Database
from nextnest.adapters.store.work import PostgresStore
from nextnest.broker.brief import Brief
from nextnest.domain.lead import parse_lead
from nextnest.domain.reply import LearnedFact, Reply
from nextnest.service.privacy import Privacy
from tests.integration.serving import serving
from tests.integration.test_cli import Run, refused, run
from tests.integration.test_dead_letters import Refusing
from tests.integration.test_main_corridor import LEAD, customer_says, lead_in, woken
from tests.integration.test_outages import settle
from tests.integration.test_workers import until
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


async def test_consent_that_is_withdrawn_while_the_bot_composes_stays_withdrawn(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small, consent=CONSENT)
    lead_id = await lead_of(small, conversation)
    compose = small.broker.compose

    async def withdrawn_meanwhile(brief: Brief, **more: Any) -> Reply:
        await privacy_of(small).withdraw_consent(lead_id, channel="phone")
        reply = await compose(brief, **more)
        fact = LearnedFact(field="monthly_debts", value=500, quote="500", message_id=brief.inputs[-1].id)
        return reply.model_copy(update={"facts": (fact,)})

    monkeypatch.setattr(small.broker, "compose", withdrawn_meanwhile)
    await customer_says(small, conversation, "my debts are 500 a month")
    await small.work_off()
    (found,) = await privacy_of(small).find(lead_id=lead_id)
    assert found.lead.monthly_debts == 500, "what the customer said is learned all the same"
    assert found.lead.consent is not None
    assert (found.lead.consent.contact, found.lead.consent.marketing) == (False, False)
    shown = (await small.admin.conversations.get(conversation)).custom_attributes
    assert (shown["consent_contact"], shown["monthly_debts"]) == (False, 500)


async def test_consent_that_is_withdrawn_while_the_form_comes_again_stays_withdrawn(small: World) -> None:
    conversation = await lead_in(small, consent=CONSENT)

    async def form_waits() -> bool:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
        return bool(await small.database.fetch(f"{waiting} AND wait_event_type = 'Lock'"))

    async with small.database.transaction() as withdrawing:
        await withdrawing.execute(
            "UPDATE leads SET data = jsonb_set(data, '{consent,contact}', 'false'), revision = revision + 1"
        )
        lead = parse_lead({**LEAD, "loan_amount": 700_000})
        form = asyncio.create_task(small.intake.submit(lead, idempotency_key=None, trusted=True))
        await until(form_waits)
    await form
    (found,) = await privacy_of(small).find(lead_id=await lead_of(small, conversation))
    assert found.lead.loan_amount == 700_000
    assert found.lead.consent is not None
    assert not found.lead.consent.contact


# -- the commands


@pytest.fixture
async def kept(small: World) -> dict[str, str]:
    """Environment of a database with one lead in it."""
    await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    return {"DATABASE_URL": small.database.url}


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


@asynccontextmanager
async def at_a_desk(world: World) -> AsyncIterator[dict[str, str]]:
    """Environment of a command that reaches the tables and the desk."""
    async with serving(world.desk.app) as url:
        yield {
            "DATABASE_URL": world.database.url,
            "CHATWOOT_BASE_URL": url,
            "CHATWOOT_ACCOUNT_ID": "1",
            "CHATWOOT_API_KEY": world.desk.admin_token,
            "CHATWOOT_INBOX_ID": str(world.inbox_id),
            "CHATWOOT_BOT_TOKEN": "x",
        }


async def contacts_of(world: World) -> set[int]:
    return {contact.id async for contact in world.admin.contacts.all()}


async def test_erasing_with_chatwoot_deletes_the_contact_there(run: Run, small: World) -> None:
    conversation = await lead_in(small)
    contact = (await small.admin.conversations.get(conversation)).meta.sender
    assert contact is not None
    async with at_a_desk(small) as env:
        lead_id = await lead_of(small, conversation)
        erased = await asyncio.to_thread(run, "lead", "erase", lead_id, "--yes", "--chatwoot", **env)
        assert erased.exit_code == 0, erased.output
        assert "Chatwoot: contact" not in erased.stdout
    answer = await small.http.get(f"/api/v1/accounts/1/contacts/{contact.id}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "identifier",
    [
        None,  # Chatwoot gives the kept contact the identifier of the other
        "crm-77",  # it keeps its own: only the conversation leads to it
    ],
)
async def test_erasing_with_chatwoot_deletes_the_contact_that_people_merged_it_into(
    run: Run, small: World, identifier: str | None
) -> None:
    other = await lead_in(small, email="other@example.com", phone=None, name="Somebody Else")
    conversation = await lead_in(small)
    somebody = (await small.admin.conversations.get(other)).meta.sender
    contact = (await small.admin.conversations.get(conversation)).meta.sender
    assert somebody is not None
    assert contact is not None
    kept = await small.admin.contacts.create(name="Lee", email="bruce@example.com", identifier=identifier)
    await small.admin.contacts.merge(kept.id, contact.id)
    assert await contacts_of(small) == {somebody.id, kept.id}
    async with at_a_desk(small) as env:
        lead_id = await lead_of(small, conversation)
        erased = await asyncio.to_thread(run, "lead", "erase", lead_id, "--yes", "--chatwoot", **env)
        assert erased.exit_code == 0, erased.output
    assert await contacts_of(small) == {somebody.id}


async def test_erasing_names_a_contact_that_was_made_without_a_conversation(run: Run, small: World) -> None:
    Refusing(small, "/conversations")
    lead_id = (await small.intake.submit(parse_lead(LEAD), idempotency_key=None)).lead_id
    await settle(small)
    (contact,) = (await small.http.get("/api/v1/accounts/1/contacts")).json()["payload"]
    assert (contact["identifier"], contact["email"]) == (lead_id, "lee@example.com")
    env = {"DATABASE_URL": small.database.url}
    erased = await asyncio.to_thread(run, "lead", "erase", lead_id, "--yes", **env)
    assert erased.exit_code == 0, erased.output
    told = [line for line in erased.stdout.splitlines() if "Chatwoot" in line]
    assert len(told) == 1
    assert lead_id in told[0]
