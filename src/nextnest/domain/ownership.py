"""Who holds a conversation: the bot, a person, or nobody because it is closed.

Chatwoot's status is the truth (`pending` the bot, `open` and `snoozed` people, `resolved` closed), but it
does not tell everything: a person may answer or be assigned while the status stays pending, and Chatwoot
opens a conversation by itself when a bot's address fails. `observe` reads one look at the thread against what
was known before, and says who holds it now and what must be written to Chatwoot so that its status agrees.
"""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from nextnest.domain.thread import Assignee, Author, Message, Status, Thread


class Owner(StrEnum):
    BOT = "bot"
    PERSON = "person"
    NOBODY = "nobody"


class Holding(BaseModel):
    """What we know of a conversation's ownership between two looks."""

    model_config = ConfigDict(frozen=True)

    owner: Owner = Owner.BOT
    status: Status = Status.PENDING
    # What a person had said when the bot last got it, or when it was closed: no reason to yield again.
    released_at: int = 0
    # Who was assigned at the last look: nor is this, only somebody else is.
    released_assignee: int | None = None
    # Giving it back by assigning the bot is a change: a bot that was assigned all along says nothing.
    bot_assigned: bool = False


class Observed(BaseModel):
    """The new holding, and the status that Chatwoot must be given, if any."""

    model_config = ConfigDict(frozen=True)

    holding: Holding
    project: Status | None = None
    handed_back: bool = False
    person_stepped_in: bool = False


# The lines that Chatwoot writes into a thread when its status changes, in English.
_STATUS_LINE = re.compile(
    r"^(Conversation was (marked (resolved|open|as pending)|resolved|reopened|snoozed)|System reopened)"
)
_CLOSED_LINE = re.compile(r"^Conversation was (marked )?resolved")
_GIVEN_BACK_LINE = re.compile(r"^Conversation was marked as pending")
_ASSIGNED_LINE = re.compile(r"^Assigned to ")
_BOT_FAILED_LINE = re.compile(r"^Conversation was marked open by system due to an error with the agent bot")


def opened_by_bot_failure(thread: Thread) -> bool:
    """Whether the conversation is open only because Chatwoot could not reach the bot."""
    if thread.status is not Status.OPEN or thread.assignee is Assignee.PERSON:
        return False
    line = _last_status_line(thread)
    failed = line is not None and _BOT_FAILED_LINE.search(line.text)
    return bool(failed) and not _person_spoke_after(line, thread)


def _last_status_line(thread: Thread) -> Message | None:
    lines = (m for m in reversed(thread.messages) if m.author is Author.SYSTEM)
    return next((line for line in lines if _STATUS_LINE.search(line.text)), None)


def _person_spoke_after(line: Message | None, thread: Thread) -> bool:
    return line is not None and thread.last_said_by_person > line.id


def _taken_since_it_was_let_go(before: Holding, thread: Thread) -> bool:
    """A close or a hand-back that we did not see, and a person who took the customer afterwards."""
    line = _last_status_line(thread)
    if line is None:
        return False
    closed = _CLOSED_LINE.search(line.text)
    if not closed and not _GIVEN_BACK_LINE.search(line.text):
        return False
    # Who gives back may have been assigned just before: after a hand-back the line must say so.
    newly = _newly_assigned(before, thread) and (bool(closed) or _assigned_after(line, thread))
    return newly or _person_spoke_after(line, thread)


def _assigned_after(line: Message, thread: Thread) -> bool:
    later = (m for m in thread.messages if m.id > line.id and m.author is Author.SYSTEM)
    return any(_ASSIGNED_LINE.search(m.text) for m in later)


def observe(before: Holding, thread: Thread) -> Observed:
    """Who holds the conversation now. Pure and total over every status, assignee and earlier holding."""
    seen = _observe(before, thread)
    assigned = {
        "bot_assigned": thread.assignee is Assignee.BOT,
        "released_assignee": _person_assigned(thread),
    }
    return seen.model_copy(update={"holding": seen.holding.model_copy(update=assigned)})


def still_held(before: Holding, thread: Thread) -> bool:
    """Whether the bot holds the conversation just as it did, by a look at its last message alone."""
    if before.owner is not Owner.BOT or thread.status is not Status.PENDING:
        return False
    return observe(before, thread) == Observed(holding=before)


def _observe(before: Holding, thread: Thread) -> Observed:
    match thread.status:
        case Status.RESOLVED:
            closed = {"owner": Owner.NOBODY, "status": Status.RESOLVED}
            return Observed(holding=_released(before, thread).model_copy(update=closed))
        case Status.PENDING:
            return _pending(before, thread)
        case Status.OPEN if before.owner is Owner.BOT and _opened_against_our_will(before, thread):
            return Observed(holding=before, project=Status.PENDING)
        case Status.OPEN if before.owner is Owner.PERSON and _bot_was_assigned(before, thread):
            # Up to 4.16 giving a conversation to the bot leaves it open; we write the status that follows.
            return Observed(holding=_released(before, thread), project=Status.PENDING, handed_back=True)
        case _:
            return Observed(holding=_held_by(Owner.PERSON, before, thread))


def _opened_against_our_will(before: Holding, thread: Thread) -> bool:
    return thread.last_said_by_person <= before.released_at and opened_by_bot_failure(thread)


def may_go_back(before: Holding, thread: Thread) -> bool:
    """Whether an open conversation may still be set pending: nobody has opened, taken or answered it."""
    unanswered = thread.last_said_by_person <= before.released_at
    return (thread.assignee is Assignee.BOT and unanswered) or _opened_against_our_will(before, thread)


def _bot_was_assigned(before: Holding, thread: Thread) -> bool:
    return thread.assignee is Assignee.BOT and not before.bot_assigned


def _pending(before: Holding, thread: Thread) -> Observed:
    if before.owner is Owner.PERSON:
        if before.status is not Status.PENDING and not _taken_since_it_was_let_go(before, thread):
            return Observed(holding=_released(before, thread), handed_back=True)
        # Our `open` has not reached Chatwoot yet, or is needed again.
        return Observed(holding=_held_by(Owner.PERSON, before, thread), project=Status.OPEN)
    if _newly_assigned(before, thread) or thread.last_said_by_person > before.released_at:
        taken = _held_by(Owner.PERSON, before, thread)
        return Observed(holding=taken, project=Status.OPEN, person_stepped_in=True)
    return Observed(holding=_held_by(Owner.BOT, before, thread))


def _held_by(owner: Owner, before: Holding, thread: Thread) -> Holding:
    return before.model_copy(update={"owner": owner, "status": thread.status})


def _released(before: Holding, thread: Thread) -> Holding:
    return Holding(
        owner=Owner.BOT,
        status=Status.PENDING,
        released_at=max(before.released_at, thread.last_said_by_person),
    )


def _newly_assigned(before: Holding, thread: Thread) -> bool:
    return thread.assignee is Assignee.PERSON and thread.assignee_id != before.released_assignee


def _person_assigned(thread: Thread) -> int | None:
    return thread.assignee_id if thread.assignee is Assignee.PERSON else None
