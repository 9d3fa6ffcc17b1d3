"""`nextnest check`: what a person would test after setting the environment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

import psycopg

from nextnest.adapters.chatwoot.check import CheckConfig, CheckLine, check_chatwoot
from nextnest.adapters.langfuse.client import Langfuse
from nextnest.bootstrap.home import reaching
from nextnest.bootstrap.probing import probe
from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.tokens import webhook_url


async def check_all(settings: Settings, *, live: bool) -> AsyncIterator[CheckLine]:
    """One line for each thing that could be wrong, as it is found out."""
    settings = reaching(settings)
    yield await _database(settings)
    yield await _model(settings)
    yield await _langfuse(settings)
    if settings.chatwoot is None:
        detail = "not set: `nextnest up` uses the embedded desk"
        yield CheckLine("Chatwoot", ok=not live, detail=detail, variable="CHATWOOT_BASE_URL")
        return
    lines = await check_chatwoot(check_config(settings, settings.chatwoot))
    for line in lines:
        yield line
    if live and all(line.ok for line in lines):
        async with aclosing(probe(settings)) as walk:
            async for line in walk:
                yield line


def check_config(settings: Settings, chatwoot: ChatwootSettings) -> CheckConfig:
    return CheckConfig(
        base_url=chatwoot.base_url,
        account_id=chatwoot.account_id,
        api_key=chatwoot.api_key.get_secret_value(),
        public_url=settings.public_url,
        bot_url=webhook_url(settings, "bot", signed=bool(chatwoot.webhook_secrets)),
        inbox_id=chatwoot.inbox_id,
        bot_token=chatwoot.bot_token.get_secret_value() if chatwoot.bot_token else None,
        webhook_secrets=chatwoot.secrets_of("bot"),
    )


async def _database(settings: Settings) -> CheckLine:
    if settings.database_url is None:
        return CheckLine("database", ok=True, detail="embedded PostgreSQL", variable="DATABASE_URL")
    try:
        async with await psycopg.AsyncConnection.connect(
            settings.database_url.get_secret_value(), connect_timeout=5
        ) as connection:
            row = await (await connection.execute("SHOW server_version")).fetchone()
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        return CheckLine("database", ok=False, detail=f"not reachable: {reason}", variable="DATABASE_URL")
    return CheckLine(
        "database", ok=True, detail=f"PostgreSQL {row[0] if row else '?'}", variable="DATABASE_URL"
    )


async def _model(settings: Settings) -> CheckLine:
    if settings.model is None:
        return CheckLine("model", ok=True, detail="none: the playbook answers", variable="NEXTNEST_MODEL")
    from nextnest.broker.model import open_model

    try:
        opened = open_model(settings.model, base_url=settings.model_base_url)
    except ValueError as error:
        return CheckLine("model", ok=False, detail=str(error), variable="NEXTNEST_MODEL")
    async with opened as model:
        problem = await model.problem()
    return CheckLine("model", ok=problem is None, detail=problem or model.name, variable="NEXTNEST_MODEL")


async def _langfuse(settings: Settings) -> CheckLine:
    keys = settings.langfuse
    if keys is None:
        return CheckLine(
            "Langfuse", ok=True, detail="not set: nothing is traced", variable="LANGFUSE_PUBLIC_KEY"
        )
    async with Langfuse(keys.base_url, keys.public_key, keys.secret_key.get_secret_value()) as langfuse:
        problem = await langfuse.problem()
    return CheckLine(
        "Langfuse",
        ok=problem is None,
        detail=problem or f"keys accepted by {keys.base_url}",
        variable="LANGFUSE_PUBLIC_KEY",
    )
