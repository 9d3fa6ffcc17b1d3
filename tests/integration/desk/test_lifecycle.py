"""Status, ownership and limits: contract sections 2.2, 2.3, 6 and 7, beyond what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.desk.conftest import MakeOffice


async def test_a_bot_forces_pending_whatever_status_is_asked_for(open_office: MakeOffice) -> None:
    office = await open_office()

    made = await office.post("/conversations", {"contact_id": 1, "inbox_id": 1, "status": "open"})

    assert made["status"] == "pending"


@pytest.mark.parametrize(
    ("version", "owner"),
    [
        ("4.14.2", None),  # a new conversation has no owner
        ("4.16.2", "AgentBot"),  # the bot owns it (#14875)
    ],
)
async def test_who_owns_a_new_conversation(open_office: MakeOffice, version: str, owner: str | None) -> None:
    office = await open_office(version=version)

    assert (await office.conversation())["meta"].get("assignee_type") == owner


@pytest.mark.parametrize(
    ("version", "after_person", "after_bot"),
    [
        ("4.14.2", "pending", "pending"),  # assigning changes no status
        ("4.16.2", "pending", "pending"),
        ("4.17.0", "open", "pending"),  # a person takes it: open; the bot again: pending (#14870)
    ],
)
async def test_what_assigning_does_to_the_status(
    open_office: MakeOffice, version: str, after_person: str, after_bot: str
) -> None:
    office = await open_office(version=version)

    await office.post("/conversations/1/assignments", {"assignee_id": 2})
    assert (await office.conversation())["status"] == after_person

    await office.post("/conversations/1/assignments", {"assignee_id": 1, "assignee_type": "AgentBot"})
    assert (await office.conversation())["status"] == after_bot


async def test_assigning_a_bot_makes_an_open_conversation_pending_from_4_17(open_office: MakeOffice) -> None:
    office = await open_office(version="4.18.0")
    await office.post("/conversations/1/toggle_status", {"status": "open"})

    await office.post("/conversations/1/assignments", {"assignee_id": 1, "assignee_type": "AgentBot"})

    assert (await office.conversation())["status"] == "pending"


async def test_hand_off_clears_the_owning_bot(open_office: MakeOffice) -> None:
    office = await open_office(version="4.16.2")

    answer = await office.post("/conversations/1/toggle_status", {"status": "open"}, token=office.bot_token)

    assert answer["payload"]["success"] is None
    conversation = await office.conversation()
    assert (conversation["status"], conversation["meta"].get("assignee_type")) == ("open", None)


async def test_a_bot_that_toggles_without_a_status_hands_nothing_off(
    open_office: MakeOffice,
) -> None:
    office = await open_office(version="4.16.2")

    answer = await office.post("/conversations/1/toggle_status", {}, token=office.bot_token)

    assert answer["payload"]["success"] is True
    assert (await office.conversation())["meta"]["assignee_type"] == "AgentBot"


async def test_a_persons_reply_while_pending_changes_nothing(open_office: MakeOffice) -> None:
    office = await open_office()
    await office.hear("hello")

    await office.say("I am a person", token=office.desk.agent_token)

    assert (await office.conversation())["status"] == "pending"


@pytest.mark.parametrize(
    ("status", "with_bot", "after"),
    [
        ("resolved", True, "pending"),  # the bot resumes
        ("resolved", False, "open"),
        ("snoozed", True, "open"),  # a snoozed one wakes with people
        ("open", True, "open"),
    ],
)
async def test_a_customer_returns(open_office: MakeOffice, status: str, with_bot: bool, after: str) -> None:
    office = await open_office(bot=with_bot)
    await office.post("/conversations/1/toggle_status", {"status": status})

    await office.hear("me again")

    assert (await office.conversation())["status"] == after


async def test_a_blocked_contact_reopens_nothing_and_starts_resolved(open_office: MakeOffice) -> None:
    office = await open_office()
    await office.post("/conversations/1/mute")

    await office.hear("let me in")
    made = await office.post("/conversations", {"contact_id": 1, "inbox_id": 1})

    assert (await office.conversation())["status"] == "resolved"
    assert made["status"] == "resolved"


async def test_opening_assigns_to_whoever_is_online_and_a_member(open_office: MakeOffice) -> None:
    office = await open_office()
    await office.post("/inbox_members", {"inbox_id": 1, "user_ids": [2]})
    await office.ask("POST", "/desk/presence", {"user_id": 2})

    await office.post("/conversations/1/toggle_status", {"status": "open"}, token=office.bot_token)

    assert (await office.conversation())["meta"]["assignee"]["name"] == "Mei Lin Tan"


async def test_nobody_online_leaves_it_to_nobody(open_office: MakeOffice) -> None:
    office = await open_office()
    await office.post("/inbox_members", {"inbox_id": 1, "user_ids": [2]})

    await office.post("/conversations/1/toggle_status", {"status": "open"}, token=office.bot_token)

    assert "assignee" not in (await office.conversation())["meta"]


@pytest.mark.parametrize(
    ("assigns_by_itself", "assignee"),
    [(True, "Mei Lin Tan"), (False, None)],  # only a team that may picks one of its members
)
async def test_a_team_picks_a_member_only_if_it_may(
    open_office: MakeOffice, assigns_by_itself: bool, assignee: str | None
) -> None:
    office = await open_office()
    await office.post("/inbox_members", {"inbox_id": 1, "user_ids": [2]})
    await office.post("/teams", {"team": {"name": "Brokers", "allow_auto_assign": assigns_by_itself}})
    await office.post("/teams/1/team_members", {"user_ids": [2]})
    await office.ask("POST", "/desk/presence", {"user_id": 2})

    await office.post("/conversations/1/assignments", {"team_id": 1})

    assert (await office.conversation())["meta"].get("assignee", {}).get("name") == assignee


async def test_a_bot_may_not_see_a_conversation_that_has_a_team(open_office: MakeOffice) -> None:
    """The trap of contract section 1: `_team.json.jbuilder` asks a bot for its teams."""
    office = await open_office()
    await office.post("/teams", {"team": {"name": "Brokers"}})
    await office.post("/conversations/1/assignments", {"team_id": 1})

    assert (await office.ask("GET", "/conversations/1", token=office.bot_token)).status_code == 500


async def test_two_hundred_messages_a_minute_are_a_flood(open_office: MakeOffice) -> None:
    office = await open_office()
    for number in range(200):
        await office.say(str(number))

    answer = await office.ask("POST", "/conversations/1/messages", {"content": "one more"})

    assert (answer.status_code, answer.json()) == (422, {"error": "Validation failed: Too many messages"})


@pytest.mark.parametrize(
    ("attributes", "status", "body"),
    [
        # a string may have 1500 characters
        ({"a": "x" * 1500, "n": 9_999_999_999, "f": 1e12, "deep": {"x": "y" * 2000}}, 200, None),
        (
            {"a": "x" * 1501},
            422,
            {"message": "Custom attributes a length should be < 1500", "attributes": ["custom_attributes"]},
        ),
        (
            {"n": 10_000_000_000},
            422,
            {
                "message": "Custom attributes n value should be < 9999999999",
                "attributes": ["custom_attributes"],
            },
        ),
        ({"a": None}, 500, {"status": 500, "error": "Internal Server Error"}),  # nil.empty? in the validator
    ],
)
async def test_attribute_limits(open_office: MakeOffice, attributes: Any, status: int, body: Any) -> None:
    office = await open_office()
    before = (await office.conversation())["custom_attributes"]

    path = "/conversations/1/custom_attributes"
    answer = await office.ask("POST", path, {"custom_attributes": attributes})

    assert answer.status_code == status
    if body:
        assert answer.json() == body
        assert (await office.conversation())["custom_attributes"] == before


async def test_merging_attributes_exists_only_in_later_versions(open_office: MakeOffice) -> None:
    office = await open_office(version="4.17.0")
    path = "/conversations/1/custom_attributes"
    await office.post(path, {"custom_attributes": {"a": 1}})

    assert await office.post(path, {"custom_attributes": {"b": 2}, "merge": True}) == {
        "custom_attributes": {"a": 1, "b": 2}
    }
    office.desk.site.version = type(office.desk.site.version)("4.14.2")
    assert await office.post(path, {"custom_attributes": {"c": 3}, "merge": True}) == {
        "custom_attributes": {"c": 3}
    }


async def test_liquid_in_an_answer_gives_the_address_away(open_office: MakeOffice) -> None:
    office = await open_office()

    said = await office.say("your address is {{contact.email}}", token=office.bot_token)

    assert said["content"] == "your address is jane@example.com"


async def test_what_a_customer_writes_is_not_rendered(open_office: MakeOffice) -> None:
    office = await open_office()

    assert (await office.hear("{{contact.email}}"))["content"] == "{{contact.email}}"


async def test_incoming_messages_are_only_for_api_inboxes(open_office: MakeOffice) -> None:
    office = await open_office()
    widget = {"type": "web_widget", "website_url": "https://example.com"}
    await office.post("/inboxes", {"name": "Site", "channel": widget})
    made = await office.post("/conversations", {"contact_id": 1, "inbox_id": 2})

    path = f"/conversations/{made['id']}/messages"
    answer = await office.ask("POST", path, {"content": "x", "message_type": "incoming"})
    opening = {"contact_id": 1, "inbox_id": 2, "message": {"content": "x", "message_type": "incoming"}}
    created = await office.ask("POST", "/conversations", opening)

    assert answer.json() == {"error": "Incoming messages are only allowed in Api inboxes"}
    assert created.status_code == 500
    missing = await office.ask("GET", f"/conversations/{made['id'] + 1}")
    assert missing.status_code == 404, "the conversation was rolled back with its message"


async def test_out_of_office_is_said_once_in_five_minutes(open_office: MakeOffice) -> None:
    office = await open_office(clock=lambda: 1795361772.0)  # a Sunday
    closed = {"working_hours_enabled": True, "out_of_office_message": "Back on Monday"}
    await office.ask("PATCH", "/inboxes/1", closed)

    await office.hear("hello?")
    await office.hear("anybody?")

    assert await office.thread() == ["hello?", "Back on Monday", "anybody?"]


async def test_saved_views_belong_to_whoever_made_them(open_office: MakeOffice) -> None:
    """From openapi.json; not in the recording."""
    office = await open_office()
    query = {"payload": [{"attribute_key": "status", "filter_operator": "equal_to", "values": ["pending"]}]}

    made = await office.post("/custom_filters", {"name": "Bot-held", "type": "conversation", "query": query})

    assert set(made) == {"id", "name", "filter_type", "query", "created_at", "updated_at"}
    assert await office.get("/custom_filters?filter_type=conversation") == [made]
    assert await office.get("/custom_filters", token=office.desk.agent_token) == []
    gone = await office.ask("DELETE", f"/custom_filters/{made['id']}")
    assert (gone.status_code, gone.text) == (204, "")


async def test_a_source_id_belongs_to_one_contact(open_office: MakeOffice) -> None:
    """Refused in words when a conversation is begun [spec], by a crash when a way in is made (recorded)."""
    office = await open_office()
    await office.post("/contacts", {"name": "John", "email": "john@example.com"})
    theirs = {"contact_id": 2, "inbox_id": 1, "source_id": "lead-1"}

    begun = await office.ask("POST", "/conversations", theirs)
    joined = await office.ask("POST", "/contacts/2/contact_inboxes", theirs)

    assert (begun.status_code, begun.json()) == (422, {"error": "source_id should be unique"})
    assert joined.status_code == 500


async def test_only_api_inboxes_take_a_message_status(open_office: MakeOffice) -> None:
    office = await open_office()
    widget = {"type": "web_widget", "website_url": "https://example.com"}
    await office.post("/inboxes", {"name": "Site", "channel": widget})
    made = await office.post("/conversations", {"contact_id": 1, "inbox_id": 2, "message": {"content": "hi"}})

    path = f"/conversations/{made['id']}/messages/1"
    answer = await office.ask("PATCH", path, {"status": "delivered"})

    expected = {"error": "Message status update is only allowed for API inboxes"}
    assert (answer.status_code, answer.json()) == (403, expected)
