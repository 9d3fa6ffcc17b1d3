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

from nextnest.domain.thread import Assignee, Author, Status, Thread


class Owner(StrEnum):
    BOT = "bot"
    PERSON = "person"
    NOBODY = "nobody"


class Holding(BaseModel):
    """What we know of a conversation's ownership between two looks."""

    model_config = ConfigDict(frozen=True)

    owner: Owner = Owner.BOT
    status: Status = Status.PENDING
    # What a person had said and who was assigned when the bot last got it, or when it was closed: no reason
    # to yield again.
    released_at: int = 0
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


# Chatwoot writes this line itself (not a customer or a person) when the bot's webhook failed.
_BOT_FAILED = re.compile(r"marked open by system due to an error with the agent bot", re.IGNORECASE)


def opened_by_bot_failure(thread: Thread) -> bool:
    """Whether the conversation is open only because Chatwoot could not reach the bot."""
    if thread.status is not Status.OPEN or thread.assignee is Assignee.PERSON:
        return False
    last_activity = max(
        (m.id for m in thread.messages if m.author is Author.SYSTEM and _is_status_line(m.text)), default=0
    )
    return last_activity > thread.last_said_by_person and any(
        m.id == last_activity and _BOT_FAILED.search(m.text) for m in thread.messages
    )


def _is_status_line(text: str) -> bool:
    return bool(_BOT_FAILED.search(text)) or bool(
        re.search(r"\b(reopened|resolved|marked (as )?(open|pending)|snoozed)\b", text, re.IGNORECASE)
    )


def observe(before: Holding, thread: Thread) -> Observed:
    """Who holds the conversation now. Pure and total over every status, assignee and earlier holding."""
    seen = _observe(before, thread)
    holding = seen.holding.model_copy(update={"bot_assigned": thread.assignee is Assignee.BOT})
    return seen.model_copy(update={"holding": holding})


def _observe(before: Holding, thread: Thread) -> Observed:
    match thread.status:
        case Status.RESOLVED:
            closed = before.model_copy(update={"released_assignee": _person_assigned(thread)})
            return Observed(holding=_held_by(Owner.NOBODY, closed, thread))
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


def _bot_was_assigned(before: Holding, thread: Thread) -> bool:
    return thread.assignee is Assignee.BOT and not before.bot_assigned


def _pending(before: Holding, thread: Thread) -> Observed:
    person = _person_assigned(thread)
    assigned = person is not None and person != before.released_assignee
    if before.owner is Owner.PERSON:
        if before.status is not Status.PENDING:
            return Observed(holding=_released(before, thread), handed_back=True)
        return Observed(holding=before, project=Status.OPEN)  # our `open` has not reached Chatwoot yet
    if before.owner is Owner.NOBODY and not assigned:
        return Observed(holding=_released(before, thread))  # the customer returned
    spoke = before.owner is Owner.BOT and thread.last_said_by_person > before.released_at
    if assigned or spoke:
        taken = before.model_copy(update={"owner": Owner.PERSON, "status": Status.PENDING})
        return Observed(holding=taken, project=Status.OPEN, person_stepped_in=True)
    return Observed(holding=before)


def _held_by(owner: Owner, before: Holding, thread: Thread) -> Holding:
    return before.model_copy(update={"owner": owner, "status": thread.status})


def _released(before: Holding, thread: Thread) -> Holding:
    return Holding(
        owner=Owner.BOT,
        status=Status.PENDING,
        released_at=max(before.released_at, thread.last_said_by_person),
        released_assignee=_person_assigned(thread),
    )


def _person_assigned(thread: Thread) -> int | None:
    return thread.assignee_id if thread.assignee is Assignee.PERSON else None
