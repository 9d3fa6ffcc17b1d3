"""What the API answers: Chatwoot's jbuilder views, key for key, absent keys included."""

from __future__ import annotations

from nextnest.desk.contacts import ways_of
from nextnest.desk.installation import ACCOUNT_ID, Installation
from nextnest.desk.models import (
    AgentBot,
    AttributeDefinition,
    AutomationRule,
    Contact,
    ContactInbox,
    CustomFilter,
    Inbox,
    Json,
    Note,
    Team,
    User,
    Webhook,
)
from nextnest.desk.times import iso, whole
from nextnest.desk.work import Work

# -- people


def agent(site: Installation, user: User) -> Json:
    return {
        "id": user.id,
        "account_id": ACCOUNT_ID,
        "availability_status": site.availability(user),
        "auto_offline": True,
        "confirmed": True,
        "email": user.email,
        "provider": "email",
        "available_name": user.name,
        "name": user.name,
        "role": user.role,
        "thumbnail": "",
    }


def profile(site: Installation, user: User) -> Json:
    return {
        "access_token": user.token,
        "account_id": ACCOUNT_ID,
        "available_name": user.name,
        "avatar_url": "",
        "confirmed": True,
        "display_name": None,
        "message_signature": None,
        "email": user.email,
        "id": user.id,
        "inviter_id": None,
        "name": user.name,
        "provider": "email",
        "pubsub_token": user.pubsub_token,
        "role": user.role,
        "ui_settings": {},
        "uid": user.email,
        "type": None,
        "accounts": [
            {
                "id": ACCOUNT_ID,
                "name": site.account_name,
                "status": "active",
                "onboarding_step": None,
                "active_at": None,
                "role": user.role,
                "permissions": [user.role],
                "availability": user.availability,
                "availability_status": site.availability(user),
                "auto_offline": True,
            }
        ],
    }


def bot(agent_bot: AgentBot, viewer: User | AgentBot) -> Json:
    """The secret is for administrators only."""
    shape: Json = {
        **bot_slim(agent_bot),
        "bot_config": agent_bot.bot_config,
        "account_id": ACCOUNT_ID,
        "access_token": agent_bot.token,
    }
    if isinstance(viewer, User) and viewer.role == "administrator":
        shape["secret"] = agent_bot.secret
    return {**shape, "system_bot": False}


def bot_slim(agent_bot: AgentBot) -> Json:
    return {
        "id": agent_bot.id,
        "name": agent_bot.name,
        "description": agent_bot.description,
        "thumbnail": "",
        "outgoing_url": agent_bot.outgoing_url,
        "bot_type": agent_bot.bot_type,
    }


def bot_of_inbox(agent_bot: AgentBot, viewer: User | AgentBot) -> Json:
    """Here, and only here, `access_token` is the whole row."""
    shape = bot(agent_bot, viewer)
    shape["access_token"] = {
        "id": agent_bot.id,
        "owner_type": "AgentBot",
        "owner_id": agent_bot.id,
        "token": agent_bot.token,
        "created_at": iso(agent_bot.created_at),
        "updated_at": iso(agent_bot.updated_at),
    }
    return shape


# -- contacts


def contact(contact: Contact) -> Json:
    shape: Json = {
        "additional_attributes": contact.additional_attributes,
        "availability_status": "offline",
        "email": contact.email,
        "id": contact.id,
        "name": contact.name,
        "phone_number": contact.phone_number,
        "blocked": contact.blocked,
        "identifier": contact.identifier,
        "thumbnail": "",
        "custom_attributes": contact.custom_attributes,
    }
    if contact.last_activity_at is not None:
        shape["last_activity_at"] = whole(contact.last_activity_at)
    shape["created_at"] = whole(contact.created_at)
    return shape


def contact_with_ways(work: Work, subject: Contact) -> Json:
    ways = [way(work, each) for each in ways_of(work, subject)]
    return {**contact(subject), "contact_inboxes": ways}


def way(work: Work, contact_inbox: ContactInbox) -> Json:
    inbox = work.site.need(Inbox, contact_inbox.inbox_id)
    return {"source_id": contact_inbox.source_id, "inbox": inbox_slim(inbox)}


def contact_row(contact: Contact) -> Json:
    """The whole row, as the public API gives it."""
    return {
        "id": contact.id,
        "name": contact.name,
        "email": contact.email,
        "phone_number": contact.phone_number,
        "account_id": ACCOUNT_ID,
        "created_at": iso(contact.created_at),
        "updated_at": iso(contact.updated_at),
        "additional_attributes": contact.additional_attributes,
        "identifier": contact.identifier,
        "custom_attributes": contact.custom_attributes,
        "last_activity_at": iso(contact.last_activity_at),
        "contact_type": "lead" if contact.email or contact.phone_number or contact.identifier else "visitor",
        "middle_name": "",
        "last_name": "",
        "location": None,
        "country_code": None,
        "blocked": contact.blocked,
        "company_id": None,
        "label_list": contact.label_list,
    }


