"""The corridor from a lead to a reply, over real PostgreSQL and the desk's real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.chatwoot.inbound import incoming_of
from nextnest.adapters.chatwoot.payloads import parse_event
from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import parse_lead
from nextnest.domain.reply import Reply
from nextnest.service.receive import Source
from tests.integration.world import World, world

LEAD = {
    "purpose": "new_purchase",
    "name": "李小龙",
    "email": "lee@example.com",
    "phone": "+65 9123 4567",
    "property_type": "condo",
    "property_price": 1_200_000,
    "loan_amount": 800_000,
    "monthly_income": 12_000,
    "timeline": "this_month",
}


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


async def lead_in(world: World, **more: Any) -> int:
    submission = await world.intake.submit(parse_lead({**LEAD, **more}), idempotency_key=None)
    await world.work_off()
    conversation = await world.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    return conversation


async def customer_says(world: World, conversation: int, text: str, *, delivered: bool = True) -> int:
    """A customer's message in Chatwoot, and its webhook to the bot when it is delivered."""
    said = await world.admin.messages.create(conversation, text, message_type="incoming")
    if delivered:
        await deliver(world, conversation, said.id, text)
    return said.id


async def deliver(
    world: World, conversation: int, message: int, text: str, delivery: str | None = None
) -> bool:
    example = json.loads((Path(__file__).parents[1] / "data/chatwoot/message_created.json").read_text())
    example |= {"id": message, "content": text}
    example["conversation"]["id"] = conversation
    event = incoming_of(
        Source.AGENT_BOT, delivery or f"d-{message}", parse_event(json.dumps(example).encode())
    )
    assert event is not None
    return await world.receive.store(event)


async def person_says(world: World, conversation: int, text: str) -> None:
    await world.http.post(f"/api/v1/accounts/1/conversations/{conversation}/messages", json={"content": text})
    await woken(world, conversation)


async def status_set(world: World, conversation: int, status: str) -> None:
    path = f"/api/v1/accounts/1/conversations/{conversation}/toggle_status"
    await world.http.post(path, json={"status": status})
    await woken(world, conversation)


async def woken(world: World, conversation: int) -> None:
    async with world.store.work() as work:
        await work.conversations.wake(conversation)
        await work.jobs.attend(conversation)


async def status_of(world: World, conversation: int) -> str:
    return (await world.admin.conversations.get(conversation)).status


async def ends(world: World) -> list[tuple[str, str | None]]:
    rows = await world.database.fetch("SELECT outcome::text AS o, reason AS r FROM turns ORDER BY started_at")
    return [(row["o"], row["r"]) for row in rows]


async def test_a_lead_becomes_contact_conversation_attributes_note_and_one_greeting(small: World) -> None:
    conversation = await lead_in(small)
    shown = await small.admin.conversations.get(conversation)
    assert shown.status == "pending"
    assert shown.custom_attributes["property_type"] == "condo"
    assert shown.custom_attributes["loan_amount"] == 800_000
    assert "nextnest" in shown.labels
    assert shown.meta.sender is not None
    assert shown.meta.sender.name == "李小龙"
    assert await small.said_by_bot(conversation) == ["Hello, I am the AI assistant of the brokerage."]
    notes = [m for m in await small.thread(conversation) if m["private"]]
    assert len(notes) == 1
    assert "Lead score" in notes[0]["content"]


async def test_a_repeat_with_the_same_key_is_the_same_lead_and_greets_once(small: World) -> None:
    first = await small.intake.submit(parse_lead(LEAD), idempotency_key="abc")
    again = await small.intake.submit(parse_lead(LEAD), idempotency_key="abc")
    await small.work_off()
    assert again.lead_id == first.lead_id
    assert again.repeated
    conversation = await small.intake.conversation_of(first.lead_id, wait=0)
    assert conversation is not None
    assert len(await small.said_by_bot(conversation)) == 1


