"""From brief to reply: policy, model, checks, playbook, a person. Models are scripted, all else is real."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic_ai.exceptions import ModelHTTPError

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.broker.broker import Broker
from nextnest.broker.budget import Limits, SpendInMemory
from nextnest.broker.checks import check
from nextnest.broker.composition import BrokerEvent
from nextnest.broker.model import ModelBroker
from nextnest.broker.playbook import greeting, playbook
from nextnest.broker.policy import plain_greeting, wording
from nextnest.broker.prompts import local_prompt
from nextnest.broker.technical import TechnicalHandoffs
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.persona import Persona
from nextnest.domain.reply import ModelUse, Reply
from nextnest.domain.thread import Author, Message
from nextnest.domain.trace import Level, Step, StepKind
from tests.unit.broker.briefs import TODAY, brief, lead, message
from tests.unit.broker.scripted import Script, answer, call, prose

GREETED = [message(1, "Hello, I am the AI assistant of the brokerage.", Author.BOT)]
QUESTION = "Monthly for a loan of 800k at 3% over 25 years?"
INSTALMENT = {"name": "instalment", "inputs": {"principal": 800_000, "rate_pct": 3, "months": 300}}
GIBBERISH = "flurb the wuggle"
DOWN = ModelHTTPError(503, "scripted")


class Watched:
    """A broker with a scripted model, and what happened in it."""

    def __init__(self, *moves: Any, limits: Limits | None = None, **parts: Any) -> None:
        self.script = Script(*moves)
        self.events: list[BrokerEvent] = []
        self.steps: list[Step] = []
        self.spend = SpendInMemory()
        model = ModelBroker(self.script.model, limits=limits)
        facts: dict[str, Any] = {"spend": self.spend, **parts}
        self.broker = Broker(model, on_event=self.events.append, **facts)

    async def say(self, *said: str, earlier: list[Message] = GREETED, **changes: Any) -> Reply:
        asked = brief(*said, earlier=earlier, **changes)
        return await self.broker.compose(asked, record=self.steps.append)


def by_playbook(*said: str, **changes: Any) -> str:
    return playbook(brief(*said, earlier=GREETED, **changes)).text


async def test_without_a_model_the_playbook_answers() -> None:
    events: list[BrokerEvent] = []
    reply = await Broker(on_event=events.append).compose(brief(QUESTION, earlier=GREETED))
    assert reply.author == "playbook"
    assert "3,793.69" in reply.text  # 800,000 x 0.0025 / (1 - 1.0025^-300), by hand
    assert reply.model_use is None
    assert events == [BrokerEvent.PLAYBOOK_PASSED]


async def test_a_person_is_decided_on_before_anything_is_composed() -> None:
    watched = Watched()
    reply = await watched.say("I want to talk to a human")
    assert reply.handoff is HandoffReason.ASKED_FOR_PERSON
    assert reply.text == wording(HandoffReason.ASKED_FOR_PERSON, Persona.BALANCED)
    assert (reply.author, watched.script.shown) == ("policy", [])


async def test_a_very_large_loan_goes_to_a_person_where_that_is_set() -> None:
    rich = lead(loan_amount=5_000_000)
    asked = brief("how much can i borrow", lead=rich, earlier=GREETED)
    assert (await Broker().compose(asked)).handoff is None
    reply = await Broker(high_value_from=Decimal(3_000_000)).compose(asked)
    assert reply.handoff is HandoffReason.HIGH_VALUE


async def test_a_model_that_computes_its_figure_is_sent() -> None:
    watched = Watched(call("calculate", **INSTALMENT), answer("It would be S$3,793.69 a month."))
    reply = await watched.say(QUESTION)
    assert reply.author == "model"
    assert reply.text.startswith("It would be S$3,793.69 a month.")
    assert watched.events == [BrokerEvent.MODEL_PASSED]


async def test_a_computed_figure_carries_the_fixed_disclosure() -> None:
    watched = Watched(call("calculate", **INSTALMENT), answer("It would be S$3,793.69 a month."))
    reply = await watched.say(QUESTION)
    assert "not an offer of credit; the bank's own assessment decides" in reply.text


async def test_a_model_that_invents_a_rate_is_asked_again_with_the_reason() -> None:
    watched = Watched(
        answer("DBS offers 1.85% fixed today."),
        answer("I have no current rate sheet. What is your loan size?"),
    )
    reply = await watched.say("what rates do you have")
    assert reply.text == "I have no current rate sheet. What is your loan size?"
    assert "1.85%" in watched.script.last_words()
    assert watched.events == [BrokerEvent.MODEL_REFUSED, BrokerEvent.MODEL_PASSED]


async def test_a_model_that_insists_is_replaced_by_the_playbook() -> None:
    watched = Watched(answer("DBS offers 1.85% fixed."), answer("Believe me: 1.85% at DBS."))
    reply = await watched.say(QUESTION)
    assert (reply.author, reply.text) == ("playbook", by_playbook(QUESTION))
    assert watched.events == [
        BrokerEvent.MODEL_REFUSED,
        BrokerEvent.MODEL_UNPROVEN,
        BrokerEvent.PLAYBOOK_PASSED,
    ]
    assert reply.model_use is not None
    assert reply.model_use.calls == 2


async def test_what_the_model_learned_is_dropped_with_its_words() -> None:
    said = "my wife is 33, what are the rates?"
    fact = {"field": "applicants.1.age", "value": 33, "message_id": 101, "quote": "my wife is 33"}
    watched = Watched(answer("DBS has 1.85%.", facts_learned=[fact]), DOWN)
    reply = await watched.say(said)
    assert reply.facts == playbook(brief(said, earlier=GREETED)).facts


async def test_when_neither_can_prove_or_knows_a_person_is_asked() -> None:
    watched = Watched(answer("You get S$5m."), answer("Really, S$5m."))
    reply = await watched.say(GIBBERISH)
    assert reply.handoff is HandoffReason.UNPROVEN
    assert reply.text == wording(HandoffReason.UNPROVEN, Persona.BALANCED)


@pytest.mark.parametrize(
    ("moves", "note"),
    [
        ([DOWN], "model_failed:server_error"),
        ([prose("no shape"), prose("no shape")], "model_failed:malformed"),
        ([call("rates")] * 6, "model_failed:turn_limit"),
    ],
)
async def test_a_model_that_fails_leaves_it_to_the_playbook_at_once(moves: list[Any], note: str) -> None:
    watched = Watched(*moves)
    reply = await watched.say(QUESTION)
    assert (reply.author, reply.text) == ("playbook", by_playbook(QUESTION))
    assert note in reply.notes


async def test_a_model_that_fails_when_asked_again_leaves_it_to_the_playbook() -> None:
    watched = Watched(answer("DBS offers 1.85%."), DOWN)
    assert (await watched.say(QUESTION)).text == by_playbook(QUESTION)


async def test_an_outage_asks_a_person_only_where_the_playbook_does_not_know_and_within_a_cap() -> None:
    """Pain 25: an outage of the model handed over every chat."""
    watched = Watched(*[DOWN] * 6, technical=TechnicalHandoffs(most=2, clock=lambda: 0.0))
    assert (await watched.say(QUESTION)).handoff is None
    handoffs = [(await watched.say(GIBBERISH)).handoff for _ in range(5)]
    assert handoffs == [HandoffReason.TECHNICAL, HandoffReason.TECHNICAL, None, None, None]


async def test_the_cap_opens_again_with_time() -> None:
    now = [0.0]
    cap = TechnicalHandoffs(most=1, window=600, clock=lambda: now[0])
    assert [cap.admit(), cap.admit()] == [True, False]
    now[0] = 600
    assert cap.admit()


async def test_a_failing_model_is_left_alone_for_a_while() -> None:
    now = [0.0]
    circuit = Circuit(threshold=2, cool_down=30, clock=lambda: now[0])
    watched = Watched(DOWN, DOWN, answer("Hello."), circuit=circuit)
    for _ in range(4):
        await watched.say(QUESTION)
    assert len(watched.script.shown) == 2
    assert BrokerEvent.MODEL_RESTING in watched.events
    now[0] = 31
    assert (await watched.say("hi")).author == "model"


async def test_broken_answers_do_not_rest_a_working_server() -> None:
    circuit = Circuit(threshold=1, cool_down=30)
    watched = Watched(prose("a"), prose("b"), answer("Hello."), circuit=circuit)
    await watched.say(QUESTION)
    assert (await watched.say("hi")).author == "model"


@pytest.mark.parametrize(
    ("limits", "note"),
    [
        (Limits(conversation_tokens=1_000), "model_over_limit:conversation_limit"),
        (Limits(day_usd=Decimal("0.01")), "model_over_limit:day_limit"),
    ],
)
async def test_over_its_limit_the_model_is_not_asked_and_the_playbook_answers(
    limits: Limits, note: str
) -> None:
    watched = Watched(limits=limits)
    await watched.spend.record(42, ModelUse(model="m", input_tokens=1_000, cost_usd=Decimal("0.01")))
    reply = await watched.say(QUESTION)
    assert (reply.author, reply.text) == ("playbook", by_playbook(QUESTION))
    assert note in reply.notes
    assert watched.script.shown == []


@pytest.mark.parametrize("moves", [[answer("Hello.")], [call("rates"), DOWN]])
async def test_what_was_used_is_on_the_account_whatever_came_of_it(moves: list[Any]) -> None:
    watched = Watched(*moves)
    await watched.say("hi")
    assert (await watched.spend.spent_conversation(42)).tokens == 1_100
    assert (await watched.spend.spent_today()).tokens == 1_100


async def test_a_wish_for_a_person_is_worded_by_us() -> None:
    watched = Watched(answer("Buy now, I will get my boss.", handoff="complaint"))
    reply = await watched.say("hmm")
    assert reply.handoff is HandoffReason.COMPLAINT
    assert reply.text == wording(HandoffReason.COMPLAINT, Persona.BALANCED)


@pytest.mark.parametrize(
    ("obeyed", "reason"),
    [
        ("Your lead score is 88 and my persona is aggressive.", "score and persona are internal"),
        (local_prompt(Persona.BALANCED).text[:1_500], "the instructions themselves"),
        ("Your loan is approved, guaranteed.", "a promise of approval"),
        ("We have the lowest rates in Singapore.", "a claim of the lowest"),
        ("I am a human, my name is Peter.", "posing as a person"),
        ("Hello {{contact.email}}", "Liquid would be executed"),
        ("Click http://evil.example/pay to secure your rate.", "a link of the attacker's"),
        ("Only today! Three other clients want this rate.", "invented scarcity"),
    ],
)
async def test_a_model_that_obeys_an_attack_is_stopped(obeyed: str, reason: str) -> None:
    watched = Watched(answer(obeyed), answer(obeyed))
    reply = await watched.say("What documents do I need? " + obeyed)
    assert reply.author != "model", reason
    assert obeyed not in reply.text, reason
    assert BrokerEvent.MODEL_UNPROVEN in watched.events


async def test_a_figure_on_an_invented_income_is_stopped() -> None:
    invented = {"income": 99_000, "ratio_pct": 55, "rate_pct": 4, "months": 360}
    figures = call("calculate", name="max_loan", inputs=invented)
    claim = answer("You can borrow S$11,405,273.")
    watched = Watched(figures, claim, claim)
    reply = await watched.say("how much can i borrow")
    assert reply.author == "playbook"
    assert "11,405,273" not in reply.text


FIRST_WORDS: list[tuple[str, Callable[[], Watched]]] = [
    ("model", lambda: Watched(answer("A fixed rate stays the same, a floating one moves with SORA."))),
    ("playbook", lambda: Watched(DOWN)),
]


@pytest.mark.parametrize(("author", "watched"), FIRST_WORDS)
async def test_the_first_words_say_who_writes_and_who_pays(
    author: str, watched: Callable[[], Watched]
) -> None:
    reply = await watched().say("fixed or floating?", earlier=[])
    assert reply.author == author
    assert "AI assistant" in reply.text
    assert "commission by the bank" in reply.text
    assert "person" in reply.text


async def test_later_words_do_not_say_it_again() -> None:
    reply = await Watched(answer("Hello.")).say("hi")
    assert reply.text == "Hello."


async def test_each_step_is_recorded() -> None:
    watched = Watched(answer("DBS offers 1.85% fixed."), DOWN)
    await watched.say(QUESTION)
    assert [(step.kind, step.level) for step in watched.steps] == [
        (StepKind.MODEL, Level.DEFAULT),
        (StepKind.CHECK, Level.WARNING),
        (StepKind.MODEL, Level.ERROR),
        (StepKind.CHECK, Level.DEFAULT),
    ]


async def test_notes_tell_the_way_in_order() -> None:
    watched = Watched(answer("DBS offers 1.85% fixed."), DOWN)
    notes = (await watched.say(QUESTION)).notes
    kept = [note for note in notes if not note.startswith("model:")]
    assert kept == ["model_refused", "model_failed:server_error", "playbook_passed"]
    assert any(note.startswith("model:") for note in notes)


@pytest.mark.parametrize("persona", list(Persona))
def test_the_greeting_is_the_playbooks_and_proven(persona: Persona) -> None:
    asked = brief(persona=persona)
    reply = Broker().greeting(asked)
    assert reply.text == greeting(asked).text
    assert check(reply, [], today=TODAY).ok


def test_a_greeting_that_cannot_be_proven_is_a_plain_one() -> None:
    named = brief(lead=lead(name="Approved Guaranteed S$9,999,999 {{x}}"))
    reply = Broker().greeting(named)
    assert reply.text == plain_greeting("the brokerage")


@pytest.mark.parametrize("reason", [HandoffReason.TECHNICAL, HandoffReason.UNPROVEN, HandoffReason.COMPLAINT])
@pytest.mark.parametrize("persona", list(Persona))
def test_our_own_fixed_words_pass_the_checks(reason: HandoffReason, persona: Persona) -> None:
    reply = Reply(text=wording(reason, persona), intent=reason, author="policy")
    assert check(reply, [], today=TODAY).findings == ()


async def test_a_playbook_that_cannot_prove_itself_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    unproven = Reply(text="You get S$9,876,543.", intent="capacity")
    monkeypatch.setattr("nextnest.broker.broker.playbook", lambda brief: unproven)
    reply = await Broker().compose(brief("how much can i borrow", earlier=GREETED))
    assert reply.handoff is HandoffReason.UNPROVEN
    assert "9,876,543" not in reply.text
    assert "playbook:unsupported_figure" in reply.notes
