"""Inboxes and their members (`api/v1/accounts/inboxes_controller.rb`)."""

from __future__ import annotations

import secrets

from nextnest.desk import contacts, events, views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, NotFound
from nextnest.desk.models import AgentBot, ContactInbox, Conversation, Inbox, Json, User

COLUMNS = (
    "name", "greeting_enabled", "greeting_message", "enable_email_collect", "csat_survey_enabled",
    "enable_auto_assignment", "working_hours_enabled", "out_of_office_message", "timezone",
    "allow_messages_after_resolved", "lock_to_single_conversation", "sender_name_type", "business_name",
    "csat_config", "auto_assignment_config",
)  # fmt: skip
HOURS = (
    "day_of_week", "closed_all_day", "open_hour", "open_minutes", "close_hour", "close_minutes",
    "open_all_day",
)  # fmt: skip
API_COLUMNS = ("webhook_url", "hmac_mandatory", "additional_attributes")
WIDGET_COLUMNS = (
    "website_url", "widget_color", "welcome_title", "welcome_tagline", "allowed_domains", "reply_time",
    "pre_chat_form_enabled", "pre_chat_form_options", "hmac_mandatory", "continuity_via_email",
    "selected_feature_flags",
)  # fmt: skip


def working_hours() -> list[Json]:
    """Monday to Friday, nine to five; the week begins on Sunday."""
    closed = {"open_hour": None, "open_minutes": None, "close_hour": None, "close_minutes": None}
    opened = {"open_hour": 9, "open_minutes": 0, "close_hour": 17, "close_minutes": 0}
    return [
        {
            "day_of_week": day,
            "closed_all_day": day in (0, 6),
            **(closed if day in (0, 6) else opened),
            "open_all_day": False,
        }
        for day in range(7)
    ]


def need_inbox(call: Call) -> Inbox:
    inbox = call.work.store.get(Inbox, as_id(call.path["id"]))
    if inbox is None:
        raise NotFound
    return inbox


def index(call: Call) -> Json:
    shapes = [views.inbox(inbox, call.work.actor) for inbox in call.work.store.all(Inbox)]
    return {"payload": shapes}


def show(call: Call) -> Json:
    return views.inbox(need_inbox(call), call.work.actor)


def create(call: Call) -> Json:
    given = call.params.get("channel")
    kinds = {"api": "Channel::Api", "web_widget": "Channel::WebWidget"}
    if not isinstance(given, dict) or given.get("type") not in kinds:
        raise Crash  # other channels exist in Chatwoot, not in the desk
    channel_type = kinds[given["type"]]
    inbox = Inbox(
        name=str(call.params.get("name") or ""),
        channel_type=channel_type,
        working_hours=working_hours(),
        channel=_new_channel(channel_type, given),
    )
    for name in COLUMNS[1:]:
        if name in call.params:
            setattr(inbox, name, call.params[name])
    call.work.store.add(inbox, call.work.now())
    call.work.store.update(inbox, channel_id=inbox.id)
    events.inbox_event(call.work, "inbox_created", inbox)
    return views.inbox(inbox, call.work.actor)


def _new_channel(channel_type: str, given: Json) -> Json:
    token = secrets.token_urlsafe(18)
    if channel_type == "Channel::Api":
        return {
            "webhook_url": given.get("webhook_url"),
            "identifier": secrets.token_hex(12),
            "hmac_token": secrets.token_hex(12),
            "hmac_mandatory": given.get("hmac_mandatory") or False,
            "additional_attributes": given.get("additional_attributes") or {},
            "secret": secrets.token_hex(12),
        }
    return {
        "widget_color": "#1f93ff",
        "hmac_mandatory": False,
        "reply_time": "in_a_few_minutes",
        "selected_feature_flags": ["attachments", "emoji_picker", "end_conversation"],
        "continuity_via_email": True,
        "website_token": token,
        "web_widget_script": "",
        "hmac_token": secrets.token_hex(12),
        **{name: given[name] for name in WIDGET_COLUMNS if name in given},
    }


