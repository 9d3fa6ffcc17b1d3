from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.desk import Desk

BASE = "http://desk.test"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Chatwoot's stand-in, spoken to over HTTP in-process."""
    desk = Desk(tmp_path / "desk", base_url=BASE, retry_seconds=0)
    await desk.start()
    yield desk
    await desk.stop()


@pytest.fixture
async def admin(desk: Desk) -> AsyncIterator[Chatwoot]:
    async with Chatwoot(
        BASE, desk.account_id, desk.admin_token, transport=httpx2.ASGITransport(app=desk.app)
    ) as client:
        yield client
