"""Webhooks under way: tries, time-outs, restarts, and misbehaviour to order."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from nextnest.desk import Chaos, Desk
from nextnest.desk.models import Delivery
from tests.integration.desk.conftest import MakeOffice


@pytest.mark.parametrize(
    ("status", "tries"),
    [
        (500, 3),  # tried again
        (429, 3),  # tried again
        (502, 1),  # everything else is final
        (503, 1),
        (404, 1),
        (301, 1),  # a redirect is no success, and is not followed
    ],
)
async def test_a_bot_is_tried_again_only_after_429_and_500(
    open_office: MakeOffice, status: int, tries: int
) -> None:
    office = await open_office()
    office.receiver.replies = {("/bot", "message_created"): status}

    await office.hear("hello")
    await office.desk.deliverer.idle()

    created = [hook for hook in office.receiver.hooks if hook.event == "message_created"]
    assert len(created) == tries
    assert len({hook.headers["x-chatwoot-delivery"] for hook in created}) == 1, "all tries are one delivery"
    assert (await office.conversation())["status"] == "open"
    assert "marked open by system due to an error with the agent bot." in (await office.thread())[-1]


async def test_a_bot_that_recovers_in_time_keeps_the_conversation(open_office: MakeOffice) -> None:
    office = await open_office()
    office.receiver.replies = {("/bot", "message_created"): 500}

    await office.hear("hello")
    while not office.receiver.hooks:  # noqa: ASYNC110  # until the first try has arrived
        await asyncio.sleep(0)
    office.receiver.replies = {}
    await office.desk.deliverer.idle()

    assert (await office.conversation())["status"] == "pending"


async def test_a_failure_of_another_event_opens_nothing(open_office: MakeOffice) -> None:
    office = await open_office()
    office.receiver.replies = {("/bot", "conversation_updated"): 404}

    await office.post("/conversations/1/labels", {"labels": ["x"]})
    await office.desk.deliverer.idle()

    assert (await office.conversation())["status"] == "pending"


async def test_a_bot_that_answers_too_late_has_failed(
    open_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nextnest.desk.delivery.TIMEOUT_SECONDS", 0.05)
    office = await open_office()
    office.receiver.hold = asyncio.Event()

    await office.hear("hello")
    await office.desk.deliverer.idle()
    office.receiver.hold.set()

    assert (await office.conversation())["status"] == "open"


async def test_private_hosts_are_refused_when_told_to(open_office: MakeOffice) -> None:
    office = await open_office(refuse_private_hosts=True)

    await office.hear("hello")
    await office.desk.deliverer.idle()

    assert office.receiver.hooks == []
    assert (await office.conversation())["status"] == "open"


async def test_what_waits_for_a_bot_outlives_the_desk(open_office: MakeOffice, tmp_path: Path) -> None:
    office = await open_office()
    desk = office.desk
    await desk.deliverer.stop()  # nothing leaves any more: the moment of a crash
    await office.hear("do not lose me")
    assert office.receiver.hooks == []

    again = Desk(tmp_path / "desk", base_url="http://desk.test")
    await again.start()
    await again.deliverer.idle()

    events = sorted(hook.event for hook in office.receiver.hooks)
    assert events == ["message_created"], "waiting_since was set since the conversation began: no update"
    assert again.store.all(Delivery) == []
    await again.stop()


# -- misbehaviour


async def test_duplicates_come_under_one_delivery_id(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(duplicate=1.0))

    await office.hear("hello")
    await office.desk.deliverer.idle()

    assert len(office.receiver.hooks) == 2
    assert len({hook.headers["x-chatwoot-delivery"] for hook in office.receiver.hooks}) == 1
    assert office.receiver.hooks[0].body == office.receiver.hooks[1].body


async def test_lost_deliveries_are_gone_for_good(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(lose=1.0))

    await office.hear("hello")

    assert await office.to_bot() == []
    assert office.desk.store.all(Delivery) == []


async def test_a_swapped_delivery_comes_after_the_next_one(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(swap=1.0, delay_seconds=60))
    await office.hear("first")
    office.desk.site.dice.throw_anew(Chaos(delay_seconds=60))

    await office.hear("second")
    await office.desk.deliverer.idle()

    assert [hook.payload["content"] for hook in office.receiver.hooks] == ["second", "first"]


async def test_a_delayed_delivery_comes_later(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(delay=1.0, delay_seconds=0.05))

    began = time.monotonic()
    await office.hear("hello")

    assert await office.to_bot() == ["message_created"]
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(
    ("chaos", "status", "stored"),
    [
        ({"too_many": 1.0}, 429, False),
        ({"fail_before": 1.0}, 500, False),
        ({"fail_after": 1.0}, 500, True),  # the worst: refused, and yet done
        ({"down": True}, 503, False),
        ({"fail_after": 1.0, "path_prefix": "/api/v1/accounts/1/contacts"}, 200, True),  # not our path
    ],
)
async def test_requests_fail_as_told(
    open_office: MakeOffice, chaos: dict[str, Any], status: int, stored: bool
) -> None:
    office = await open_office(chaos=Chaos(**chaos))

    answer = await office.ask("POST", "/conversations/1/messages", {"content": "x"})

    assert answer.status_code == status
    office.desk.site.dice.throw_anew(Chaos())
    assert (await office.thread() == ["x"]) is stored


async def test_too_many_looks_like_rack_attack(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(too_many=1.0))

    answer = await office.ask("GET", "/conversations")

    assert (answer.text, answer.headers["content-type"]) == ("Retry later\n", "text/plain; charset=utf-8")
    assert "retry-after" not in answer.headers


async def test_an_answer_can_be_withheld_after_storing(open_office: MakeOffice) -> None:
    office = await open_office(chaos=Chaos(hang_after=1.0, hang_seconds=60))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(office.ask("POST", "/conversations/1/messages", {"content": "x"}), 0.1)

    office.desk.site.dice.throw_anew(Chaos())
    assert await office.thread() == ["x"]


async def test_chaos_is_set_at_run_time_by_administrators_only(open_office: MakeOffice) -> None:
    office = await open_office()

    refused = await office.ask("POST", "/desk/chaos", {"down": True}, token=office.desk.agent_token)
    wrong = await office.ask("POST", "/desk/chaos", {"lose": 7})
    done = await office.ask("POST", "/desk/chaos", {"down": True})
    down = await office.ask("GET", "/conversations")
    calm = await office.ask("POST", "/desk/chaos", {})

    statuses = [answer.status_code for answer in (refused, wrong, done, down, calm)]
    assert statuses == [401, 422, 200, 503, 200], "the operator's own routes are never hit"


async def test_the_dump_shows_everything(open_office: MakeOffice) -> None:
    office = await open_office()
    await office.hear("hello")
    await office.say("a note", private=True, token=office.bot_token)
    await office.post("/conversations/1/toggle_status", {"status": "open"})

    dump = (await office.ask("GET", "/desk/dump")).json()

    messages = dump["conversations"][0]["messages"]
    assert [(m["message_type"], m["private"], m["sender_type"]) for m in messages] == [
        ("incoming", False, "Contact"),
        ("outgoing", True, "AgentBot"),
        ("activity", False, None),
    ]
    assert (await office.ask("GET", "/desk/dump", token=office.bot_token)).status_code == 401
