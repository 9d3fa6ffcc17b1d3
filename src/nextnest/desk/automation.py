"""Automation rules: after an event, if the conditions hold, the actions run."""

from __future__ import annotations

from typing import Any

from nextnest.desk import actions
from nextnest.desk.models import MESSAGE_TYPES, AutomationRule, Contact, Conversation, Json, Message
from nextnest.desk.work import Work

EVENTS = (
    "conversation_created", "conversation_updated", "conversation_opened", "conversation_resolved",
    "message_created",
)  # fmt: skip
# What Chatwoot knows conditions on (`automation_rule.rb#conditions_attributes`), custom attributes besides.
CONDITIONS = {
    "content", "message_type", "email", "country_code", "status", "browser_language", "assignee_id",
    "team_id", "referer", "city", "company_name", "inbox_id", "mail_subject", "phone_number", "priority",
    "conversation_language", "labels", "private_note", "name",
}  # fmt: skip


def listen(work: Work, event: str, conversation: Conversation, message: Message | None) -> None:
    """`AutomationRuleListener`: what a rule does wakes no rules."""
    if work.rule is not None or (message and "automation_rule_id" in message.content_attributes):
        return
    for rule in work.store.all(AutomationRule):
        if rule.active and rule.event_name == event and holds(work, rule, conversation, message):
            work.rule = rule
            actions.perform(work, conversation, rule.actions, event)
            work.rule = None


def holds(work: Work, rule: AutomationRule, conversation: Conversation, message: Message | None) -> bool:
    """All conditions, joined from the left by their own `query_operator`."""
    if message and message.private and rule.event_name == "message_created":
        return False
    result = True
    join = "and"
    for condition in rule.conditions:
        one = _compare(condition, _value(work, str(condition.get("attribute_key")), conversation, message))
        result = (result or one) if join == "or" else (result and one)
        join = str(condition.get("query_operator") or "and").lower()
    return result


def _value(work: Work, key: str, conversation: Conversation, message: Message | None) -> Any:
    contact = work.site.need(Contact, conversation.contact_id)
    match key:
        case "content":
            return message.content if message else None
        case "message_type":
            return MESSAGE_TYPES[message.message_type] if message else None
        case "private_note":
            return message.private if message else None
        case "labels":
            return conversation.label_list
        case "email" | "phone_number" | "name":
            return getattr(contact, key)
        case "city" | "company_name" | "country_code":
            return contact.additional_attributes.get(key)
        case "browser_language" | "referer" | "conversation_language" | "mail_subject":
            return conversation.additional_attributes.get(key)
        case _ if hasattr(conversation, key):
            return getattr(conversation, key)
        case _:
            return conversation.custom_attributes.get(key, contact.custom_attributes.get(key))


def _compare(condition: Json, value: Any) -> bool:
    wanted = [str(v).lower() for v in condition.get("values") or []]
    have = [str(v).lower() for v in (value if isinstance(value, list) else [value]) if v is not None]
    match condition.get("filter_operator"):
        case "equal_to":
            return any(v in wanted for v in have)
        case "not_equal_to":
            return not any(v in wanted for v in have)
        case "contains":
            return any(w in v for v in have for w in wanted)
        case "does_not_contain":
            return not any(w in v for v in have for w in wanted)
        case "starts_with":
            return any(v.startswith(w) for v in have for w in wanted)
        case "is_present":
            return bool(have)
        case "is_not_present":
            return not have
        case _:
            return False
