"""Webhooks: what is let in, what becomes of it, and that nothing unverified is ever stored."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nextnest.adapters.chatwoot.payloads import MAX_BYTES
from nextnest.adapters.chatwoot.signature import sign
from nextnest.service.receive import Source
from nextnest.web.tokens import webhook_url
from tests.integration.web.conftest import WEBHOOK_SECRET, House
from tests.unit.chatwoot.recording import webhooks

BODY = next(line["request"]["body"].encode() for line in webhooks() if line["event"] == "message_created")
PATHS = {"bot": Source.AGENT_BOT, "account": Source.ACCOUNT, "inbox": Source.INBOX}


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, age: float = 0) -> dict[str, str]:
    timestamp = str(int(time.time() - age))
    return {
        "content-type": "application/json",
        "x-chatwoot-delivery": "203e9caf-dd08-42bc-8931-317d68215ad7",
        "x-chatwoot-timestamp": timestamp,
        "x-chatwoot-signature": sign(secret, timestamp, body),
    }


@pytest.mark.parametrize(("path", "source"), PATHS.items())
async def test_a_signed_event_is_stored_under_its_source(
    web: httpx2.AsyncClient, house: House, path: str, source: Source
) -> None:
    response = await web.post(f"/webhooks/chatwoot/{path}", content=BODY, headers=signed(BODY))
    assert (response.status_code, response.json()) == (200, {"ok": True})
    [(stored_as, delivery, event)] = house.receive.stored
    assert stored_as is source
    assert delivery == "203e9caf-dd08-42bc-8931-317d68215ad7"
    assert event.event == "message_created"


async def test_the_old_secret_is_good_while_it_is_rotated(web: httpx2.AsyncClient, house: House) -> None:
    headers = signed(BODY, secret="the-old-secret")
    response = await web.post("/webhooks/chatwoot/bot", content=BODY, headers=headers)
    assert response.status_code == 200
    assert house.receive.stored


async def test_a_repeat_is_acknowledged_and_not_stored_again(web: httpx2.AsyncClient, house: House) -> None:
    for _ in range(3):
        response = await web.post("/webhooks/chatwoot/bot", content=BODY, headers=signed(BODY))
        assert response.status_code == 200
    assert len(house.receive.stored) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: {"content-type": "application/json"},  # not signed at all
        lambda: signed(BODY, secret="another"),  # by somebody else
        lambda: signed(BODY, secret=""),  # by nobody's secret
        lambda: signed(BODY + b" "),  # another body
        lambda: signed(BODY, age=305),  # a replay from five minutes ago
        lambda: signed(BODY, age=-305),  # from the future
        lambda: {**signed(BODY), "x-chatwoot-signature": ""},
        lambda: {**signed(BODY), "x-chatwoot-timestamp": ""},
        lambda: {**signed(BODY), "x-chatwoot-signature": "sha256=" + "0" * 64},
        lambda: {**signed(BODY), "x-chatwoot-timestamp": "soon"},
    ],
)
async def test_nothing_unverified_is_stored(
    web: httpx2.AsyncClient, house: House, wrong: Callable[[], dict[str, str]]
) -> None:
    headers = wrong()  # made now, not when the tests were collected: the window is counted from here
    response = await web.post("/webhooks/chatwoot/bot", content=BODY, headers=headers)
    assert response.status_code == 401
    assert not house.receive.stored


@pytest.mark.parametrize("path", PATHS)
async def test_a_chatwoot_that_does_not_sign_comes_by_the_unguessable_path(
    web: httpx2.AsyncClient, house: House, path: Any
) -> None:
    url = webhook_url(house.settings, path, signed=False)
    unsigned = {"content-type": "application/json"}
    assert (await web.post(url[:-1], content=BODY, headers=unsigned)).status_code == 401
    assert (await web.post(url + "x", content=BODY, headers=unsigned)).status_code == 401
    assert not house.receive.stored
    assert (await web.post(url, content=BODY, headers=unsigned)).status_code == 200
    assert len(house.receive.stored) == 1


async def test_what_cannot_be_stored_is_answered_500_so_that_chatwoot_sends_it_again(
    web: httpx2.AsyncClient, house: House
) -> None:
    house.receive.broken = OSError("no database")
    response = await web.post("/webhooks/chatwoot/bot", content=BODY, headers=signed(BODY))
    assert (response.status_code, response.json()) == (500, {"ok": False})
    house.receive.broken = None
    assert (await web.post("/webhooks/chatwoot/bot", content=BODY, headers=signed(BODY))).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{}", 422),
        (b"[" * 100_000, 422),
        (b'{"event": "message_created"}', 422),
        (b'{"event": "something_new", "account": {"id": 1}}', 200),  # a newer Chatwoot's; nothing to do
        (b"\xff\xfe", 422),
        (b'{"event": "' + b"x" * MAX_BYTES + b'"}', 413),
    ],
)
async def test_a_signed_body_that_is_no_event_is_refused(
    web: httpx2.AsyncClient, house: House, body: bytes, status: int
) -> None:
    response = await web.post("/webhooks/chatwoot/bot", content=body, headers=signed(body))
    assert response.status_code == status


async def test_every_recorded_webhook_is_taken(web: httpx2.AsyncClient, house: House) -> None:
    """481 deliveries of a real Chatwoot 4.14.2, signed anew."""
    for number, line in enumerate(webhooks()):
        body = line["request"]["body"].encode()
        headers = {**signed(body), "x-chatwoot-delivery": f"delivery-{number}"}
        response = await web.post("/webhooks/chatwoot/account", content=body, headers=headers)
        assert response.status_code == 200, line["event"]
    assert len(house.receive.stored) == len(webhooks()) == 481


def _mutated(rng: random.Random) -> bytes:
    """A recording with one thing wrong: a value of another type, a key gone, nesting, bytes flipped."""
    event = json.loads(rng.choice(webhooks())["request"]["body"])
    place: Any = event
    while True:
        key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.6:
            place = inner
            continue
        odd: list[Any] = [None, 0, -1, 2**70, 1.5, "", "\0", "x" * 10_000, [], {}, [[[[]]]], True, "9" * 400]
        if rng.random() < 0.2:
            del place[key]
        else:
            place[key] = rng.choice(odd)
        break
    body = bytearray(json.dumps(event).encode())
    if rng.random() < 0.2:
        body[rng.randrange(len(body))] = rng.randrange(256)
    if rng.random() < 0.05:
        body = body[: rng.randrange(len(body))]
    return bytes(body)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(min_value=0, max_value=2**32), is_signed=st.booleans())
async def test_no_mutated_recording_breaks_the_route(
    web: httpx2.AsyncClient, house: House, seed: int, is_signed: bool
) -> None:
    body = _mutated(random.Random(seed))
    house.receive.stored.clear()
    headers = signed(body) if is_signed else {"content-type": "application/json"}
    response = await web.post("/webhooks/chatwoot/bot", content=body, headers=headers)
    assert response.status_code in ({200, 422} if is_signed else {401})
    assert len(house.receive.stored) == (response.status_code == 200)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=2_000))
async def test_no_bytes_break_the_route(web: httpx2.AsyncClient, house: House, body: bytes) -> None:
    response = await web.post("/webhooks/chatwoot/inbox", content=body, headers=signed(body))
    assert response.status_code in {200, 422}


async def test_other_methods_and_paths_are_not_served(web: httpx2.AsyncClient) -> None:
    assert (await web.get("/webhooks/chatwoot/bot")).status_code == 405
    assert (await web.post("/webhooks/chatwoot/nobody", content=BODY)).status_code == 404
