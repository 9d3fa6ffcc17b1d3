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
from tests.integration.test_main_corridor import LEAD, customer_says, ends, lead_in, person_says, status_set
from tests.integration.test_outages import Line, is_reply, settle, time_passes
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
        self._answer = JSONResponse({"error": "Validation failed: Content is too long"}, status)
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
    ("age_hours", "status"),
    [
        (25, 502),  # Chatwoot was away for as long as we look for it
        (0, 404),  # a page of maintenance, as JSON
    ],
)
async def test_a_reply_that_was_stored_but_not_found_is_not_said_twice_when_retried(
    small: World, operations: Operations, age_hours: int, status: int
) -> None:
    conversation = await lead_in(small)
    await customer_says(small, conversation, "hello?")
    away = [False]

    def fate(method: str, path: str) -> Response | str | None:
        if is_reply(method, path):
            return "broken"
        looked_for = away[0] and method == "GET" and path.endswith("/messages")
        return JSONResponse({"error": "away"}, status) if looked_for else None

    Line(small, fate)
    await small.lane.attend(conversation)
    away[0] = True
    await small.database.run(
        "UPDATE outbox SET created_at = now() - make_interval(hours => %(age)s)", {"age": age_hours}
    )
    await time_passes(small)
    await small.work_off()
    (failed,) = await failures(operations)
    assert (failed.kind, failed.conversation_id) == ("message", conversation)

    away[0] = False
    await operations.retry(failed.id)
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["You said: hello?"]
    assert await ends(small) == [("replied", None)]
    assert await failures(operations) == ()


@pytest.mark.parametrize("later", [None, HandoffReason.ASKED_FOR_PERSON])
async def test_a_turn_that_broke_is_over_once_the_customers_later_words_were_answered(
    small: World, operations: Operations, later: HandoffReason | None
) -> None:
    conversation = await lead_in(small)

    def break_(brief: Brief) -> Reply:
        raise ZeroDivisionError

    small.broker.script = break_
    await customer_says(small, conversation, "first")
    await settle(small)
    (failed,) = await failures(operations)

    small.broker.script = lambda brief: Reply(text="Here you are.", intent="echo", handoff=later)
    await customer_says(small, conversation, "second")
    await settle(small)
    assert await failures(operations) == ()
    with pytest.raises(LookupError):
        await operations.retry(failed.id)
    await settle(small)
    assert (await small.said_by_bot(conversation))[1:] == ["Here you are."]


async def loan_changed(world: World, amount: int) -> None:
    """The form comes again with another loan, and all that follows is tried."""
    lead = parse_lead({**LEAD, "loan_amount": amount})
    await world.intake.submit(lead, idempotency_key=None, trusted=True)
    await settle(world)


async def test_an_old_document_of_facts_is_not_written_over_a_newer_one(
    small: World, operations: Operations
) -> None:
    conversation = await lead_in(small)
    line = Refusing(small, "/custom_attributes")
    await loan_changed(small, 700_000)
    (failed,) = await failures(operations)
    line.wrong = ""
    await loan_changed(small, 600_000)
    assert failed.kind == "attributes"
    assert await failures(operations) == ()
    with pytest.raises(LookupError):
        await operations.retry(failed.id)
    await settle(small)
    shown = (await small.admin.conversations.get(conversation)).custom_attributes
    assert shown["loan_amount"] == 600_000


async def test_a_greeting_that_a_person_made_needless_is_no_failure_and_is_not_said_later(
    small: World, operations: Operations
) -> None:
    submission = await small.intake.submit(parse_lead(LEAD), idempotency_key=None)
    await small.sync.sync(submission.lead_id)
    conversation = await small.intake.conversation_of(submission.lead_id, wait=0)
    assert conversation is not None
    await person_says(small, conversation, "Hi, Mei here.")
    await settle(small)
    assert await failures(operations) == ()

    await status_set(small, conversation, "pending")
    await customer_says(small, conversation, "and my rate?")
    await settle(small)
    assert await small.said_by_bot(conversation) == ["You said: and my rate?"]


@pytest.mark.parametrize(
    "unknown", ["outbox:999", "turn:none", "lead:none", "job:999", "trace:x", "nonsense"]
)
async def test_what_is_not_in_the_list_cannot_be_retried(operations: Operations, unknown: str) -> None:
    with pytest.raises(LookupError):
        await operations.retry(unknown)
