"""The account, its people, the token's own profile, surveys, and the server's state."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from nextnest.desk import views
from nextnest.desk.api import Call, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.errors import Invalid
from nextnest.desk.installation import ACCOUNT_ID
from nextnest.desk.models import Contact, CsatResponse, Json, User
from nextnest.desk.routes.integrations import need
from nextnest.desk.times import iso, whole

FEATURES = (
    "inbound_emails", "channel_email", "channel_facebook", "help_center", "agent_bots", "macros",
    "agent_management", "team_management", "inbox_management", "labels", "custom_attributes", "automations",
    "canned_responses", "integrations", "voice_recorder", "channel_website", "campaigns", "reports", "crm",
    "auto_resolve_conversations", "chatwoot_v4", "contact_chatwoot_support_team", "channel_instagram",
    "assignment_v2", "channel_tiktok", "captain_tasks",
)  # fmt: skip


def api_root(call: Call) -> Json:
    now = datetime.fromtimestamp(call.work.now(), UTC)
    return {
        "version": call.work.site.version.number,
        "timestamp": now.strftime("%Y-%m-%d %H:%M:%S"),
        "queue_services": "ok",
        "data_services": "ok",
    }


def health(call: Call) -> Json:
    del call
    return {"status": "woot"}


def profile(call: Call) -> Json:
    return views.profile(call.work.site, call.user)


def reset_access_token(call: Call) -> Json:
    call.work.store.update(call.user, now=call.work.now(), token=secrets.token_hex(12))
    return views.profile(call.work.site, call.user)


def account(call: Call) -> Json:
    first = call.work.store.all(User)[0]
    nothing_yet = "0000000000"
    return {
        "settings": {},
        "created_at": iso(first.created_at),
        "domain": None,
        "features": dict.fromkeys(FEATURES, True),
        "id": ACCOUNT_ID,
        "locale": "en",
        "name": call.work.site.account_name,
        "support_email": "Chatwoot <accounts@chatwoot.local>",
        "status": "active",
        "cache_keys": {"label": nothing_yet, "inbox": nothing_yet, "team": nothing_yet},
        "latest_chatwoot_version": None,
    }


def agents(call: Call) -> list[Json]:
    return [views.agent(call.work.site, user) for user in call.work.store.all(User)]


def create_agent(call: Call) -> Json:
    email = str(call.params.get("email") or "").lower()
    if "@" not in email:
        raise Invalid(("email", "is invalid"))
    if call.work.store.find(User, email=email):
        raise Invalid(("email", "has already been taken"))
    name = str(call.params.get("name") or email)
    role = "administrator" if call.params.get("role") == "administrator" else "agent"
    user = User(name, email, role, token=secrets.token_hex(12), pubsub_token=secrets.token_hex(12))
    return views.agent(call.work.site, call.work.store.add(user, call.work.now()))


def update_agent(call: Call) -> Json:
    user = need(call, User)
    columns = {
        name: str(call.params[name]) for name in ("name", "role", "availability") if name in call.params
    }
    call.work.store.update(user, now=call.work.now(), **columns)
    return views.agent(call.work.site, user)


def surveys(call: Call) -> list[Json]:
    return [_survey(call, response) for response in reversed(call.work.store.all(CsatResponse))]


def _survey(call: Call, response: CsatResponse) -> Json:
    return {
        "id": response.id,
        "rating": response.rating,
        "feedback_message": response.feedback_message,
        "csat_review_notes": None,
        "review_notes_updated_at": None,
        "account_id": ACCOUNT_ID,
        "message_id": response.message_id,
        "contact": views.contact(call.work.site.need(Contact, response.contact_id)),
        "conversation_id": response.conversation_id,
        "created_at": whole(response.created_at),
    }


ROOT = [
    Endpoint("GET", "/api", api_root, Access.PUBLIC),
    Endpoint("GET", "/health", health, Access.PUBLIC),
    Endpoint("GET", "/api/v1/profile", profile),
    Endpoint("POST", "/api/v1/profile/reset_access_token", reset_access_token),
]
ENDPOINTS = [
    Endpoint("GET", "", account),
    Endpoint("GET", "/agents", agents),
    Endpoint("POST", "/agents", create_agent, Access.ADMIN),
    Endpoint("PATCH", "/agents/{id}", update_agent, Access.ADMIN),
    Endpoint("GET", "/csat_survey_responses", surveys, Access.ADMIN),
]
