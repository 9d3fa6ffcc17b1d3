"""Keep our record of who holds a conversation in step with what Chatwoot shows, and the other way round."""

from __future__ import annotations

from nextnest.domain.handoff import HandoffReason
from nextnest.domain.ownership import Holding, Observed, Owner, observe
from nextnest.domain.thread import Assignee, Status, Thread
from nextnest.service.facts import show_attributes
from nextnest.service.ports import Work
from nextnest.service.records import Conversation, Kind, NewIntent


async def keep(work: Work, conversation: Conversation, thread: Thread) -> Observed:
    """Store what this look at the thread says of its holder, and intend the status that must follow."""
    if not thread.bot_here:
        return Observed(holding=conversation.holding)  # another bot's, or nobody's: not ours to keep
    seen = observe(conversation.holding, thread)
    if seen.holding != conversation.holding:
        rewind = _waiting_since(thread) if seen.handed_back else None
        await work.conversations.hold(conversation.id, seen.holding, rewind_to=rewind)
    if seen.holding.owner is not conversation.holding.owner and conversation.lead_id is not None:
        await show_attributes(work, conversation.lead_id)
    closed = seen.holding.owner is Owner.NOBODY and conversation.holding.owner is not Owner.NOBODY
    if seen.handed_back or closed:
        await work.handoffs.returned(conversation.id)
    opened = seen.holding.owner is Owner.PERSON and conversation.holding.owner is not Owner.PERSON
    if seen.person_stepped_in or (opened and thread.customer_waits):
        # Opened by hand or by a rule, perhaps by nobody who stays: a hand-off brings up whom nobody takes.
        reason = HandoffReason.PERSON_STEPPED_IN
        await work.handoffs.request(conversation.id, None, reason, inbox_id=thread.inbox_id)
        if thread.status is Status.OPEN:
            await work.handoffs.opened(conversation.id)
    if seen.holding.owner is Owner.PERSON and taken_by_person(conversation.holding, thread):
        await work.handoffs.accepted(conversation.id)
    if seen.project is not None:
        await work.outbox.intend(conversation.id, [status_intent(conversation, seen.project)])
    return seen


def taken_by_person(before: Holding, thread: Thread) -> bool:
    """Whether somebody has answered or was assigned since the bot last had the conversation."""
    assigned = thread.assignee is Assignee.PERSON and thread.assignee_id != before.released_assignee
    return assigned or thread.last_said_by_person > before.released_at


def _waiting_since(thread: Thread) -> int:
    """The message after which nobody of the brokerage has answered, as far back as the thread was read."""
    start = thread.messages[0].id - 1 if thread.messages else 0
    return max(start, thread.last_said_by_us)


def status_intent(conversation: Conversation, status: Status) -> NewIntent:
    """One status write for each time somebody woke the conversation, however often it is looked at."""
    key = f"status:{conversation.id}:{conversation.wakes}:{status}"
    before = Status.PENDING if status is Status.OPEN else Status.OPEN
    owner = Owner.PERSON if status is Status.OPEN else Owner.BOT
    payload = {"status": status, "from": [before], "owner": owner}
    return NewIntent(key=key, kind=Kind.STATUS, payload=payload)