async def test_pain_11_a_trusted_resubmission_updates_the_lead_and_adds_one_line(small: World) -> None:
    conversation = await lead_in(small)
    again = await small.intake.submit(
        parse_lead({**LEAD, "loan_amount": 900_000}), idempotency_key=None, trusted=True
    )
    await small.work_off()
    assert await small.intake.conversation_of(again.lead_id, wait=0) == conversation
    assert (await small.admin.conversations.get(conversation)).custom_attributes["loan_amount"] == 900_000
    assert len(await small.said_by_bot(conversation)) == 1
    assert sum("Form sent again" in m["content"] for m in await small.thread(conversation)) == 1


@pytest.mark.parametrize(
    ("earlier", "now", "home"),
    [
        # only HDB flats are built to order: what was said before and no longer fits goes
        ({"property_type": "hdb", "property_stage": "bto"}, {"property_type": "condo"}, ("condo", None)),
        ({"property_type": "condo"}, {"property_stage": "bto"}, (None, "bto")),
        (
            {"property_type": "hdb", "property_stage": "bto"},
            {"property_type": "condo", "property_stage": "new_launch"},
            ("condo", "new_launch"),
        ),
        # what fits stays
        ({"property_type": "condo", "property_stage": "resale"}, {"property_type": "hdb"}, ("hdb", "resale")),
    ],
)
async def test_a_form_sent_again_with_another_kind_of_home_is_taken_and_the_rest_stays(
    small: World, earlier: dict[str, str], now: dict[str, str], home: tuple[str | None, str | None]
) -> None:
    conversation = await lead_in(small, **earlier)
    sent = {"purpose": LEAD["purpose"], "first_name": "Bruce", "email": LEAD["email"], **now}
    again = await small.intake.submit(parse_lead(sent), idempotency_key=None, trusted=True)
    assert again.repeated
    await small.work_off()
    shown = (await small.admin.conversations.get(conversation)).custom_attributes
    assert (shown.get("property_type"), shown.get("property_stage")) == home
    assert (shown["loan_amount"], shown["monthly_income"]) == (LEAD["loan_amount"], LEAD["monthly_income"])
    (kept,) = await small.database.fetch("SELECT data FROM leads")
    assert {"name": LEAD["name"], "phone": "+6591234567", "first_name": "Bruce"}.items() <= kept[
        "data"
    ].items()


async def test_an_unproven_resubmission_opens_nobodys_thread(small: World) -> None:
    conversation = await lead_in(small)
    other = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await small.work_off()
    assert await small.intake.conversation_of(other.lead_id, wait=0) != conversation


async def test_the_customers_message_is_answered_once_however_often_it_is_delivered(small: World) -> None:
    conversation = await lead_in(small)
    message = await customer_says(small, conversation, "how much can I borrow?")
    assert not await deliver(small, conversation, message, "how much can I borrow?", delivery="another")
    await small.work_off()
    await woken(small, conversation)
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: how much can I borrow?"]
    assert await ends(small) == [("replied", None)]


async def test_pain_05_the_same_word_twice_is_two_messages(small: World) -> None:
    conversation = await lead_in(small)
    for _ in range(2):
        await customer_says(small, conversation, "yes")
        await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: yes"] * 2


async def test_several_messages_at_once_are_one_turn(small: World) -> None:
    conversation = await lead_in(small)
    for text in ("hello", "I want to buy a condo", "how much can I borrow?"):
        await customer_says(small, conversation, text)
    await small.work_off()
    assert [m.text for m in small.broker.briefs[0].inputs] == [
        "hello",
        "I want to buy a condo",
        "how much can I borrow?",
    ]
    assert await ends(small) == [("replied", None)]


async def test_a_newer_message_supersedes_a_reply_that_was_not_sent(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "first")

    async with small.store.work() as work:
        before = await work.conversations.get(conversation)
    assert before is not None
    assert await small.lane._turns.take(conversation)
    await customer_says(small, conversation, "second")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: second"]
    assert await ends(small) == [("superseded", None), ("replied", None)]
    assert [m.text for m in small.broker.briefs[-1].inputs] == ["first", "second"]


