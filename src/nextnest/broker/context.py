"""What the model is told of lead and thread: one JSON document, as data and within a budget of tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from nextnest.broker.brief import Brief
from nextnest.domain.lead import Lead
from nextnest.domain.masking import mask
from nextnest.domain.thread import Author, Message

THREAD_TOKENS = 4_000
CHARACTERS_PER_TOKEN = 4  # of English; other scripts need more tokens, which the turn's limit covers
LONGEST_MESSAGE = 4_000  # characters
# A loan is worked out without knowing who asks for it, so this never leaves for the model's provider.
NEVER_TOLD = frozenset({"name", "first_name", "last_name", "email", "phone", "consent", "source"})

_SPEAKERS = {Author.CUSTOMER: "customer", Author.BOT: "assistant", Author.PERSON: "colleague"}


def document(brief: Brief, *, thread_tokens: int = THREAD_TOKENS) -> str:
    """The user's part of the prompt: JSON between <data> and </data>, which no text in it can close."""
    waiting = {message.id for message in brief.inputs}
    earlier = [m for m in brief.thread.messages if m.id not in waiting and _is_heard(m)]
    data = {
        "brokerage": brief.brokerage,
        "today": brief.today.isoformat(),
        "lead": lead_facts(brief.lead),
        "thread": [_said(m) for m in within_budget(earlier, thread_tokens)],
        "unanswered": [{"message_id": m.id, "text": _text(m)} for m in brief.inputs],
    }
    if brief.attempt_reason:
        data["note"] = brief.attempt_reason
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    inert = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return f"<data>{inert}</data>"


def lead_facts(lead: Lead | None) -> dict[str, Any]:
    """The known facts of the lead without those that say who it is."""
    if lead is None:
        return {}
    facts = {name: value for name, value in lead.facts().items() if name not in NEVER_TOLD}
    if "notes" in facts:
        facts["notes"] = mask(str(facts["notes"])).text[:LONGEST_MESSAGE]
    return facts


def within_budget(messages: Sequence[Message], tokens: int) -> list[Message]:
    """The newest messages that fit, oldest first; the bot's first is kept, it said who we are."""
    greeting = next((m for m in messages if m.author is Author.BOT), None)
    left = tokens * CHARACTERS_PER_TOKEN - (len(_text(greeting)) if greeting else 0)
    kept: list[Message] = []
    for message in reversed(messages):
        if message is greeting:
            continue
        left -= len(_text(message))
        if left < 0:
            break
        kept.append(message)
    if greeting:
        kept.append(greeting)
    return sorted(kept, key=lambda m: m.id)


def _is_heard(message: Message) -> bool:
    return message.author in _SPEAKERS and not message.private and not message.deleted and bool(message.text)


def _said(message: Message) -> dict[str, str]:
    return {"from": _SPEAKERS[message.author], "text": _text(message)}


def _text(message: Message) -> str:
    return mask(message.text).text[:LONGEST_MESSAGE]
