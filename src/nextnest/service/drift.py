"""Drift: where our record and Chatwoot disagree, or a customer is left alone. It is told, never flipped.

`compare` is pure; `Doctor` reads what it needs in small steps: the conversations active of late, a bounded
number of them, one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from nextnest.domain.gate import Act, wakes
from nextnest.domain.ownership import Owner, opened_by_bot_failure
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread
from nextnest.service.failures import Gone
from nextnest.service.ports import ChatwootPort

UNANSWERED_AFTER = timedelta(minutes=2)  # a webhook and the sweep have had their chance by then
STUCK_AFTER = timedelta(minutes=5)
UNTAKEN_AFTER = timedelta(minutes=30)
MOST_CONVERSATIONS = 50


class DriftKind(StrEnum):
    UNANSWERED = "unanswered"
    STUCK = "stuck"
    DOUBLED = "doubled"
    UNASSIGNED = "unassigned"
    DRAFT = "draft"
    STATUS = "status"
    BOT_FAILURE = "bot_failure"
    SECOND_ROUTE = "second_route"


REMEDIES = {
    DriftKind.UNANSWERED: "the sweep takes it up within a minute; if not, see that a worker runs (`/readyz`)",
    DriftKind.STUCK: "see the worker's log and `nextnest failed list`; the sweep wakes it again",
    DriftKind.DOUBLED: "delete one of the two in Chatwoot, and report it: this must not happen",
    DriftKind.UNASSIGNED: "assign somebody, or answer",
    DriftKind.DRAFT: "approve or discard it in the panel, or with /approve or /discard in a private note",
    DriftKind.STATUS: "set the status in Chatwoot to what it should be: pending for the bot, open for people",
    DriftKind.BOT_FAILURE: "make NEXTNEST_PUBLIC_URL reachable for Chatwoot, then set it to pending",
    DriftKind.SECOND_ROUTE: "remove all routes but the agent bot's in Chatwoot, or run `nextnest setup`",
}


@dataclass(frozen=True)
class Drift:
    kind: DriftKind
    conversation_id: int | None
    what: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind]


@dataclass(frozen=True)
class Ours:
    """What our tables say of a conversation. `busy`: something about it is under way or due."""

    conversation_id: int
    owner: Owner
    watermark: int
    busy: bool
    stuck: str | None = None  # what has been open for too long
    handoff_since: datetime | None = None  # of a hand-off that nobody has taken
    draft_since: datetime | None = None


class DriftStore(Protocol):
    async def known(self, conversation_ids: Sequence[int]) -> dict[int, Ours]: ...

    async def stuck(self, longer_than: timedelta, limit: int) -> list[Ours]:
        """Conversations with a turn or an intent that has been open for so long."""

    async def keep(self, counts: dict[str, int]) -> None:
        """Keep what was found, for the metrics."""

    async def claim(self, every: timedelta) -> bool:
        """True for one asker in each such time."""


def compare(ours: Ours | None, thread: Thread, now: datetime) -> Iterator[Drift]:
    """What is wrong with one conversation, by our record (None: unknown to us) and by Chatwoot."""

    def drift(kind: DriftKind, what: str) -> Drift:
        return Drift(kind, thread.conversation_id, what)

    marks = Counter(m.part for m in thread.messages if m.part is not None and not m.deleted)
    for part, times in marks.items():
        if times > 1:
            yield drift(DriftKind.DOUBLED, f"{part} stands {times} times in the thread")
    if opened_by_bot_failure(thread):
        yield drift(DriftKind.BOT_FAILURE, "Chatwoot opened it because our webhook did not answer")
    waiting = _waiting(ours, thread)
    if waiting is not None and now - waiting.created_at > UNANSWERED_AFTER:
        yield drift(DriftKind.UNANSWERED, f"a customer has waited for {_minutes(now - waiting.created_at)}")
    if ours is None:
        return
    if ours.handoff_since is not None and now - ours.handoff_since > UNTAKEN_AFTER and _nobody_there(thread):
        yield drift(DriftKind.UNASSIGNED, f"nobody has taken it for {_minutes(now - ours.handoff_since)}")
    if ours.draft_since is not None and now - ours.draft_since > UNTAKEN_AFTER:
        yield drift(DriftKind.DRAFT, f"a draft has waited for {_minutes(now - ours.draft_since)}")
    if not ours.busy and thread.status not in _STATUSES[ours.owner] and not opened_by_bot_failure(thread):
        yield drift(DriftKind.STATUS, f"Chatwoot says {thread.status}, we say the {ours.owner} has it")


_STATUSES = {
    Owner.BOT: {Status.PENDING},
    Owner.PERSON: {Status.OPEN, Status.SNOOZED},
    Owner.NOBODY: {Status.RESOLVED},
}


def _waiting(ours: Ours | None, thread: Thread) -> Message | None:
    """The customer's last message, while the bot has the conversation and has not ended its turn."""
    # The inbox's own text (greeting, out of office) answers nobody.
    neither = (Author.SYSTEM, Author.AUTOMATION)
    public = [m for m in thread.messages if not m.private and m.author not in neither]
    if not public or thread.status is not Status.PENDING or not thread.bot_here:
        return None
    if thread.contact_blocked or thread.muted:
        return None
    last = public[-1]
    if last.author is not Author.CUSTOMER or wakes(last).act is not Act.REPLY:
        return None
    return last if ours is None or ours.watermark < last.id else None


def _nobody_there(thread: Thread) -> bool:
    return thread.status is Status.OPEN and thread.assignee is not Assignee.PERSON


def _minutes(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"


class Doctor:
    def __init__(self, store: DriftStore, chatwoot: ChatwootPort) -> None:
        self._store = store
        self._chatwoot = chatwoot

    async def examine(self, *, within: timedelta, limit: int = MOST_CONVERSATIONS) -> list[Drift]:
        """Look at the conversations active within that time, at most `limit` of them.

        Raises:
            Failure: Chatwoot could not be read.
        """
        now = datetime.now(UTC)
        found = [
            Drift(DriftKind.STUCK, ours.conversation_id, ours.stuck or "")
            for ours in await self._store.stuck(STUCK_AFTER, limit)
        ]
        active = await self._chatwoot.active(within.total_seconds(), limit)
        known = await self._store.known(active)
        for conversation_id in active:
            with suppress(Gone):  # deleted since it was listed
                thread = await self._chatwoot.latest(conversation_id)
                found += compare(known.get(conversation_id), thread, now)
        return found

    async def round(self, every: timedelta, *, within: timedelta) -> list[Drift]:
        """Examine at most once in `every`, whoever asks, and keep the counts for the metrics."""
        if not await self._store.claim(every):
            return []
        found = await self.examine(within=within)
        counts = Counter(str(drift.kind) for drift in found)
        looked_for = set(DriftKind) - {DriftKind.SECOND_ROUTE}  # `nextnest doctor` alone asks for routes
        await self._store.keep({str(kind): counts[str(kind)] for kind in looked_for})
        return found
