"""Any interleaving of customer, person, bot, webhooks, crashes and sweeps, on real PostgreSQL and the desk.

A rule is one thing that somebody does; nothing runs by itself. At the end everything is let settle (the
network is well again, time passes, the sweep runs), and what the desk and our tables hold is compared with
what was said. Expected values are the promises of docs/reliability.md and Chatwoot's contract, section 6.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nextnest.adapters.chatwoot.models import Conversation as Shown
from nextnest.adapters.store.database import Database
from nextnest.broker.brief import Brief
from nextnest.desk.models import Delivery
from nextnest.desk.version import Version
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import parse_lead
from nextnest.domain.reply import Reply
from tests.integration.cable import Cable, Crash, Disk, Fault, Post, hand_in
from tests.integration.world import World, world

T = TypeVar("T")

BOT, PERSON = 1, 2  # the desk's first bot and its agent
ASKS_FOR_PERSON = "let me talk to a human"
LEAD = {
    "purpose": "new_purchase",
    "name": "Mei Lin",
    "email": "mei@example.com",
    "phone": "+65 9123 4567",
    "property_type": "condo",
    "property_price": 1_200_000,
    "monthly_income": 12_000,
    "timeline": "this_month",
}


def answer(brief: Brief) -> Reply:
    words = brief.inputs[-1].text
    if words == ASKS_FOR_PERSON:
        return Reply(text="A colleague will answer.", intent="person", handoff=HandoffReason.ASKED_FOR_PERSON)
    return Reply(text=f"You said: {words}", intent="echo")


class Stage:
    """One world for all examples of a run; each example plays in a conversation of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        assert world.desk.app.middleware_stack is not None
        self.cable = Cable(world.desk.app.middleware_stack)
        world.desk.app.middleware_stack = self.cable
        self.post = Post(world.desk)
        self.disk = Disk(world.store)
        world.broker.script = answer

    async def open_conversation(self) -> int:
        submission = await self.world.intake.submit(parse_lead(LEAD), idempotency_key=None)
        await self.world.sync.sync(submission.lead_id)
        conversation = await self.world.intake.conversation_of(submission.lead_id, wait=0)
        assert conversation is not None
        return conversation

    async def one_job(self) -> bool:
        """A worker takes one job; if it dies at it, the job is gone."""
        rows = await self.world.database.fetch(
            """DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs
               WHERE status = 'todo' AND scheduled_at <= now() ORDER BY priority DESC, id LIMIT 1)
               RETURNING task_name, args"""
        )
        if rows:
            handler: Any = getattr(self.world.handlers, rows[0]["task_name"])
            await handler(*rows[0]["args"].values())
        return bool(rows)

    async def work_off(self) -> None:
        while await self.one_job():
            pass

    async def pass_time(self, seconds: int) -> None:
        """Move everything that waits into the past."""
        for statement in (
            "UPDATE conversations SET due_at = due_at - make_interval(secs => %(late)s)",
            """UPDATE outbox SET not_before = not_before - make_interval(secs => %(late)s),
               attempted_at = attempted_at - make_interval(secs => %(late)s)
               WHERE state IN ('intended', 'unknown')""",
            """UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - make_interval(secs => %(late)s)
               WHERE status = 'todo'""",
        ):
            await self.world.database.run(statement, {"late": seconds})

    async def sweep(self) -> None:
        await self.world.sweep.ours()
        await self.world.sweep.theirs(within=3600)

    async def settle(self) -> None:
        """The network is well again, nobody says anything more, time passes; webhooks under way are lost."""
        self.post.waiting.clear()
        for _ in range(12):
            await self.pass_time(70)
            await self.sweep()
            await self.work_off()
            if not await self.busy():
                return

    async def clear(self) -> None:
        """Nothing of one example is left for the next."""
        self.post.waiting.clear()
        for conversation in await self.world.admin.conversations.list(updated_within=3600):
            await self.world.admin.conversations.set_status(conversation.id, "resolved")
        for table in ("procrastinate_jobs", "conversations", "leads"):
            await self.world.database.run(f"DELETE FROM {table}")
        self.post.waiting.clear()

    async def busy(self) -> dict[str, int]:
        """What is not finished, by kind; empty when all is settled."""
        (row,) = await self.world.database.fetch(
            """SELECT (SELECT count(*) FROM outbox WHERE state IN ('intended', 'unknown')) AS intents,
                 (SELECT count(*) FROM turns WHERE outcome IS NULL) AS turns,
                 (SELECT count(*) FROM conversations WHERE due_at IS NOT NULL) AS due"""
        )
        return {kind: n for kind, n in row.items() if n}

    async def ends(self, conversation: int) -> dict[int, list[str]]:
        """What each customer message came to, turn by turn."""
        rows = await self.world.database.fetch(
            """SELECT m AS message, outcome::text || coalesce(': ' || reason, '') AS end
               FROM turns, unnest(input_ids) AS m WHERE conversation_id = %(id)s ORDER BY started_at""",
            {"id": conversation},
        )
        ends: dict[int, list[str]] = {}
        for row in rows:
            ends.setdefault(row["message"], []).append(row["end"])
        return ends


