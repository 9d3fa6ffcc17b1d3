"""The broker by the settings: with a model or, without one, the playbook alone."""

from __future__ import annotations

from contextlib import AsyncExitStack

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.langfuse.client import Langfuse
from nextnest.adapters.langfuse.prompts import ManagedPrompts
from nextnest.bootstrap.metrics import WorkerNumbers
from nextnest.broker.broker import Broker
from nextnest.broker.budget import Limits, Spend
from nextnest.settings import Settings, SettingsError


async def broker_of(
    settings: Settings,
    spend: Spend,
    stack: AsyncExitStack,
    *,
    langfuse: Langfuse | None,
    numbers: WorkerNumbers,
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
        prompts = None
        if langfuse is not None:
            prompts = ManagedPrompts(langfuse)
            stack.push_async_callback(prompts.aclose)
        try:
            opened = open_model(
                settings.model, base_url=settings.model_base_url, limits=limits, prompts=prompts
            )
        except ValueError as error:
            raise SettingsError([f"NEXTNEST_MODEL: {error}"]) from error
        model = await stack.enter_async_context(opened)
    circuit = Circuit() if model else None
    if circuit is not None:
        numbers.watch("model", circuit)
    return Broker(
        model,
        spend=spend,
        circuit=circuit,
        high_value_from=settings.high_value_from,
        on_event=numbers.count,
    )
