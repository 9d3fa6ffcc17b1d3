"""What the customer's page is told: of every change, and of all that people send."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.news import News
from nextnest.service.chat import Chat
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


async def test_a_file_that_a_person_sends_without_a_word_reaches_the_customer(
    database: Database, tmp_path: Path
) -> None:
    async with world(database, tmp_path) as small:
        conversation = await lead_in(small)
        sent = await small.http.post(
            f"/api/v1/accounts/1/conversations/{conversation}/messages",
            files={"attachments[]": ("Letter of offer.pdf", b"%PDF-1.7", "application/pdf")},
        )
        assert sent.status_code == 200, sent.text
        lead = (await database.fetch("SELECT id FROM leads"))[0]["id"]
        shown = (await Chat(ChatRows(database), small.gateway).view(lead)).messages[-1]
        assert (shown.author, shown.text) == ("person", "")
        (address,) = shown.files
        assert (await small.http.get(address)).content == b"%PDF-1.7"
