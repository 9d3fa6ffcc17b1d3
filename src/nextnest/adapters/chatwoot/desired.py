"""What `nextnest setup` wants to find in Chatwoot. Data only.

Every item is written as Chatwoot's API takes it. An id that may not exist yet is written as a `Ref`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal


class Ref(StrEnum):
    INBOX = "@inbox"
    TEAM = "@team"
    BOT = "@bot"
    ADMIN = "@admin"


class Thing(StrEnum):
    INBOX = "API inbox"
    INBOX_MEMBER = "inbox member"
    BOT = "agent bot"
    ATTACHMENT = "bot of the inbox"
    TEAM = "team"
    TEAM_MEMBER = "team member"
    ATTRIBUTE = "attribute definition"
    LABEL = "label"
    CANNED_RESPONSE = "canned response"
    RULE = "automation rule"
    PANEL = "dashboard app"
    VIEW = "saved view"


@dataclass(frozen=True)
class Item:
    """One entry of a settings list."""

    thing: Thing
    name: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Desired:
    """`public_url` is where Chatwoot reaches us; any route of Chatwoot's to it counts as ours.

    `bot_url` is the one route that events take. `inbox_id` names an existing inbox; without it the inbox is
    found by its name, or made.
    """

    public_url: str
    bot_url: str
    bot_name: str
    inbox_name: str
    inbox_id: int | None = None
    team: str = "mortgage brokers"
    items: Sequence[Item] = field(default_factory=tuple)

    def is_ours(self, url: str | None) -> bool:
        return url is not None and (url + "/").startswith(self.public_url.rstrip("/") + "/")


def attribute(
    key: str,
    name: str,
    kind: Literal["text", "number", "currency", "percent", "link", "date", "list", "checkbox"],
    model: Literal["conversation_attribute", "contact_attribute"] = "conversation_attribute",
    *,
    values: Sequence[str] = (),
    description: str = "",
) -> Item:
    """Without a definition an attribute is stored, and invisible to people, filters and rules."""
    fields = {
        "attribute_key": key,
        "attribute_display_name": name,
        "attribute_display_type": kind,
        "attribute_model": model,
        "attribute_description": description or name,
    }
    return Item(Thing.ATTRIBUTE, key, fields | ({"attribute_values": list(values)} if values else {}))


def label(title: str, description: str, color: str = "#1F93FF") -> Item:
    """`title` in lower case, letters, digits, _ and - only."""
    fields = {"title": title, "description": description, "color": color, "show_on_sidebar": True}
    return Item(Thing.LABEL, title, fields)


def canned_response(short_code: str, content: str) -> Item:
    """For people: here Liquid is meant to work."""
    return Item(Thing.CANNED_RESPONSE, short_code, {"short_code": short_code, "content": content})


def panel(title: str, url: str) -> Item:
    return Item(Thing.PANEL, title, {"title": title, "content": [{"type": "frame", "url": url}]})


def _condition(key: str, value: Any, *, last: bool) -> dict[str, Any]:
    return {
        "attribute_key": key,
        "filter_operator": "equal_to",
        "values": [value],
        "query_operator": None if last else "and",
        "custom_attribute_type": "",
    }


_UNASSIGNED: dict[str, Any] = {
    "attribute_key": "assignee_id",
    "filter_operator": "is_not_present",
    "values": [],
    "query_operator": None,
    "custom_attribute_type": "",
}


def held_by_bot(name: str = "With the AI") -> Item:
    """Pending conversations are in no agent's default list; this view shows them. It is seen by its maker
    only.
    """
    conditions = [_condition("status", "pending", last=False), _condition("inbox_id", Ref.INBOX, last=True)]
    query = {"payload": [each | {"attribute_model": "standard"} for each in conditions]}
    return Item(Thing.VIEW, name, {"name": name, "filter_type": "conversation", "query": query})


def team_when_opened(name: str = "nextnest: what opens goes to the brokers") -> Item:
    """A conversation that opens by itself (Chatwoot does that when our webhook fails) still reaches the
    team. Not one that somebody took: a team unassigns whoever is no member of it.
    """
    fields = {
        "name": name,
        "description": "A conversation of the lead inbox that is open belongs to the brokers' team.",
        "event_name": "conversation_opened",
        "active": True,
        "conditions": [_condition("inbox_id", Ref.INBOX, last=False), _UNASSIGNED],
        "actions": [{"action_name": "assign_team", "action_params": [Ref.TEAM]}],
    }
    return Item(Thing.RULE, name, fields)


LABELS = (
    label("nextnest", "The AI broker has or had this conversation", "#1F93FF"),
    label("persona-aggressive", "Score 75 and more: brisk, asks for the next step", "#D93025"),
    label("persona-balanced", "Score 45 to 74", "#F2A600"),
    label("persona-conservative", "Score below 45", "#2E7D32"),
    label("check-contact", "E-mail and phone belong to different contacts: please look", "#8E24AA"),
)

CANNED_RESPONSES = (
    canned_response(
        "takeover",
        "Hi {{contact.first_name}}, this is {{agent.name}}. I have read what you told our assistant, so you "
        "need not repeat it.",
    ),
    canned_response(
        "documents",
        "To take this further I need: your latest 3 payslips, your latest notice of assessment, and your "
        "current loan statement if you have a loan.",
    ),
    canned_response(
        "callback", "When may I call you? Please name a time that suits you, and the number to use."
    ),
    canned_response(
        "handback",
        "Our assistant will go on with your questions from here. Say so at any time if you would rather "
        "speak with a person.",
    ),
)
