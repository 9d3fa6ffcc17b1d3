"""The desk answers and sends what a real Chatwoot 4.14.2 answered and sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.desk.comparison import Names, differences
from tests.integration.desk.recording import exchanges
from tests.integration.desk.replay import NOT_COMPARED, SKIPPED, Outcome, play

COMPARED = [exchange.name for exchange in exchanges() if exchange.name not in SKIPPED]


# What was compared when this was last looked at: it must not shrink unseen.
EXCHANGES, WEBHOOKS = 349, 481


@pytest.fixture(scope="module")
async def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder: Path = tmp_path_factory.mktemp("desk")
    return await play(folder)


@pytest.mark.parametrize("name", COMPARED)
async def test_answers_as_chatwoot_did(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].answer == []


@pytest.mark.parametrize("name", COMPARED)
async def test_sends_the_webhooks_that_chatwoot_sent(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].hooks == []


async def test_compares_nearly_everything_that_was_recorded(outcomes: dict[str, Outcome]) -> None:
    webhooks = sum(outcome.hooks_compared for outcome in outcomes.values())
    print(f"\n{len(outcomes)} of {len(exchanges())} exchanges and {webhooks} webhooks compared")  # noqa: T201
    print(f"{len(SKIPPED)} skipped: {sorted(set(SKIPPED.values()))}")  # noqa: T201
    print(f"{len(NOT_COMPARED)} compared but for one part: {sorted(NOT_COMPARED)}")  # noqa: T201
    assert len(outcomes) >= EXCHANGES
    assert webhooks >= WEBHOOKS
    assert len(outcomes) + len(SKIPPED) == len(exchanges()), "every exchange is compared or has a reason"


async def test_a_desk_that_says_something_else_is_found_out() -> None:
    """The comparison itself: each of these must be seen."""
    names = Names()
    cases = [
        ({"a": 1}, {"a": 2}),  # another value
        ({"a": 1}, {"a": "1"}),  # another type
        ({"a": 1}, {"a": True}),  # Python takes these two for equal
        ({"a": None}, {}),  # a key that is missing
        ({}, {"a": None}),  # a key too many
        ([1], [1, 2]),  # another length
        ({"waiting_since": 0}, {"waiting_since": 1795361772}),  # nobody waits, and somebody does
        ({"created_at": 1795361772}, {"created_at": "2026-11-22T15:36:12.354Z"}),  # another form of time
        ({"created_at": 1795361772}, {"created_at": 1795361972}),  # another time
        ({"source_id": "jane-src-1"}, {"source_id": "else"}),  # given by the client, not generated
    ]
    for recorded, ours in cases:
        assert differences(recorded, ours, names) != [], (recorded, ours)
