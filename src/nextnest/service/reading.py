"""Reading a conversation: who holds it, what is new in it, and what each message asks of the bot."""

from __future__ import annotations

from dataclasses import dataclass

from nextnest.domain.gate import Act, Decision, Silence, decide, standing_in
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.masking import mask
from nextnest.domain.ownership import Observed, Owner
from nextnest.domain.thread import Author, Message, Thread
from nextnest.service.custody import keep
from nextnest.service.drafts import waits_still
from nextnest.service.ports import Work
from nextnest.service.records import Conversation, DraftRecord


@dataclass(frozen=True)
class Reading:
    """One look at a conversation: what is known of it, what Chatwoot shows, what it asks of the bot."""

    conversation: Conversation
    thread: Thread
    seen: Observed
    new: tuple[tuple[Message, Decision], ...]

    @property
    def inputs(self) -> tuple[Message, ...]:
        return tuple(m for m, d in self.new if d.act in (Act.REPLY, Act.HAND_OVER))

    @property
    def handoff(self) -> HandoffReason | None:
        """Why a person must look at one of the inputs, whatever the others say."""
        return next((d.handoff for _, d in self.new if d.act is Act.HAND_OVER), None)

    @property
    def silence(self) -> Silence | None:
        """The reason for silence towards the customer's last message, when there is one."""
        spoken = [d.silence for m, d in self.new if m.author is Author.CUSTOMER and not m.private]
        return spoken[-1] if spoken else None


async def read(work: Work, conversation: Conversation, thread: Thread, draft: DraftRecord | None) -> Reading:
    """Judge what is new in a thread, after bringing our record of who holds it up to date."""
    seen = await keep(work, conversation, thread)
    watermark = conversation.watermark
    if seen.handed_back:
        watermark = min(watermark, thread.last_said_by_us)
    ours = seen.holding.owner is Owner.BOT
    draft_waits = draft is not None and await waits_still(work, draft, thread, ours=ours)
    if draft is not None and draft.waits and not draft_waits and ours:
        watermark = min(watermark, draft.first_input - 1)
    standing = standing_in(thread, seen.holding.owner, watermark=watermark)
    standing = standing.model_copy(update={"draft_waiting": draft_waits})
    if ours and seen.project is not None:
        standing = standing.model_copy(update={"status": seen.project})
    new = tuple((m, decide(m, standing, now=conversation.read_at)) for m in thread.since(watermark))
    return Reading(conversation, thread, seen, new)


def masked(thread: Thread) -> Thread:
    """The thread as everything behind this line may see it: no identity or card numbers."""
    messages = tuple(m.model_copy(update={"text": mask(m.text).text}) for m in thread.messages)
    return thread.model_copy(update={"messages": messages})
