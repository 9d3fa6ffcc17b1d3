"""Facts that a person found wrong: forgotten, unless there would be no lead without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nextnest.adapters.store.database import Database
from nextnest.service.panel import Needed
from tests.integration.test_main_corridor import lead_in
from tests.integration.world import World, world


async def facts_of(world: World, conversation: int) -> dict[str, object]:
    view = await world.panel.of_conversation(conversation)
    assert view is not None
    return dict(view.facts)


async def test_a_wrong_fact_is_forgotten(database: Database, tmp_path: Path) -> None:
    async with world(database, tmp_path) as small:
        conversation = await lead_in(small)
        for field in ("monthly_income", "phone"):  # there is an e-mail address as well
            await small.panel.mark_wrong(conversation, field)
            assert field not in await facts_of(small, conversation)
            with pytest.raises(LookupError):
                await small.panel.mark_wrong(conversation, field)


@pytest.mark.parametrize(
    ("field", "without"),
    [
        pytest.param("name", "phone", id="nobody can be greeted"),
        pytest.param("email", "phone", id="the only way to reach them is by e-mail"),
        pytest.param("phone", "email", id="the only way to reach them is by phone"),
    ],
)
async def test_a_fact_that_a_lead_needs_is_kept(
    database: Database, tmp_path: Path, field: str, without: str
) -> None:
    async with world(database, tmp_path) as small:
        conversation = await lead_in(small, **{without: None})
        before = await facts_of(small, conversation)
        with pytest.raises(Needed):
            await small.panel.mark_wrong(conversation, field)
        assert await facts_of(small, conversation) == before