def update(call: Call) -> Json:
    inbox = need_inbox(call)
    columns: Json = {name: call.params[name] for name in COLUMNS if name in call.params}
    given = call.params.get("channel")
    if isinstance(given, dict):
        allowed = API_COLUMNS if inbox.channel_type == "Channel::Api" else WIDGET_COLUMNS
        columns["channel"] = {**inbox.channel, **{name: given[name] for name in allowed if name in given}}
    hours = call.params.get("working_hours")
    if isinstance(hours, list):
        by_day = {row.get("day_of_week"): row for row in hours if isinstance(row, dict)}
        merged = [{**row, **by_day.get(row["day_of_week"], {})} for row in inbox.working_hours]
        columns["working_hours"] = [{name: row[name] for name in HOURS} for row in merged]
    changes = call.work.store.update(inbox, now=call.work.now(), **columns)
    if changes:
        events.inbox_event(call.work, "inbox_updated", inbox, changes)
    return views.inbox(inbox, call.work.actor)


def delete(call: Call) -> Json:
    inbox = need_inbox(call)
    store = call.work.store
    for conversation in store.all(Conversation):
        if conversation.inbox_id == inbox.id:
            contacts.delete_conversation(call.work, conversation)
    for way in store.all(ContactInbox):
        if way.inbox_id == inbox.id:
            store.delete(way)
    store.delete(inbox)
    return {"message": "Your inbox deletion request will be processed in some time."}


def agent_bot(call: Call) -> Json:
    bot = call.work.store.get(AgentBot, need_inbox(call).agent_bot_id)
    return {"agent_bot": views.bot_of_inbox(bot, call.speaker)} if bot else {}


def set_agent_bot(call: Call) -> Empty:
    inbox = need_inbox(call)
    wanted = call.params.get("agent_bot")
    bot = call.work.store.get(AgentBot, as_id(wanted))
    if wanted and bot is None:
        raise NotFound
    call.work.store.update(inbox, agent_bot_id=bot.id if bot else None)
    return Empty.OK


def reset_secret(call: Call) -> Json:
    inbox = need_inbox(call)
    if inbox.channel_type != "Channel::Api":
        raise NotFound
    channel = {**inbox.channel, "secret": secrets.token_hex(12)}
    call.work.store.update(inbox, now=call.work.now(), channel=channel)
    return views.inbox(inbox, call.work.actor)


# -- members


def _members(call: Call, inbox: Inbox) -> Json:
    people = [user for number in inbox.member_ids if (user := call.work.store.get(User, number))]
    return {"payload": [views.agent(call.work.site, user) for user in people]}


def members(call: Call) -> Json:
    return _members(call, need_inbox(call))


def _named_inbox(call: Call) -> tuple[Inbox, list[int]]:
    inbox = call.work.store.get(Inbox, as_id(call.params.get("inbox_id")))
    if inbox is None:
        raise NotFound
    numbers = [as_id(number) for number in call.params.get("user_ids") or []]
    people = [number for number in numbers if number and call.work.store.get(User, number)]
    return inbox, people


def add_members(call: Call) -> Json:
    inbox, people = _named_inbox(call)
    call.work.store.update(inbox, member_ids=sorted({*inbox.member_ids, *people}))
    return _members(call, inbox)


def replace_members(call: Call) -> Json:
    inbox, people = _named_inbox(call)
    call.work.store.update(inbox, member_ids=sorted(set(people)))
    return _members(call, inbox)


def remove_members(call: Call) -> Empty:
    inbox, people = _named_inbox(call)
    call.work.store.update(inbox, member_ids=[n for n in inbox.member_ids if n not in people])
    return Empty.OK


ENDPOINTS = [
    Endpoint("GET", "/inboxes", index),
    Endpoint("POST", "/inboxes", create, Access.ADMIN),
    Endpoint("GET", "/inboxes/{id}", show),
    Endpoint("PATCH", "/inboxes/{id}", update, Access.ADMIN),
    Endpoint("PUT", "/inboxes/{id}", update, Access.ADMIN),
    Endpoint("DELETE", "/inboxes/{id}", delete, Access.ADMIN),
    Endpoint("GET", "/inboxes/{id}/agent_bot", agent_bot),
    Endpoint("POST", "/inboxes/{id}/set_agent_bot", set_agent_bot, Access.ADMIN),
    Endpoint("POST", "/inboxes/{id}/reset_secret", reset_secret, Access.ADMIN),
    Endpoint("POST", "/inbox_members", add_members, Access.ADMIN),
    Endpoint("PATCH", "/inbox_members", replace_members, Access.ADMIN),
    Endpoint("DELETE", "/inbox_members", remove_members, Access.ADMIN),
    Endpoint("GET", "/inbox_members/{id}", members),
]
