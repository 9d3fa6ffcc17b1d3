"""What came of an evaluation, and its measures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from nextnest.broker.evaluation.judge import Verdict
from nextnest.broker.evaluation.scenario import Scenario
from nextnest.domain.reply import ModelUse, Reply
from nextnest.domain.trace import Step

THRESHOLD = Decimal("0.95")  # share of scenarios that must pass


@dataclass(frozen=True)
class TurnRun:
    """One turn as it went. `seconds` is the time to compose the reply."""

    who: str  # "form", "customer", "person", "hand back"
    lines: tuple[str, ...]  # what was said to the broker
    wanted: tuple[str, ...]  # the hand-overs that would have been right, or "no"; empty: it had no say
    verdicts: tuple[Verdict, ...]
    reply: Reply | None = None
    figures: int = 0  # sums and percentages said
    unsupported: int = 0  # of them without evidence, by the second opinion
    seconds: float = 0.0

    @property
    def said(self) -> str | None:
        return self.reply.text if self.reply else None

    @property
    def handed_over(self) -> str:
        """The reason, or "no"."""
        return str(self.reply.handoff) if self.reply and self.reply.handoff else "no"

    @property
    def due(self) -> bool:
        """Whether a hand-over was the only right thing."""
        return bool(self.wanted) and "no" not in self.wanted

    @property
    def use(self) -> ModelUse | None:
        return self.reply.model_use if self.reply else None

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def refused(self) -> bool:
        """Whether the broker's own checks or the second opinion refuse what was said."""
        return any(not v.passed for v in self.verdicts if v.check in ("claims", "proven"))


