"""`nextnest doctor`: where our record and Chatwoot disagree, and what to do about it."""

from __future__ import annotations

from datetime import timedelta

from nextnest.adapters.chatwoot.check import check_chatwoot
from nextnest.adapters.store.drifting import DriftRows
from nextnest.bootstrap.assembly import chatwoot_of, gateway_of
from nextnest.bootstrap.checking import check_config
from nextnest.bootstrap.home import reaching
from nextnest.bootstrap.tables import opened
from nextnest.service.drift import Doctor, Drift, DriftKind
from nextnest.settings import Settings


async def examine(settings: Settings, *, within: timedelta, limit: int) -> list[Drift]:
    """All that is found wrong; nothing is changed.

    Raises:
        SettingsError: Chatwoot is not set, and no `nextnest up` runs on this home.
        Failure: Chatwoot could not be read.
    """
    settings = reaching(settings)
    chatwoot = chatwoot_of(settings)
    lines = await check_chatwoot(check_config(settings, chatwoot))
    routes = [line for line in lines if line.name == "one route" and not line.ok]
    found = [Drift(DriftKind.SECOND_ROUTE, None, line.detail) for line in routes]
    async with opened(settings) as database, gateway_of(chatwoot, settings.brokerage) as gateway:
        return found + await Doctor(DriftRows(database), gateway).examine(within=within, limit=limit)
