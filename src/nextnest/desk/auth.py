"""Who asks, and may they: tokens of people, tokens of bots, browsers on the agent's page."""

from __future__ import annotations

from enum import Enum, auto

from starlette.requests import Request

from nextnest.desk.errors import Forbidden, Refused
from nextnest.desk.models import AgentBot, Session, User
from nextnest.desk.store import Store

COOKIE = "desk_session"
# A page of another site can make a browser send the cookie of this one, but not this header.
PAGE_HEADER = "x-desk-page"


class Access(Enum):
    """Who may use a route."""

    PUBLIC = auto()
    USER = auto()
    ADMIN = auto()
    BOT = auto()  # people, and bots too: BOT_ACCESSIBLE_ENDPOINTS


def authenticate(request: Request, store: Store) -> User | AgentBot:
    """By token, else by the page's cookie. Raises Refused (401)."""
    token = request.headers.get("api_access_token") or request.headers.get("api-access-token")
    if token:
        owner = by_token(store, token)
        if owner is None:
            raise Refused(401, {"error": "Invalid Access Token"})
        return owner
    user = by_cookie(request, store) if request.headers.get(PAGE_HEADER) else None
    if user is None:
        raise Refused(401, {"errors": ["You need to sign in or sign up before continuing."]})
    return user


def by_token(store: Store, token: str) -> User | AgentBot | None:
    return store.find(User, token=token) or store.find(AgentBot, token=token)


def by_cookie(request: Request, store: Store) -> User | None:
    key = request.cookies.get(COOKIE)
    session = store.find(Session, key=key) if key else None
    return store.get(User, session.user_id) if session else None


def authorize(actor: User | AgentBot, access: Access) -> None:
    """Raises Forbidden, which is a 401 as in Chatwoot."""
    if isinstance(actor, AgentBot):
        if access is not Access.BOT:
            raise Forbidden("Access to this endpoint is not authorized for bots")
    elif access is Access.ADMIN and actor.role != "administrator":
        raise Forbidden
