"""Which event goes to whom, and with what payload.

The payload of an agent bot is built at once, within the request; those of accounts and API inboxes when the
request is done, from the rows as they are then (`EventDispatcherJob`).

    event                                      account   API inbox   agent bot
    message_created, message_updated           yes       yes         yes
    conversation_created                       yes       yes         no
    conversation_status_changed, _updated      yes       yes         yes
    conversation_opened, conversation_resolved no        no          yes
    conversation_typing_on, _off               yes       yes         no
    contact_created, contact_updated           yes       no          no
    inbox_created, inbox_updated (switched)    yes       no          no
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from nextnest.desk import payloads
from nextnest.desk.models import (
    ACTIVITY,
    AgentBot,
    Contact,
    Conversation,
    Delivery,
    Inbox,
    Json,
    Message,
    Webhook,
)
from nextnest.desk.store import Changes
from nextnest.desk.wire import to_json
from nextnest.desk.work import Work

ONLY_BOTS = {"conversation_opened", "conversation_resolved"}
NEVER_BOTS = {"conversation_created"}


def bots_of(work: Work, conversation: Conversation) -> list[AgentBot]:
    """The bot that owns the conversation and the bot of its inbox; status plays no part."""
    inbox = work.site.need(Inbox, conversation.inbox_id)
    numbers = dict.fromkeys([conversation.assignee_agent_bot_id, inbox.agent_bot_id])
    bots = (work.store.get(AgentBot, number) for number in numbers)
    return [bot for bot in bots if bot and bot.outgoing_url]


def message_event(work: Work, event: str, message: Message) -> None:
    """`message_created` or `message_updated`; activity messages fire neither."""
    if message.message_type == ACTIVITY:
        return
    conversation = work.site.need(Conversation, message.conversation_id)

    def build() -> Json:
        return {**payloads.message_webhook(work.site, message), "event": event}

    _to_bots(work, conversation, build, message)
    _to_account_and_inbox(work, event, build, conversation.inbox_id, message)
    work.announce(event, conversation, message)


def conversation_event(
    work: Work, event: str, conversation: Conversation, extra: Callable[[], Json] = dict
) -> None:
    def build() -> Json:
        return {**payloads.conversation_webhook(work.site, conversation), "event": event, **extra()}

    if event not in NEVER_BOTS:
        _to_bots(work, conversation, build)
    if event not in ONLY_BOTS:
        _to_account_and_inbox(work, event, build, conversation.inbox_id)
    work.labels_read.add(conversation.id)
    work.announce(event, conversation)


def changed(changes: Changes | None) -> Callable[[], Json]:
    """The `changed_attributes` of an event; None where Chatwoot has lost them."""
    shape = payloads.changed_attributes(changes) if changes is not None else None
    return lambda: {"changed_attributes": shape}


def typing_event(work: Work, conversation: Conversation, *, on: bool, private: bool) -> None:
    event = "conversation_typing_on" if on else "conversation_typing_off"
    user = payloads.sender_webhook(work.site, work.actor)

    def build() -> Json:
        shape = payloads.conversation_webhook(work.site, conversation)
        return {"event": event, "user": user, "conversation": shape, "is_private": private}

    _to_account_and_inbox(work, event, build, conversation.inbox_id)


def contact_event(work: Work, event: str, contact: Contact, changes: Changes | None = None) -> None:
    extra = changed(changes)() if changes is not None else {}

    def build() -> Json:
        return {**payloads.contact_webhook(work.site, contact), "event": event, **extra}

    _to_account_and_inbox(work, event, build, None)


def inbox_event(work: Work, event: str, inbox: Inbox, changes: Changes | None = None) -> None:
    if not work.site.inbox_events:
        return
    extra = changed(changes)() if changes is not None else {}

    def build() -> Json:
        return {**payloads.inbox_webhook(work.site, inbox), "event": event, **extra}

    _to_account_and_inbox(work, event, build, None)


def automation_event(work: Work, url: str, event: str, conversation: Conversation) -> None:
    """`send_webhook_event` of a rule: unsigned."""
    name = f"automation_event.{event}"
    shape = {**payloads.conversation_webhook(work.site, conversation), "event": name}
    work.outbox.append(_delivery("automation", url, None, shape))


def _to_bots(
    work: Work,
    conversation: Conversation,
    build: Callable[[], Json],
    message: Message | None = None,
) -> None:
    bots = bots_of(work, conversation)
    if not bots:
        return
    shape = build()
    work.labels_read.add(conversation.id)
    for bot in bots:
        assert bot.outgoing_url  # noqa: S101
        delivery = _delivery("agent_bot_webhook", bot.outgoing_url, bot.secret, shape)
        delivery.conversation_id = conversation.id
        delivery.message_id = message.id if message else None
        work.outbox.append(delivery)


def _to_account_and_inbox(
    work: Work, event: str, build: Callable[[], Json], inbox_id: int | None, message: Message | None = None
) -> None:
    def job() -> None:
        hooks = [hook for hook in work.store.all(Webhook) if event in hook.subscriptions]
        inbox = work.store.get(Inbox, inbox_id)
        url = inbox.channel.get("webhook_url") if inbox and inbox.channel_type == "Channel::Api" else None
        if not hooks and not url:
            return
        shape = build()
        for hook in hooks:
            work.outbox.append(_delivery("account_webhook", hook.url, hook.secret, shape))
        if url and inbox:
            delivery = _delivery("api_inbox_webhook", url, inbox.channel["secret"], shape)
            delivery.message_id = message.id if message else None
            work.outbox.append(delivery)

    work.at_the_end(job)


def _delivery(receiver: str, url: str, secret: str | None, shape: Json) -> Delivery:
    return Delivery(
        receiver=receiver,
        event=shape["event"],
        url=url,
        secret=secret,
        body=to_json(shape),
        uuid=str(uuid.uuid4()),
    )
