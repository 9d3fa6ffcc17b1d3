"""What a channel asks of a turn: e-mail's manners, WhatsApp's window, the typing indicator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nextnest.adapters.store.database import Database
from nextnest.domain.thread import Thread
from nextnest.service.failures import NotDone
from nextnest.service.typing_indicator import TypingIndicator
from tests.integration.test_main_corridor import customer_says, ends, lead_in, woken
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


def in_channel(small: World, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let every thread come from another channel, as the desk only has API inboxes and widgets."""
    for name in ("thread", "glance"):
        monkeypatch.setattr(small.gateway, name, _changed(getattr(small.gateway, name), changes))


def _changed(read: Callable[..., Awaitable[Thread]], changes: dict[str, Any]) -> Callable[..., Any]:
    async def changed(*args: Any, **options: Any) -> Thread:
        return (await read(*args, **options)).model_copy(update=changes)

    return changed


async def test_an_e_mail_is_greeted_by_name_and_signed(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = await lead_in(small)
    in_channel(small, monkeypatch, channel="Channel::Email")
    await customer_says(small, conversation, "what do you need?")
    await small.work_off()
    assert (await small.said_by_bot(conversation))[-1] == (
        "Hello 李小龙,\n\nYou said: what do you need?\n\nKind regards,\nTest Brokers"
    )


async def test_outside_the_window_nothing_is_sent_and_people_get_the_conversation(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    in_channel(small, monkeypatch, channel="Channel::Whatsapp", can_reply=False)
    await customer_says(small, conversation, "are you there?")
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 1  # the greeting of before
    assert small.broker.briefs == []
    assert await ends(small) == [("handed_off", "window_closed")]
    assert (await small.admin.conversations.get(conversation)).status == "open"
    notes = [m["content"] for m in await small.thread(conversation) if m["private"]]
    assert any("window closed" in note for note in notes)


async def test_a_window_that_closes_before_the_reply_is_sent_is_shown_to_an_operator(
    small: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await lead_in(small)
    in_channel(small, monkeypatch, channel="Channel::Whatsapp")
    await customer_says(small, conversation, "are you there?")
    assert await small.lane._turns.take(conversation)
    in_channel(small, monkeypatch, can_reply=False)
    await woken(small, conversation)
    await small.work_off()
    assert len(await small.said_by_bot(conversation)) == 1
    outcome, reason = (await ends(small))[0]
    assert outcome == "failed"
    assert "no free text" in str(reason)


@dataclass
class Indicator:
    """A Chatwoot that only knows typing; `answer` is awaited before each call ends."""

    answer: Callable[[], Any] | None = None
    shown: list[bool] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def typing(self, conversation_id: int, on: bool) -> None:
        self.shown.append(on)
        self.changed.set()
        if self.answer is not None:
            await self.answer()


async def until(indicator: Indicator, shown: list[bool]) -> None:
    async with asyncio.timeout(5):
        while indicator.shown != shown:
            indicator.changed.clear()
            await indicator.changed.wait()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nextnest.service.typing_indicator.SHORTEST", 0.0)


async def test_composing_that_is_soon_over_is_not_shown() -> None:
    chatwoot = Indicator()
    typing = TypingIndicator(chatwoot)  # type: ignore[arg-type]
    with typing.shown(1):
        (showing,) = typing._showing
    await showing
    assert chatwoot.shown == []


@pytest.mark.usefixtures("at_once")
async def test_the_indicator_is_on_while_the_block_runs_and_off_after() -> None:
    chatwoot = Indicator()
    typing = TypingIndicator(chatwoot)  # type: ignore[arg-type]
    with typing.shown(1):
        await until(chatwoot, [True])
    await until(chatwoot, [True, False])


@pytest.mark.usefixtures("at_once")
async def test_the_indicator_waits_for_nothing_and_goes_off_after_a_failure() -> None:
    async def refuse() -> None:
        raise NotDone("too many requests")

    chatwoot = Indicator(refuse)
    typing = TypingIndicator(chatwoot)  # type: ignore[arg-type]
    with typing.shown(1):
        assert chatwoot.shown == []  # not even begun: entering did not wait
        await until(chatwoot, [True])
    await until(chatwoot, [True, False])


@pytest.mark.usefixtures("at_once")
async def test_a_chatwoot_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nextnest.service.typing_indicator.LONGEST_CALL", 0.01)
    chatwoot = Indicator(asyncio.Event().wait)
    typing = TypingIndicator(chatwoot)  # type: ignore[arg-type]
    with typing.shown(1):
        await until(chatwoot, [True])
    await until(chatwoot, [True, False])
