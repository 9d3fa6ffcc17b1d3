"""Chatwoot's webhooks as types: `parse_event(raw) -> Event`, or `PayloadError` and nothing else.

There is no `message` wrapper. In message_* events the message is the root and the conversation is nested;
in conversation_* events the conversation is the root, so `id` means two things: use `message_id` and
`conversation_id`. All three sources (agent bot, account webhook, API inbox) send the same shapes.

Only keys that something reads are typed, and those strictly; every other key is kept as it came, so an event
dumps to the JSON that it was parsed from, and a newer Chatwoot may add or change keys that we do not read.
Versions: `account` in conversation_* exists since 4.14.2; since 4.17 `assignee_type` may be
"Captain::Assistant".
"""

from __future__ import annotations

from enum import StrEnum
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError
from pydantic_core import from_json

# A message holds up to 150,000 characters and a payload carries it three times, `<` as six bytes:
# 2.7 MB; e-mail bodies in content_attributes come on top.
MAX_BYTES = 5 * 1024 * 1024
_MAX_INT = 2**63 - 1  # what PostgreSQL's bigint holds

Id = Annotated[int, Field(strict=True, ge=1, le=_MAX_INT)]
Seconds = Annotated[float, Field(ge=0)]  # unix time; Chatwoot writes 0 for "never"


class PayloadError(ValueError):
    """The bytes are not an event of Chatwoot's; the message says why and quotes no content."""


class SenderKind(StrEnum):
    CONTACT = "contact"
    USER = "user"
    AGENT_BOT = "agent_bot"
    CAPTAIN = "captain"
    NONE = "none"  # automation, greeting, out-of-office, CSAT, an echo of the channel's own app


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Account(_Part):
    id: Id


class Sender(_Part):
    """Root `sender`. A contact's has no `type` here, only in `conversation.meta.sender`."""

    id: Id
    name: StrictStr | None = None
    type: StrictStr | None = None


class Contact(_Part):
    id: Id
    name: StrictStr | None = None
    email: StrictStr | None = None
    phone_number: StrictStr | None = None
    identifier: StrictStr | None = None
    blocked: StrictBool = False
    custom_attributes: dict[str, Any] = {}


class Owner(_Part):
    """An assignee (person, agent bot or Captain) or a team."""

    id: Id
    name: StrictStr | None = None


class Meta(_Part):
    sender: Contact | None = None
    assignee: Owner | None = None
    assignee_type: StrictStr | None = None
    team: Owner | None = None


class ContactInbox(_Part):
    source_id: StrictStr
    contact_id: Id | None = None


class Conversation(_Part):
    """`messages` holds at most the last public message, in another shape: do not decide by it."""

    id: Id  # the display id, the one that the API wants
    inbox_id: Id
    status: StrictStr
    channel: StrictStr | None = None
    can_reply: StrictBool = True
    labels: list[StrictStr] = []
    meta: Meta
    contact_inbox: ContactInbox | None = None
    custom_attributes: dict[str, Any] = {}
    priority: StrictStr | None = None
    last_activity_at: Seconds | None = None
    account: Account | None = None

    @property
    def owned_by_person(self) -> bool:
        """Assigned to a human; where no `assignee_type` is given, any assignee counts as one."""
        return self.meta.assignee is not None and self.meta.assignee_type in {"User", None}


class Attachment(_Part):
    file_type: StrictStr | None = None
    data_url: StrictStr | None = None


class Event(_Part):
    """Any webhook. Kinds that we have no use for are parsed as this class itself."""

    event: Annotated[str, Field(strict=True, min_length=1, max_length=100)]

    @property
    def account_id(self) -> int | None:
        account = getattr(self, "account", None)
        return account.id if isinstance(account, Account) else None

    @property
    def conversation_id(self) -> int | None:
        """The display id, for events that belong to one conversation."""
        return None

    @property
    def message_id(self) -> int | None:
        return None


