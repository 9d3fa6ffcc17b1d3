from __future__ import annotations

import contextlib
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.adapters.chatwoot.payloads import (
    MAX_BYTES,
    ContactEvent,
    ConversationEvent,
    Event,
    InboxEvent,
    MessageEvent,
    PayloadError,
    SenderKind,
    TypingEvent,
    WidgetEvent,
    parse_event,
)
from tests.unit.chatwoot.recording import example_event, examples, webhooks

CLASSES: dict[str, type[Event]] = {
    "message": MessageEvent,
    "conversation": ConversationEvent,
    "contact": ContactEvent,
    "inbox": InboxEvent,
    "webwidget": WidgetEvent,
    "automation": ConversationEvent,
    "macro": ConversationEvent,
}


def expected_class(event: str) -> type[Event]:
    if "typing" in event:
        return TypingEvent
    return CLASSES[event.replace(".", "_").split("_")[0]]


def assert_lossless(raw: str) -> Event:
    original = json.loads(raw)
    event = parse_event(raw.encode())
    assert type(event) is expected_class(original["event"])
    assert event.model_dump(by_alias=True, exclude_unset=True) == original
    return event


def test_all_481_recorded_webhooks_parse_without_loss() -> None:
    seen = Counter(type(assert_lossless(hook["request"]["body"])).__name__ for hook in webhooks())
    # counted in the recording by event name, not by our classes
    assert seen == {
        "MessageEvent": 158 + 35,
        "ConversationEvent": 10 + 54 + 156 + 9 + 4 + 1,
        "TypingEvent": 8 + 4,
        "ContactEvent": 12 + 28,
        "InboxEvent": 2,
    }


@pytest.mark.parametrize("name", sorted(examples()["webhook_events"]))
def test_every_example_event_parses_without_loss(name: str) -> None:
    assert_lossless(json.dumps(examples()["webhook_events"][name]["payload"]))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("message_created.incoming_from_contact", SenderKind.CONTACT),  # no `type` at the root
        ("message_created.outgoing_by_agent_bot", SenderKind.AGENT_BOT),  # our own echo
        ("message_created.outgoing_by_human_agent_while_pending", SenderKind.USER),
        ("message_created.private_note_by_human", SenderKind.USER),
        ("message_created.outgoing_by_captain", SenderKind.CAPTAIN),
        ("message_created.template_greeting", SenderKind.NONE),
        ("message_created.outgoing_by_automation_rule", SenderKind.NONE),
        ("message_created.outgoing_from_native_whatsapp_app", SenderKind.NONE),
    ],
)
def test_who_sent_it(name: str, kind: SenderKind) -> None:
    event = parse_event(example_event(name))
    assert isinstance(event, MessageEvent)
    assert event.sender_kind is kind


def test_a_sender_of_a_kind_yet_unknown_is_neither_customer_nor_colleague() -> None:
    payload = json.loads(example_event("message_created.incoming_from_contact"))
    payload["sender"]["type"] = "robot_of_next_year"
    event = parse_event(json.dumps(payload).encode())
    assert isinstance(event, MessageEvent)
    assert event.sender_kind is SenderKind.NONE


def test_ids_of_a_message_event_are_not_those_of_a_conversation_event() -> None:
    message = parse_event(example_event("message_created.incoming_from_contact"))
    conversation = parse_event(example_event("conversation_updated.human_assigned"))
    assert (message.message_id, message.conversation_id, message.account_id) == (5501, 128, 1)
    assert (conversation.message_id, conversation.conversation_id, conversation.account_id) == (None, 128, 1)


def test_marks_that_the_gate_reads() -> None:
    automation = parse_event(example_event("message_created.outgoing_by_automation_rule"))
    phone = parse_event(example_event("message_created.outgoing_from_native_whatsapp_app"))
    note = parse_event(example_event("message_created.private_note_by_human"))
    assert isinstance(automation, MessageEvent)
    assert isinstance(phone, MessageEvent)
    assert isinstance(note, MessageEvent)
    assert (automation.automation_rule_id, automation.is_channel_echo) == (9, False)
    assert (phone.automation_rule_id, phone.is_channel_echo) == (None, True)
    assert (note.is_private, note.is_incoming) == (True, False)


def test_a_deleted_message_says_so() -> None:
    deleted = [
        event
        for hook in webhooks()
        if hook["cause"] == "message_delete" and hook["event"] == "message_updated"
        for event in [parse_event(hook["request"]["body"].encode())]
        if isinstance(event, MessageEvent)
    ]
    assert len(deleted) == 3  # one for each source
    assert all(event.is_deleted for event in deleted)


def test_a_submitted_form_carries_what_was_chosen() -> None:
    hook = next(hook for hook in webhooks() if hook["cause"] == "public_message_update_submitted_values")
    event = parse_event(hook["request"]["body"].encode())
    assert isinstance(event, MessageEvent)
    assert event.submitted_values == [{"title": "Yes", "value": "yes"}]


def test_status_changes_never_say_what_changed_and_updates_do() -> None:
    for hook in webhooks():
        event = parse_event(hook["request"]["body"].encode())
        if event.event == "conversation_status_changed":
            assert isinstance(event, ConversationEvent)
            assert event.changed == frozenset()
    human = parse_event(example_event("conversation_updated.human_assigned"))
    assert isinstance(human, ConversationEvent)
    assert "assignee_id" in human.changed
    assert human.owned_by_person


