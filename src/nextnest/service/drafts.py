"""Drafts: replies that a person approves, with other words or as they are, or drops.

A draft is decided once (its row says how) and sent by the outbox once (its keys are unique), unless the
customer has written again or a person has the conversation: then it lapses, and the next turn answers all.
A person's own words are not checked for figures and claims, but like all that we send they execute nothing.
"""

from __future__ import annotations

from nextnest.domain.drafting import Command, command_in
from nextnest.domain.gate import Act, wakes
from nextnest.domain.thread import Author, Message, Thread
from nextnest.service.ports import ChatwootPort, Work
from nextnest.service.records import DraftRecord, DraftState, Guard, Kind, NewIntent

PANEL = "panel"  # who decided: the panel, or the note with this number


def draft_intent(draft: DraftRecord) -> NewIntent:
    """The private note that shows a draft; the turn ends when it is written."""
    shown = "\n".join(f"> {line}" for line in draft.text.splitlines())
    note = (
        f"**Draft {draft.turn_id}**, not sent yet:\n\n{shown}\n\n"
        "Answer with a private note: `/approve` sends it, `/approve` and other words send those instead, "
        "`/discard` drops it. It lapses when the customer writes again or a person takes over."
    )
    return NewIntent(
        key=f"{draft.turn_id}:draft",
        kind=Kind.NOTE,
        payload={"text": note},
        guard=Guard.REPLY,
        turn_id=draft.turn_id,
        after=draft.after,
    )


async def decide(
    work: Work, chatwoot: ChatwootPort, draft: DraftRecord, command: Command, *, by: str
) -> bool:
    """Carry out a person's decision; False when the draft waits no longer."""
    text = command.text or draft.text
    state = DraftState.APPROVED if command.approve else DraftState.DISCARDED
    if not await work.drafts.decide(draft.turn_id, state, text=text, by=by):
        return False
    if command.approve:
        parts = chatwoot.parts(text, channel=draft.channel, contact_name=draft.contact_name)
        intents = [
            NewIntent(
                key=f"{draft.turn_id}:approved-{number}",
                kind=Kind.MESSAGE,
                payload={"text": part},
                guard=Guard.REPLY if number == 0 else Guard.OURS,
                turn_id=draft.turn_id,
                after=draft.after,
            )
            for number, part in enumerate(parts)
        ]
        await work.outbox.intend(draft.conversation_id, intents)
    return True


async def obey(work: Work, chatwoot: ChatwootPort, draft: DraftRecord, thread: Thread) -> bool:
    """Carry out what people's notes say about the latest draft. True: the outbox has something new."""
    for message in thread.messages:
        command = _command(message, draft)
        if command is None or draft.decided_by == _by(message):
            continue
        if draft.waits:
            return await decide(work, chatwoot, draft, command, by=_by(message))
        text = f"Nothing was done: draft {draft.turn_id} is {draft.state} already."
        answer = NewIntent(f"command:{draft.conversation_id}:{message.id}", Kind.NOTE, {"text": text})
        if await work.outbox.intend(draft.conversation_id, [answer]):
            return True
    return False


async def waits_still(work: Work, draft: DraftRecord, thread: Thread, *, ours: bool) -> bool:
    """Whether a draft may still be approved; where the bot may not send it any more, let it lapse.

    Once the customer has written again its messages are to be answered anew, together with the new ones.
    """
    if not draft.waits:
        return False
    wrote_again = any(_asks(m) and m.id > draft.last_input for m in thread.messages)
    if ours and not wrote_again:
        return True
    await work.drafts.lapse(draft.turn_id, rewind=ours)
    return False


async def withdrawn(work: Work, conversation_id: int, turn_id: str, why: str, *, rewind: bool) -> None:
    """The outbox could not send what belongs to a draft: it lapses, and who approved it is told."""
    if await work.drafts.lapse(turn_id, rewind=rewind) is DraftState.APPROVED:
        text = f"Draft {turn_id} was approved but not sent: {why.replace('_', ' ')}."
        note = NewIntent(f"{turn_id}:not-sent", Kind.NOTE, {"text": text})
        await work.outbox.intend(conversation_id, [note])


def _command(message: Message, draft: DraftRecord) -> Command | None:
    if not message.private or message.author is not Author.PERSON:
        return None
    if draft.note is None or message.id < draft.note:
        return None  # written before anybody could have read this draft
    return command_in(message.text)


def _asks(message: Message) -> bool:
    return message.author is Author.CUSTOMER and wakes(message).act is Act.REPLY


def _by(message: Message) -> str:
    return f"note {message.id}"
