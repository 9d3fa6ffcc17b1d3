"""`nextnest setup`: look, plan, do. Doing it again does nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.collection import Collection
from nextnest.adapters.chatwoot.desired import Desired, Ref, Thing
from nextnest.adapters.chatwoot.errors import NotFound, Refused, Unauthorised
from nextnest.adapters.chatwoot.models import AgentBot
from nextnest.adapters.chatwoot.plan import Found, Plan, Step, resolved, wanted_bot, wanted_inbox


class ProvisioningRefused(Exception):  # noqa: N818  (named for what happened)
    """The plan holds something that a person has to settle first."""


@dataclass(frozen=True)
class Provisioned:
    """What exists now. The secrets are shown by `environment` alone."""

    inbox_id: int
    inbox_identifier: str | None
    inbox_secret: str | None = field(repr=False)
    bot_id: int
    bot_token: str | None = field(repr=False)
    bot_secret: str | None = field(repr=False)
    team_id: int
    failures: tuple[str, ...] = ()  # of what is useful, not needed

    def environment(self) -> list[str]:
        """The lines to keep in the environment. They hold secrets."""
        lines = [f"CHATWOOT_INBOX_ID={self.inbox_id}", f"CHATWOOT_BOT_TOKEN={self.bot_token or ''}"]
        if self.bot_secret:
            return [*lines, f"CHATWOOT_WEBHOOK_SECRET={self.bot_secret}"]
        return [*lines, "# CHATWOOT_WEBHOOK_SECRET: this Chatwoot (before 4.13) signs nothing for bots"]


def _collections(client: Chatwoot) -> dict[Thing, Collection[Any]]:
    return {
        Thing.ATTRIBUTE: client.attribute_definitions,
        Thing.LABEL: client.labels,
        Thing.CANNED_RESPONSE: client.canned_responses,
        Thing.RULE: client.automation_rules,
        Thing.PANEL: client.dashboard_apps,
        Thing.VIEW: client.custom_filters,
    }


async def survey(client: Chatwoot, desired: Desired) -> Found:
    """Look at everything that the plan compares. Needs an administrator's token; changes nothing."""
    inboxes = await client.inboxes.all()
    inbox = wanted_inbox(desired, inboxes)
    attached: dict[int, AgentBot] = {}
    for each in inboxes:
        if (bot := await client.inboxes.agent_bot(each.id)) is not None:
            attached[each.id] = bot
    teams = {each.name: each.id for each in await client.teams.all()}
    team_id = teams.get(desired.team.lower())
    return Found(
        admin_id=(await client.profile()).id,
        inboxes=inboxes,
        bots=await client.agent_bots.all(),
        attached=attached,
        webhooks=await client.webhooks.all(),
        teams=teams,
        team_members=await client.teams.members(team_id) if team_id else (),
        inbox_members=await client.inboxes.members(inbox.id) if inbox else (),
        items={
            thing: [each.model_dump() for each in await collection.all(**_query(thing))]
            for thing, collection in _collections(client).items()
        },
    )


def _query(thing: Thing) -> dict[str, str]:
    return {"filter_type": "conversation"} if thing is Thing.VIEW else {}


async def apply(client: Chatwoot, desired: Desired, plan: Plan) -> Provisioned:
    """Do the steps in their order and read back what there is.

    Raises ProvisioningRefused before the first step. What is only useful and is refused by Chatwoot is
    reported as a failure; whatever is needed and fails raises, and the next run goes on from there.
    """
    if plan.refusals:
        raise ProvisioningRefused("; ".join(plan.refusals))
    ids = dict(plan.ids)
    failures = []
    for step in plan.steps:
        try:
            await _do(client, step, ids)
        except (Refused, Unauthorised, NotFound) as error:
            if step.thing not in _collections(client):
                raise
            failures.append(f"{step.line()}: {error.detail}")
    inbox = await client.inboxes.get(ids[Ref.INBOX])
    bot = wanted_bot(desired, await client.agent_bots.all())
    if bot is None:
        raise ProvisioningRefused("the agent bot vanished while it was set up; run again")
    return Provisioned(
        inbox_id=inbox.id,
        inbox_identifier=inbox.inbox_identifier,
        inbox_secret=inbox.secret.get_secret_value() if inbox.secret else None,
        bot_id=bot.id,
        bot_token=bot.access_token.get_secret_value() if bot.access_token else None,
        bot_secret=bot.secret.get_secret_value() if bot.secret else None,
        team_id=ids[Ref.TEAM],
        failures=tuple(failures),
    )


async def _do(client: Chatwoot, step: Step, ids: dict[Ref, int]) -> None:
    fields = resolved(step.fields, ids)
    match step.thing:
        case Thing.INBOX if step.item_id is None:
            ids[Ref.INBOX] = (await client.inboxes.create_api(step.name, **fields)).id
        case Thing.INBOX:
            await client.inboxes.update(ids[Ref.INBOX], fields)
        case Thing.INBOX_MEMBER:
            await client.inboxes.add_members(ids[Ref.INBOX], fields["user_ids"])
        case Thing.BOT if step.item_id is None:
            ids[Ref.BOT] = (await client.agent_bots.create(fields)).id
        case Thing.BOT:
            await client.agent_bots.update(ids[Ref.BOT], fields)
        case Thing.ATTACHMENT:
            await client.inboxes.set_agent_bot(ids[Ref.INBOX], ids[Ref.BOT])
        case Thing.TEAM:
            ids[Ref.TEAM] = (await client.teams.create(fields)).id
        case Thing.TEAM_MEMBER:
            await client.teams.add_members(ids[Ref.TEAM], fields["user_ids"])
        case _ if step.item_id is None:
            await _collections(client)[step.thing].create(fields)
        case _:
            await _collections(client)[step.thing].update(step.item_id, fields)
