"""What is done to one conversation: status, owner, labels, attributes, reading."""

from __future__ import annotations

from nextnest.desk import contacts, events, lifecycle, thread_views, views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Crash, NotRouted, Refused
from nextnest.desk.models import (
    PRIORITIES,
    STATUSES,
    AgentBot,
    Attachment,
    Conversation,
    Json,
    Message,
    Team,
    User,
)
from nextnest.desk.payloads import attachment_push, sender_push
from nextnest.desk.times import iso, parse, whole


def toggle_status(call: Call) -> Json:
    conversation = call.conversation
    status = call.params.get("status")
    if status and status not in STATUSES:
        raise Crash
    until = parse(call.params.get("snoozed_until")) if status == "snoozed" else None
    success = lifecycle.toggle_status(call.work, conversation, status, until)
    return {
        "payload": {
            "success": success,
            "conversation_id": conversation.id,
            "current_status": conversation.status,
            "snoozed_until": iso(conversation.snoozed_until),
        }
    }


def set_priority(call: Call, conversation: Conversation) -> None:
    priority = call.params.get("priority") or None
    if priority is not None and priority not in PRIORITIES:
        raise Crash
    lifecycle.change(call.work, conversation, priority=priority)


def toggle_priority(call: Call) -> Empty:
    set_priority(call, call.conversation)
    return Empty.OK


def toggle_typing(call: Call) -> Empty:
    conversation = call.conversation
    if call.params.get("typing_status") in ("on", "off"):
        private = call.params.get("is_private") in (True, "true")
        on = call.params["typing_status"] == "on"
        events.typing_event(call.work, conversation, on=on, private=private)
    return Empty.OK


def assign(call: Call) -> Json | None:
    """The assignee wins when both keys are there; an unknown id unassigns."""
    conversation = call.conversation
    params = call.params
    if "assignee_id" in params:
        if params.get("assignee_type") == "AgentBot":
            bot = call.work.store.get(AgentBot, as_id(params["assignee_id"]))
            if bot:
                lifecycle.assign_bot(call.work, conversation, bot)
            return views.bot_slim(bot) if bot else None
        user = call.work.store.get(User, as_id(params["assignee_id"]))
        lifecycle.assign_user(call.work, conversation, user)
        return views.agent(call.work.site, user) if user else None
    if "team_id" in params:
        team = call.work.store.get(Team, as_id(params["team_id"]))
        lifecycle.assign_team(call.work, conversation, team)
        return _team_row(team) if team else None
    return None


def _team_row(team: Team) -> Json:
    shape = views.team(team, None)
    del shape["is_member"]
    return {**shape, "created_at": iso(team.created_at), "updated_at": iso(team.updated_at)}


def labels(call: Call) -> Json:
    return {"payload": call.conversation.label_list}


def set_labels(call: Call) -> Json:
    conversation = call.conversation
    wanted = call.params.get("labels") or []
    names = list(dict.fromkeys(map(str, wanted if isinstance(wanted, list) else [wanted])))
    lifecycle.change(call.work, conversation, label_list=names)
    return {"payload": conversation.label_list}


def set_custom_attributes(call: Call) -> Json:
    """Replaces the whole hash; `merge` exists in later versions only."""
    conversation = call.conversation
    wanted = call.params.get("custom_attributes")
    if not isinstance(wanted, dict):
        raise Crash
    if call.work.site.version.merges_custom_attributes and call.params.get("merge") in (True, "true"):
        wanted = {**conversation.custom_attributes, **wanted}
    contacts.check_attributes(wanted)
    lifecycle.change(call.work, conversation, custom_attributes=wanted)
    return {"custom_attributes": conversation.custom_attributes}


def destroy_custom_attributes(call: Call) -> Json:
    if not call.work.site.version.merges_custom_attributes:
        raise NotRouted
    conversation = call.conversation
    gone = call.params.get("custom_attributes") or []
    kept = {key: value for key, value in conversation.custom_attributes.items() if key not in gone}
    lifecycle.change(call.work, conversation, custom_attributes=kept)
    return {"custom_attributes": conversation.custom_attributes}


def mute(call: Call) -> Empty:
    lifecycle.mute(call.work, call.conversation)
    return Empty.OK


