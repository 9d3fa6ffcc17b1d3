"""Runs scenarios through the broker, several at once, and judges every turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from itertools import count

import structlog

from nextnest.broker.brief import KnowledgeSearch, nothing_known
from nextnest.broker.broker import Broker
from nextnest.broker.budget import Spend, SpendInMemory
from nextnest.broker.evaluation.conversation import Conversation, Said
from nextnest.broker.evaluation.judge import Verdict, figures_said, greeting_judged, judged, lead_judged
from nextnest.broker.evaluation.measures import Evaluation, ScenarioRun, TurnRun
from nextnest.broker.evaluation.scenario import Scenario, Turn
from nextnest.broker.evaluation.suites import Suite
from nextnest.broker.ports import Model
from nextnest.domain.trace import Step

PARALLEL = 8

_numbers = count(1)  # of conversations: each has its own account

log = structlog.get_logger(__name__)


def _ignore(run: ScenarioRun) -> None: ...


async def evaluate(
    suites: Sequence[Suite],
    *,
    model: Model | None = None,
    knowledge: KnowledgeSearch = nothing_known,
    author: str = "playbook",
    repeats: int = 1,
    parallel: int = PARALLEL,
    on_done: Callable[[ScenarioRun], None] = _ignore,
) -> Evaluation:
    """Run every scenario `repeats` times, at most `parallel` of them at once.

    `author` names who answers, for the report; `knowledge` is what a model may search, which the playbook
    never does. A model's turns overlap; the playbook never waits, and `evaluate_spread` gives it more
    processors. The model's limit for a day counts all runs together.
    """
    spend = SpendInMemory()
    places = asyncio.Semaphore(parallel)

    async def once(scenario: Scenario, repeat: int) -> ScenarioRun:
        async with places:
            run = await run_scenario(scenario, repeat, spend=spend, model=model, knowledge=knowledge)
            on_done(run)
            return run

    started = time.perf_counter()
    scenarios = [scenario for suite in suites for scenario in suite.scenarios]
    runs = await asyncio.gather(*(once(s, repeat) for repeat in range(1, repeats + 1) for s in scenarios))
    return Evaluation(tuple(runs), author, repeats, time.perf_counter() - started)


async def run_scenario(
    scenario: Scenario,
    repeat: int,
    *,
    spend: Spend,
    model: Model | None = None,
    knowledge: KnowledgeSearch = nothing_known,
) -> ScenarioRun:
    """One run of one scenario, judged. `spend` is the account that the model's limits are read from."""
    broker = Broker(model, spend=spend, high_value_from=scenario.high_value_from)
    steps: list[Step] = []
    conversation = Conversation(scenario, broker, next(_numbers), knowledge=knowledge, record=steps.append)
    turns: list[TurnRun] = []
    started = datetime.now(UTC)
    greeted = conversation.greet()
    if greeted is not None:
        turns.append(_turn_run("form", (), greeted, (), tuple(greeting_judged(greeted, scenario))))
    customer = _Customer(scenario, greeted)
    for turn in scenario.turns:
        try:
            turns += [each async for each in customer.through(turn, conversation)]
        except Exception as error:  # a defect is a result too: the other scenarios go on
            log.exception("scenario broke", scenario=scenario.id)
            broke = Verdict("works", passed=False, detail=f"{type(error).__name__}: {error}")
            turns.append(TurnRun(_who(turn), _lines(turn), (), (broke,)))
            break
    return ScenarioRun(
        scenario,
        repeat,
        started,
        datetime.now(UTC),
        tuple(turns),
        tuple(lead_judged(scenario, conversation.lead)),
        tuple(steps),
    )


class _Customer:
    """Plays the turns of a scenario, and remembers what it was asked."""

    def __init__(self, scenario: Scenario, greeted: Said | None) -> None:
        self._scenario = scenario
        self._asked = _asked(greeted)
        self._answered: set[str] = set()

    async def through(self, turn: Turn, conversation: Conversation) -> AsyncIterator[TurnRun]:
        """One turn of the scenario: one event, or as many answers as it takes."""
        if not turn.answers:
            yield self._judged(turn, await conversation.take(turn))
            return
        for number in range(turn.answers):
            field = self._asked
            if field not in self._scenario.knows or field in self._answered:
                yield _at_a_loss(field)
                return
            self._answered.add(field)
            event = Turn(says=(self._scenario.knows[field],))
            said = await conversation.take(event)
            self._asked = _asked(said)
            last = number + 1 == turn.answers or self._asked not in self._scenario.knows
            yield self._judged(turn.model_copy(update={"says": event.says}) if last else event, said)
            if last:
                return

    def _judged(self, turn: Turn, said: Said) -> TurnRun:
        if said.reply is not None:
            self._asked = _asked(said)
        verdicts = tuple(judged(turn, said, self._scenario))
        return _turn_run(_who(turn), _lines(turn), said, _wanted(turn, said), verdicts)


def _at_a_loss(asked: str) -> TurnRun:
    detail = f"asked for {asked or 'nothing'}, which the customer cannot answer, or has answered before"
    return TurnRun("customer", (), (), (Verdict("asks", passed=False, detail=detail),))


def _asked(said: Said | None) -> str:
    return (said.reply.asks_for or "") if said is not None and said.reply is not None else ""


def _turn_run(
    who: str, lines: tuple[str, ...], said: Said, wanted: tuple[str, ...], verdicts: tuple[Verdict, ...]
) -> TurnRun:
    figures, unsupported = figures_said(said)
    return TurnRun(who, lines, wanted, verdicts, said.reply, figures, len(unsupported), said.seconds)


def _who(turn: Turn) -> str:
    if turn.person is not None:
        return "person"
    return "hand back" if turn.hand_back else "customer"


def _lines(turn: Turn) -> tuple[str, ...]:
    if turn.sends is not None:
        return (f"[{turn.sends}]",)
    return (turn.person,) if turn.person is not None else turn.says


def _wanted(turn: Turn, said: Said) -> tuple[str, ...]:
    """The hand-overs that would be right; none where the broker had no say."""
    return () if said.reply is None else tuple(str(reason) for reason in turn.hands_over)
