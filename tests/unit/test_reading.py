"""From what Chatwoot answered to a thread: authors, words and holder, on what a real 4.14.2 said."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from nextnest.adapters.chatwoot.models import Conversation, Message
from nextnest.adapters.chatwoot.reading import message_of, text_of, thread_of
from nextnest.domain.thread import Assignee, Author, Status
from tests.unit.chatwoot.recording import exchange, exchanges

RAW: dict[str, Any] = {
    "id": 7,
    "content": "Hello",
    "message_type": 0,
    "created_at": 1_800_000_000,
    "conversation_id": 1,
}


def read(**changes: Any) -> Any:
    return message_of(Message.model_validate(RAW | changes))


def _body(name: str) -> Any:
    return json.loads(exchange(name)["response"]["body"])


def _recorded_messages() -> dict[int, dict[str, Any]]:
    """Every message of every list of messages that was recorded, by id, as it was last seen."""
    found: dict[int, dict[str, Any]] = {}
    for line in exchanges():
        request = line["request"]
        path = request["target"].split("?")[0]
        if request["method"] == "GET" and path.startswith("/api/v1") and path.endswith("/messages"):
            body = json.loads(line["response"]["body"])
            if isinstance(body, dict) and "payload" in body:
                found |= {raw["id"]: raw for raw in body["payload"]}
    return found


def test_who_wrote_each_recorded_message() -> None:
    """By the raw integers and senders of the recording; nothing in it carries our mark."""
    raws = _recorded_messages()
    assert len(raws) > 40
    expected = {
        (0, "contact"): Author.CUSTOMER,
        (1, "user"): Author.PERSON,
        (1, "agent_bot"): Author.AUTOMATION,
        (1, None): Author.AUTOMATION,
        (2, None): Author.SYSTEM,
        (2, "contact"): Author.SYSTEM,  # an activity posted by the API stands in the contact's name
        (3, None): Author.AUTOMATION,
        (3, "contact"): Author.AUTOMATION,
    }
    seen: Counter[tuple[int, str | None]] = Counter()
    for raw in raws.values():
        kind = (raw["message_type"], (raw.get("sender") or {}).get("type"))
        assert message_of(Message.model_validate(raw)).author is expected[kind], raw["id"]
        seen[kind] += 1
    assert {(0, "contact"), (1, "user"), (1, "agent_bot"), (2, None)} <= seen.keys()


def test_ids_words_times_and_notes_come_through_as_they_were() -> None:
    for raw in _recorded_messages().values():
        message = message_of(Message.model_validate(raw))
        assert (message.id, message.private) == (raw["id"], raw["private"])
        assert message.created_at.timestamp() == raw["created_at"]
        assert (raw["content"] or "") in message.text
        assert len(message.attachments) == len(raw.get("attachments", []))


@pytest.mark.parametrize(
    ("changes", "author"),
    [
        ({"message_type": 0, "sender": {"id": 1, "type": "contact"}}, Author.CUSTOMER),
        # our chat page posts the customer's words under our mark: they stay the customer's
        (
            {"message_type": 0, "content_attributes": {"nextnest": {"turn": "c:1", "part": "c:1"}}},
            Author.CUSTOMER,
        ),
        (
            {
                "message_type": 1,
                "sender": {"id": 1, "type": "agent_bot"},
                "content_attributes": {"nextnest": {"turn": "1-1", "part": "1-1:reply-0"}},
            },
            Author.BOT,
        ),
        # before the user token was told apart from the bot's: the mark decides
        (
            {
                "message_type": 1,
                "sender": {"id": 1, "type": "user"},
                "content_attributes": {"nextnest": {"turn": "1-1", "part": "1-1:reply-0"}},
            },
            Author.BOT,
        ),
        ({"message_type": 1, "sender": {"id": 9, "type": "agent_bot"}}, Author.AUTOMATION),
        ({"message_type": 1, "sender": {"id": 9, "type": "captain_assistant"}}, Author.AUTOMATION),
        ({"message_type": 1, "content_attributes": {"automation_rule_id": 3}}, Author.AUTOMATION),
        ({"message_type": 1, "content_attributes": {"external_echo": True}}, Author.PERSON),
        ({"message_type": 2}, Author.SYSTEM),
        ({"message_type": 3}, Author.AUTOMATION),
        ({"message_type": 9}, Author.AUTOMATION),  # a type of a later version is at least no customer's
    ],
)
def test_who_wrote_it(changes: dict[str, Any], author: Author) -> None:
    assert read(**changes).author is author


@pytest.mark.parametrize(
    ("content", "attributes", "text"),
    [
        ("Hello", {}, "Hello"),
        (None, {}, ""),
        # a form that was answered: question and answer, so that nobody seems to have said the other's words
        ("Choose", {"submitted_values": [{"title": "Yes", "value": "yes"}]}, "Choose\n[answered: yes]"),
        (
            "Form",
            {"submitted_values": [{"name": "email", "value": "a@b.sg"}, {"name": "n", "value": "Mei"}]},
            "Form\n[answered: a@b.sg, Mei]",
        ),
        (None, {"submitted_values": [{"title": "Yes"}]}, "[answered: Yes]"),
        # CSAT sends an object, and is nobody's business here
        ("Rate", {"submitted_values": {"csat_survey_response": {"rating": 5}}}, "Rate"),
        ("Form", {"submitted_values": []}, "Form"),
        ("Form", {"submitted_values": ["odd", {"name": "x"}]}, "Form"),
    ],
)
def test_the_words(content: str | None, attributes: dict[str, Any], text: str) -> None:
    assert text_of(content, attributes) == text


def test_a_deleted_message_and_attachments_say_so() -> None:
    deleted = read(content="This message was deleted", content_attributes={"deleted": True})
    assert deleted.deleted
    assert not read().deleted
    attachments = [{"id": 1, "file_type": "audio"}, {"id": 2}]
    assert read(attachments=attachments).attachments == ("audio", "file")


def _conversation(name: str, **meta: Any) -> Conversation:
    raw = _body(name)
    raw["meta"] = raw["meta"] | meta
    return Conversation.model_validate(raw)


@pytest.mark.parametrize(
    ("assignee", "kind", "expected"),
    [
        (None, None, Assignee.NOBODY),
        ({"id": 2, "name": "Mei"}, "User", Assignee.PERSON),
        ({"id": 2, "name": "Mei"}, None, Assignee.PERSON),  # before 4.16 only people could be assigned
        ({"id": 1, "name": "Bot"}, "AgentBot", Assignee.BOT),
        # Captain (4.17) is neither ours nor a person: it must not look like a hand-back to us
        ({"id": 1, "name": "Captain"}, "Captain::Assistant", Assignee.NOBODY),
        ({"id": 1, "name": "X"}, "Robot::OfNextYear", Assignee.NOBODY),
    ],
)
def test_who_is_assigned(assignee: Any, kind: str | None, expected: Assignee) -> None:
    meta = {"assignee": assignee, "assignee_type": kind} if assignee else {}
    assert thread_of(_conversation("conversation_show", **meta), ()).assignee is expected


def test_a_recorded_conversation_is_a_thread() -> None:
    raw = _body("conversation_show")
    thread = thread_of(Conversation.model_validate(raw), ())
    assert (thread.conversation_id, thread.status) == (raw["id"], Status(raw["status"]))
    assert (thread.inbox_id, thread.contact_id) == (raw["inbox_id"], raw["meta"]["sender"]["id"])
    assert (thread.channel, thread.can_reply) == (raw["meta"]["channel"], raw["can_reply"])


@pytest.mark.parametrize("blocked", [True, False])
def test_a_blocked_contact_is_seen(blocked: bool) -> None:
    raw = _body("conversation_show")["meta"]["sender"] | {"blocked": blocked}
    assert thread_of(_conversation("conversation_show", sender=raw), ()).contact_blocked is blocked
