"""`nextnest check`: is Chatwoot there, may we do what we must, and do its events reach us by one route?

One line for each question, naming the variable to change. Reads only. Never shows a token or a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.desired import Desired
from nextnest.adapters.chatwoot.errors import ChatwootError, NotFound, Unauthorised
from nextnest.adapters.chatwoot.models import AgentBot, Inbox, Profile
from nextnest.adapters.chatwoot.plan import Found, second_routes, wanted_bot
from nextnest.adapters.chatwoot.provisioning import survey

_OLDEST = (4, 11)
_SIGNS_FOR_BOTS = (4, 13)
_REFUSES_PRIVATE_HOSTS = (4, 14)
_FOR_BOTS_ONLY = "not authorized for bots"
_TOKEN_LENGTH = 24


@dataclass(frozen=True)
class CheckConfig:
    """The settings that concern Chatwoot; `bot_url` is where its bot should send events."""

    base_url: str
    account_id: int
    api_key: str = field(repr=False)
    public_url: str
    bot_url: str
    inbox_id: int | None = None
    bot_token: str | None = field(default=None, repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class CheckLine:
    """`variable` is the one to change when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    variable: str | None = None


async def check_chatwoot(
    config: CheckConfig, *, transport: httpx2.AsyncBaseTransport | None = None
) -> list[CheckLine]:
    """Ask everything in order; what depends on an answer that failed is not asked. Never raises."""
    flaw = token_flaw(config.api_key)
    if flaw and not re.fullmatch(r"[!-~]+", config.api_key.strip()):  # no header could carry it
        return [CheckLine("token", False, flaw, "CHATWOOT_API_KEY")]
    try:
        client = Chatwoot(config.base_url, config.account_id, config.api_key.strip(), transport=transport)
    except httpx2.InvalidURL as error:
        return [CheckLine("server", False, f"not an address: {error}", "CHATWOOT_BASE_URL")]
    lines: list[CheckLine] = []
    async with client:
        try:
            version = await client.version()
            lines += _version_lines(version, config)
            profile = await client.profile()
            lines.append(CheckLine("token", not flaw, flaw or "known to Chatwoot", "CHATWOOT_API_KEY"))
            lines += [_account_line(profile, config), *_role_lines(profile, config)]
            if all(line.ok for line in lines if line.name in {"account", "role"}):
                found = await survey(client, _desired(config))
                lines += _inbox_lines(found, config)
                lines += await _bot_lines(found, config, transport, _number(version))
                lines += _route_lines(found, config)
        except ChatwootError as error:
            lines.append(_failure(error, config, reached=bool(lines)))
    return lines


def token_flaw(token: str) -> str | None:
    """What is visibly wrong with a token that was copied, or None. Says nothing of its content."""
    if token != token.strip() or re.search(r"\s", token):
        return "holds blanks or line ends: copy it again"
    if re.search(r"[\"'“”‘’]", token):
        return "holds quotation marks: leave them out"
    if not token.isascii():
        return "holds characters that no token has: copy it again"
    if len(token) != _TOKEN_LENGTH:
        return f"is {len(token)} characters long, and Chatwoot's are {_TOKEN_LENGTH}: was it cut when copied?"
    return None


def _failure(error: ChatwootError, config: CheckConfig, *, reached: bool) -> CheckLine:
    if not reached:
        return CheckLine(
            "server",
            False,
            f"no Chatwoot answers at {config.base_url}: {error.detail or error}",
            "CHATWOOT_BASE_URL",
        )
    if isinstance(error, Unauthorised) and error.path == "/api/v1/profile":
        flaw = token_flaw(config.api_key)
        detail = f"Chatwoot does not know it; it {flaw}" if flaw else f"refused: {error.detail}"
        return CheckLine("token", False, detail, "CHATWOOT_API_KEY")
    return CheckLine("reading", False, str(error), None)


