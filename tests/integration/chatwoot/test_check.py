"""Every way in which the settings can be wrong is named, with the variable to change."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from nextnest.adapters.chatwoot.check import CheckConfig, CheckLine, check_chatwoot, is_private, token_flaw
from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.plan import plan
from nextnest.adapters.chatwoot.provisioning import apply, survey
from nextnest.desk import Desk
from tests.integration.chatwoot.conftest import BASE
from tests.integration.chatwoot.test_provisioning import DESIRED


@pytest.fixture
async def good(admin: Chatwoot, desk: Desk) -> CheckConfig:
    done = await apply(admin, DESIRED, plan(DESIRED, await survey(admin, DESIRED)))
    assert done.bot_secret is not None
    return CheckConfig(
        base_url=BASE,
        account_id=desk.account_id,
        api_key=desk.admin_token,
        public_url=DESIRED.public_url,
        bot_url=DESIRED.bot_url,
        inbox_id=done.inbox_id,
        bot_token=done.bot_token,
        webhook_secrets=("an old one", done.bot_secret),
    )


async def ask(desk: Desk, config: CheckConfig) -> list[CheckLine]:
    return await check_chatwoot(config, transport=httpx2.ASGITransport(app=desk.app))


async def test_after_setup_everything_is_right(desk: Desk, good: CheckConfig) -> None:
    lines = await ask(desk, good)
    assert [(line.name, line.ok) for line in lines] == [
        ("server", True),
        ("token", True),
        ("account", True),
        ("role", True),
        ("inbox", True),
        ("bot", True),
        ("bot token", True),
        ("webhook", True),
        ("webhook secret", True),
        ("one route", True),
    ]


Change = Callable[[CheckConfig, Desk], CheckConfig]


@pytest.mark.parametrize(
    ("change", "name", "variable", "says"),
    [
        (lambda c, d: replace(c, api_key="x" * 24), "token", "CHATWOOT_API_KEY", "Invalid Access Token"),
        (
            lambda c, d: replace(c, api_key=d.admin_token[:-1]),
            "token",
            "CHATWOOT_API_KEY",
            "is 23 characters",
        ),
        (lambda c, d: replace(c, api_key=f'"{d.admin_token}"'), "token", "CHATWOOT_API_KEY", "quotation"),
        (lambda c, d: replace(c, api_key=d.admin_token + "\n"), "token", "CHATWOOT_API_KEY", "blanks"),
        (lambda c, d: replace(c, api_key="ab\ncd"), "token", "CHATWOOT_API_KEY", "blanks"),
        (lambda c, d: replace(c, api_key="é" * 24), "token", "CHATWOOT_API_KEY", "no token has"),
        (lambda c, d: replace(c, api_key=d.agent_token), "role", "CHATWOOT_API_KEY", "administrator"),
        (lambda c, d: replace(c, account_id=9), "account", "CHATWOOT_ACCOUNT_ID", "not in 9"),
        (lambda c, d: replace(c, inbox_id=None), "inbox", "CHATWOOT_INBOX_ID", "is not set"),
        (lambda c, d: replace(c, inbox_id=77), "inbox", "CHATWOOT_INBOX_ID", "Mortgage leads (Channel::Api)"),
        (lambda c, d: replace(c, bot_token=None), "bot token", "CHATWOOT_BOT_TOKEN", "is not set"),
        (lambda c, d: replace(c, bot_token="y" * 24), "bot token", "CHATWOOT_BOT_TOKEN", "Invalid"),
        (lambda c, d: replace(c, bot_token="y" * 20), "bot token", "CHATWOOT_BOT_TOKEN", "20 characters"),
        (lambda c, d: replace(c, bot_token=d.agent_token), "bot token", "CHATWOOT_BOT_TOKEN", "a person's"),
        (lambda c, d: replace(c, webhook_secrets=()), "webhook secret", "CHATWOOT_WEBHOOK_SECRET", "not set"),
        (
            lambda c, d: replace(c, webhook_secrets=("x",)),
            "webhook secret",
            "CHATWOOT_WEBHOOK_SECRET",
            "not the",
        ),
        (
            lambda c, d: replace(c, public_url="https://b.example", bot_url="https://b.example/hook"),
            "webhook",
            "NEXTNEST_PUBLIC_URL",
            "https://nest.example/…",
        ),
        (
            lambda c, d: replace(c, base_url="https://chat.example", public_url="http://127.0.0.1:8080"),
            "public address",
            "NEXTNEST_PUBLIC_URL",
            "Chatwoot is elsewhere",
        ),
    ],
)
async def test_what_is_wrong_is_named(
    desk: Desk, good: CheckConfig, change: Change, name: str, variable: str, says: str
) -> None:
    wrong = [line for line in await ask(desk, change(good, desk)) if not line.ok]
    assert (wrong[0].name, wrong[0].variable) == (name, variable)
    assert says in wrong[0].detail


Deed = Callable[[Chatwoot, CheckConfig], Awaitable[object]]


@pytest.mark.parametrize(
    ("deed", "name", "says"),
    [
        (lambda a, c: a.inboxes.set_agent_bot(c.inbox_id, None), "bot", "no bot on the inbox"),
        (
            lambda a, c: a.webhooks.create(
                {"url": "https://nest.example/hook", "subscriptions": ["message_created"]}
            ),
            "one route",
            "second time",
        ),
    ],
)
async def test_what_was_changed_in_chatwoot_is_seen(
    desk: Desk, admin: Chatwoot, good: CheckConfig, deed: Deed, name: str, says: str
) -> None:
    await deed(admin, good)
    (wrong,) = [line for line in await ask(desk, good) if not line.ok]
    assert wrong.name == name
    assert says in wrong.detail


async def test_the_token_of_another_bot_is_told_apart(desk: Desk, admin: Chatwoot, good: CheckConfig) -> None:
    other = await admin.agent_bots.create({"name": "Other", "outgoing_url": "https://o.example"})
    assert other.access_token is not None
    lines = await ask(desk, replace(good, bot_token=other.access_token.get_secret_value()))
    (wrong,) = [line for line in lines if not line.ok]
    assert f"is that of bot {other.id} Other" in wrong.detail


async def test_a_server_that_is_not_there_and_one_that_is_not_chatwoot(good: CheckConfig) -> None:
    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>It works!</html>"})

    nowhere = replace(good, base_url="http://127.0.0.1:9")  # the discard port: nobody listens
    impossible = replace(good, base_url="http://chat.example:port")
    lines = [
        *await check_chatwoot(nowhere),
        *await check_chatwoot(impossible),
        *await check_chatwoot(good, transport=httpx2.ASGITransport(app=elsewhere)),
    ]
    assert [(line.name, line.ok, line.variable) for line in lines] == [
        ("server", False, "CHATWOOT_BASE_URL")
    ] * 3


async def test_no_line_shows_a_secret(desk: Desk, good: CheckConfig) -> None:
    told = " ".join(map(repr, [*await ask(desk, replace(good, webhook_secrets=("wr0ng",))), good]))
    for secret in (good.api_key, good.bot_token, *good.webhook_secrets, "wr0ng"):
        assert secret is not None
        assert secret == "an old one" or secret not in told


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("nextnest", True),  # a container's name
        ("host.docker.internal", True),
        ("box.local", True),
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("192.168.1.9", True),
        ("172.20.0.4", True),
        ("169.254.1.1", True),
        ("::1", True),
        ("fd00::1", True),
        ("8.8.8.8", False),
        ("nest.example", False),
    ],
)
def test_a_private_host_is_known_by_its_look(host: str, private: bool) -> None:
    assert is_private(host) is private


def test_a_token_as_it_should_be_has_no_flaw() -> None:
    assert token_flaw("CWADMINTOKEN000000000001") is None
