"""The customer's chat: reading, writing, live changes, and what a token may not do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from nextnest.web import stream as stream_module
from nextnest.web.chat import MAX_TEXT
from nextnest.web.stream import MAX_STREAMS
from nextnest.web.tokens import panel_signer
from tests.integration.serving import serving
from tests.integration.web.conftest import LEAD, House

SAY = {"text": "How much can I borrow?", "client_id": "0f8fad5b-d9cb"}


@pytest.fixture
def path(house: House) -> str:
    house.chat.add(LEAD, "assistant", "Hello! I am the AI assistant of Marina Mortgage.")
    house.chat.add(LEAD, "customer", "Hi")
    return house.chat_path()


async def test_the_thread_is_read_again_after_a_refresh(web: httpx2.AsyncClient, path: str) -> None:
    for _ in range(2):
        view = (await web.get(f"{path}/messages")).json()
        assert [message["author"] for message in view["messages"]] == ["assistant", "customer"]
        assert view["holder"] == "assistant"
    later = (await web.get(f"{path}/messages", params={"after": "1"})).json()
    assert [message["id"] for message in later["messages"]] == ["2"]


async def test_what_a_customer_says_is_kept_once_for_each_client_id(
    web: httpx2.AsyncClient, house: House, path: str
) -> None:
    first = await web.post(f"{path}/messages", json=SAY)
    again = await web.post(f"{path}/messages", json=SAY)
    assert first.status_code == 201
    assert again.json() == first.json()
    assert first.json()["author"] == "customer"  # pain 78: never anybody else
    assert [kept.text for kept in house.chat.pending] == [SAY["text"]]


async def test_nobody_writes_as_the_broker(web: httpx2.AsyncClient, house: House, path: str) -> None:
    await web.post(f"{path}/messages", json={**SAY, "author": "person", "name": "Boss", "private": True})
    assert [kept.author for kept in house.chat.pending] == ["customer"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**SAY, "text": ""}, "text"),
        ({**SAY, "text": "   "}, "text"),
        ({**SAY, "text": "x" * (MAX_TEXT + 1)}, "text"),
        ({**SAY, "text": 7}, "text"),
        ({**SAY, "text": "a\0b"}, "text"),
        ({"text": "no id"}, "client_id"),
        ({**SAY, "client_id": "short"}, "client_id"),
        ({**SAY, "client_id": "with space"}, "client_id"),
        ({**SAY, "client_id": ["x"]}, "client_id"),
    ],
)
async def test_what_cannot_be_said_is_refused_by_field(
    web: httpx2.AsyncClient, house: House, path: str, body: dict[str, Any], field: str
) -> None:
    response = await web.post(f"{path}/messages", json=body)
    assert response.status_code == 422
    assert set(response.json()["errors"]) == {field}
    assert not house.chat.pending


async def test_half_a_character_is_refused(web: httpx2.AsyncClient, path: str) -> None:
    content = b'{"text": "\\ud800", "client_id": "0f8fad5b-d9cb"}'
    response = await web.post(
        f"{path}/messages", content=content, headers={"content-type": "application/json"}
    )
    assert response.status_code == 422


async def test_a_flood_in_one_chat_slows_that_one_only(
    web: httpx2.AsyncClient, house: House, path: str
) -> None:
    house.chat.threads["ld_2"] = []
    responses = [
        await web.post(f"{path}/messages", json={**SAY, "client_id": f"client-id-{number}"})
        for number in range(25)
    ]
    assert responses[-1].status_code == 429
    assert int(responses[-1].headers["retry-after"]) >= 1
    assert (await web.post(f"{house.chat_path('ld_2')}/messages", json=SAY)).status_code == 201


@pytest.mark.parametrize("suffix", ["", "/messages", "/events"])
async def test_a_token_that_is_not_ours_opens_nothing(
    web: httpx2.AsyncClient, house: House, path: str, suffix: str
) -> None:
    wrong = [
        "/chat/1",  # pain 77: a number
        f"/chat/{LEAD}",
        path[:-1],
        f"/chat/{panel_signer(house.settings).sign(LEAD)}",  # signed for another purpose
    ]
    if suffix:  # the page opens without a look at the thread, and its script then says so
        wrong.append(house.chat_path("ld_erased"))
    for each in wrong:
        response = await web.get(each + suffix, headers={"accept": "text/html"})
        assert response.status_code == 404
        assert "Hello" not in response.text


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "client:0f8fad5b", "1 or 1=1"])
async def test_an_id_that_is_none_means_from_the_beginning(
    web: httpx2.AsyncClient, path: str, after: str
) -> None:
    view = (await web.get(f"{path}/messages", params={"after": after})).json()
    assert len(view["messages"]) == 2


async def test_the_page_is_kept_by_nobody(web: httpx2.AsyncClient, path: str) -> None:
    page = await web.get(path)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"  # the link is a secret
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers


class Stream:
    """Server-sent events as a browser reads them."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> tuple[str, Any, str | None]:
        """Kind, data and id of the next event; pings are skipped."""
        while (event := await self.next_or_ping())[0] == "ping":
            pass
        return event

    async def next_or_ping(self) -> tuple[str, Any, str | None]:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                continue
            if not line:
                if fields:
                    return fields["event"], json.loads(fields["data"]), fields.get("id")
                continue
            name, _, value = line.partition(": ")
            fields[name] = value
        raise EOFError


