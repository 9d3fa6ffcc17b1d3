"""What the stand-in would not do; the rest is tested against it, in tests/integration."""

from __future__ import annotations

from typing import Any

import pytest

from nextnest.adapters.chatwoot.errors import Refused, Unavailable
from nextnest.adapters.chatwoot.sync import find_or_create_contact, find_or_create_conversation
from tests.unit.chatwoot.server import Server, client


def thread(number: int, *, contact: int = 1, inbox: int = 1) -> dict[str, Any]:
    return {"id": number, "inbox_id": inbox, "status": "pending", "meta": {"sender": {"id": contact}}}


def listed(*threads: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"data": {"payload": list(threads)}}


@pytest.mark.parametrize(
    "offered",
    [
        thread(7, contact=2),  # the filter by source id was ignored: somebody else's
        thread(7, inbox=2),  # the same person, elsewhere
        {**thread(7), "meta": {}},  # nobody's
    ],
)
async def test_a_strangers_thread_is_not_taken_even_if_the_server_offers_it(offered: dict[str, Any]) -> None:
    server = Server([listed(offered), (200, thread(9))])
    async with client(server) as chatwoot:
        made = await find_or_create_conversation(chatwoot, contact_id=1, inbox_id=1, source_id="lead-1")
    assert made.id == 9
    assert server.seen[0].target.startswith("/api/v1/accounts/1/conversations?status=all")
    assert "source_id=lead-1" in server.seen[0].target
    assert server.seen[1].body == {"contact_id": 1, "inbox_id": 1, "source_id": "lead-1"}


async def test_of_several_threads_the_newest_goes_on() -> None:
    server = Server([listed(thread(7), thread(8), thread(3))])
    async with client(server) as chatwoot:
        found = await find_or_create_conversation(chatwoot, contact_id=1, inbox_id=1, source_id="lead-1")
    assert found.id == 8


NOBODY: list[Any] = [(404, ""), (200, {"payload": []}), (200, {"payload": []})]


async def find(server: Server, email: str | None = "mei@example.com") -> Any:
    async with client(server) as chatwoot:
        return await find_or_create_contact(
            chatwoot,
            identifier="lead-1",
            name="Mei",
            email=email,
            phone=None,
            inbox_id=1,
            source_id="lead-1",
        )


async def test_a_value_that_is_taken_by_nobody_to_be_found_does_not_lose_the_lead() -> None:
    taken = (422, {"message": "Email has already been taken", "attributes": ["email"]})
    made = (200, {"payload": {"contact": {"id": 4}}})
    server = Server([*NOBODY, taken, *NOBODY, made])
    match = await find(server)
    assert (match.contact_id, match.conflict) == (4, True)
    assert server.seen[-1].body == {
        "name": "Mei",
        "identifier": "lead-1",
        "inbox_id": 1,
        "source_id": "lead-1",
    }


async def test_a_refusal_that_is_not_about_the_person_is_not_tried_around() -> None:
    server = Server([*NOBODY, (422, {"error": "param is missing or the value is empty: contact"})])
    with pytest.raises(Refused):
        await find(server)
    assert len(server.seen) == len(NOBODY) + 1


async def test_when_the_look_fails_nothing_is_made() -> None:
    server = Server([(404, ""), (500, {})])
    with pytest.raises(Unavailable):
        await find(server)
    assert all(seen.target.endswith("/filter") for seen in server.seen)
