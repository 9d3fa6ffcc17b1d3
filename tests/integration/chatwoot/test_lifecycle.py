"""What the client says, and what the stand-in then holds: the calls of a conversation's life."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import Unauthorised
from nextnest.adapters.chatwoot.models import Conversation, MessageType
from nextnest.adapters.chatwoot.plan import plan
from nextnest.adapters.chatwoot.provisioning import Provisioned, apply, survey
from nextnest.adapters.chatwoot.public import PublicInbox
from nextnest.desk import Desk
from tests.integration.chatwoot.conftest import BASE
from tests.integration.chatwoot.test_provisioning import DESIRED


@pytest.fixture
async def done(admin: Chatwoot) -> Provisioned:
    return await apply(admin, DESIRED, plan(DESIRED, await survey(admin, DESIRED)))


@pytest.fixture
async def bot(desk: Desk, done: Provisioned) -> AsyncIterator[Chatwoot]:
    assert done.bot_token is not None
    transport = httpx2.ASGITransport(app=desk.app)
    async with Chatwoot(BASE, desk.account_id, done.bot_token, transport=transport) as client:
        yield client


@pytest.fixture
async def customer(desk: Desk, done: Provisioned) -> AsyncIterator[PublicInbox]:
    assert done.inbox_identifier is not None
    transport = httpx2.ASGITransport(app=desk.app)
    async with PublicInbox(BASE, done.inbox_identifier, transport=transport) as inbox:
        yield inbox


@pytest.fixture
async def thread(admin: Chatwoot, done: Provisioned) -> Conversation:
    contact = await admin.contacts.create(name="Mei", inbox_id=done.inbox_id, source_id="lead-1")
    return await admin.conversations.create(contact_id=contact.id, inbox_id=done.inbox_id, source_id="lead-1")


async def test_a_bot_may_speak_and_not_read(bot: Chatwoot, thread: Conversation) -> None:
    await bot.messages.create(thread.id, "Hello")
    with pytest.raises(Unauthorised, match="not authorized for bots"):
        await bot.messages.latest(thread.id)


async def test_a_bot_speaks_under_its_own_name_and_type(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation
) -> None:
    """Pain 04: a type sent as a number is stored as the contact's."""
    await bot.messages.create(thread.id, "Hello", content_attributes={"nextnest": {"turn": "t1"}})
    (message,) = await admin.messages.latest(thread.id)
    assert message.message_type == MessageType.OUTGOING
    assert message.sender is not None
    assert message.sender.type == "agent_bot"
    assert message.content_attributes == {"nextnest": {"turn": "t1"}}


async def test_liquid_in_a_reply_is_not_executed(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation
) -> None:
    """Pain 54."""
    await bot.messages.create(thread.id, "{{contact.name}} {% if 1 %}x{% endif %}")
    (message,) = await admin.messages.latest(thread.id)
    assert message.content == "{ {contact.name}} { % if 1 %}x{ % endif %}"


async def test_a_hand_off_and_the_way_back(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation, done: Provisioned
) -> None:
    assert thread.status == "pending"  # an attached bot makes it so
    await bot.conversations.assign_team(thread.id, done.team_id)
    await bot.conversations.set_priority(thread.id, "high")
    opened = await bot.conversations.set_status(thread.id, "open")
    assert (opened.current_status, opened.success) == ("open", None)
    held = await admin.conversations.get(thread.id)
    assert (held.priority, held.meta.team and held.meta.team.id) == ("high", done.team_id)
    await bot.conversations.set_status(thread.id, "pending")
    assert (await admin.conversations.get(thread.id)).status == "pending"


async def test_attributes_are_replaced_as_a_whole(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation
) -> None:
    await bot.conversations.set_custom_attributes(thread.id, {"a": 1, "b": None})
    assert await bot.conversations.set_custom_attributes(thread.id, {"c": "x" * 1600}) == {
        "c": "x" * 1493 + "… [cut]"
    }
    assert (await admin.conversations.get(thread.id)).custom_attributes.keys() == {"c"}


async def test_a_long_thread_is_read_forwards_and_backwards(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation
) -> None:
    """Pain 28: more than a page in both directions."""
    sent = [(await bot.messages.create(thread.id, f"{number}")).id for number in range(120)]
    assert [each.id async for each in admin.messages.since(thread.id, sent[0])] == sent[1:]
    assert [each.id async for each in admin.messages.backwards(thread.id)] == sent[::-1]


@pytest.mark.parametrize("length", [1, 2])
async def test_all_conversations_are_read_however_short_the_operator_made_the_pages(
    admin: Chatwoot, done: Provisioned, thread: Conversation, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr("nextnest.desk.routes.conversations.PAGE", length)
    made = [thread.id]
    for number in (2, 3):
        inbox, source = done.inbox_id, f"lead-{number}"
        contact = await admin.contacts.create(name="Ah Kow", inbox_id=inbox, source_id=source)
        new = await admin.conversations.create(contact_id=contact.id, inbox_id=inbox, source_id=source)
        made.append(new.id)
    read = [each.id async for each in admin.conversations.all(inbox_id=done.inbox_id)]
    assert sorted(read) == sorted(made)


async def test_the_customers_side_sees_no_note(
    bot: Chatwoot, customer: PublicInbox, thread: Conversation
) -> None:
    said = await customer.say("lead-1", thread.id, "Hi {{agent.name}}")
    await bot.messages.add_note(thread.id, "score 78")
    await bot.messages.create(thread.id, "Hello")
    seen = await customer.messages("lead-1", thread.id)
    assert [each.content for each in seen] == ["Hi {{agent.name}}", "Hello"]
    assert said.message_type == MessageType.INCOMING
    await customer.set_typing("lead-1", thread.id, on=True)
    await customer.mark_seen("lead-1", thread.id)


async def test_what_the_bot_holds_is_found_by_its_saved_view(
    admin: Chatwoot, bot: Chatwoot, thread: Conversation
) -> None:
    """Pain 14: pending conversations are in nobody's default list."""
    (view,) = await admin.custom_filters.all(filter_type="conversation")
    assert [each.id for each in await admin.conversations.filter(view.query["payload"])] == [thread.id]
    await bot.conversations.set_status(thread.id, "open")
    assert await admin.conversations.filter(view.query["payload"]) == []
    assert [each.id for each in await admin.conversations.list(status="open")] == [thread.id]
