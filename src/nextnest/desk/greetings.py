"""The inbox's own texts: greeting and out of office (`message_templates/hook_execution_service.rb`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nextnest.desk.models import INCOMING, OUTGOING, TEMPLATE, Conversation, Inbox, Message
from nextnest.desk.work import Work

Post = Callable[[Work, Conversation, str], None]

# No out-of-office text when somebody has answered so lately (seconds).
QUIET_AFTER_ANSWER = 300


def send(work: Work, conversation: Conversation, message: Message, post: Post) -> None:
    """Called for every message; a bot on the inbox does not keep these quiet."""
    if message.message_type != INCOMING:
        return
    inbox = work.site.need(Inbox, conversation.inbox_id)
    if out_of_office_applies(work, inbox, conversation):
        post(work, conversation, inbox.out_of_office_message or "")
    if greeting_applies(work, inbox, conversation):
        post(work, conversation, inbox.greeting_message or "")


def greeting_applies(work: Work, inbox: Inbox, conversation: Conversation) -> bool:
    """On the first incoming message, before anything else was said."""
    if not (inbox.greeting_enabled and inbox.greeting_message):
        return False
    thread = list(work.site.newest_first(conversation))
    incoming = sum(message.message_type == INCOMING for message in thread)
    return incoming == 1 and not any(message.message_type == TEMPLATE for message in thread)


def out_of_office_applies(work: Work, inbox: Inbox, conversation: Conversation) -> bool:
    if not (inbox.working_hours_enabled and inbox.out_of_office_message) or is_working(inbox, work.now()):
        return False
    since = work.now() - QUIET_AFTER_ANSWER
    for message in work.site.newest_first(conversation):
        if message.created_at < since:
            break
        if message.message_type in (OUTGOING, TEMPLATE) and not message.private:
            return False
    return True


def is_working(inbox: Inbox, now: float) -> bool:
    """Does the inbox work at this moment (seconds since 1970), in its own time zone?"""
    try:
        zone = ZoneInfo(inbox.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    moment = datetime.fromtimestamp(now, zone)
    day = (moment.weekday() + 1) % 7  # Chatwoot's week begins on Sunday
    hours = next((row for row in inbox.working_hours if row["day_of_week"] == day), None)
    if hours is None or hours["closed_all_day"]:
        return False
    if hours["open_all_day"]:
        return True
    minute = moment.hour * 60 + moment.minute
    opening = hours["open_hour"] * 60 + hours["open_minutes"]
    closing = hours["close_hour"] * 60 + hours["close_minutes"]
    return bool(opening <= minute < closing)
