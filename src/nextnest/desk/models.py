"""What the desk remembers: one record class a kind, stored whole as a JSON document.

Names and meanings of the fields are Chatwoot's columns. Times are seconds since 1970 (float); the
shapes in which they leave (int, ISO, float) are the business of `views` and `payloads`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

Json = dict[str, Any]

INCOMING, OUTGOING, ACTIVITY, TEMPLATE = range(4)
MESSAGE_TYPES = ("incoming", "outgoing", "activity", "template")
STATUSES = ("open", "resolved", "pending", "snoozed")
PRIORITIES = ("low", "medium", "high", "urgent")


@dataclass
class Record:
    """Base of everything stored; `id` is given by the store."""

    kind: ClassVar[str]
    id: int = field(default=0, kw_only=True)
    created_at: float = field(default=0.0, kw_only=True)
    updated_at: float = field(default=0.0, kw_only=True)


@dataclass
class User(Record):
    kind = "user"
    name: str
    email: str
    role: str  # administrator | agent
    token: str
    pubsub_token: str
    availability: str = "online"


@dataclass
class AgentBot(Record):
    kind = "agent_bot"
    name: str
    token: str
    secret: str
    description: str | None = None
    outgoing_url: str | None = None
    bot_type: str = "webhook"
    bot_config: Json = field(default_factory=dict)


@dataclass
class Inbox(Record):
    """An inbox and its channel row in one: the desk has API and website channels only."""

    kind = "inbox"
    name: str
    channel_type: str
    channel_id: int = 0
    greeting_enabled: bool = False
    greeting_message: str | None = None
    working_hours_enabled: bool = False
    out_of_office_message: str | None = None
    working_hours: list[Json] = field(default_factory=list)
    timezone: str = "UTC"
    enable_email_collect: bool = True
    csat_survey_enabled: bool = False
    csat_config: Json = field(default_factory=dict)
    enable_auto_assignment: bool = True
    auto_assignment_config: Json = field(default_factory=dict)
    allow_messages_after_resolved: bool = True
    lock_to_single_conversation: bool = False
    sender_name_type: str = "friendly"
    business_name: str | None = None
    channel: Json = field(default_factory=dict)
    member_ids: list[int] = field(default_factory=list)
    agent_bot_id: int | None = None


@dataclass
class Contact(Record):
    kind = "contact"
    name: str = ""
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    additional_attributes: Json = field(default_factory=dict)
    custom_attributes: Json = field(default_factory=dict)
    last_activity_at: float | None = None
    blocked: bool = False
    label_list: list[str] = field(default_factory=list)


@dataclass
class ContactInbox(Record):
    kind = "contact_inbox"
    contact_id: int
    inbox_id: int
    source_id: str
    pubsub_token: str
    hmac_verified: bool = False


@dataclass
class Conversation(Record):
    """`id` is Chatwoot's display id: with one account the two sequences are the same."""

    kind = "conversation"
    inbox_id: int
    contact_id: int
    contact_inbox_id: int
    uuid: str
    status: str = "open"
    assignee_id: int | None = None
    assignee_agent_bot_id: int | None = None
    team_id: int | None = None
    priority: str | None = None
    snoozed_until: float | None = None
    waiting_since: float | None = None
    first_reply_created_at: float | None = None
    last_activity_at: float = 0.0
    contact_last_seen_at: float | None = None
    agent_last_seen_at: float | None = None
    assignee_last_seen_at: float | None = None
    additional_attributes: Json = field(default_factory=dict)
    custom_attributes: Json = field(default_factory=dict)
    label_list: list[str] = field(default_factory=list)
    cached_label_list: str | None = None
    participant_ids: list[int] = field(default_factory=list)


@dataclass
class Message(Record):
    kind = "message"
    conversation_id: int
    inbox_id: int
    message_type: int
    content: str | None = None
    processed_message_content: str | None = None  # what was sent, before Liquid
    content_type: str = "text"
    content_attributes: Json = field(default_factory=dict)
    additional_attributes: Json = field(default_factory=dict)
    private: bool = False
    status: str = "sent"
    source_id: str | None = None
    sender_type: str | None = None  # User | AgentBot | Contact
    sender_id: int | None = None
    attachment_ids: list[int] = field(default_factory=list)


@dataclass
class Attachment(Record):
    kind = "attachment"
    message_id: int
    conversation_id: int
    file_name: str
    content_type: str
    file_size: int
    key: str


@dataclass
class Note(Record):
    kind = "note"
    contact_id: int
    user_id: int | None
    content: str


@dataclass
class Webhook(Record):
    kind = "webhook"
    url: str
    secret: str
    subscriptions: list[str]
    name: str | None = None
    inbox_id: int | None = None


@dataclass
class AttributeDefinition(Record):
    kind = "custom_attribute_definition"
    attribute_display_name: str | None = None
    attribute_display_type: str = "text"
    attribute_description: str | None = None
    attribute_key: str | None = None
    regex_pattern: str | None = None
    regex_cue: str | None = None
    attribute_values: list[str] = field(default_factory=list)
    attribute_model: str = "conversation_attribute"
    default_value: int | None = None


@dataclass
class Label(Record):
    kind = "label"
    title: str
    description: str | None = None
    color: str = "#1f93ff"
    show_on_sidebar: bool | None = None


@dataclass
class Team(Record):
    kind = "team"
    name: str
    description: str | None = None
    allow_auto_assign: bool = True
    member_ids: list[int] = field(default_factory=list)


@dataclass
class CannedResponse(Record):
    kind = "canned_response"
    short_code: str | None = None
    content: str | None = None


@dataclass
class DashboardApp(Record):
    kind = "dashboard_app"
    title: str
    content: list[Json]
    user_id: int | None = None


@dataclass
class AutomationRule(Record):
    kind = "automation_rule"
    name: str
    event_name: str
    description: str | None = None
    conditions: list[Json] = field(default_factory=list)
    actions: list[Json] = field(default_factory=list)
    active: bool = True


@dataclass
class Macro(Record):
    kind = "macro"
    name: str
    visibility: str
    actions: list[Json]
    created_by_id: int
    updated_by_id: int


@dataclass
class CustomFilter(Record):
    kind = "custom_filter"
    user_id: int
    name: str
    filter_type: str
    query: Json


@dataclass
class CsatResponse(Record):
    kind = "csat_survey_response"
    conversation_id: int
    message_id: int
    contact_id: int
    rating: int
    feedback_message: str | None = None


@dataclass
class Delivery(Record):
    """A webhook that waits for its receiver; only those of agent bots outlive the process."""

    kind = "delivery"
    receiver: str  # agent_bot_webhook | account_webhook | api_inbox_webhook | automation
    event: str
    url: str
    body: str
    uuid: str
    secret: str | None = None  # None: unsigned, as automations are
    conversation_id: int | None = None
    message_id: int | None = None
    attempts: int = 0


@dataclass
class Session(Record):
    """A signed-in browser on the agent's page."""

    kind = "session"
    key: str
    user_id: int


KINDS: dict[str, type[Record]] = {
    cls.kind: cls
    for cls in (
        User, AgentBot, Inbox, Contact, ContactInbox, Conversation, Message, Attachment, Note, Webhook,
        AttributeDefinition, Label, Team, CannedResponse, DashboardApp, AutomationRule, Macro, CustomFilter,
        CsatResponse, Delivery, Session,
    )
}  # fmt: skip
