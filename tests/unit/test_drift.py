"""Drift between our record of a conversation and Chatwoot's, one kind at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nextnest.domain.ownership import Owner
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread
from nextnest.service.drift import REMEDIES, DriftKind, Ours, compare

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)


def message(number: int, author: Author, *, minutes_ago: float = 60, **more: Any) -> Message:
    at = NOW - timedelta(minutes=minutes_ago)
    return Message(id=number, author=author, created_at=at, **{"text": "hello", **more})


def thread(*messages: Message, status: Status = Status.PENDING, **more: Any) -> Thread:
    return Thread(
        conversation_id=7, status=status, messages=messages, **{"assignee": Assignee.NOBODY, **more}
    )


def ours(**more: Any) -> Ours:
    return Ours(**{"conversation_id": 7, "owner": Owner.BOT, "watermark": 0, "busy": False, **more})


def kinds(record: Ours | None, seen: Thread) -> list[DriftKind]:
    return [drift.kind for drift in compare(record, seen, NOW)]


ASKED = message(10, Author.CUSTOMER)
ANSWERED = message(11, Author.BOT, part="t1:reply-0")
AWAY = message(13, Author.AUTOMATION, text="We are back on Monday.")
FAILED_LINE = message(
    12,
    Author.SYSTEM,
    text="Conversation was marked open by system due to an error with the agent bot.",
)


@pytest.mark.parametrize(
    ("record", "seen", "found"),
    [
        # nothing wrong
        (ours(watermark=10), thread(ASKED, ANSWERED), []),
        (ours(), thread(), []),  # a lead that was greeted nowhere yet
        (ours(owner=Owner.PERSON), thread(ASKED, status=Status.SNOOZED), []),
        (ours(owner=Owner.NOBODY), thread(ASKED, ANSWERED, status=Status.RESOLVED), []),
        (None, thread(ASKED, status=Status.OPEN), []),  # of another inbox: not ours to judge
        # unanswered
        (ours(), thread(ASKED), [DriftKind.UNANSWERED]),
        (None, thread(ASKED), [DriftKind.UNANSWERED]),  # every webhook was lost: we never heard of it
        (ours(), thread(message(10, Author.CUSTOMER, minutes_ago=1)), []),  # it has a moment
        (ours(watermark=10), thread(ASKED), []),  # its turn ended in silence, for a reason that is kept
        (ours(), thread(message(10, Author.CUSTOMER, text="", attachments=("sticker",))), []),
        (
            ours(),
            thread(ASKED, message(11, Author.BOT, private=True)),
            [DriftKind.UNANSWERED],
        ),  # a note is none
        (ours(), thread(ASKED, AWAY), [DriftKind.UNANSWERED]),  # nor is the inbox's own text
        (ours(watermark=10), thread(ASKED, AWAY), []),
        (ours(watermark=10), thread(ASKED, ANSWERED, AWAY), []),
        (ours(), thread(ASKED, contact_blocked=True), []),
        (None, thread(ASKED, bot_here=False), []),  # another bot's inbox
        (ours(owner=Owner.PERSON), thread(ASKED, status=Status.OPEN), []),  # people have it
        # doubled
        (
            ours(watermark=10),
            thread(ASKED, ANSWERED, message(12, Author.BOT, part="t1:reply-0")),
            [DriftKind.DOUBLED],
        ),
        (ours(watermark=10), thread(ASKED, ANSWERED, message(12, Author.BOT, part="t1:reply-1")), []),
        (
            ours(watermark=10),
            thread(ASKED, ANSWERED, message(12, Author.BOT, part="t1:reply-0", deleted=True)),
            [],  # somebody has seen to it
        ),
        # untaken hand-offs
        (
            ours(owner=Owner.PERSON, handoff_since=LONG_AGO),
            thread(ASKED, status=Status.OPEN),
            [DriftKind.UNASSIGNED],
        ),
        (
            ours(owner=Owner.PERSON, handoff_since=LONG_AGO),
            thread(ASKED, status=Status.OPEN, assignee=Assignee.PERSON, assignee_id=3),
            [],
        ),
        (
            ours(owner=Owner.PERSON, handoff_since=NOW - timedelta(minutes=5)),
            thread(ASKED, status=Status.OPEN),
            [],
        ),
        # drafts that nobody decides on
        (ours(watermark=10, draft_since=LONG_AGO), thread(ASKED), [DriftKind.DRAFT]),
        # who has it
        (ours(watermark=10), thread(ASKED, ANSWERED, status=Status.OPEN), [DriftKind.STATUS]),
        (ours(watermark=10, busy=True), thread(ASKED, ANSWERED, status=Status.OPEN), []),  # on its way
        (ours(owner=Owner.PERSON), thread(status=Status.PENDING), [DriftKind.STATUS]),
        (ours(owner=Owner.NOBODY), thread(status=Status.OPEN), [DriftKind.STATUS]),
        # opened by Chatwoot because we did not answer: told as such, not as a drift of status too
        (ours(watermark=10), thread(ASKED, FAILED_LINE, status=Status.OPEN), [DriftKind.BOT_FAILURE]),
    ],
)
def test_each_kind_of_drift_is_found_and_nothing_else(
    record: Ours | None, seen: Thread, found: list[DriftKind]
) -> None:
    assert kinds(record, seen) == found


def test_every_kind_says_what_to_do() -> None:
    assert set(REMEDIES) == set(DriftKind)
    assert all(REMEDIES[kind] for kind in DriftKind)


def test_a_wait_is_told_in_minutes_and_then_in_hours() -> None:
    soon = next(iter(compare(ours(), thread(message(1, Author.CUSTOMER, minutes_ago=90)), NOW)))
    assert soon.what == "a customer has waited for 90 minutes"
    late = next(iter(compare(ours(), thread(message(1, Author.CUSTOMER, minutes_ago=300)), NOW)))
    assert late.what == "a customer has waited for 5 hours"
    assert late.conversation_id == 7
