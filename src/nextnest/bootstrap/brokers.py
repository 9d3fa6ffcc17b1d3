"""The broker by the settings: with a model or, without one, the playbook alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.broker.broker import Broker, BrokerEvent
from nextnest.broker.budget import Limits, Spend
from nextnest.settings import Settings, SettingsError


async def broker_of(
    settings: Settings, spend: Spend, stack: AsyncExitStack, *, on_event: Callable[[BrokerEvent], None]
) -> Broker:
    """The broker, its model opened on `stack`.

    Raises:
        SettingsError: NEXTNEST_MODEL names no model that can be had.
    """
    model = None
    if settings.model is not None:
        from nextnest.broker.model import open_model  # slow to import, and needed only with a model

        limits = Limits(
            turn_seconds=settings.model_seconds,
            conversation_usd=settings.model_usd_per_conversation,
            day_usd=settings.model_usd_per_day,
        )
        try:
            opened = open_model(settings.model, base_url=settings.model_base_url, limits=limits)
        except ValueError as error:
            raise SettingsError([f"NEXTNEST_MODEL: {error}"]) from error
        model = await stack.enter_async_context(opened)
    return Broker(
        model,
        spend=spend,
        circuit=Circuit() if model else None,
        high_value_from=settings.high_value_from,
        on_event=on_event,
    )
