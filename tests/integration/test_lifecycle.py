"""Who holds a conversation, over the desk as it plays a Chatwoot before and after 4.16.2 and 4.17.

Everything that the desk sends to the bot is delivered, and all work is done, before the next thing happens.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.chatwoot.models import Conversation
from nextnest.adapters.store.database import Database
from nextnest.desk.version import Version
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import parse_lead
from nextnest.domain.reply import Reply
from tests.integration.cable import Post, hand_in
from tests.integration.world import World, world

BOT, MEI = 1, 2  # the desk's first bot and its agent
LEAD = {
    "purpose": "new_purchase",
    "name": "Tan Ah Kow",
    "email": "tan@example.com",
    "property_type": "hdb",
    "property_price": 600_000,
    "monthly_income": 8_000,
}
GREETING = "Hello, I am the AI assistant of the brokerage."
HANDED = "A colleague will take over."


class Case:
    """One customer's conversation, and what is done to it."""

    def __init__(self, world: World, id_: int, post: Post) -> None:
        self.world = world
        self.id = id_
        self.post = post

    async def go_on(self) -> None:
        while self.post.waiting:
            arriving, self.post.waiting = self.post.waiting, []
            for delivery in arriving:
                await hand_in(self.world.receive, delivery)
            await self.world.work_off()

    async def customer(self, text: str) -> None:
        await self.world.admin.messages.create(self.id, text, message_type="incoming")
        await self.go_on()

    async def mei(self, path: str, body: dict[str, Any]) -> None:
        url = f"/api/v1/accounts/1/conversations/{self.id}{path}"
        assert (await self.world.http.post(url, json=body)).status_code == 200
        await self.go_on()

    async def says(self, text: str) -> None:
        await self.mei("/messages", {"content": text})

    async def sets(self, status: str) -> None:
        await self.mei("/toggle_status", {"status": status})

    async def assigns_mei(self) -> None:
        await self.mei("/assignments", {"assignee_id": MEI})

    async def assigns_the_bot(self) -> None:
        await self.mei("/assignments", {"assignee_id": BOT, "assignee_type": "AgentBot"})

    async def shown(self) -> Conversation:
        return await self.world.admin.conversations.get(self.id)

    async def status(self) -> str:
        return (await self.shown()).status

    async def bot_said(self) -> list[str]:
        """All but the greeting."""
        said = await self.world.said_by_bot(self.id)
        assert said[0] == GREETING
        return said[1:]

    async def last_end(self) -> tuple[str, str | None]:
        (row,) = await self.world.database.fetch(
            "SELECT outcome::text AS o, reason AS r FROM turns ORDER BY ended_at DESC LIMIT 1"
        )
        return row["o"], row["r"]

    async def handoffs(self) -> list[tuple[str, str]]:
        rows = await self.world.database.fetch("SELECT reason, state::text AS s FROM handoffs ORDER BY id")
        return [(row["reason"], row["s"]) for row in rows]