def _number(version: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _version_lines(version: str, config: CheckConfig) -> Iterator[CheckLine]:
    number = _number(version)
    old = "" if number >= _OLDEST else f", older than {_OLDEST[0]}.{_OLDEST[1]}, the oldest that we know"
    yield CheckLine("server", not old, f"Chatwoot {version}{old}", "CHATWOOT_BASE_URL")
    host, chatwoot = _host(config.public_url), _host(config.base_url)
    if not is_private(host):
        return
    detail = f"{host} is reachable from its own machine or network only"
    if not is_private(chatwoot):
        yield CheckLine(
            "public address", False, f"{detail}, and Chatwoot is elsewhere", "NEXTNEST_PUBLIC_URL"
        )
    elif number >= _REFUSES_PRIVATE_HOSTS:
        detail += "; Chatwoot sends there only with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true in its environment"
        yield CheckLine("public address", True, detail, "NEXTNEST_PUBLIC_URL")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def is_private(host: str) -> bool:
    """By its look alone, without asking anyone: a name without a dot, of a local kind, or such an address."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan"))


def _account_line(profile: Profile, config: CheckConfig) -> CheckLine:
    own = {each.id: each for each in profile.accounts}
    if config.account_id in own:
        return CheckLine("account", True, own[config.account_id].name or "", "CHATWOOT_ACCOUNT_ID")
    listed = ", ".join(f"{each.id} {each.name}" for each in profile.accounts) or "none"
    return CheckLine(
        "account",
        False,
        f"the token's user is in {listed}, not in {config.account_id}",
        "CHATWOOT_ACCOUNT_ID",
    )


def _role_lines(profile: Profile, config: CheckConfig) -> Iterator[CheckLine]:
    role = next((each.role for each in profile.accounts if each.id == config.account_id), None)
    if role is not None:
        ok = role == "administrator"
        detail = role if ok else f"{role}; bots, inboxes and webhooks need an administrator's token"
        yield CheckLine("role", ok, detail, "CHATWOOT_API_KEY")


def _desired(config: CheckConfig) -> Desired:
    return Desired(
        public_url=config.public_url,
        bot_url=config.bot_url,
        bot_name="",
        inbox_name="",
        inbox_id=config.inbox_id,
    )


def _inbox_lines(found: Found, config: CheckConfig) -> Iterator[CheckLine]:
    inbox = _inbox(found, config)
    listed = ", ".join(f"{each.id} {each.name} ({each.channel_type})" for each in found.inboxes) or "none"
    if inbox is None:
        which = "is not set" if config.inbox_id is None else f"{config.inbox_id} does not exist"
        detail = f"{which}; there are: {listed}. `nextnest setup` makes one"
    elif inbox.channel_type != "Channel::Api":
        detail = f"{inbox.id} {inbox.name} is a {inbox.channel_type}; leads need an API inbox of {listed}"
    else:
        yield CheckLine("inbox", True, f"{inbox.id} {inbox.name}", "CHATWOOT_INBOX_ID")
        return
    yield CheckLine("inbox", False, detail, "CHATWOOT_INBOX_ID")


def _inbox(found: Found, config: CheckConfig) -> Inbox | None:
    return next((each for each in found.inboxes if each.id == config.inbox_id), None)


async def _bot_lines(
    found: Found, config: CheckConfig, transport: httpx2.AsyncBaseTransport | None, number: tuple[int, int]
) -> list[CheckLine]:
    if _inbox(found, config) is None or config.inbox_id is None:
        return []
    bot = found.attached.get(config.inbox_id)
    if bot is None:
        return [CheckLine("bot", False, "no bot on the inbox; run `nextnest setup`", "CHATWOOT_INBOX_ID")]
    lines = [CheckLine("bot", True, f"{bot.id} {bot.name}")]
    lines.append(await _bot_token_line(found, bot, config, transport))
    here = bot.outgoing_url == config.bot_url
    elsewhere = f"the bot's events go to {_without_token(bot.outgoing_url)}, not to us at {config.public_url}"
    lines.append(CheckLine("webhook", here, "points here" if here else elsewhere, "NEXTNEST_PUBLIC_URL"))
    lines.append(_secret_line(bot, config, number))
    return lines


def _without_token(url: str | None) -> str:
    """An address without what may be the unguessable part of its path."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}/…" if parts.netloc else "nowhere"


async def _bot_token_line(
    found: Found, bot: AgentBot, config: CheckConfig, transport: httpx2.AsyncBaseTransport | None
) -> CheckLine:
    def bad(detail: str) -> CheckLine:
        return CheckLine("bot token", False, detail, "CHATWOOT_BOT_TOKEN")

    token = config.bot_token
    if not token:
        return bad("is not set; `nextnest setup` prints it")
    if bot.access_token is not None and bot.access_token.get_secret_value() == token:
        return CheckLine("bot token", True, f"is that of {bot.name}", "CHATWOOT_BOT_TOKEN")
    for other in found.bots:
        if other.access_token is not None and other.access_token.get_secret_value() == token:
            return bad(f"is that of bot {other.id} {other.name}; on the inbox is {bot.id} {bot.name}")
    if flaw := token_flaw(token):
        return bad(flaw)
    async with Chatwoot(config.base_url, config.account_id, token, transport=transport) as client:
        try:
            await client.inboxes.all()
        except Unauthorised as error:
            if _FOR_BOTS_ONLY in error.detail:  # a bot's, but its owner is not shown to us: a system bot
                return CheckLine("bot token", True, "is a bot's; whose is not shown", "CHATWOOT_BOT_TOKEN")
            return bad(f"refused: {error.detail}")
        except NotFound as error:
            return bad(str(error))
    return bad("is a person's token: replies would stand under that person's name")


def _secret_line(bot: AgentBot, config: CheckConfig, number: tuple[int, int]) -> CheckLine:
    variable = "CHATWOOT_WEBHOOK_SECRET"
    if bot.secret is None:
        if number < _SIGNS_FOR_BOTS:
            return CheckLine("webhook secret", True, "this Chatwoot signs nothing for bots", variable)
        return CheckLine("webhook secret", True, "not shown by Chatwoot, so not compared", variable)
    if not config.webhook_secrets:
        return CheckLine("webhook secret", False, "is not set; `nextnest setup` prints it", variable)
    if bot.secret.get_secret_value() not in config.webhook_secrets:
        detail = "is not the bot's: every event would be refused; `nextnest setup` prints the right one"
        return CheckLine("webhook secret", False, detail, variable)
    return CheckLine("webhook secret", True, "is the bot's", variable)


def _route_lines(found: Found, config: CheckConfig) -> Iterator[CheckLine]:
    attached = found.attached.get(config.inbox_id) if config.inbox_id is not None else None
    bot = attached or wanted_bot(_desired(config), found.bots)
    routes = list(second_routes(_desired(config), found, bot))
    for route in routes:
        yield CheckLine("one route", False, route)
    if not routes:
        yield CheckLine("one route", True, "the agent bot's")
