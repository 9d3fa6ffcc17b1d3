"""What automation rules and macros can do to a conversation, by the names of Chatwoot's actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nextnest.desk import events, lifecycle, messages
from nextnest.desk.contacts import as_id
from nextnest.desk.models import Conversation, Team, User
from nextnest.desk.work import Work

Action = Callable[[Work, Conversation, list[Any], str], None]


def perform(work: Work, conversation: Conversation, actions: list[dict[str, Any]], event: str) -> None:
    """Runs the actions in order, each with its activity messages; those only stored are passed over."""
    for action in actions:
        do = ACTIONS.get(str(action.get("action_name")))
        if do:
            do(work, conversation, action.get("action_params") or [], event)
            work.run_jobs()


def _add_label(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    labels = list(dict.fromkeys([*conversation.label_list, *map(str, params)]))
    lifecycle.change(work, conversation, label_list=labels)


def _remove_label(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    labels = [label for label in conversation.label_list if label not in params]
    lifecycle.change(work, conversation, label_list=labels)


def _say(private: bool) -> Action:
    def say(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
        attributes = {"automation_rule_id": work.rule.id} if work.rule else {}
        sender = None if work.rule else work.actor
        draft = messages.Draft(str(params[0]), content_attributes=attributes, private=private, sender=sender)
        messages.create(work, conversation, draft)

    return say


def _set_status(status: str) -> Action:
    def set_status(work: Work, conversation: Conversation, _params: list[Any], _: str) -> None:
        lifecycle.change(work, conversation, status=status)

    return set_status


def _change_status(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    lifecycle.change(work, conversation, status=str(params[0]))


def _change_priority(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    priority = params[0] if params and params[0] != "nil" else None
    lifecycle.change(work, conversation, priority=priority)


def _assign_agent(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    user = work.store.get(User, as_id(params[0]))
    if user:
        lifecycle.assign_user(work, conversation, user)


def _assign_team(work: Work, conversation: Conversation, params: list[Any], _: str) -> None:
    team = work.store.get(Team, as_id(params[0]))
    if team:
        lifecycle.assign_team(work, conversation, team)


def _call(work: Work, conversation: Conversation, params: list[Any], event: str) -> None:
    events.automation_event(work, str(params[0]), event, conversation)


ACTIONS: dict[str, Action] = {
    "add_label": _add_label,
    "remove_label": _remove_label,
    "send_message": _say(private=False),
    "add_private_note": _say(private=True),
    "resolve_conversation": _set_status("resolved"),
    "open_conversation": _set_status("open"),
    "pending_conversation": _set_status("pending"),
    "snooze_conversation": _set_status("snoozed"),
    "change_status": _change_status,
    "change_priority": _change_priority,
    "assign_agent": _assign_agent,
    "assign_team": _assign_team,
    "send_webhook_event": _call,
    "mute_conversation": lambda work, conversation, _params, _event: lifecycle.mute(work, conversation),
}

# Accepted and stored, never run: the desk sends no e-mail and no files.
STORED_ONLY = {
    "remove_assigned_agent", "remove_assigned_team", "send_email_to_team", "send_attachment",
    "send_email_transcript",
}  # fmt: skip