@pytest.fixture(params=["4.14.2", "4.16.2", "4.18.0"])
async def case(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> AsyncIterator[Case]:
    async with world(database, tmp_path) as made:
        made.desk.site.version = Version(request.param)
        post = Post(made.desk)
        submission = await made.intake.submit(parse_lead(LEAD), idempotency_key=None)
        await made.work_off()
        conversation = await made.intake.conversation_of(submission.lead_id, wait=0)
        assert conversation is not None
        case = Case(made, conversation, post)
        await case.go_on()
        yield case


def hand_over(world: World) -> None:
    world.broker.script = lambda brief: Reply(
        text=HANDED, intent="person", handoff=HandoffReason.ASKED_FOR_PERSON
    )


async def test_a_new_conversation_is_pending_and_the_bots(case: Case) -> None:
    assert await case.status() == "pending"
    await case.customer("hello")
    assert await case.bot_said() == ["You said: hello"]
    assert await case.status() == "pending"


async def test_a_hand_off_writes_everything_and_opens_last(case: Case) -> None:
    hand_over(case.world)
    await case.customer("a human, please")
    shown = await case.shown()
    assert shown.status == "open"
    assert shown.meta.team is not None
    assert shown.priority is not None
    assert shown.meta.assignee_type != "AgentBot"  # it is people's: the bot does not own it any more
    kinds = await case.world.database.fetch(
        "SELECT kind::text AS k FROM outbox WHERE turn_id IS NOT NULL ORDER BY done_at"
    )
    assert [row["k"] for row in kinds] == ["message", "note", "team", "priority", "labels", "status"]
    assert await case.handoffs() == [("asked_for_person", "open")]
    await case.customer("anybody?")
    assert await case.bot_said() == [HANDED]
    assert await case.last_end() == ("silent", "human_owns")


async def test_a_second_hand_off_is_a_hand_off_although_the_bot_was_assigned_before(case: Case) -> None:
    """Up to 4.16.1 a hand-off leaves the bot assigned once it was given back by assigning it."""
    hand_over(case.world)
    await case.customer("a human, please")
    case.world.broker.script = None
    await case.assigns_the_bot()
    await case.customer("thanks")
    assert (await case.bot_said())[-1] == "You said: thanks"
    hand_over(case.world)
    await case.customer("a human again, please")
    assert await case.status() == "open"
    case.world.broker.script = None
    await case.customer("hello?")
    assert await case.status() == "open"
    assert (await case.bot_said())[-1] == HANDED


async def test_a_persons_reply_while_pending_opens_it_and_silences_the_bot(case: Case) -> None:
    await case.says("Mei here, I will look after you.")
    assert await case.status() == "open"
    assert await case.handoffs() == [("person_stepped_in", "accepted")]
    await case.customer("and the fees?")
    assert await case.bot_said() == []
    assert await case.last_end() == ("silent", "human_owns")


async def test_a_note_changes_nothing(case: Case) -> None:
    await case.mei("/messages", {"content": "rich uncle", "private": True})
    await case.customer("hello")
    assert await case.status() == "pending"
    assert await case.bot_said() == ["You said: hello"]


async def test_assigning_a_person_while_pending_opens_it_in_every_version(case: Case) -> None:
    await case.assigns_mei()
    assert await case.status() == "open"
    await case.customer("hello")
    assert await case.bot_said() == []


async def test_who_was_assigned_stays_assigned(case: Case) -> None:
    await case.assigns_mei()
    shown = await case.shown()
    assert shown.meta.assignee is not None
    assert shown.meta.assignee.id == MEI


@pytest.mark.parametrize("by_assigning", [False, True])
async def test_given_back_either_way_it_is_the_bots_and_the_bot_knows_what_was_said(
    case: Case, by_assigning: bool
) -> None:
    await case.says("I can offer you a meeting on Friday.")
    await case.customer("Friday is fine. And the fees?")
    assert await case.bot_said() == []
    await (case.assigns_the_bot() if by_assigning else case.sets("pending"))
    assert await case.status() == "pending"
    assert await case.handoffs() == [("person_stepped_in", "returned")]
    # what the person left unanswered is taken up, with the person's words in view
    assert await case.bot_said() == ["You said: Friday is fine. And the fees?"]
    brief = case.world.broker.briefs[-1]
    assert "I can offer you a meeting on Friday." in [m.text for m in brief.thread.messages]
    await case.customer("great")
    assert (await case.bot_said())[-1] == "You said: great"
    # the person of before stays assigned by status, and means nothing; a new word does
    await case.says("Mei again.")
    assert await case.status() == "open"


async def test_what_a_person_answered_is_not_answered_again_after_the_hand_back(case: Case) -> None:
    await case.says("Mei here.")
    await case.customer("the fees?")
    await case.says("There are none.")
    await case.sets("pending")
    assert await case.bot_said() == []


async def test_resolved_is_nobodys_and_the_customer_who_returns_gets_the_bot(case: Case) -> None:
    await case.says("Mei here.")
    await case.assigns_mei()
    await case.sets("resolved")
    assert await case.handoffs() == [("person_stepped_in", "returned")]
    await case.customer("one more thing")
    shown = await case.shown()
    assert shown.status == "pending"
    assert shown.meta.assignee_type == "User"  # the old assignee stays set
    assert await case.bot_said() == ["You said: one more thing"]
    await case.customer("and another")
    assert (await case.bot_said())[-1] == "You said: and another"


async def test_snoozed_is_peoples_and_so_is_what_the_customer_says_then(case: Case) -> None:
    """From 4.16.2 the bot is assigned all the while, which is no hand-back."""
    await case.sets("snoozed")
    await case.customer("hello?")
    assert await case.status() == "open"
    await case.customer("anybody?")
    assert await case.status() == "open"
    assert await case.bot_said() == []
    await case.sets("pending")
    assert await case.bot_said() == ["You said: anybody?"]


async def test_what_chatwoot_opened_because_we_did_not_answer_is_taken_back(case: Case) -> None:
    """Pain 17. Its webhook failed: the conversation is open, and only the sweep can know."""
    await case.world.admin.messages.create(case.id, "are you there?", message_type="incoming")
    failed, case.post.waiting = case.post.waiting[0], []
    await case.world.desk._delivery_failed(failed, "Timed out reading data from server")
    assert await case.status() == "open"
    case.post.waiting.clear()
    assert (await case.world.sweep.theirs(within=3600)).unanswered == 1
    await case.world.work_off()
    await case.go_on()
    assert await case.status() == "pending"
    assert await case.bot_said() == ["You said: are you there?"]


async def test_a_bot_that_was_taken_off_the_inbox_is_silent_once_it_is_open(case: Case) -> None:
    await case.sets("resolved")
    await case.world.admin.inboxes.set_agent_bot(case.world.inbox_id, None)
    await case.customer("I am back")
    assert await case.status() == "open"  # without a bot nothing becomes pending
    await case.world.sweep.theirs(within=3600)
    await case.world.work_off()
    assert await case.bot_said() == []
    assert await case.status() == "open"


async def test_a_blocked_contact_is_not_answered(case: Case) -> None:
    contact = (await case.shown()).meta.sender
    assert contact is not None
    await case.world.admin.contacts.update(contact.id, {"blocked": True})
    await case.customer("hello")
    assert await case.bot_said() == []
    assert await case.last_end() == ("silent", "blocked_contact")


async def test_another_bots_conversation_is_left_alone(case: Case) -> None:
    """Pending in an inbox that our bot does not sit on is somebody else's, and only the sweep sees it."""
    admin = case.world.admin
    inbox = await admin.inboxes.create_api("Another bot's")
    contact = await admin.contacts.create(name="X", inbox_id=inbox.id, source_id="x")
    other = await admin.conversations.create(contact_id=contact.id, inbox_id=inbox.id, source_id="x")
    await admin.conversations.set_status(other.id, "pending")
    await admin.messages.create(other.id, "hello, other bot", message_type="incoming")
    await case.world.sweep.theirs(within=3600)
    await case.world.work_off()
    assert await case.world.said_by_bot(other.id) == []


async def test_a_hand_back_whose_webhook_never_came_is_found_by_the_sweep(case: Case) -> None:
    await case.says("Mei here.")
    await case.customer("and the fees?")
    await case.world.http.post(
        f"/api/v1/accounts/1/conversations/{case.id}/toggle_status", json={"status": "pending"}
    )
    case.post.waiting.clear()
    await case.world.sweep.theirs(within=3600)
    await case.world.work_off()
    assert await case.bot_said() == ["You said: and the fees?"]