class Conversation(RuleBasedStateMachine):
    """One customer, one colleague, one bot."""

    stage: ClassVar[Stage]
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[int, str] = {}  # by the customer
        self.heard: set[int] = set()  # of these the ones whose webhook arrived
        self.holding: int | None = None  # the last message when a person got it; None: nobody did
        self.held: list[tuple[int, int]] = []  # when a person had it: after this message, until that one
        self.resolved_at = 0

    def wait(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(doing)

    @initialize()
    def a_lead_comes(self) -> None:
        self.id = self.wait(self.stage.open_conversation())

    # -- what the desk shows

    def shown(self) -> Shown:
        return self.wait(self.stage.world.admin.conversations.get(self.id))

    def thread(self) -> list[dict[str, Any]]:
        return self.wait(self.stage.world.thread(self.id))

    def last(self) -> int:
        return max((m["id"] for m in self.thread()), default=0)

    # -- the customer

    @rule(text=st.sampled_from(["hello", "hello", "how much can I borrow?", "yes", ASKS_FOR_PERSON, ""]))
    def the_customer_writes(self, text: str) -> None:
        if self.shown().status == "resolved":
            self.given_back()  # Chatwoot makes it pending again
        said = self.wait(self.stage.world.admin.messages.create(self.id, text, message_type="incoming"))
        self.said[said.id] = text

    # -- webhooks

    @precondition(lambda self: self.stage.post.waiting)
    @rule(at=st.sampled_from([0, 0, 0, 1, 4]), count=st.integers(1, 8))
    def webhooks_arrive(self, at: int, count: int) -> None:
        """The next ones, or some that overtake others."""
        at = min(at, len(self.stage.post.waiting) - 1)
        for delivery in self.stage.post.waiting[at : at + count]:
            self.hand_in(delivery)
        del self.stage.post.waiting[at : at + count]

    @precondition(lambda self: self.stage.post.waiting)
    @rule(at=st.integers(0, 5))
    def a_webhook_arrives_and_will_again(self, at: int) -> None:
        waiting = self.stage.post.waiting
        self.hand_in(waiting[min(at, len(waiting) - 1)])

    @precondition(lambda self: self.stage.post.waiting)
    @rule(count=st.integers(1, 8))
    def webhooks_are_lost(self, count: int) -> None:
        del self.stage.post.waiting[:count]

    def hand_in(self, delivery: Delivery) -> None:
        self.wait(hand_in(self.stage.world.receive, delivery))
        if delivery.message_id in self.said:
            self.heard.add(delivery.message_id)

    # -- the colleague

    def act(self, path: str, body: dict[str, Any]) -> None:
        url = f"/api/v1/accounts/1/conversations/{self.id}{path}"
        assert self.wait(self.stage.world.http.post(url, json=body)).status_code == 200

    def taken(self) -> None:
        if self.holding is None:
            self.holding = self.last()

    def given_back(self) -> None:
        if self.holding is not None:
            self.held.append((self.holding, self.last()))
            self.holding = None

    @rule(does=st.sampled_from(["reply", "note", "assign", "open", "resolve", "give_back", "assign_the_bot"]))
    def a_person(self, does: str) -> None:
        shown = self.shown()
        match does:
            case "reply":
                self.taken()
                self.act("/messages", {"content": "Mei here."})
            case "note":
                self.act("/messages", {"content": "looks promising", "private": True})
            case "assign" if shown.meta.assignee_type != "User" and shown.status == "pending":
                self.taken()
                self.act("/assignments", {"assignee_id": PERSON})
            case "open":
                self.taken()
                self.act("/toggle_status", {"status": "open"})
            case "resolve":
                self.act("/toggle_status", {"status": "resolved"})
                self.resolved_at = self.last()
            case "give_back" if shown.status == "open":
                self.act("/toggle_status", {"status": "pending"})
                self.given_back()
            case "assign_the_bot" if shown.status == "open":
                self.act("/assignments", {"assignee_id": BOT, "assignee_type": "AgentBot"})
                self.given_back()

    # -- nextnest

    def work(self, doing: Coroutine[Any, Any, Any]) -> None:
        with contextlib.suppress(Crash):
            self.wait(doing)
        self.stage.cable.mend()
        self.stage.disk.mend()

    @rule()
    def a_worker_takes_a_job(self) -> None:
        self.work(self.stage.one_job())

    @rule()
    def everything_arrives_and_is_worked_off(self) -> None:
        for _ in range(4):
            for delivery in self.stage.post.waiting:
                self.hand_in(delivery)
            self.stage.post.waiting.clear()
            self.work(self.stage.work_off())

    @rule(fault=st.sampled_from(Fault), writes=st.integers(0, 4))
    def a_worker_takes_a_job_and_a_request_goes_wrong(self, fault: Fault, writes: int) -> None:
        self.stage.cable.arm(fault, writes=writes)
        self.work(self.stage.one_job())

    @rule(commits=st.integers(0, 6), before=st.booleans())
    def a_worker_takes_a_job_and_dies_at_a_commit(self, commits: int, before: bool) -> None:
        self.stage.disk.arm(commits=commits, before=before)
        self.work(self.stage.one_job())

    @rule(seconds=st.sampled_from([1, 30]))
    def time_passes(self, seconds: int) -> None:
        self.wait(self.stage.pass_time(seconds))

    @rule()
    def the_sweep_looks(self) -> None:
        self.wait(self.stage.sweep())

    # -- what must be true when all has settled

    def teardown(self) -> None:
        if not hasattr(self, "id"):
            return
        try:
            self.check()
        finally:
            self.wait(self.stage.clear())

    def check(self) -> None:
        self.wait(self.stage.settle())
        assert self.wait(self.stage.busy()) == {}
        thread = self.thread()
        ends = self.wait(self.stage.ends(self.id))
        self.each_message_has_one_end(ends)
        self.nothing_is_said_twice(thread)
        self.nobody_is_talked_over(thread)
        self.nobody_waits_for_the_bot(thread)

    def each_message_has_one_end(self, ends: dict[int, list[str]]) -> None:
        for message in self.said:
            final = [end for end in ends.get(message, []) if end != "superseded"]
            # after a hand-back what a person left unanswered is taken up again
            answers = [end for end in final if not end.startswith("silent")]
            assert len(answers) <= 1, ends
            assert not any(end.startswith("failed") for end in final), ends
            # of what was never heard, and a person answered meanwhile, there is nothing to end
            assert final or message not in self.heard, (message, ends)

    def nothing_is_said_twice(self, thread: list[dict[str, Any]]) -> None:
        marks = [m["content_attributes"]["nextnest"] for m in thread if "nextnest" in m["content_attributes"]]
        parts = Counter(mark["part"] for mark in marks)
        assert all(times == 1 for times in parts.values()), parts
        assert sum(part.startswith("greeting:") for part in parts) <= 1

    def nobody_is_talked_over(self, thread: list[dict[str, Any]]) -> None:
        spans = [*self.held, *([(self.holding, self.last())] if self.holding is not None else [])]
        for said in thread:
            if _by_bot(said):
                assert not [span for span in spans if span[0] < said["id"] <= span[1]], said

    def nobody_waits_for_the_bot(self, thread: list[dict[str, Any]]) -> None:
        if self.shown().status != "pending":
            return
        asked = max((n for n, text in self.said.items() if text and n > self.resolved_at), default=0)
        answered = max((m["id"] for m in thread if _by_bot(m) or _by_person(m)), default=0)
        assert asked < answered or not asked


def _by_bot(message: dict[str, Any]) -> bool:
    return (
        not message["private"] and message["message_type"] == 1 and message["sender"]["type"] == "agent_bot"
    )


def _by_person(message: dict[str, Any]) -> bool:
    return _public(message) and message["sender"]["type"] == "user"


def _public(message: dict[str, Any]) -> bool:
    return not message["private"] and message["message_type"] == 1


@contextlib.contextmanager
def staged(url: str, folder: Path, version: str) -> Iterator[type[Conversation]]:
    async def build() -> tuple[contextlib.AsyncExitStack, Stage]:
        stack = contextlib.AsyncExitStack()
        database = Database(url)
        await database.open()
        stack.push_async_callback(database.close)
        made = await stack.enter_async_context(world(database, folder))
        made.desk.site.version = Version(version)
        return stack, Stage(made)

    with asyncio.Runner() as runner:
        stack, stage = runner.run(build())
        try:
            yield type("Conversation", (Conversation,), {"stage": stage, "runner": runner})
        finally:
            runner.run(stack.aclose())


@pytest.mark.parametrize("version", ["4.14.2", "4.18.0"])
def test_whatever_happens_in_whatever_order_the_promises_hold(
    version: str, database_url: str, tmp_path: Path
) -> None:
    with staged(database_url, tmp_path, version) as machine:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=int(os.environ.get("STATEFUL_EXAMPLES", "15")),
                stateful_step_count=25,
                deadline=None,
                phases=[Phase.generate],  # a failure is printed step by step; making it smaller takes minutes
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
