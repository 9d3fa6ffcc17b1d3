"""What of Chatwoot's noise is stored, and what it wakes: counted over everything that was recorded."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from nextnest.adapters.chatwoot.inbound import Inbound, incoming_of
from nextnest.adapters.chatwoot.payloads import parse_event
from nextnest.service.receive import Incoming, Receive, Source, Wake, wake_of
from tests.unit.chatwoot.recording import examples, webhooks

SOURCES = {
    "agent_bot_webhook": Source.AGENT_BOT,
    "account_webhook": Source.ACCOUNT,
    "api_inbox_webhook": Source.INBOX,
    "automation_rule_webhook": Source.ACCOUNT,
}


def recorded() -> list[tuple[dict[str, Any], Incoming | None]]:
    return [
        (hook, incoming_of(SOURCES[hook["target"]], None, parse_event(hook["request"]["body"].encode())))
        for hook in webhooks()
    ]


class Remembered:
    """Stands for the store: what it was given, and whether it is new."""

    def __init__(self) -> None:
        self.accepted: list[tuple[Incoming, Wake]] = []

    async def accept(self, incoming: Incoming, wake: Wake) -> bool:
        self.accepted.append((incoming, wake))
        return True


def test_what_belongs_to_no_conversation_is_noise() -> None:
    left_out = {hook["event"] for hook, incoming in recorded() if incoming is None}
    assert left_out == {
        "contact_created",
        "contact_updated",  # one for each message of a customer
        "inbox_created",
        "inbox_updated",
        "conversation_typing_on",
        "conversation_typing_off",
    }


@pytest.mark.parametrize(
    ("event", "woken", "of"),
    [
        # counted in the recording: `changed_attributes` naming status or an assignee
        ("conversation_updated", 3 * 23, 3 * 52),
        # these name a new status and nothing of what changed: each is worth a look
        ("conversation_status_changed", 54, 54),
        ("conversation_opened", 9, 9),
        ("conversation_resolved", 4, 4),
        # the message that follows says more
        ("conversation_created", 0, 10),
        # an automation's own webhook is unsigned and asks nothing
        ("automation_event.message_created", 0, 1),
    ],
)
def test_of_a_conversations_events_only_those_about_its_holder_wake(event: str, woken: int, of: int) -> None:
    seen = [
        wake_of(incoming)
        for hook, incoming in recorded()
        if incoming is not None and json.loads(hook["request"]["body"])["event"] == event
    ]
    assert Counter(seen) == {key: n for key, n in ((Wake.NOW, woken), (None, of - woken)) if n}


def test_the_count_of_holder_changes_is_the_recordings() -> None:
    """The number in the table above, from the raw bodies."""
    holder = {"status", "assignee_id", "assignee_agent_bot_id"}
    bodies = [json.loads(hook["request"]["body"]) for hook in webhooks()]
    changed = [
        body
        for body in bodies
        if body["event"] == "conversation_updated"
        and any(holder & change.keys() for change in body["changed_attributes"] or ())
    ]
    assert len(changed) == 3 * 23


@pytest.mark.parametrize(
    ("changed", "wake"),
    [
        ("status", Wake.NOW),
        ("assignee_id", Wake.NOW),  # a person takes it or lets go
        ("assignee_agent_bot_id", Wake.NOW),  # from 4.16.2: the bot gets it or loses it
        ("ai_assignee_id", Wake.NOW),  # from 4.17
        ("waiting_since", None),  # follows every message
        ("custom_attributes", None),  # our own writes come back
        ("label_list", None),
        ("priority", None),
        ("team_id", None),  # a team is nobody yet
        ("snoozed_until", None),  # comes with its status
    ],
)
def test_which_changes_are_about_the_holder(changed: str, wake: Wake | None) -> None:
    payload = examples()["webhook_events"]["conversation_updated.human_assigned"]["payload"]
    payload = payload | {"changed_attributes": [{changed: {"previous_value": None, "current_value": 1}}]}
    incoming = incoming_of(Source.AGENT_BOT, None, parse_event(json.dumps(payload).encode()))
    assert incoming is not None
    assert wake_of(incoming) is wake


def test_one_message_has_one_fingerprint_on_all_three_routes_and_another_once_it_changes() -> None:
    by_message = defaultdict(set)
    bodies = defaultdict(set)
    for hook, incoming in recorded():
        if incoming is not None and incoming.message is not None:
            body = json.loads(hook["request"]["body"])
            attributes = body["content_attributes"]
            said = (
                body["content"],
                bool(attributes.get("deleted")),
                json.dumps(attributes.get("submitted_values")),
            )
            by_message[body["event"], body["id"]].add(incoming.fingerprint)
            bodies[body["event"], body["id"]].add(said)
    assert len(by_message) == 60  # counted by event and id
    assert {key: len(prints) for key, prints in by_message.items()} == {
        key: len(said) for key, said in bodies.items()
    }
    prints = [print_ for each in by_message.values() for print_ in each]
    assert len(prints) == len(set(prints))
    assert None not in prints


def test_two_customers_who_say_the_same_are_two() -> None:
    """Pain 05: dedupe by id, never by text."""
    payload = examples()["webhook_events"]["message_created.incoming_from_contact"]["payload"]
    events = [parse_event(json.dumps(payload | {"id": number}).encode()) for number in (5501, 5502)]
    first, second = (incoming_of(Source.AGENT_BOT, None, event) for event in events)
    assert first is not None
    assert second is not None
    assert first.fingerprint != second.fingerprint


def test_a_status_that_comes_twice_is_not_taken_for_a_repeat() -> None:
    """Open, pending, open: three changes; only the delivery's id tells a repeat from a return."""
    prints = {
        incoming.fingerprint for _, incoming in recorded() if incoming is not None and not incoming.message
    }
    assert prints == {None}


async def test_what_asks_for_nothing_is_not_even_stored() -> None:
    store = Remembered()
    receive = Receive(store)
    for _, incoming in recorded():
        if incoming is not None:
            new = await receive.store(incoming)
            assert new is (wake_of(incoming) is not None)
    assert all(not (i.message and i.message.private) for i, _ in store.accepted)
    assert not [i for i, _ in store.accepted if i.event == "conversation_created"]


@pytest.mark.parametrize(
    ("account", "stored"),
    [
        (1, True),
        (2, False),  # a bot may sit on two accounts; display ids of another account mean other threads
    ],
)
async def test_another_accounts_events_are_not_ours(account: int, stored: bool) -> None:
    payload = examples()["webhook_events"]["message_created.incoming_from_contact"]["payload"]
    payload = payload | {"account": {"id": account, "name": "NextNest"}}
    store = Remembered()
    inbound = Inbound(Receive(store), account_id=1)
    assert await inbound.store(Source.AGENT_BOT, "d", parse_event(json.dumps(payload).encode())) is stored
    assert bool(store.accepted) is stored


async def test_before_4_14_2_a_conversation_event_names_no_account_and_is_taken() -> None:
    payload = dict(examples()["webhook_events"]["conversation_opened"]["payload"])
    payload.pop("account", None)
    store = Remembered()
    event = parse_event(json.dumps(payload).encode())
    assert await Inbound(Receive(store), account_id=1).store(Source.AGENT_BOT, "d", event)
