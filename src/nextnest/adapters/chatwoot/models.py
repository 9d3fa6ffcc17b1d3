"""What Chatwoot's REST API answers, as far as we read it.

Unknown keys are ignored. A key without a default must be there. Where versions or routes differ, the
comment says how; all shapes from 4.11 to 4.18 are meant to pass.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _token(value: object) -> object:
    # GET /inboxes/{id}/agent_bot answers the whole access-token row; every other route the token itself.
    return value.get("token") if isinstance(value, dict) else value


Token = Annotated[SecretStr | None, BeforeValidator(_token)]


class InboxRef(Answer):
    id: int
    name: str | None = None
    channel_type: str | None = None


class ContactInbox(Answer):
    source_id: str
    inbox: InboxRef


class Contact(Answer):
    id: int
    name: str | None = None
    email: str | None = None
    phone_number: str | None = None
    identifier: str | None = None
    blocked: bool = False
    custom_attributes: dict[str, Any] = {}
    additional_attributes: dict[str, Any] = {}
    contact_inboxes: list[ContactInbox] = []  # absent after a merge and in a conversation's meta

    def source_ids(self, inbox_id: int) -> list[str]:
        return [each.source_id for each in self.contact_inboxes if each.inbox.id == inbox_id]


class ContactPage(Answer):
    payload: list[Contact]


class Note(Answer):
    id: int
    content: str


class Assignee(Answer):
    """An agent, an agent bot or, from 4.17 on, Captain: the meta's `assignee_type` says which."""

    id: int
    name: str | None = None


class Team(Answer):
    id: int
    name: str  # Chatwoot stores it in lower case
    description: str | None = None
    allow_auto_assign: bool | None = None


class ConversationMeta(Answer):
    sender: Contact | None = None
    channel: str | None = None
    assignee: Assignee | None = None  # these three keys are absent, not null, when empty
    assignee_type: str | None = None  # User | AgentBot | Captain::Assistant (4.17)
    team: Team | None = None


class MessageType(IntEnum):
    INCOMING = 0
    OUTGOING = 1
    ACTIVITY = 2
    TEMPLATE = 3


class MessageSender(Answer):
    id: int | None = None
    name: str | None = None
    type: str | None = None  # contact | user | agent_bot | captain_assistant


class MessageAttachment(Answer):
    id: int
    file_type: str | None = None
    data_url: str | None = None


class Message(Answer):
    id: int
    content: str | None = None
    message_type: int  # see MessageType; an integer here, a string in webhooks
    content_type: str = "text"
    content_attributes: dict[str, Any] = {}
    created_at: int  # unix seconds
    conversation_id: int  # display id
    private: bool = False  # absent in the public API, which has no private messages
    status: str | None = None
    source_id: str | None = None
    echo_id: str | None = None
    sender: MessageSender | None = None  # absent for automations, activities and templates
    attachments: list[MessageAttachment] = []


class Conversation(Answer):
    id: int  # display id
    inbox_id: int
    status: str
    meta: ConversationMeta
    can_reply: bool = True
    custom_attributes: dict[str, Any] = {}
    additional_attributes: dict[str, Any] = {}
    labels: list[str] = []
    priority: str | None = None
    unread_count: int = 0
    waiting_since: int = 0  # unix seconds, 0 when nobody waits
    last_activity_at: int = 0
    created_at: int = 0
    last_non_activity_message: Message | None = None


class ConversationPage(Answer):
    payload: list[Conversation]


class ConversationCounts(Answer):
    mine_count: int
    unassigned_count: int
    all_count: int
    assigned_count: int | None = None  # absent in answers of conversations/filter


class StatusChange(Answer):
    current_status: str
    success: bool | None = None  # null when a bot's `open` was a hand-off
    snoozed_until: str | int | None = None


class CustomAttributes(Answer):
    custom_attributes: dict[str, Any]


class WorkingHours(Answer):
    day_of_week: int  # 0 is Sunday
    closed_all_day: bool = False
    open_all_day: bool = False
    open_hour: int | None = None
    open_minutes: int | None = None
    close_hour: int | None = None
    close_minutes: int | None = None


class Inbox(Answer):
    id: int
    name: str
    channel_type: str
    csat_survey_enabled: bool = False
    enable_auto_assignment: bool = True
    greeting_enabled: bool = False
    lock_to_single_conversation: bool = False
    working_hours_enabled: bool = False
    working_hours: list[WorkingHours] = []
    timezone: str | None = None
    out_of_office_message: str | None = None
    # API inboxes only, and to administrators only
    webhook_url: str | None = None
    inbox_identifier: str | None = None
    hmac_token: SecretStr | None = None
    hmac_mandatory: bool | None = None
    secret: SecretStr | None = None  # signs this inbox's webhooks since 4.13


class AgentBot(Answer):
    id: int
    name: str
    outgoing_url: str | None = None
    account_id: int | None = None  # null for a system bot
    bot_type: str | None = None
    access_token: Token = None  # account bots only
    secret: SecretStr | None = None  # administrators only, and since 4.13


class Webhook(Answer):
    id: int
    url: str
    name: str | None = None  # since 4.8
    subscriptions: list[str] = []
    secret: SecretStr | None = None  # since 4.11.2


class AttributeDefinition(Answer):
    id: int
    attribute_key: str
    attribute_display_name: str
    attribute_display_type: str
    attribute_model: str  # conversation_attribute | contact_attribute
    attribute_values: list[str] = []
    attribute_description: str | None = None


class Label(Answer):
    id: int
    title: str
    description: str | None = None
    color: str | None = None
    show_on_sidebar: bool | None = None


class CannedResponse(Answer):
    id: int
    short_code: str
    content: str


class AutomationRule(Answer):
    id: int
    name: str
    event_name: str
    active: bool = True
    description: str | None = None
    conditions: list[dict[str, Any]] = []
    actions: list[dict[str, Any]] = []


class Frame(Answer):
    type: str
    url: str


class DashboardApp(Answer):
    id: int
    title: str
    content: list[Frame] = []


class CustomFilter(Answer):
    """A saved view. It belongs to the user whose token made it; other agents do not see it."""

    id: int
    name: str
    query: dict[str, Any] = {}


class Agent(Answer):
    id: int
    name: str | None = None
    email: str | None = None
    role: str | None = None
    availability_status: str | None = None


class AccountRole(Answer):
    id: int
    name: str | None = None
    role: str | None = None
    status: str | None = None


class Profile(Answer):
    id: int
    name: str | None = None
    email: str | None = None
    accounts: list[AccountRole] = []


class Account(Answer):
    id: int
    name: str
    locale: str | None = None
    features: dict[str, Any] = {}
    settings: dict[str, Any] = {}


class ApiRoot(Answer):
    version: str


class PublicContact(Answer):
    """`source_id` opens this contact's threads to whoever knows it: treat it as a secret."""

    id: int
    source_id: str = Field(repr=False)
    pubsub_token: SecretStr | None = None
    name: str | None = None
    email: str | None = None
    phone_number: str | None = None


class PublicConversation(Answer):
    id: int
    inbox_id: int
    status: str
    uuid: str | None = None
    messages: list[Message] = []