async def test_a_person_who_answers_silences_the_bot_until_it_is_given_back(small: World) -> None:
    conversation = await lead_in(small)
    await person_says(small, conversation, "Hi, Mei here, I will look after you.")
    await small.work_off()
    assert await status_of(small, conversation) == "open"
    await customer_says(small, conversation, "thanks! what about fees?")
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 1
    assert await ends(small) == [("silent", "human_owns")]
    await status_set(small, conversation, "pending")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: thanks! what about fees?"]


async def test_after_a_hand_back_an_answered_customer_is_not_answered_again(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "can I talk to Mei?", delivered=False)
    await person_says(small, conversation, "Yes, it is me.")
    await small.work_off()
    await status_set(small, conversation, "pending")
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 1
    await customer_says(small, conversation, "and the rates?")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: and the rates?"]
    assert "Yes, it is me." in [m.text for m in small.broker.briefs[-1].thread.messages]


async def test_a_hand_off_opens_last_with_note_team_and_priority(small: World) -> None:
    conversation = await lead_in(small)
    small.broker.script = lambda brief: Reply(
        text="A colleague will take over.", intent="person", handoff=HandoffReason.ASKED_FOR_PERSON
    )
    await customer_says(small, conversation, "I want to talk to a human")
    await small.work_off()
    shown = await small.admin.conversations.get(conversation)
    assert shown.status == "open"
    assert shown.priority is not None
    assert shown.meta.team is not None
    assert shown.meta.team.name == "mortgage brokers"
    assert (await small.said_by_bot(conversation))[-1] == "A colleague will take over."
    assert any("Hand-off" in m["content"] for m in await small.thread(conversation) if m["private"])
    assert await ends(small) == [("handed_off", "asked_for_person")]
    small.broker.script = None
    await customer_says(small, conversation, "hello?")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[-1] == "A colleague will take over."


async def test_a_team_that_was_made_anew_is_given_the_next_hand_off(small: World) -> None:
    """Its name is the same, its number is not; and Chatwoot takes any number with a 200."""
    reason = HandoffReason.ASKED_FOR_PERSON
    small.broker.script = lambda brief: Reply(text="A colleague.", intent="person", handoff=reason)
    for email in ("one@example.com", "two@example.com"):
        (old,) = await small.admin.teams.all()
        await small.admin.teams.delete(old.id)
        new = await small.admin.teams.create({"name": old.name})
        conversation = await lead_in(small, email=email, phone=None)
        await customer_says(small, conversation, "I want to talk to a human")
        await small.work_off()
        team = (await small.admin.conversations.get(conversation)).meta.team
        assert team is not None
        assert team.id == new.id != old.id


async def test_a_person_who_takes_over_while_the_bot_thinks_is_not_talked_over(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "question")
    assert await small.lane._turns.take(conversation)
    await person_says(small, conversation, "I have this one.")
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 1
    assert await ends(small) == [("silent", "human_owns")]


async def test_a_message_whose_webhook_never_came_is_answered_by_the_sweep(small: World) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "anybody there?", delivered=False)
    assert (await small.sweep.theirs(within=3600)).unanswered == 1
    assert (await small.sweep.theirs(within=3600)).unanswered == 0
    await small.work_off()
    assert (await small.said_by_bot(conversation))[1:] == ["You said: anybody there?"]
    assert (await small.sweep.theirs(within=3600)).unanswered == 0


async def test_what_is_said_on_the_page_before_chatwoot_is_reached_is_not_lost(small: World) -> None:
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    chats = ChatRows(small.database)
    await chats.keep(submission.lead_id, "client-1", "are you there?")
    await small.work_off()
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    said = [m["content"] for m in await small.thread(conversation) if m["message_type"] == 0]
    assert said == ["are you there?"]
