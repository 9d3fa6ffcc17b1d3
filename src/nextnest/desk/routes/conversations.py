"""Conversations: lists, one, and what is done to one (`api/v1/accounts/conversations_controller.rb`)."""

from __future__ import annotations

from typing import Any

from nextnest.desk import contacts, conversations, filters, messages, thread_views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, Refused
from nextnest.desk.models import PRIORITIES, AgentBot, ContactInbox, Conversation, Json, Message
from nextnest.desk.routes.conversation_actions import set_priority

PAGE = 25


# -- lists


def _matching(call: Call) -> list[Conversation]:
    """By status, inbox, team, labels, source id and text; not yet by assignee."""
    query = call.query
    found = call.work.store.all(Conversation)
    status = query.get("status", "open")
    if status != "all":
        found = [c for c in found if c.status == status]
    for column in ("inbox_id", "team_id"):
        if query.get(column):
            found = [c for c in found if getattr(c, column) == as_id(query[column])]
    if query.get("labels"):
        wanted = query["labels"] if isinstance(query["labels"], list) else [query["labels"]]
        found = [c for c in found if set(wanted) & set(c.label_list)]
    if query.get("source_id"):
        ways = {way.id for way in call.work.store.where(ContactInbox, "source_id", query["source_id"])}
        found = [c for c in found if c.contact_inbox_id in ways]
    if query.get("updated_within"):
        since = call.work.now() - float(query["updated_within"])
        found = [c for c in found if c.updated_at > since]
    if query.get("conversation_type") == "unattended":
        found = [c for c in found if c.first_reply_created_at is None or c.waiting_since is not None]
    if query.get("q"):
        found = [c for c in found if _hits(call, c, query["q"])]
    return found


def _counts(call: Call, found: list[Conversation]) -> Json:
    me = call.user.id
    assigned = sum(c.assignee_id is not None for c in found)
    return {
        "mine_count": sum(c.assignee_id == me for c in found),
        "assigned_count": assigned,
        "unassigned_count": len(found) - assigned,
        "all_count": len(found),
    }


def _sorted(call: Call, found: list[Conversation]) -> list[Conversation]:
    column, _, direction = str(call.query.get("sort_by") or "last_activity_at_desc").rpartition("_")
    if column == "priority":
        ranks = {priority: rank for rank, priority in enumerate(PRIORITIES, 1)}
        return sorted(found, key=lambda c: ranks.get(c.priority or "", 0), reverse=direction == "desc")
    if column not in ("last_activity_at", "created_at", "waiting_since"):
        column, direction = "last_activity_at", "desc"
    return sorted(found, key=lambda c: (getattr(c, column) or 0, c.id), reverse=direction == "desc")


def _page(call: Call, found: list[Conversation]) -> list[Json]:
    if not call.query.get("updated_within"):
        start = (max(as_id(call.query.get("page")) or 1, 1) - 1) * PAGE
        found = found[start : start + PAGE]
    return [thread_views.conversation(call.work, conversation) for conversation in found]


def index(call: Call) -> Json:
    found = _matching(call)
    counts = _counts(call, found)
    match call.query.get("assignee_type"):
        case "me":
            found = [c for c in found if c.assignee_id == call.user.id]
        case "unassigned":
            found = [c for c in found if c.assignee_id is None]
        case "assigned":
            found = [c for c in found if c.assignee_id is not None]
    return {"data": {"meta": counts, "payload": _page(call, _sorted(call, found))}}


def meta(call: Call) -> Json:
    return {"meta": _counts(call, _matching(call))}


def filter_(call: Call) -> Json:
    wanted = filters.conditions(call.work, call.body, filters.CONVERSATION_KEYS, "conversation_attribute")

    def value_of(conversation: Conversation) -> filters.ValueOf:
        def value(key: str) -> Any:
            if key == "display_id":
                return conversation.id
            if key == "labels":
                return conversation.label_list
            if hasattr(conversation, key):
                return getattr(conversation, key)
            return conversation.additional_attributes.get(key, conversation.custom_attributes.get(key))

        return value

    found = [c for c in call.work.store.all(Conversation) if filters.matches(wanted, value_of(c))]
    counts = _counts(call, found)
    del counts["assigned_count"]
    return {"meta": counts, "payload": _page(call, _sorted(call, found))}


def _hits(call: Call, conversation: Conversation, text: str) -> list[Message]:
    thread = call.work.store.where(Message, "conversation_id", conversation.id)
    return [message for message in thread if text.lower() in (message.content or "").lower()]


def search(call: Call) -> Json:
    text = str(call.query.get("q") or "")
    hits = [(c, _hits(call, c, text)) for c in call.work.store.all(Conversation)]
    found = [(c, messages) for c, messages in hits if messages]
    counts = _counts(call, [c for c, _ in found])
    del counts["assigned_count"]
    shapes = [thread_views.found_conversation(call.work, c, messages) for c, messages in found[:PAGE]]
    return {"meta": counts, "payload": shapes}


# -- one


def create(call: Call) -> Json:
    work = call.work
    way = conversations.resolve_way(work, call.params)
    conversation = conversations.start(work, way, call.params)
    if isinstance(call.params.get("message"), dict):
        try:
            first = messages.draft(work, conversation, call.params["message"], [])
        except messages.Rejected:
            raise Crash from None
        messages.create(work, conversation, first)
    return thread_views.conversation(work, conversation)


def show(call: Call) -> Json:
    conversation = call.conversation
    if isinstance(call.work.actor, AgentBot) and conversation.team_id:
        raise Crash  # `_team.json.jbuilder` asks a bot for its teams
    return thread_views.conversation(call.work, conversation)


def update(call: Call) -> Json:
    conversation = call.conversation
    if "priority" in call.params:
        set_priority(call, conversation)
    return show(call)


def delete(call: Call) -> Empty:
    contacts.delete_conversation(call.work, call.conversation)
    return Empty.OK


def unread_counts(call: Call) -> Json:
    del call
    raise Refused(403, {"error": "Conversation unread counts feature not enabled for this account"})


_ONE = "/conversations/{conversation_id}"
ENDPOINTS = [
    Endpoint("GET", "/conversations", index),
    Endpoint("POST", "/conversations", create, Access.BOT),
    Endpoint("GET", "/conversations/meta", meta),
    Endpoint("GET", "/conversations/search", search),
    Endpoint("GET", "/conversations/unread_counts", unread_counts),
    Endpoint("POST", "/conversations/filter", filter_),
    Endpoint("GET", _ONE, show, Access.BOT),
    Endpoint("PATCH", _ONE, update, Access.BOT),
    Endpoint("PUT", _ONE, update, Access.BOT),
    Endpoint("DELETE", _ONE, delete, Access.ADMIN),
]
