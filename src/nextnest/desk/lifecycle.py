"""What happens to a conversation: status, assignment, labels, priority, and the noise that follows.

Every change goes through `change`, as every save goes through Chatwoot's callbacks: events first, in its
order, and the activity messages put off to a job.
"""

from __future__ import annotations

from typing import Any

from nextnest.desk import activities, assignment, events
from nextnest.desk.models import AgentBot, Contact, Conversation, Inbox, Team, User
from nextnest.desk.work import Work

# Changes of these columns are worth a conversation_updated (`models/conversation.rb#allowed_keys?`).
WATCHED = {
    "team_id", "assignee_id", "assignee_agent_bot_id", "status", "snoozed_until", "custom_attributes",
    "label_list", "waiting_since", "first_reply_created_at", "priority",
}  # fmt: skip


def change(work: Work, conversation: Conversation, *, activity: str | None = None, **columns: Any) -> None:
    """Saves columns of a conversation. `activity` stands in for the activity messages of the change."""
    if "status" in columns and columns["status"] != "snoozed":
        columns["snoozed_until"] = None
    if columns.get("assignee_id"):
        columns["assignee_agent_bot_id"] = None
        everybody = dict.fromkeys([*conversation.participant_ids, columns["assignee_id"]])
        columns["participant_ids"] = list(everybody)
    if "label_list" in columns:
        columns["cached_label_list"] = ", ".join(columns["label_list"])
    elif conversation.cached_label_list is None and conversation.id in work.labels_read:
        columns["cached_label_list"] = ", ".join(conversation.label_list)
    changes = work.store.update(conversation, now=work.now(), **columns)
    changes.pop("participant_ids", None)  # rows of their own in Chatwoot
    if not changes:
        return
    if conversation.id in work.created:
        work.created.discard(conversation.id)
        changes["display_id"] = (None, conversation.id)
    if "status" in changes:
        _status_changed(work, conversation)
    if WATCHED & changes.keys():
        events.conversation_event(work, "conversation_updated", conversation, events.changed(changes))
    for text in [activity] if activity else activities.texts(work, conversation, changes):
        activities.write_later(work, conversation, text)
    if "status" in changes and conversation.status == "open":
        work.later(lambda: assign_automatically(work, conversation))


def _status_changed(work: Work, conversation: Conversation) -> None:
    if conversation.status == "resolved":
        work.store.update(conversation, waiting_since=None)
        events.conversation_event(work, "conversation_resolved", conversation)
    elif conversation.status == "open":
        events.conversation_event(work, "conversation_opened", conversation)
    events.conversation_event(work, "conversation_status_changed", conversation, events.changed(None))


def toggle_status(
    work: Work, conversation: Conversation, status: str | None, snoozed_until: float | None
) -> bool | None:
    """`toggle_status` of the API. Answers its `success`, which is null after a hand-off."""
    if isinstance(work.actor, AgentBot) and conversation.status == "pending" and status == "open":
        hand_off(work, conversation)
        return None
    target = status or ("resolved" if conversation.status == "open" else "open")
    columns: dict[str, Any] = {"status": target, "snoozed_until": snoozed_until}
    if target == "open" and isinstance(work.actor, User) and work.site.version.bot_owns_new_conversations:
        columns["assignee_agent_bot_id"] = None
    change(work, conversation, **columns)
    if conversation.status == "open" and isinstance(work.actor, User) and work.actor.role == "agent":
        change(work, conversation, assignee_id=work.actor.id)
    return True


def hand_off(work: Work, conversation: Conversation) -> None:
    """`bot_handoff!`: the bot gives its pending conversation to people."""
    columns: dict[str, Any] = {"waiting_since": conversation.waiting_since or work.now()}
    if work.site.version.bot_owns_new_conversations:
        columns["assignee_agent_bot_id"] = None
    change(work, conversation, **columns)
    change(work, conversation, status="open")


def reopen(work: Work, conversation: Conversation) -> None:
    """An incoming message on a snoozed or resolved conversation (`message.rb#reopen_conversation`)."""
    if work.site.need(Contact, conversation.contact_id).blocked:
        return
    if conversation.status == "snoozed":
        change(work, conversation, status="open")
    elif conversation.status == "resolved":
        bot = work.site.need(Inbox, conversation.inbox_id).agent_bot_id
        change(work, conversation, status="pending" if bot else "open")


def assign_user(work: Work, conversation: Conversation, user: User | None) -> None:
    """A person, or nobody. From 4.17 a person takes a bot's pending conversation: it opens."""
    columns: dict[str, Any] = {
        "assignee_id": user.id if user else None,
        "assignee_agent_bot_id": None,
    }
    taken_from_bot = user and conversation.status == "pending" and conversation.assignee_agent_bot_id
    if taken_from_bot and work.site.version.assignment_moves_status:
        columns |= {"status": "open", "waiting_since": conversation.waiting_since or work.now()}
    change(work, conversation, **columns)


def assign_bot(work: Work, conversation: Conversation, bot: AgentBot) -> None:
    """From 4.17 the bot's conversation becomes pending."""
    columns: dict[str, Any] = {"assignee_agent_bot_id": bot.id, "assignee_id": None}
    if work.site.version.assignment_moves_status:
        columns["status"] = "pending"
    change(work, conversation, **columns)


def assign_team(work: Work, conversation: Conversation, team: Team | None) -> None:
    """The team must hold the assignee; a team that assigns by itself picks one of its online members."""
    columns: dict[str, Any] = {"team_id": team.id if team else None}
    if team and conversation.team_id != team.id:
        assignee = conversation.assignee_id if conversation.assignee_id in team.member_ids else None
        if assignee is None and team.allow_auto_assign:
            members = work.site.need(Inbox, conversation.inbox_id).member_ids
            chosen = assignment.next_agent(work, [n for n in members if n in team.member_ids])
            assignee = chosen.id if chosen else None
        columns["assignee_id"] = assignee
    change(work, conversation, **columns)


def assign_automatically(work: Work, conversation: Conversation) -> None:
    """An open conversation of an inbox with auto-assignment goes to the online member with least to do."""
    inbox = work.site.need(Inbox, conversation.inbox_id)
    if not inbox.enable_auto_assignment or conversation.assignee_id or conversation.status != "open":
        return
    team = work.store.get(Team, conversation.team_id)
    if team and not team.allow_auto_assign:
        return
    agent = assignment.next_agent(work, [n for n in inbox.member_ids if not team or n in team.member_ids])
    if agent:
        name = work.actor_name or "System"
        change(work, conversation, activity=f"Assigned to {agent.name} by {name}", assignee_id=agent.id)


def mute(work: Work, conversation: Conversation) -> None:
    """Resolves, and blocks the contact."""
    contact = work.site.need(Contact, conversation.contact_id)
    change(work, conversation, status="resolved")
    _block(work, contact, blocked=True)
    activities.write_later(work, conversation, f"{work.actor_name} has muted the conversation")


def unmute(work: Work, conversation: Conversation) -> None:
    _block(work, work.site.need(Contact, conversation.contact_id), blocked=False)
    activities.write_later(work, conversation, f"{work.actor_name} has unmuted the conversation")


def _block(work: Work, contact: Contact, blocked: bool) -> None:
    changes = work.store.update(contact, now=work.now(), blocked=blocked)
    if changes:
        events.contact_event(work, "contact_updated", contact, changes)