def unmute(call: Call) -> Empty:
    lifecycle.unmute(call.work, call.conversation)
    return Empty.OK


def update_last_seen(call: Call) -> Json:
    conversation = call.conversation
    now = call.work.now()
    columns: Json = {"agent_last_seen_at": now}
    if conversation.assignee_id == call.user.id:
        columns["assignee_last_seen_at"] = now
    call.work.store.update(conversation, **columns)
    return thread_views.conversation(call.work, conversation)


def mark_unread(call: Call) -> Json:
    """Seen until just before the last incoming message."""
    conversation = call.conversation
    incoming = (m for m in call.work.site.newest_first(conversation) if m.sender_type == "Contact")
    last = next(incoming, None)
    before = last.created_at - 1 if last else None
    call.work.store.update(conversation, agent_last_seen_at=before, assignee_last_seen_at=before)
    return thread_views.conversation(call.work, conversation)


def participants(call: Call) -> list[Json]:
    numbers = call.conversation.participant_ids
    people = [user for number in numbers if (user := call.work.store.get(User, number))]
    return [views.agent(call.work.site, user) for user in people]


def add_participants(call: Call) -> list[Json]:
    """Answers those who are new."""
    conversation = call.conversation
    wanted = [n for n in map(as_id, call.params.get("user_ids") or []) if call.work.store.get(User, n)]
    new = [n for n in wanted if n is not None and n not in conversation.participant_ids]
    call.work.store.update(conversation, participant_ids=[*conversation.participant_ids, *new])
    return [views.agent(call.work.site, call.work.site.need(User, n)) for n in new]


def transcript(call: Call) -> Empty:
    """Accepted; the desk sends no e-mail."""
    if not call.params.get("email"):
        raise Refused(422, {"error": "email param missing"})
    return Empty.OK


def attachments(call: Call) -> Json:
    conversation = call.conversation
    shapes = []
    for message in call.work.site.newest_first(conversation):
        for number in message.attachment_ids:
            shapes.append(_attachment(call, message, number))
    return {"meta": {"total_count": len(shapes)}, "payload": shapes[:100]}


def _attachment(call: Call, message: Message, number: int) -> Json:
    shape = attachment_push(call.work.site, call.work.site.need(Attachment, number))
    wanted = ("id", "message_id", "thumb_url", "data_url", "file_size", "file_type", "extension", "width",
              "height")  # fmt: skip
    sender = sender_push(call.work.site, call.work.site.sender(message))
    created = {"created_at": whole(message.created_at)}
    return {**{name: shape[name] for name in wanted}, **created, **({"sender": sender} if sender else {})}


def no_draft(call: Call) -> Json:
    return {"has_draft": call.conversation is None}


_ONE = "/conversations/{conversation_id}"
ENDPOINTS = [
    Endpoint("POST", f"{_ONE}/toggle_status", toggle_status, Access.BOT),
    Endpoint("POST", f"{_ONE}/toggle_priority", toggle_priority, Access.BOT),
    Endpoint("POST", f"{_ONE}/toggle_typing_status", toggle_typing, Access.BOT),
    Endpoint("POST", f"{_ONE}/assignments", assign, Access.BOT),
    Endpoint("GET", f"{_ONE}/labels", labels, Access.BOT),
    Endpoint("POST", f"{_ONE}/labels", set_labels, Access.BOT),
    Endpoint("POST", f"{_ONE}/custom_attributes", set_custom_attributes, Access.BOT),
    Endpoint("POST", f"{_ONE}/destroy_custom_attributes", destroy_custom_attributes),
    Endpoint("POST", f"{_ONE}/mute", mute),
    Endpoint("POST", f"{_ONE}/unmute", unmute),
    Endpoint("POST", f"{_ONE}/update_last_seen", update_last_seen),
    Endpoint("POST", f"{_ONE}/unread", mark_unread),
    Endpoint("GET", f"{_ONE}/participants", participants),
    Endpoint("POST", f"{_ONE}/participants", add_participants),
    Endpoint("GET", f"{_ONE}/attachments", attachments),
    Endpoint("GET", f"{_ONE}/draft_messages", no_draft),
    Endpoint("POST", f"{_ONE}/transcript", transcript),
]
