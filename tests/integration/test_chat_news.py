"""An open chat page hears of every change, also of one that comes while it reads."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.news import News
from tests.integration.test_main_corridor import lead_in
from tests.integration.world import world


async def test_news_that_comes_while_a_page_reads_is_not_missed(database: Database, tmp_path: Path) -> None:
    async with world(database, tmp_path) as small:
        conversation = await lead_in(small)
        lead = (await database.fetch("SELECT id FROM leads"))[0]["id"]
        chats, news = ChatRows(database), News(database)
        listening = asyncio.create_task(chats.listen())
        async with aclosing(chats.changes(lead)) as reading, aclosing(chats.changes(lead)) as waiting:
            await anext(reading)
            await anext(waiting)
            heard = asyncio.ensure_future(anext(waiting))
            while not heard.done():  # the line may not be open yet
                news.changed(conversation)
                await asyncio.wait({heard}, timeout=0.1)
            async with asyncio.timeout(5):  # a page looks again by itself only after 15 seconds
                await anext(reading)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        assert not chats._watchers, "pages that were closed are forgotten"