def test_a_bot_as_assignee_is_not_a_person() -> None:
    event = parse_event(example_event("message_created.incoming_from_contact"))
    assert isinstance(event, MessageEvent)
    assert event.conversation.meta.assignee_type == "AgentBot"
    assert not event.conversation.owned_by_person


def test_an_event_of_a_newer_chatwoot_is_an_event_all_the_same() -> None:
    event = parse_event(b'{"event":"company_created","id":7}')
    assert type(event) is Event
    assert (event.event, event.conversation_id, event.message_id, event.account_id) == (
        "company_created",
        None,
        None,
        None,
    )


def without(key: str) -> bytes:
    payload = json.loads(example_event("message_created.incoming_from_contact"))
    del payload[key]
    return json.dumps(payload).encode()


def having(**changes: Any) -> bytes:
    payload = json.loads(example_event("message_created.incoming_from_contact"))
    return json.dumps(payload | changes).encode()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),  # an empty body
        (b"event=message_created", "not JSON"),  # a form
        (b'{"event":"x\xff"}', "not JSON"),  # bad UTF-8
        (b'{"event":"\\ud800"}', "not JSON"),  # half a surrogate pair
        (b"\xef\xbb\xbf{}", "not JSON"),  # a byte-order mark
        (b'{"event":"x","a":NaN}', "not JSON"),
        (b'{"event":"x","a":1e999}', "double precision"),  # infinity in disguise
        (b'{"event":"x","a":' + b"9" * 5000 + b"}", "not JSON"),  # more digits than Python converts
        (b'{"event":"x","a":92233720368547758080}', "64 bits"),
        (b'{"event":"x","a":"\\u0000"}', "NUL"),  # jsonb refuses it
        (b'{"event":"x","\\u0000":1}', "NUL"),  # as a key, too
        (b'{"event":"x","a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "recursion"),
        (b" " * (MAX_BYTES + 1), "limit"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b"{}", "event name"),
        (b'{"event":5}', "event name"),
        (b'{"event":""}', "event"),  # a name of no length
        (b'{"event":"' + b"x" * 101 + b'"}', "event"),
        (b'{"event":"message_created"}', "Field required"),
        (without("conversation"), "conversation: Field required"),
        (without("sender"), "sender: Field required"),  # null is a sender; absence is not
        (having(message_type=0), "message_type"),  # the integer of the REST shape (pain 55)
        (having(id="5501"), "id"),
        (having(id=True), "id"),
        (having(id=0), "id"),
        (having(id=2**64), "64 bits"),
        (having(private="false"), "private"),  # a string is truthy: never guess
        (having(private=None), "private"),
        (having(content=["a"]), "content"),
        (having(conversation=None), "conversation"),
        (having(conversation=[]), "conversation"),
        (having(content_attributes="{}"), "content_attributes"),
        (having(sender="contact"), "sender"),
    ],
    ids=lambda value: repr(value[:50]),
)
def test_what_is_broken_is_refused_with_a_reason(raw: bytes, says: str) -> None:
    with pytest.raises(PayloadError, match=says):
        parse_event(raw)


def test_a_refusal_does_not_quote_the_customer() -> None:
    with pytest.raises(PayloadError) as caught:
        parse_event(having(content=["my NRIC is S1234567D"]))
    assert "S1234567D" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=6), child, max_size=3),
    max_leaves=8,
)


@given(st.binary(max_size=200))
def test_any_bytes_give_an_event_or_a_payload_error(raw: bytes) -> None:
    with contextlib.suppress(PayloadError):
        parse_event(raw)


@settings(max_examples=300, deadline=None)
@given(
    hook=st.sampled_from(webhooks()[::7]),
    path=st.lists(st.integers(0, 30), min_size=1, max_size=4),
    value=JSON,
    drop=st.booleans(),
)
def test_mutated_recordings_give_an_event_or_a_payload_error(
    hook: dict[str, Any], path: list[int], value: Any, drop: bool
) -> None:
    root = json.loads(hook["request"]["body"])
    node: Any = root
    for step in path[:-1]:
        children = [child for child in node.values() if isinstance(child, dict) and child]
        if not children:
            break
        node = children[step % len(children)]
    key = sorted(node)[path[-1] % len(node)]
    if drop:
        del node[key]
    else:
        node[key] = value
    with contextlib.suppress(PayloadError):
        event = parse_event(json.dumps(root).encode())
        json.dumps(event.model_dump(by_alias=True, exclude_unset=True), allow_nan=False).encode()
        assert (event.conversation_id, event.message_id, event.account_id) is not None


@settings(max_examples=200, deadline=None)
@given(
    hook=st.sampled_from(webhooks()[::11]),
    at=st.integers(0, 3000),
    patch=st.binary(min_size=1, max_size=4),
)
def test_recordings_with_bytes_overwritten_give_an_event_or_a_payload_error(
    hook: dict[str, Any], at: int, patch: bytes
) -> None:
    raw = bytearray(hook["request"]["body"].encode())
    raw[at : at + len(patch)] = patch
    with contextlib.suppress(PayloadError):
        parse_event(bytes(raw))
