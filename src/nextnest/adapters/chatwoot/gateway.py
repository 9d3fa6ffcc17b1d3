"""Chatwoot as the use cases need it: two identities, our types, and failures in three classes.

A user's token reads (a bot may not) and writes labels (a bot may only since 4.14.2); the bot's token speaks
and moves the conversation, so that no answer stands under a person's name.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from nextnest.adapters.chatwoot.channels import may_write_freely, render
from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.conversations import Status as ApiStatus
from nextnest.adapters.chatwoot.errors import (
    BadResponse,
    ChatwootError,
    NotFound,
    RateLimited,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from nextnest.adapters.chatwoot.hours import hours_of
from nextnest.adapters.chatwoot.models import Conversation
from nextnest.adapters.chatwoot.models import Message as ApiMessage
from nextnest.adapters.chatwoot.reading import MARK, message_of, thread_of
from nextnest.adapters.chatwoot.remembered import Remembered
from nextnest.adapters.chatwoot.sync import find_or_create_contact, find_or_create_conversation
from nextnest.domain.attributes import ATTRIBUTES
from nextnest.domain.hours import Hours
from nextnest.domain.lead import Lead
from nextnest.domain.thread import Author, Status, Thread
from nextnest.service.failures import Gone, MaybeDone, NotDone, Refusal
from nextnest.service.ports import ContactPlace, Mark, Waiting

T = TypeVar("T")

UNAUTHORISED_WAIT = 30.0  # seconds: a wrong token is mended by a person, and is no reason to lose anything
HISTORY = 20  # messages of context, Chatwoot's own page
_UNRESOLVED: tuple[ApiStatus, ...] = ("pending", "open")


@asynccontextmanager
async def _classified() -> AsyncIterator[None]:
    try:
        yield
    except (UnknownOutcome, BadResponse) as error:
        raise MaybeDone(str(error)) from error
    except RateLimited as error:
        raise NotDone(str(error), wait=error.retry_after) from error
    except Unauthorised as error:
        raise NotDone(str(error), wait=UNAUTHORISED_WAIT) from error
    except Unavailable as error:
        raise NotDone(str(error)) from error
    except ChatwootError as error:
        raise Refusal(str(error)) from error


async def _read(call: Awaitable[T]) -> T:
    """A read that failed was certainly not a write, whatever the error's class."""
    try:
        async with _classified():
            return await call
    except MaybeDone as error:
        raise NotDone(error.why) from error


