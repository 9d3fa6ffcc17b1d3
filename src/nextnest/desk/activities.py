"""Activity messages: the lines in a thread that say what was done to it (`activity_message_handler.rb`)."""

from __future__ import annotations

from nextnest.desk.models import ACTIVITY, Contact, Conversation, Message, Team, User
from nextnest.desk.store import Changes
from nextnest.desk.work import Work

BOT_FAILED = "Conversation was marked open by system due to an error with the agent bot."

_STATUS = {
    "resolved": "Conversation was marked resolved by {}",
    "open": "Conversation was reopened by {}",
    "pending": "Conversation was marked as pending by {}",
    "snoozed": "Conversation was snoozed by {}",
}


def write_later(work: Work, conversation: Conversation, text: str) -> None:
    """The line is written by a job; it wakes nobody, but counts as activity."""

    def job() -> None:
        now = work.now()
        line = Message(conversation.id, conversation.inbox_id, ACTIVITY, text, text)
        work.store.add(line, now)
        work.store.touch(conversation, now)
        work.store.update(conversation, last_activity_at=now)

    work.later(job)


def texts(work: Work, conversation: Conversation, changes: Changes) -> list[str]:
    """What there is to say about a change, in Chatwoot's words."""
    name = work.actor_name
    lines = [_status(work, conversation, name)] if "status" in changes else []
    if name:
        lines += _priority(changes, name) + _labels(changes, name) + _owner(work, changes, name)
    return [line for line in lines if line]


def _status(work: Work, conversation: Conversation, name: str | None) -> str | None:
    if name:
        return _STATUS[conversation.status].format(name)
    if conversation.status == "resolved" and isinstance(work.actor, Contact):
        return f"Conversation was resolved by {work.actor.name.capitalize()}"
    if conversation.status == "open":
        return "System reopened the conversation due to a new incoming message."
    return None


def _priority(changes: Changes, name: str) -> list[str]:
    if "priority" not in changes:
        return []
    before, after = changes["priority"]
    if after is None:
        return [f"{name} removed the priority"]
    if before is None:
        return [f"{name} set the priority to {after}"]
    return [f"{name} changed the priority from {before} to {after}"]


def _labels(changes: Changes, name: str) -> list[str]:
    if "label_list" not in changes:
        return []
    before, after = changes["label_list"]
    added = [label for label in after if label not in before]
    removed = [label for label in before if label not in after]
    lines = [f"{name} removed {', '.join(removed)}"] if removed else []
    return lines + ([f"{name} added {', '.join(added)}"] if added else [])


def _owner(work: Work, changes: Changes, name: str) -> list[str]:
    user = work.store.get(User, changes["assignee_id"][1]) if "assignee_id" in changes else None
    if "team_id" in changes:
        before, after = changes["team_id"]
        team = work.store.get(Team, after)
        if team and user:
            return [f"Assigned to {user.name} via {team.name} by {name}"]
        if team:
            return [f"Assigned to {team.name} by {name}"]
        left = work.store.get(Team, before)
        return [f"Unassigned from {left.name} by {name}"] if left else []
    if "assignee_id" not in changes:
        return []
    if user is None:
        return [f"Conversation unassigned by {name}"]
    if user is work.actor:
        return [f"{name} self-assigned this conversation"]
    return [f"Assigned to {user.name} by {name}"]
