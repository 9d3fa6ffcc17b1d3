"""What is exhausted is in one list, says why, and can be tried again without being said twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from nextnest.adapters.store.chats import ChatRows
from nextnest.adapters.store.database import Database
from nextnest.adapters.store.operations import OperationRows
from nextnest.broker.brief import Brief
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import parse_lead
from nextnest.domain.reply import Reply
from nextnest.service import sync as sync_module
from nextnest.service.chat import Chat
from nextnest.service.operations import Failed, Operations
from tests.integration.test_main_corridor import LEAD, customer_says, ends, lead_in
from tests.integration.test_outages import Line, is_reply, settle
from tests.integration.world import World, world


@pytest.fixture
async def small(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    async with world(database, tmp_path) as made:
        yield made


@pytest.fixture
def operations(database: Database) -> Operations:
    return Operations(OperationRows(database))


class Refusing(Line):
    """Refuses writes to paths that end so, until `wrong` is set to nothing."""

    def __init__(self, world: World, wrong: str, status: int = 422) -> None:
        self.wrong = wrong
        self._answer = JSONResponse({"error": "Content is too long"}, status)
        super().__init__(world, self._refuse)

    def _refuse(self, method: str, path: str) -> Response | None:
        return self._answer if self.wrong and method == "POST" and path.endswith(self.wrong) else None


async def failures(operations: Operations) -> tuple[Failed, ...]:
    return (await operations.overview()).failures


async def test_a_refused_reply_is_one_failure_and_its_retry_is_the_reply(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    line = Refusing(small, "/messages")
    await settle(small)
    (failed,) = await failures(operations)
    assert (failed.kind, failed.conversation_id) == ("message", conversation)
    assert "422" in failed.reason
    assert "too long" in failed.reason
    assert [outcome for outcome, _ in await ends(small)] == ["failed"]

    line.wrong = ""
    await operations.retry(failed.id)
    assert await failures(operations) == (), "what is being tried again is not failed twice over"
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert await ends(small) == [("replied", None)]
    assert await failures(operations) == ()


async def test_a_hand_off_whose_opening_was_refused_ends_as_a_hand_off_once_retried(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    reason = HandoffReason.ASKED_FOR_PERSON
    small.broker.script = lambda brief: Reply(
        text="A colleague will answer.", intent="person", handoff=reason
    )
    await customer_says(small, conversation, "a human please")
    line = Refusing(small, "/toggle_status")
    await settle(small)
    (failed,) = await failures(operations)
    assert failed.kind == "status"

    line.wrong = ""
    await operations.retry(failed.id)
    await settle(small)
    assert (await small.admin.conversations.get(conversation)).status == "open"
    assert await ends(small) == [("handed_off", "asked_for_person")]


async def test_a_turn_with_something_still_to_send_cannot_be_answered_anew(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    Refusing(small, "/messages")
    await settle(small)
    turn = (await small.database.fetch("SELECT id FROM turns"))[0]["id"]
    with pytest.raises(LookupError):
        await operations.retry(f"turn:{turn}")


async def test_a_turn_that_broke_three_times_is_listed_and_answered_when_retried(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)

    def break_(brief: Brief) -> Reply:
        raise ZeroDivisionError

    small.broker.script = break_
    await customer_says(small, conversation, "how much?")
    await settle(small)
    (failed,) = await failures(operations)
    assert (failed.kind, failed.attempts) == ("turn", 3)
    assert failed.reason == "internal: ZeroDivisionError"

    small.broker.script = None
    await operations.retry(failed.id)
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: how much?"]
    assert await failures(operations) == ()


async def test_a_refused_lead_is_listed_and_synchronised_when_retried(
    small: World, operations: Operations
) -> None:
    line = Refusing(small, "/contacts")
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await settle(small)
    (failed,) = await failures(operations)
    assert (failed.id, failed.lead_id) == (f"lead:{submission.lead_id}", submission.lead_id)
    line.wrong = ""
    await operations.retry(failed.id)
    await settle(small)
    assert await small.intake.conversation_of(submission.lead_id, wait=0) is not None
    assert await failures(operations) == ()


async def test_a_lead_that_never_gets_through_ends_in_the_list_and_not_in_a_loop(
    small: World, operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "GIVE_UP_AFTER", 3)
    Refusing(small, "/contacts", status=500)
    await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await settle(small)
    await small.database.run("UPDATE leads SET created_at = now() - interval '1 hour'")
    assert (await small.sweep.ours()).due == 0
    assert [failed.kind for failed in await failures(operations)] == ["lead"]


async def test_a_customers_own_line_that_is_refused_is_listed_and_said_when_retried(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    lead = (await small.database.fetch("SELECT id FROM leads"))[0]["id"]
    line = Refusing(small, "/messages")
    await ChatRows(small.database).keep(lead, "client-1", "it is me")
    await settle(small)
    (failed,) = await failures(operations)
    assert failed.kind == "customer_message"
    page = Chat(ChatRows(small.database), small.gateway)
    assert [m.text for m in (await page.view(lead)).messages if m.state == "sending"] == ["it is me"]
    line.wrong = ""
    await operations.retry(failed.id)
    await settle(small)
    said = [m["content"] for m in await small.thread(conversation) if m["message_type"] == 0]
    assert said == ["it is me"]


async def test_a_write_that_is_refused_at_the_last_look_is_listed_too(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    looks = [False]
    no = JSONResponse({"error": "not acceptable"}, 406)

    def fate(method: str, path: str) -> Response | None:
        return (
            no if looks[0] and method == "GET" and path.endswith(f"/conversations/{conversation}") else None
        )

    Line(small, fate)
    assert await small.lane._turns.take(conversation)
    looks[0] = True
    await settle(small)
    (failed,) = await failures(operations)
    assert "406" in failed.reason


async def test_a_write_that_answers_500_for_a_day_is_listed(small: World, operations: Operations) -> None:
    await lead_in(small)
    await small.database.run(
        "UPDATE outbox SET state = 'intended', created_at = now() - interval '25 hours' WHERE kind = 'labels'"
    )
    conversation = (await small.database.fetch("SELECT conversation_id AS id FROM outbox LIMIT 1"))[0]["id"]
    await small.http.post(f"/api/v1/accounts/1/conversations/{conversation}/labels", json={"labels": []})
    Refusing(small, "/labels", status=500)
    await small.lane.attend(conversation)
    (failed,) = await failures(operations)
    assert (failed.kind, "500" in failed.reason) == ("labels", True)


async def test_a_reply_never_found_in_a_day_of_sending_is_listed(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    Line(small, lambda method, path: JSONResponse({}, 500) if is_reply(method, path) else None)
    await small.lane.attend(conversation)
    await small.database.run("UPDATE outbox SET created_at = now() - interval '25 hours'")
    await settle(small)
    (failed,) = await failures(operations)
    assert (failed.kind, failed.conversation_id) == ("message", conversation)


@pytest.mark.parametrize(
    "unknown", ["outbox:999", "turn:none", "lead:none", "job:999", "trace:x", "nonsense"]
)
async def test_what_is_not_in_the_list_cannot_be_retried(operations: Operations, unknown: str) -> None:
    with pytest.raises(LookupError):
        await operations.retry(unknown)