def note(site: Installation, record: Note) -> Json:
    author = site.store.get(User, record.user_id)
    shape: Json = {"id": record.id, "content": record.content, "account_id": None, "contact_id": None}
    if author:
        shape["user"] = agent(site, author)
    return {**shape, "created_at": whole(record.created_at), "updated_at": whole(record.updated_at)}


# -- inboxes


def inbox_slim(inbox: Inbox) -> Json:
    return {
        "id": inbox.id,
        "avatar_url": "",
        "channel_id": inbox.channel_id,
        "name": inbox.name,
        "channel_type": inbox.channel_type,
        "provider": None,
    }


INBOX_COLUMNS = (
    "greeting_enabled", "greeting_message", "working_hours_enabled", "enable_email_collect",
    "csat_survey_enabled", "csat_config", "enable_auto_assignment", "auto_assignment_config",
    "out_of_office_message", "working_hours", "timezone",
)  # fmt: skip
WIDGET_COLUMNS = (
    "allowed_domains", "widget_color", "website_url", "hmac_mandatory", "welcome_title", "welcome_tagline",
    "web_widget_script", "website_token", "selected_feature_flags", "reply_time",
)  # fmt: skip


def inbox(inbox: Inbox, viewer: User | AgentBot | Contact | None) -> Json:
    channel = inbox.channel
    is_admin = isinstance(viewer, User) and viewer.role == "administrator"
    shape: Json = {
        "id": inbox.id,
        "avatar_url": "",
        "channel_id": inbox.channel_id,
        "name": inbox.name,
        "channel_type": inbox.channel_type,
        **{name: getattr(inbox, name) for name in INBOX_COLUMNS},
        "callback_webhook_url": None,
        "allow_messages_after_resolved": inbox.allow_messages_after_resolved,
        "lock_to_single_conversation": inbox.lock_to_single_conversation,
        "sender_name_type": inbox.sender_name_type,
        "business_name": inbox.business_name,
        **{name: channel.get(name) for name in WIDGET_COLUMNS},
        "messaging_service_sid": None,
        "phone_number": None,
    }
    if inbox.channel_type == "Channel::Api":
        if is_admin:
            shape["hmac_token"] = channel["hmac_token"]
            shape["secret"] = channel["secret"]
        shape["webhook_url"] = channel["webhook_url"]
        shape["inbox_identifier"] = channel["identifier"]
        shape["additional_attributes"] = channel["additional_attributes"]
    elif is_admin:
        shape["hmac_token"] = channel["hmac_token"]
    return {**shape, "provider": None}


def inbox_row(inbox: Inbox) -> Json:
    """The whole row, as the creation of a contact answers it."""
    return {
        "id": inbox.id,
        "channel_id": inbox.channel_id,
        "account_id": ACCOUNT_ID,
        "name": inbox.name,
        "created_at": iso(inbox.created_at),
        "updated_at": iso(inbox.updated_at),
        "channel_type": inbox.channel_type,
        **{name: getattr(inbox, name) for name in INBOX_COLUMNS if name != "working_hours"},
        "email_address": None,
        "allow_messages_after_resolved": inbox.allow_messages_after_resolved,
        "lock_to_single_conversation": inbox.lock_to_single_conversation,
        "portal_id": None,
        "sender_name_type": inbox.sender_name_type,
        "business_name": inbox.business_name,
    }


# -- settings


def team(record: Team, viewer: User | AgentBot | Contact | None) -> Json:
    return {
        "id": record.id,
        "name": record.name,
        "description": record.description,
        "allow_auto_assign": record.allow_auto_assign,
        "account_id": ACCOUNT_ID,
        "is_member": isinstance(viewer, User) and viewer.id in record.member_ids,
    }


def webhook(site: Installation, record: Webhook) -> Json:
    shape: Json = {"id": record.id, "name": record.name, "url": record.url, "account_id": ACCOUNT_ID}
    shape |= {"subscriptions": record.subscriptions, "secret": record.secret}
    inbox_of = site.store.get(Inbox, record.inbox_id)
    if inbox_of:
        shape["inbox"] = {"id": inbox_of.id, "name": inbox_of.name}
    return shape


DEFINITION_COLUMNS = (
    "id", "attribute_display_name", "attribute_display_type", "attribute_description", "attribute_key",
    "regex_pattern", "regex_cue", "attribute_values", "attribute_model", "default_value",
)  # fmt: skip


def definition(record: AttributeDefinition) -> Json:
    return {**{name: getattr(record, name) for name in DEFINITION_COLUMNS}, **_times(record)}


def rule(record: AutomationRule) -> Json:
    return {
        "id": record.id,
        "account_id": ACCOUNT_ID,
        "name": record.name,
        "description": record.description,
        "event_name": record.event_name,
        "conditions": record.conditions,
        "actions": record.actions,
        "created_on": whole(record.created_at),
        "active": record.active,
    }


def custom_filter(record: CustomFilter) -> Json:
    return {
        "id": record.id,
        "name": record.name,
        "filter_type": record.filter_type,
        "query": record.query,
        **_times(record),
    }


def _times(record: AttributeDefinition | CustomFilter) -> Json:
    return {"created_at": iso(record.created_at), "updated_at": iso(record.updated_at)}