@asynccontextmanager
async def listening(url: str, last_id: str | None = None, after: str | None = None) -> AsyncIterator[Stream]:
    headers = {"last-event-id": last_id} if last_id else {}
    query = {"after": after} if after else {}
    async with (
        httpx2.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{url}/events", headers=headers, params=query) as response,
    ):
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response.aiter_lines())


@pytest.fixture
async def served(house: House, path: str) -> AsyncIterator[tuple[str, FastAPI]]:
    """The chat's address on a real port, for what must stay open."""
    app = house.app()
    async with serving(app) as address:
        yield address + path, app
        app.state.closing.set()


async def test_an_open_page_hears_everything_as_it_happens(house: House, served: tuple[str, FastAPI]) -> None:
    async with listening(served[0]) as stream:
        first, second, state = [await stream.next() for _ in range(3)]
        assert (first[0], first[1]["author"], first[2]) == ("message", "assistant", "1")
        assert (second[0], second[2]) == ("message", "2")
        assert state[1] == {"holder": "assistant", "typing": False, "ready": True, "pending": []}

        house.chat.typing = True
        await house.chat.tell()
        assert (await stream.next())[1]["typing"] is True

        house.chat.typing = False
        house.chat.add(LEAD, "assistant", "About S$900,000.")
        await house.chat.tell()
        kind, message, event_id = await stream.next()
        assert (kind, message["text"], event_id) == ("message", "About S$900,000.", "3")
        assert (await stream.next())[1]["typing"] is False

        house.chat.holder = "person"
        house.chat.add(LEAD, "person", "Hi, Jun Jie here.", name="Lim Jun Jie")
        await house.chat.tell()
        assert (await stream.next())[1]["name"] == "Lim Jun Jie"
        assert (await stream.next())[1]["holder"] == "person"


async def test_what_is_on_its_way_is_shown_and_then_replaced(
    house: House, served: tuple[str, FastAPI]
) -> None:
    async with listening(served[0], last_id="2") as stream:
        await stream.next()
        await house.chat.say(LEAD, "Hello?", client_id="0f8fad5b-d9cb")
        kind, message, event_id = await stream.next()
        assert (kind, message["state"], event_id) == ("message", "sending", None)
        assert (await stream.next())[1]["pending"] == ["client:0f8fad5b-d9cb"]
        await house.chat.relay(LEAD)
        kind, message, event_id = await stream.next()
        assert (kind, message["state"], event_id) == ("message", "sent", "3")
        assert (await stream.next())[1]["pending"] == []


@pytest.mark.parametrize(
    ("last_id", "after"),
    [
        pytest.param("2", None, id="its browser took the lost line up again"),
        pytest.param(None, "2", id="it opened a new line itself"),
        pytest.param("2", "1", id="the new line was lost too: its browser knows what came on it"),
    ],
)
async def test_a_page_that_comes_back_hears_only_what_it_missed(
    house: House, served: tuple[str, FastAPI], last_id: str | None, after: str | None
) -> None:
    house.chat.add(LEAD, "assistant", "Said while you were away.")
    async with listening(served[0], last_id=last_id, after=after) as stream:
        assert (await stream.next())[2] == "3"
        assert (await stream.next())[0] == "state"


async def test_a_lost_notice_is_healed_by_the_next_look(
    house: House, served: tuple[str, FastAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "PING_SECONDS", 0.05)
    async with listening(served[0], last_id="2") as stream:
        await stream.next()
        house.chat.add(LEAD, "assistant", "Nobody told you.")  # and no `tell`
        assert (await stream.next())[1]["text"] == "Nobody told you."


async def test_a_look_that_finds_nothing_writes_a_ping(house: House, served: tuple[str, FastAPI]) -> None:
    """The store has pages look every 15 s: without a word each time, a dead line is never noticed."""
    async with listening(served[0], last_id="2") as stream:
        await stream.next()
        await house.chat.tell()
        assert await stream.next_or_ping() == ("ping", {}, None)


async def test_open_pages_are_let_go_when_the_process_stops(served: tuple[str, FastAPI]) -> None:
    async with listening(served[0], last_id="2") as stream:
        await stream.next()
        served[1].state.closing.set()
        with pytest.raises(EOFError):
            async with asyncio.timeout(5):
                await stream.next()


async def test_a_stream_whose_thread_cannot_be_read_ends_so_that_the_page_comes_back(
    house: House, served: tuple[str, FastAPI]
) -> None:
    async with listening(served[0], last_id="2") as stream:
        await stream.next()
        house.chat.broken = OSError("no database")
        await house.chat.tell()
        with pytest.raises(EOFError):
            await stream.next()


async def test_one_window_too_many_lets_the_oldest_go(house: House, served: tuple[str, FastAPI]) -> None:
    """A phone that lost its line again and again leaves windows behind that nobody reads."""
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        windows = []
        for _ in range(MAX_STREAMS + 1):
            windows.append(await stack.enter_async_context(listening(served[0], last_id="2")))
            await windows[-1].next()
        with pytest.raises(EOFError):
            await windows[0].next()
        house.chat.add(LEAD, "assistant", "Still there?")
        await house.chat.tell()
        for window in windows[1:]:
            assert (await window.next())[1]["text"] == "Still there?"
