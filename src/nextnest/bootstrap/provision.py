"""Setting Chatwoot (or the desk, by the same calls) up for nextnest."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydantic import SecretStr

from nextnest.adapters.chatwoot import desired as wanted
from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.desired import Desired, Item
from nextnest.adapters.chatwoot.plan import Plan, plan
from nextnest.adapters.chatwoot.provisioning import Provisioned, apply, survey
from nextnest.domain.attributes import ATTRIBUTES
from nextnest.service.planning import TEAM
from nextnest.settings import ChatwootSettings, Settings, SettingsError
from nextnest.web.tokens import panel_url, webhook_url

INBOX_NAME = "Mortgage leads"
BOT_NAME = "nextnest"


def desired(chatwoot: ChatwootSettings, settings: Settings, *, signed: bool = True) -> Desired:
    """Everything that nextnest wants to find in Chatwoot; `signed`: it signs what it sends to bots."""
    attributes: list[Item] = [
        wanted.attribute(
            each.key,
            each.title,
            each.kind.value,
            "contact_attribute" if each.model == "contact" else "conversation_attribute",
            values=each.values,
            description=each.description,
        )
        for each in ATTRIBUTES
    ]
    return Desired(
        public_url=settings.public_url,
        bot_url=webhook_url(settings, "bot", signed=signed),
        bot_name=BOT_NAME,
        inbox_name=INBOX_NAME,
        inbox_id=chatwoot.inbox_id,
        team=TEAM,
        items=(
            *attributes,
            *wanted.LABELS,
            *wanted.CANNED_RESPONSES,
            wanted.team_when_opened(),
            wanted.held_by_bot(),
            wanted.panel("nextnest", panel_url(settings)),
        ),
    )


async def signs_for_bots(client: Chatwoot) -> bool:
    """Chatwoot signs for agent bots since 4.13; before, an unguessable path stands in for the signature."""
    numbers = re.findall(r"\d+", await client.version())
    return tuple(int(each) for each in numbers[:2]) >= (4, 13)


def _administrator(chatwoot: ChatwootSettings) -> Chatwoot:
    return Chatwoot(chatwoot.base_url, chatwoot.account_id, chatwoot.api_key.get_secret_value())


async def planned(client: Chatwoot, want: Desired, *, force: bool = False) -> Plan:
    return plan(want, await survey(client, want), force=force)


async def provision(chatwoot: ChatwootSettings, settings: Settings) -> ChatwootSettings:
    """Make or repair all of it; the settings of Chatwoot with what was made filled in.

    Raises:
        ProvisioningRefused: a person has to settle something first.
    """
    async with _administrator(chatwoot) as client:
        want = desired(chatwoot, settings, signed=await signs_for_bots(client))
        made = await apply(client, want, await planned(client, want))
    return with_provisioned(chatwoot, made)


def with_provisioned(chatwoot: ChatwootSettings, made: Provisioned) -> ChatwootSettings:
    named = {"bot": made.bot_secret, "inbox": made.inbox_secret}
    secrets = tuple(SecretStr(f"{route}:{secret}") for route, secret in named.items() if secret)
    return chatwoot.model_copy(
        update={
            "inbox_id": made.inbox_id,
            "bot_token": SecretStr(made.bot_token or ""),
            "webhook_secrets": secrets,
        }
    )


async def setup_chatwoot(
    settings: Settings, *, dry_run: bool, force: bool, say: Callable[[str], None]
) -> None:
    """`nextnest setup`: the plan, then the work, then the environment lines to keep.

    Raises:
        SettingsError: Chatwoot is not set.
        ProvisioningRefused: a person has to settle something first.
    """
    chatwoot = settings.chatwoot
    if chatwoot is None:
        raise SettingsError(
            ["CHATWOOT_BASE_URL, CHATWOOT_ACCOUNT_ID, CHATWOOT_API_KEY: set these three first"]
        )
    async with _administrator(chatwoot) as client:
        want = desired(chatwoot, settings, signed=await signs_for_bots(client))
        found = await planned(client, want, force=force)
        for line in found.lines():
            say(line)
        if dry_run:
            return
        made = await apply(client, want, found)
    for failure in made.failures:
        say(f"not done: {failure}")
    say("")
    say("Keep these lines in the environment:")
    for line in made.environment():
        say(line)