@dataclass(frozen=True)
class ScenarioRun:
    """One run of one scenario. `closing` are the checks after the last turn, `steps` what the broker did."""

    scenario: Scenario
    repeat: int
    started_at: datetime
    ended_at: datetime
    turns: tuple[TurnRun, ...]
    closing: tuple[Verdict, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return (*(verdict for turn in self.turns for verdict in turn.verdicts), *self.closing)

    @property
    def passed(self) -> bool:
        return all(verdict.passed for verdict in self.verdicts)

    def failures(self) -> list[str]:
        """What went wrong, a line each."""
        lines = [
            f"{' / '.join(turn.lines)[:70] or turn.who}: {verdict.check}: {verdict.detail}"
            for turn in self.turns
            for verdict in turn.verdicts
            if not verdict.passed
        ]
        return lines + [f"at the end: {v.check}: {v.detail}" for v in self.closing if not v.passed]


@dataclass(frozen=True)
class Share:
    """Some of all; the share of nothing is whole."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 1.0

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % ({self.part} of {self.whole})"


@dataclass(frozen=True)
class Evaluation:
    """All runs. `seconds` is how long the whole took."""

    runs: tuple[ScenarioRun, ...]
    author: str  # "playbook", or the model's name
    repeats: int
    seconds: float

    @property
    def ok(self) -> bool:
        return Decimal(str(self.passed.value)) >= THRESHOLD

    @cached_property
    def passed(self) -> Share:
        return Share(sum(run.passed for run in self.runs), len(self.runs))

    @cached_property
    def pass_hat_k(self) -> Share:
        """pass^k: scenarios that passed in each of the k repeats."""
        return Share(sum(all(passes) for passes in self._passes.values()), len(self._passes))

    def pass_hat(self) -> dict[int, float]:
        """pass^k for every k up to the repeats: the chance that k runs of a scenario, drawn from its repeats,
        all pass, averaged over the scenarios.
        """
        counts = [(sum(passes), len(passes)) for passes in self._passes.values()]
        return {
            k: sum(math.comb(right, k) / math.comb(runs, k) for right, runs in counts) / len(counts)
            for k in range(1, self.repeats + 1)
            if counts
        }

    @cached_property
    def _passes(self) -> dict[str, list[bool]]:
        """For each scenario whether its repeats passed."""
        found: dict[str, list[bool]] = {}
        for run in self.runs:
            found.setdefault(run.scenario.id, []).append(run.passed)
        return found

    @cached_property
    def turns(self) -> tuple[TurnRun, ...]:
        return tuple(turn for run in self.runs for turn in run.turns)

    @property
    def failed(self) -> list[ScenarioRun]:
        return [run for run in self.runs if not run.passed]

    def by_suite(self) -> dict[str, Share]:
        suites = dict.fromkeys(run.scenario.suite for run in self.runs)
        return {name: _passed(run for run in self.runs if run.scenario.suite == name) for name in suites}

    def by_check(self) -> dict[str, Share]:
        """For each kind of check how many passed, the worst first."""
        tried: Counter[str] = Counter()
        held: Counter[str] = Counter()
        for verdict in (verdict for run in self.runs for verdict in run.verdicts):
            tried[verdict.check] += 1
            held[verdict.check] += verdict.passed
        shares = {check: Share(held[check], tried[check]) for check in tried}
        return dict(sorted(shares.items(), key=lambda pair: (pair[1].value, pair[0])))

    @cached_property
    def figure_precision(self) -> Share:
        """Sums and percentages said that have evidence, by the second opinion."""
        said = sum(turn.figures for turn in self.turns)
        return Share(said - sum(turn.unsupported for turn in self.turns), said)

    @cached_property
    def figures_right(self) -> Share:
        """Expected figures that were said, and rightly."""
        return self.by_check().get("figure", Share(0, 0))

    @cached_property
    def handoff_precision(self) -> Share:
        """Of the hand-overs made, those that were wanted, for any reason."""
        made = [turn for turn in self.turns if turn.handed_over != "no"]
        return Share(sum(turn.wanted != ("no",) for turn in made), len(made))

    @cached_property
    def _due(self) -> tuple[TurnRun, ...]:
        """Turns that had to end in a hand-over."""
        return tuple(turn for turn in self.turns if turn.due)

    @cached_property
    def handoff_recall(self) -> Share:
        """Of the hand-overs that had to be made, those made, for any reason."""
        return Share(sum(turn.handed_over != "no" for turn in self._due), len(self._due))

    @cached_property
    def handoff_reasons(self) -> Share:
        """Of the hand-overs made that were due, those for the right reason."""
        made = [turn for turn in self._due if turn.handed_over != "no"]
        return Share(sum(turn.handed_over in turn.wanted for turn in made), len(made))

    @cached_property
    def forbidden_claims(self) -> int:
        """Replies that either judge refuses."""
        return sum(turn.refused for turn in self.turns)

    def latency_ms(self, percentile: float) -> float:
        """Milliseconds to compose a reply, by nearest rank; 0 where there was none."""
        times = sorted(turn.seconds for turn in self.turns if turn.said is not None)
        return 1000 * times[max(0, math.ceil(percentile / 100 * len(times)) - 1)] if times else 0.0

    @property
    def cost_usd(self) -> Decimal:
        """Of the model, US$."""
        return sum((turn.use.cost_usd for turn in self.turns if turn.use), Decimal(0))

    @property
    def tokens(self) -> int:
        return sum(turn.use.input_tokens + turn.use.output_tokens for turn in self.turns if turn.use)

    def authors(self) -> Counter[str]:
        """Who wrote the replies."""
        return Counter(str(turn.reply.author) for turn in self.turns if turn.reply)

    def to_json(self) -> dict[str, Any]:
        """The measures and the failures, JSON-safe; no transcripts."""
        return {
            "author": self.author,
            "ok": self.ok,
            "scenarios": len({run.scenario.id for run in self.runs}),
            "multi_turn": len({run.scenario.id for run in self.runs if run.scenario.multi_turn}),
            "runs": len(self.runs),
            "passed": self.passed.part,
            "pass_rate": round(self.passed.value, 4),
            **{f"pass^{k}": round(share, 4) for k, share in self.pass_hat().items()},
            "suites": {name: [share.part, share.whole] for name, share in self.by_suite().items()},
            "checks": {name: [share.part, share.whole] for name, share in self.by_check().items()},
            "figure_precision": round(self.figure_precision.value, 4),
            "figures_right": [self.figures_right.part, self.figures_right.whole],
            "handoff_precision": round(self.handoff_precision.value, 4),
            "handoff_recall": round(self.handoff_recall.value, 4),
            "handoff_reasons": round(self.handoff_reasons.value, 4),
            "forbidden_claims": self.forbidden_claims,
            "latency_ms": {"p50": round(self.latency_ms(50), 2), "p99": round(self.latency_ms(99), 2)},
            "cost_usd": str(self.cost_usd),
            "tokens": self.tokens,
            "authors": dict(self.authors()),
            "seconds": round(self.seconds, 2),
            "failures": {f"{r.scenario.suite}/{r.scenario.id}#{r.repeat}": r.failures() for r in self.failed},
        }


def _passed(runs: Iterable[ScenarioRun]) -> Share:
    all_runs: Sequence[ScenarioRun] = list(runs)
    return Share(sum(run.passed for run in all_runs), len(all_runs))