class MessageEvent(Event):
    """message_created, message_updated."""

    event: Literal["message_created", "message_updated"]
    id: Id
    account: Account
    conversation: Conversation
    inbox: Owner
    message_type: StrictStr  # incoming | outgoing | template; a string here, an integer everywhere else
    private: StrictBool
    content: StrictStr | None
    content_type: StrictStr
    content_attributes: dict[str, Any] = {}
    sender: Sender | None
    source_id: StrictStr | None = None
    created_at: StrictStr  # ISO 8601 with milliseconds
    attachments: list[Attachment] = []

    @property
    def conversation_id(self) -> int:
        return self.conversation.id

    @property
    def message_id(self) -> int:
        return self.id

    @property
    def is_private(self) -> bool:
        return self.private

    @property
    def is_incoming(self) -> bool:
        return self.message_type == "incoming"

    @property
    def is_deleted(self) -> bool:
        return bool(self.content_attributes.get("deleted"))

    @property
    def automation_rule_id(self) -> object:
        """Set on what an automation rule sent; such a message has no sender and is no human's."""
        return self.content_attributes.get("automation_rule_id")

    @property
    def is_channel_echo(self) -> bool:
        """A person answered in the channel's own app (WhatsApp on a phone), not in Chatwoot."""
        return bool(self.content_attributes.get("external_echo"))

    @property
    def submitted_values(self) -> object:
        """What the customer chose or filled in, once a form or select message was answered."""
        return self.content_attributes.get("submitted_values")

    @property
    def sender_kind(self) -> SenderKind:
        if self.sender is None:
            return SenderKind.NONE
        return _SENDER_KINDS.get(self.sender.type or "contact", SenderKind.NONE)


_SENDER_KINDS = {
    "contact": SenderKind.CONTACT,
    "user": SenderKind.USER,
    "agent_bot": SenderKind.AGENT_BOT,
    "captain_assistant": SenderKind.CAPTAIN,
}


class ConversationEvent(Event, Conversation):
    """conversation_created, _updated, _status_changed, _opened, _resolved; and an automation's or macro's."""

    changed_attributes: list[dict[str, Any]] | None = None

    @property
    def conversation_id(self) -> int:
        return self.id

    @property
    def changed(self) -> frozenset[str]:
        """Names of the attributes that changed. conversation_status_changed never says: read `status`."""
        return frozenset(name for change in self.changed_attributes or () for name in change)


class TypingEvent(Event):
    """conversation_typing_on, conversation_typing_off."""

    conversation: Conversation
    user: Sender | None = None
    is_private: StrictBool = False

    @property
    def account_id(self) -> int | None:
        return self.conversation.account.id if self.conversation.account else None

    @property
    def conversation_id(self) -> int:
        return self.conversation.id


class ContactEvent(Event, Contact):
    """contact_created, contact_updated: one per customer message, because last_activity_at moves."""

    account: Account
    changed_attributes: list[dict[str, Any]] | None = None


class InboxEvent(Event):
    """inbox_created, inbox_updated: names no inbox id; sent only where Chatwoot's operator enabled them."""

    account: Account


class WidgetEvent(Event):
    """webwidget_triggered: a visitor opened the widget; there may be no conversation yet."""

    account: Account
    contact: Contact
    source_id: StrictStr


_KINDS: dict[str, type[Event]] = {
    "message_created": MessageEvent,
    "message_updated": MessageEvent,
    "conversation_created": ConversationEvent,
    "conversation_updated": ConversationEvent,
    "conversation_status_changed": ConversationEvent,
    "conversation_opened": ConversationEvent,
    "conversation_resolved": ConversationEvent,
    "conversation_typing_on": TypingEvent,
    "conversation_typing_off": TypingEvent,
    "contact_created": ContactEvent,
    "contact_updated": ContactEvent,
    "inbox_created": InboxEvent,
    "inbox_updated": InboxEvent,
    "webwidget_triggered": WidgetEvent,
}


def parse_event(raw: bytes) -> Event:
    """Parse one webhook body. Raises PayloadError for whatever is not a whole, storable event."""
    if len(raw) > MAX_BYTES:
        raise PayloadError(f"body of {len(raw)} bytes; the limit is {MAX_BYTES}")
    try:
        # The parser refuses bad UTF-8, NaN, numbers beyond 4,300 digits and nesting beyond 200 levels.
        root = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise PayloadError(f"not JSON: {error}") from None
    if not isinstance(root, dict) or not isinstance(root.get("event"), str):
        raise PayloadError("not an object with an event name")
    _require_storable(root)
    try:
        return _kind(root["event"]).model_validate(root)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise PayloadError(f"{where}: {first['msg']}") from None


def _kind(event: str) -> type[Event]:
    # automation_event.<name> and macro.executed: unsigned, always the conversation as root
    if event.startswith(("automation_event.", "macro.")):
        return ConversationEvent
    return _KINDS.get(event, Event)


def _require_storable(root: dict[str, Any]) -> None:
    """Refuse what JSON allows and PostgreSQL's jsonb or bigint does not."""
    pending: list[Any] = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if "\0" in value:
                raise PayloadError("a NUL character")
        elif isinstance(value, dict):
            pending.extend(value)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, float):
            if not isfinite(value):
                raise PayloadError("a number beyond double precision")
        elif isinstance(value, int) and abs(value) > _MAX_INT:
            raise PayloadError("an integer beyond 64 bits")
