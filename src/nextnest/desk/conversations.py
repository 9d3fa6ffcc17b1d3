"""New conversations: which contact inbox, which status, which owner (`conversation_builder.rb`)."""

from __future__ import annotations

import uuid
from typing import Any

from nextnest.desk import activities, contacts, events
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, NotFound, Unprocessable
from nextnest.desk.models import (
    STATUSES,
    Contact,
    ContactInbox,
    Conversation,
    Inbox,
    Json,
    Message,
    Team,
    User,
)
from nextnest.desk.times import parse
from nextnest.desk.work import Work


def resolve_way(work: Work, params: Json) -> ContactInbox:
    """The contact inbox a new conversation belongs to.

    With contact and inbox: found or made, under the given source id or a new one. Otherwise by source id
    alone, over the whole installation, whatever inbox was asked for.
    """
    inbox = contact = None
    if params.get("inbox_id"):
        inbox = work.store.get(Inbox, as_id(params["inbox_id"]))
        if inbox is None:
            raise NotFound
    if params.get("contact_id"):
        contact = contacts.need_contact(work, params["contact_id"])
    source_id = params.get("source_id")
    if inbox and contact:
        known = contacts.way_by_source(work, inbox, str(source_id)) if source_id else None
        if known and known.contact_id != contact.id:
            raise Unprocessable("source_id should be unique")
        verified = params.get("hmac_verified") in (True, "true")
        return known or contacts.join(work, contact, inbox, source_id, verified)
    ways = work.store.where(ContactInbox, "source_id", str(source_id)) if source_id else []
    if not ways:
        raise NotFound
    return ways[0]


def start(work: Work, way: ContactInbox, params: Json) -> Conversation:
    """A new conversation; or the last one, where the inbox keeps to a single one."""
    inbox = work.site.need(Inbox, way.inbox_id)
    if inbox.lock_to_single_conversation:
        known = [c for c in work.store.all(Conversation) if c.contact_inbox_id == way.id]
        if known:
            return known[-1]
    conversation = _row(work, way, inbox, params)
    contacts.check_attributes(conversation.custom_attributes)
    work.store.add(conversation, work.now())
    work.created.add(conversation.id)
    events.conversation_event(work, "conversation_created", conversation)
    _write_assignment(work, conversation)
    return conversation


def _row(work: Work, way: ContactInbox, inbox: Inbox, params: Json) -> Conversation:
    now = work.now()
    status = params.get("status") or "open"
    if status not in STATUSES:
        raise Crash
    assignee = work.store.get(User, as_id(params.get("assignee_id")))
    team = work.store.get(Team, as_id(params.get("team_id")))
    conversation = Conversation(
        inbox_id=inbox.id,
        contact_id=way.contact_id,
        contact_inbox_id=way.id,
        uuid=str(uuid.uuid4()),
        status=_status(work, way, inbox, status),
        assignee_id=assignee.id if assignee else None,
        team_id=team.id if team else None,
        snoozed_until=parse(params.get("snoozed_until")),
        waiting_since=now,
        last_activity_at=now,
        additional_attributes=contacts.hash_of(params, "additional_attributes"),
        custom_attributes=contacts.hash_of(params, "custom_attributes"),
    )
    if not assignee and inbox.agent_bot_id and work.site.version.bot_owns_new_conversations:
        conversation.assignee_agent_bot_id = inbox.agent_bot_id
    return conversation


def _status(work: Work, way: ContactInbox, inbox: Inbox, asked: str) -> str:
    """`determine_conversation_status`: what was asked for counts only without a bot."""
    if work.site.need(Contact, way.contact_id).blocked:
        return "resolved"
    return "pending" if inbox.agent_bot_id else asked


def _write_assignment(work: Work, conversation: Conversation) -> None:
    user = work.store.get(User, conversation.assignee_id)
    team = work.store.get(Team, conversation.team_id)
    name = work.actor_name or "System"
    if user and team:
        activities.write_later(work, conversation, f"Assigned to {user.name} via {team.name} by {name}")
    elif user or team:
        whom = user.name if user else team.name if team else ""
        activities.write_later(work, conversation, f"Assigned to {whom} by {name}")


def need_conversation(work: Work, number: Any) -> Conversation:
    conversation = work.store.get(Conversation, as_id(number))
    if conversation is None:
        raise NotFound
    return conversation


def need_message(work: Work, conversation: Conversation, number: Any) -> Message:
    message = work.store.get(Message, as_id(number))
    if message is None or message.conversation_id != conversation.id:
        raise NotFound
    return message
