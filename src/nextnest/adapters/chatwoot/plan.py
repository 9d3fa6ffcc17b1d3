"""What has to be done in Chatwoot: the difference between what is wanted and what was found. Pure.

What people may have rewritten for themselves (labels, canned responses, a team's description) is made
once and then left alone; what would break us if it differed (routes, conditions, list values) is
repaired.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nextnest.adapters.chatwoot.desired import Desired, Item, Ref, Thing
from nextnest.adapters.chatwoot.models import Agent, AgentBot, Inbox, Webhook

_IDENTITY: Mapping[Thing, tuple[str, ...]] = {
    Thing.ATTRIBUTE: ("attribute_key", "attribute_model"),
    Thing.LABEL: ("title",),
    Thing.CANNED_RESPONSE: ("short_code",),
    Thing.RULE: ("name",),
    Thing.PANEL: ("title",),
    Thing.VIEW: ("name",),
}
_REPAIRED: Mapping[Thing, tuple[str, ...]] = {
    Thing.ATTRIBUTE: ("attribute_values",),
    Thing.RULE: ("event_name", "conditions", "actions"),
    Thing.PANEL: ("content",),
    Thing.VIEW: ("query",),
}


@dataclass(frozen=True)
class Found:
    """Chatwoot as it is. `attached` and `inbox_members` are by inbox id, the rest is whole lists."""

    admin_id: int
    inboxes: Sequence[Inbox] = ()
    bots: Sequence[AgentBot] = ()
    attached: Mapping[int, AgentBot] = field(default_factory=dict)
    webhooks: Sequence[Webhook] = ()
    teams: Mapping[str, int] = field(default_factory=dict)  # name to id
    team_members: Sequence[Agent] = ()  # of the wanted team
    inbox_members: Sequence[Agent] = ()  # of the wanted inbox
    items: Mapping[Thing, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    thing: Thing
    name: str
    fields: Mapping[str, Any]
    item_id: int | None = None  # None: it is to be made
    why: str = ""

    def line(self) -> str:
        verb = "make" if self.item_id is None else "repair"
        return f"{verb} {self.thing} {self.name!r}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True)
class Plan:
    """`refusals` must be settled by a person first; `notes` are worth knowing and stop nothing."""

    steps: tuple[Step, ...]
    ids: Mapping[Ref, int]  # what exists already
    refusals: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        done = [] if self.steps or self.refusals else ["nothing to do: everything is as it should be"]
        return [
            *(f"refused: {each}" for each in self.refusals),
            *(each.line() for each in self.steps),
            *(f"note: {each}" for each in self.notes),
            *done,
        ]


def plan(desired: Desired, found: Found, *, force: bool = False) -> Plan:
    """`force` replaces another bot on the inbox; two routes to the same events are refused all the same."""
    inbox = wanted_inbox(desired, found.inboxes)
    bot = wanted_bot(desired, found.bots)
    ids: dict[Ref, int] = {Ref.ADMIN: found.admin_id}
    if inbox is not None:
        ids[Ref.INBOX] = inbox.id
    if bot is not None:
        ids[Ref.BOT] = bot.id
    if desired.team.lower() in found.teams:
        ids[Ref.TEAM] = found.teams[desired.team.lower()]
    steps = [
        *_inbox_steps(desired, found, inbox),
        *_bot_steps(desired, found, inbox, bot),
        *_team_steps(desired, found, ids),
        *(step for item in desired.items if (step := _item_step(item, found, ids)) is not None),
    ]
    refusals = [*_inbox_refusals(desired, found, inbox), *second_routes(desired, found, bot)]
    if not force:
        refusals += _bot_refusals(found, inbox, bot)
    return Plan(tuple(steps), ids, tuple(refusals), tuple(_notes(desired, found)))


def wanted_inbox(desired: Desired, inboxes: Sequence[Inbox]) -> Inbox | None:
    if desired.inbox_id is not None:
        return next((each for each in inboxes if each.id == desired.inbox_id), None)
    named = (each for each in inboxes if each.name == desired.inbox_name)
    return next((each for each in named if each.channel_type == "Channel::Api"), None)


def wanted_bot(desired: Desired, bots: Sequence[AgentBot]) -> AgentBot | None:
    """The one that points here, else the one of our name: after a change of address only the name is left."""
    own = [each for each in bots if each.account_id is not None]
    by_url = [each for each in own if each.outgoing_url == desired.bot_url]
    by_address = [each for each in own if desired.is_ours(each.outgoing_url)]
    by_name = [each for each in own if each.name == desired.bot_name]
    return next(iter([*by_url, *by_address, *by_name]), None)


def second_routes(desired: Desired, found: Found, bot: AgentBot | None) -> Iterator[str]:
    """Each further way by which the same events would reach us: every message would come twice."""
    for hook in found.webhooks:
        if desired.is_ours(hook.url):
            yield (
                f"account webhook {hook.id} sends the bot's events here a second time; "
                "delete it in Settings, Integrations, Webhooks"
            )
    for inbox in found.inboxes:
        if desired.is_ours(inbox.webhook_url):
            yield (
                f"the webhook URL of inbox {inbox.id} ({inbox.name}) sends the bot's events here "
                "a second time; empty it in the inbox's settings"
            )
    for inbox_id, other in found.attached.items():
        if desired.is_ours(other.outgoing_url) and (bot is None or other.id != bot.id):
            yield (
                f"inbox {inbox_id} has another bot, {other.id} ({other.name}), that points here "
                "and signs with another secret; attach one and the same bot"
            )
    for rule in found.items.get(Thing.RULE, ()):
        if any(
            action.get("action_name") == "send_webhook_event"
            and any(desired.is_ours(str(url)) for url in action.get("action_params") or ())
            for action in rule.get("actions", ())
        ):
            yield f"automation rule {rule['id']} ({rule['name']}) sends unsigned events here; remove that"


def _inbox_refusals(desired: Desired, found: Found, inbox: Inbox | None) -> Iterator[str]:
    listed = ", ".join(f"{each.id} {each.name} ({each.channel_type})" for each in found.inboxes) or "none"
    if inbox is None and desired.inbox_id is not None:
        yield f"CHATWOOT_INBOX_ID={desired.inbox_id}: no such inbox; there are: {listed}"
    if inbox is not None and inbox.channel_type != "Channel::Api":
        yield f"inbox {inbox.id} is a {inbox.channel_type}; leads need an API inbox. There are: {listed}"


def _bot_refusals(found: Found, inbox: Inbox | None, bot: AgentBot | None) -> Iterator[str]:
    other = found.attached.get(inbox.id) if inbox else None
    if inbox is not None and other is not None and (bot is None or other.id != bot.id):
        yield (
            f"inbox {inbox.id} ({inbox.name}) already has the bot {other.id} ({other.name}); "
            "run again with --force to replace it"
        )


def _notes(desired: Desired, found: Found) -> Iterator[str]:
    for item in desired.items:
        existing = _existing(item, found)
        if item.thing is Thing.ATTRIBUTE and existing is not None:
            theirs, ours = existing["attribute_display_type"], item.fields["attribute_display_type"]
            if theirs != ours:
                yield f"attribute {item.name} is defined as {theirs}, not {ours}; delete it to have it remade"


def _inbox_steps(desired: Desired, found: Found, inbox: Inbox | None) -> Iterator[Step]:
    if inbox is None:
        if desired.inbox_id is None:
            # Locked, so that a repeated create after a lost answer finds the same conversation again.
            fields = {"csat_survey_enabled": True, "lock_to_single_conversation": True}
            yield Step(Thing.INBOX, desired.inbox_name, fields)
    elif not inbox.csat_survey_enabled:
        fields = {"csat_survey_enabled": True}
        yield Step(Thing.INBOX, inbox.name, fields, inbox.id, "switch the satisfaction survey on")
    if not found.inbox_members:
        why = "only members of an inbox are given its conversations"
        yield Step(Thing.INBOX_MEMBER, "you", {"user_ids": [Ref.ADMIN]}, why=why)


def _bot_steps(desired: Desired, found: Found, inbox: Inbox | None, bot: AgentBot | None) -> Iterator[Step]:
    if bot is None:
        fields = {
            "name": desired.bot_name,
            "description": "AI mortgage broker (nextnest)",
            "outgoing_url": desired.bot_url,
            "bot_type": "webhook",
        }
        yield Step(Thing.BOT, desired.bot_name, fields)
    elif bot.outgoing_url != desired.bot_url:
        why = "its address is not where we are now"
        yield Step(Thing.BOT, bot.name, {"outgoing_url": desired.bot_url}, bot.id, why)
    attached = found.attached.get(inbox.id) if inbox else None
    if bot is None or attached is None or attached.id != bot.id:
        yield Step(Thing.ATTACHMENT, bot.name if bot else desired.bot_name, {"agent_bot": Ref.BOT})


def _team_steps(desired: Desired, found: Found, ids: Mapping[Ref, int]) -> Iterator[Step]:
    if Ref.TEAM not in ids:
        fields = {"name": desired.team.lower(), "description": "They take over from the AI broker"}
        yield Step(Thing.TEAM, desired.team, fields)
    if not found.team_members:
        yield Step(Thing.TEAM_MEMBER, "you", {"user_ids": [Ref.ADMIN]}, why="nobody is in the team yet")


def _item_step(item: Item, found: Found, ids: Mapping[Ref, int]) -> Step | None:
    fields = resolved(item.fields, ids)
    existing = _existing(item, found)
    if existing is None:
        return Step(item.thing, item.name, fields)
    changes: dict[str, Any] = {}
    for key in _REPAIRED.get(item.thing, ()):
        wanted, there = fields.get(key), existing.get(key)
        if key == "attribute_values":
            there = list(there or [])
            missing = [each for each in wanted or [] if each not in there]
            if missing:
                changes[key] = [*there, *missing]
        elif not _covers(there, wanted):
            changes[key] = wanted
    if not changes:
        return None
    return Step(item.thing, item.name, changes, existing["id"], f"other {', '.join(changes)}")


def _existing(item: Item, found: Found) -> Mapping[str, Any] | None:
    identity = _IDENTITY[item.thing]
    return next(
        (
            each
            for each in found.items.get(item.thing, ())
            if all(each.get(key) == item.fields[key] for key in identity)
        ),
        None,
    )


def resolved(value: Any, ids: Mapping[Ref, int]) -> Any:
    """`value` with every Ref that has an id replaced by it."""
    if isinstance(value, Ref):
        return ids.get(value, value)
    if isinstance(value, Mapping):
        return {key: resolved(each, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, ids) for each in value]
    return value


def _covers(there: Any, wanted: Any) -> bool:
    """Equal, but for keys that Chatwoot added of its own."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(_covers(there.get(key), wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return (
            isinstance(there, list)
            and len(there) == len(wanted)
            and all(_covers(one, other) for one, other in zip(there, wanted, strict=True))
        )
    return bool(there == wanted)