class Gateway:
    """`signature` ends every e-mail."""

    def __init__(self, user: Chatwoot, bot: Chatwoot, *, inbox_id: int, signature: str) -> None:
        self._user = user
        self._bot = bot
        self._inbox_id = inbox_id
        self._signature = signature
        self._hours = Remembered(self._read_hours)
        self._sits = Remembered(self._read_sits)

    @property
    def circuit(self) -> Circuit:
        return self._user.circuit

    async def thread(self, conversation_id: int, *, since: int, history: bool = True) -> Thread:
        conversation, messages = await asyncio.gather(
            self._read_of(conversation_id, self._user.conversations.get(conversation_id)),
            self._read_of(
                conversation_id,
                self._history(conversation_id, since) if history else self._since(conversation_id, since),
            ),
        )
        if history and conversation.status == "open":
            # The line that says who opened it comes after the status, and was perhaps not there yet.
            messages = await self._read_of(conversation_id, self._history(conversation_id, since))
        here = await self._sits.of(conversation.inbox_id)
        return thread_of(conversation, messages, bot_here=here is not False)

    async def glance(self, conversation_id: int) -> Thread:
        conversation = await self._read_of(conversation_id, self._user.conversations.get(conversation_id))
        last = conversation.last_non_activity_message
        here = await self._sits.of(conversation.inbox_id)
        return thread_of(conversation, [last] if last else [], bot_here=here is not False)

    async def _read_hours(self, inbox_id: int) -> Hours | None:
        return hours_of(await self._user.inboxes.get(inbox_id))

    async def _read_sits(self, inbox_id: int) -> bool:
        """Whether our bot sits on the inbox: only it has our token."""
        bot = await self._user.inboxes.agent_bot(inbox_id)
        if bot is None:
            return False
        token = bot.access_token
        return token is None or self._bot.speaks_with(token.get_secret_value())

    async def _read_of(self, conversation_id: int, call: Awaitable[T]) -> T:
        """Read something of a conversation.

        Raises:
            Gone: it is no longer there. A 404 alone does not say so: a proxy may answer for a server that is
                away, so Chatwoot must know us at the same time.
        """
        try:
            return await _read(call)
        except Refusal as refusal:
            if not isinstance(refusal.__cause__, NotFound):
                raise
            await _read(self._user.profile())
            raise Gone(f"conversation {conversation_id} is no longer in Chatwoot") from refusal

    async def _since(self, conversation_id: int, after: int) -> list[ApiMessage]:
        return [m async for m in self._user.messages.since(conversation_id, after)]

    async def _history(self, conversation_id: int, since: int) -> list[ApiMessage]:
        """The newest page, and what lies between it and `since`."""
        messages = await self._user.messages.latest(conversation_id)
        if len(messages) >= HISTORY and messages[0].id > since + 1:
            known = {m.id for m in messages}
            between = [m for m in await self._since(conversation_id, since) if m.id not in known]
            messages = sorted([*between, *messages], key=lambda m: m.id)
        return messages

    async def say(self, conversation_id: int, text: str, mark: Mark) -> int:
        async with _classified():
            sent = await self._bot.messages.create(
                conversation_id, text, content_attributes=_attributes(mark)
            )
        return sent.id

    async def note(self, conversation_id: int, text: str, mark: Mark, *, team: str | None = None) -> int:
        if team is not None:
            text = f"{await self._mention(team)} {text}"
        async with _classified():
            sent = await self._bot.messages.add_note(
                conversation_id, text, content_attributes=_attributes(mark)
            )
        return sent.id

    async def _mention(self, team: str) -> str:
        """What tells a team's members in a note; its name alone where there is no such team."""
        team_id = await self._team_id(team)
        return f"[@{team}](mention://team/{team_id}/{quote(team)})" if team_id else f"@{team}"

    async def relay(self, conversation_id: int, text: str, mark: Mark) -> int:
        async with _classified():
            sent = await self._user.messages.create(
                conversation_id, text, message_type="incoming", content_attributes=_attributes(mark)
            )
        return sent.id

    async def find(self, conversation_id: int, mark: Mark, *, after: int) -> int | None:
        async def look() -> int | None:
            async with aclosing(self._user.messages.since(conversation_id, after)) as messages:  # type: ignore[type-var]
                async for message in messages:
                    if message.content_attributes.get(MARK) == _attributes(mark)[MARK]:
                        return message.id
            return None

        return await _read(look())

    async def set_status(self, conversation_id: int, status: Status) -> None:
        async with _classified():
            await self._bot.conversations.set_status(conversation_id, status.value)

    async def add_labels(self, conversation_id: int, labels: Sequence[str]) -> None:
        """Add ours; Chatwoot replaces the list, so what people put there is sent along."""
        current = await _read(self._user.conversations.labels(conversation_id))
        wanted = [*current, *(label for label in labels if label not in current)]
        if list(current) != wanted:
            async with _classified():
                await self._user.conversations.set_labels(conversation_id, wanted)

    async def set_attributes(self, conversation_id: int, attributes: Mapping[str, Any]) -> None:
        """Write our document; Chatwoot replaces the whole, so keys that are not ours are sent along."""
        conversation = await _read(self._user.conversations.get(conversation_id))
        theirs = {k: v for k, v in conversation.custom_attributes.items() if k not in OUR_KEYS}
        async with _classified():
            await self._bot.conversations.set_custom_attributes(conversation_id, {**theirs, **attributes})

    async def set_priority(self, conversation_id: int, priority: str) -> None:
        async with _classified():
            chosen = cast(Literal["low", "medium", "high", "urgent"], priority)
            await self._bot.conversations.set_priority(conversation_id, chosen)

    async def assign_team(self, conversation_id: int, team: str) -> None:
        team_id = await self._team_id(team)
        if team_id is None:
            raise Refusal(f"there is no team {team!r}: run `nextnest setup`")
        async with _classified():
            await self._bot.conversations.assign_team(conversation_id, team_id)

    async def _team_id(self, team: str) -> int | None:
        """Asked anew each time: Chatwoot takes the number of a team that is gone for none, with a 200."""
        return next((t.id for t in await _read(self._user.teams.all()) if t.name == team), None)

    async def typing(self, conversation_id: int, on: bool) -> None:
        async with _classified():
            await self._bot.conversations.set_typing(conversation_id, on=on)

    async def ensure_contact(self, lead_id: str, lead: Lead) -> ContactPlace:
        async with _classified():
            match = await find_or_create_contact(
                self._user,
                identifier=lead_id,
                name=lead.display_name,
                email=lead.email,
                phone=lead.phone,
                inbox_id=self._inbox_id,
                source_id=lead_id,
            )
        return ContactPlace(match.contact_id, match.source_id, match.conflict)

    async def ensure_conversation(self, place: ContactPlace) -> int:
        async with _classified():
            conversation = await find_or_create_conversation(
                self._user,
                contact_id=place.contact_id,
                inbox_id=self._inbox_id,
                source_id=place.source_id,
            )
        return conversation.id

    async def hours(self, inbox_id: int | None) -> Hours | None:
        return await self._hours.of(inbox_id or self._inbox_id)

    async def waiting(self, within: float) -> AsyncIterator[Waiting]:
        active = [c for status in _UNRESOLVED async for c in self._active(status, within)]
        found = [c for c in active if await self._sits.of(c.inbox_id) is not False]
        for conversation in sorted(found, key=lambda c: c.last_activity_at):
            last = await self._unanswered(conversation)
            if last is not None:
                yield Waiting(
                    conversation_id=conversation.id,
                    message_id=last.id,
                    since=datetime.fromtimestamp(last.created_at, UTC),
                    status=Status(conversation.status),
                )

    async def _unanswered(self, conversation: Conversation) -> ApiMessage | None:
        """The customer's last message, when nobody of the brokerage has said anything in public since."""
        last = conversation.last_non_activity_message
        if last is None or _word(last) is not None or conversation.waiting_since == 0:
            return last if last is not None and _word(last) is Author.CUSTOMER else None
        # A note, or the inbox's own text (greeting, out of office), stands after the customer's words.
        try:
            newest = await self._read_of(conversation.id, self._user.messages.latest(conversation.id))
        except Gone:
            return None
        spoken = next((m for m in reversed(newest) if _word(m) is not None), None)
        return spoken if spoken is not None and _word(spoken) is Author.CUSTOMER else None

    async def _active(self, status: ApiStatus, within: float) -> AsyncIterator[Conversation]:
        """Conversations of a status from the latest activity back for `within` seconds, by pages.

        Chatwoot's own times alone are compared: our clock may step.
        """
        horizon: int | None = None
        seen: set[int] = set()
        page = 1
        while True:
            found = await _read(self._user.conversations.list(status=status, page=page))
            new = [conversation for conversation in found if conversation.id not in seen]
            for conversation in new:
                if horizon is None:
                    horizon = conversation.last_activity_at - int(within)
                if conversation.last_activity_at < horizon:
                    return
                yield conversation
            if not new:  # how many a page has is for Chatwoot's operator to say
                return
            seen |= {conversation.id for conversation in new}
            page += 1

    async def active(self, within: float, limit: int) -> list[int]:
        found = await _read(self._user.conversations.list(updated_within=max(1, int(within))))
        latest = sorted(found, key=lambda c: c.last_activity_at, reverse=True)
        return [conversation.id for conversation in latest[:limit]]

    async def latest(self, conversation_id: int) -> Thread:
        conversation = await self._read_of(conversation_id, self._user.conversations.get(conversation_id))
        messages = await _read(self._user.messages.latest(conversation_id))
        here = await self._sits.of(conversation.inbox_id)
        return thread_of(conversation, messages, bot_here=here is not False)

    def parts(self, text: str, *, channel: str, contact_name: str | None) -> list[str]:
        return render(text, channel, contact_name=contact_name, signature=self._signature)

    def may_write(self, thread: Thread) -> bool:
        return may_write_freely(thread.channel, thread.can_reply)


def _word(message: ApiMessage) -> Author | None:
    """Whose public word a message is, the customer's or the brokerage's; None: neither's."""
    read = message_of(message)
    spoken = read.author in {Author.CUSTOMER, Author.BOT, Author.PERSON} and not read.private
    return read.author if spoken else None


def _attributes(mark: Mark) -> dict[str, dict[str, str]]:
    return {MARK: {"turn": mark.turn_id, "part": mark.part}}


OUR_KEYS = frozenset(attribute.key for attribute in ATTRIBUTES)
