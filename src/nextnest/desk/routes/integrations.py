"""What others hang onto the account: agent bots, webhooks, dashboard apps."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from nextnest.desk import views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id
from nextnest.desk.errors import Invalid, NotFound
from nextnest.desk.models import AgentBot, Conversation, DashboardApp, Inbox, Json, Webhook
from nextnest.desk.store import R
from nextnest.desk.times import iso

SUBSCRIPTIONS = (
    "conversation_status_changed", "conversation_updated", "conversation_created", "contact_created",
    "contact_updated", "message_created", "message_updated", "webwidget_triggered", "inbox_created",
    "inbox_updated", "conversation_typing_on", "conversation_typing_off",
)  # fmt: skip
BY_DEFAULT = 8  # the first so many, when a webhook names none


def need(call: Call, cls: type[R]) -> R:
    record = call.work.store.get(cls, as_id(call.path["id"]))
    if record is None:
        raise NotFound
    return record


# -- agent bots

BOT_COLUMNS = ("name", "description", "outgoing_url", "bot_type", "bot_config")


def bots(call: Call) -> list[Json]:
    return [views.bot(bot, call.speaker) for bot in call.work.store.all(AgentBot)]


def show_bot(call: Call) -> Json:
    return views.bot(need(call, AgentBot), call.speaker)


def _bot_columns(call: Call) -> Json:
    columns = {name: call.params[name] for name in BOT_COLUMNS if name in call.params}
    if len(str(columns.get("outgoing_url") or "")) > 2048:
        raise Invalid(("outgoing_url", "is too long (maximum is 2048 characters)"))
    for name in ("name", "description"):
        if len(str(columns.get(name) or "")) > 255:
            raise Invalid((name, "is too long (maximum is 255 characters)"))
    return columns


def create_bot(call: Call) -> Json:
    columns = _bot_columns(call)
    columns["name"] = str(columns.get("name") or "")
    bot = AgentBot(token=secrets.token_hex(12), secret=secrets.token_hex(12), **columns)
    return views.bot(call.work.store.add(bot, call.work.now()), call.speaker)


def update_bot(call: Call) -> Json:
    bot = need(call, AgentBot)
    call.work.store.update(bot, now=call.work.now(), **_bot_columns(call))
    return views.bot(bot, call.speaker)


def delete_bot(call: Call) -> Empty:
    bot = need(call, AgentBot)
    store = call.work.store
    for inbox in store.all(Inbox):
        if inbox.agent_bot_id == bot.id:
            store.update(inbox, agent_bot_id=None)
    for conversation in store.all(Conversation):
        if conversation.assignee_agent_bot_id == bot.id:
            store.update(conversation, assignee_agent_bot_id=None)
    store.delete(bot)
    return Empty.OK


def reset_bot_token(call: Call) -> Json:
    bot = need(call, AgentBot)
    call.work.store.update(bot, now=call.work.now(), token=secrets.token_hex(12))
    return views.bot(bot, call.speaker)


def reset_bot_secret(call: Call) -> Json:
    bot = need(call, AgentBot)
    call.work.store.update(bot, now=call.work.now(), secret=secrets.token_hex(12))
    return views.bot(bot, call.speaker)


# -- webhooks

HOOK_COLUMNS = ("name", "url", "subscriptions", "inbox_id")


def webhooks(call: Call) -> Json:
    hooks = [views.webhook(call.work.site, hook) for hook in call.work.store.all(Webhook)]
    return {"payload": {"webhooks": hooks}}


def create_webhook(call: Call) -> Json:
    columns = call.wrapped("webhook", HOOK_COLUMNS)
    columns.setdefault("subscriptions", list(SUBSCRIPTIONS[:BY_DEFAULT]))
    hook = Webhook(**{"url": "", **columns}, secret=secrets.token_hex(12))
    _check_webhook(call, hook)
    call.work.store.add(hook, call.work.now())
    return {"payload": {"webhook": views.webhook(call.work.site, hook)}}


def update_webhook(call: Call) -> Json:
    hook = need(call, Webhook)
    columns = call.wrapped("webhook", HOOK_COLUMNS)
    _check_webhook(call, Webhook(**{**vars(hook), **columns}))
    call.work.store.update(hook, now=call.work.now(), **columns)
    return {"payload": {"webhook": views.webhook(call.work.site, hook)}}


def _check_webhook(call: Call, hook: Webhook) -> None:
    complaints = []
    if not _is_http(hook.url):
        complaints.append(("url", "is invalid"))
    if any(other.url == hook.url and other.id != hook.id for other in call.work.store.all(Webhook)):
        complaints.append(("url", "has already been taken"))
    if not hook.subscriptions or set(hook.subscriptions) - set(SUBSCRIPTIONS):
        complaints.append(("subscriptions", "Invalid events"))
    if complaints:
        raise Invalid(*complaints)


def _is_http(url: object) -> bool:
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def delete_webhook(call: Call) -> Empty:
    call.work.store.delete(need(call, Webhook))
    return Empty.OK


# -- dashboard apps

APP_COLUMNS = ("title", "content")


def _app(app: DashboardApp) -> Json:
    shape = {"id": app.id, "title": app.title, "content": app.content}
    return {**shape, "created_at": iso(app.created_at)}


def _check_app(columns: Json) -> None:
    content = columns.get("content")
    frames = content if isinstance(content, list) else []
    good = [f for f in frames if isinstance(f, dict) and f.get("type") == "frame" and _is_http(f.get("url"))]
    if "content" in columns and (not frames or len(good) != len(frames)):
        raise Invalid(("content", ": Invalid data"))


def apps(call: Call) -> list[Json]:
    return [_app(app) for app in call.work.store.all(DashboardApp)]


def show_app(call: Call) -> Json:
    return _app(need(call, DashboardApp))


def create_app(call: Call) -> Json:
    columns = {"title": "", "content": [], **call.wrapped("dashboard_app", APP_COLUMNS)}
    _check_app(columns)
    return _app(call.work.store.add(DashboardApp(**columns, user_id=call.user.id), call.work.now()))


def update_app(call: Call) -> Json:
    app = need(call, DashboardApp)
    columns = call.wrapped("dashboard_app", APP_COLUMNS)
    _check_app(columns)
    call.work.store.update(app, now=call.work.now(), **columns)
    return _app(app)


def delete_app(call: Call) -> Empty:
    call.work.store.delete(need(call, DashboardApp))
    return Empty.NO_CONTENT


ENDPOINTS = [
    Endpoint("GET", "/agent_bots", bots),
    Endpoint("POST", "/agent_bots", create_bot, Access.ADMIN),
    Endpoint("GET", "/agent_bots/{id}", show_bot),
    Endpoint("PATCH", "/agent_bots/{id}", update_bot, Access.ADMIN),
    Endpoint("PUT", "/agent_bots/{id}", update_bot, Access.ADMIN),
    Endpoint("DELETE", "/agent_bots/{id}", delete_bot, Access.ADMIN),
    Endpoint("POST", "/agent_bots/{id}/reset_access_token", reset_bot_token, Access.ADMIN),
    Endpoint("POST", "/agent_bots/{id}/reset_secret", reset_bot_secret, Access.ADMIN),
    Endpoint("GET", "/webhooks", webhooks, Access.ADMIN),
    Endpoint("POST", "/webhooks", create_webhook, Access.ADMIN),
    Endpoint("PATCH", "/webhooks/{id}", update_webhook, Access.ADMIN),
    Endpoint("PUT", "/webhooks/{id}", update_webhook, Access.ADMIN),
    Endpoint("DELETE", "/webhooks/{id}", delete_webhook, Access.ADMIN),
    Endpoint("GET", "/dashboard_apps", apps),
    Endpoint("POST", "/dashboard_apps", create_app),
    Endpoint("GET", "/dashboard_apps/{id}", show_app),
    Endpoint("PATCH", "/dashboard_apps/{id}", update_app),
    Endpoint("PUT", "/dashboard_apps/{id}", update_app),
    Endpoint("DELETE", "/dashboard_apps/{id}", delete_app),
]
