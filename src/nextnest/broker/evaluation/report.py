"""The evaluation as one HTML page: self-contained, no scripts, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from nextnest.broker.evaluation.measures import THRESHOLD, Evaluation, Share

_EDGES_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


@dataclass(frozen=True)
class Bucket:
    """Replies that took from `least` ms up to the next bucket's; `height` is of 1."""

    least: int
    count: int
    height: float


@dataclass(frozen=True)
class Reason:
    """Hand-overs for one reason. `missed` were due and not made, `uncalled` made and not due."""

    name: str
    right: int
    wrong: int
    missed: int
    uncalled: int

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.missed + self.uncalled


def page(evaluation: Evaluation, *, when: datetime) -> str:
    """The whole page. `when` is the time of the run."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((files(__package__) / "report.html").read_text("utf-8"))
    return template.render(
        e=evaluation,
        when=when,
        threshold=Share(round(100 * THRESHOLD), 100),
        scenarios=len({run.scenario.id for run in evaluation.runs}),
        multi_turn=len({run.scenario.id for run in evaluation.runs if run.scenario.multi_turn}),
        buckets=tuple(latency(evaluation)),
        reasons=tuple(reasons(evaluation)),
    )


def latency(evaluation: Evaluation) -> Iterator[Bucket]:
    """How long replies took, without the empty buckets at both ends."""
    times = [1000 * turn.seconds for turn in evaluation.turns if turn.said is not None]
    places = [max(i for i, edge in enumerate(_EDGES_MS) if ms >= edge) for ms in times]
    if not places:
        return
    most = max(places.count(place) for place in places)
    for place in range(min(places), max(places) + 1):
        count = places.count(place)
        yield Bucket(_EDGES_MS[place], count, count / most)


def reasons(evaluation: Evaluation) -> Iterator[Reason]:
    """Each reason for which a hand-over was due or made, the most frequent first."""
    names = {turn.handed_over for turn in evaluation.turns}
    names |= {turn.wanted[0] for turn in evaluation.turns if turn.due}
    found = [_reason(evaluation, name) for name in names - {"no"}]
    yield from sorted(found, key=lambda reason: (-reason.total, reason.name))


def _reason(evaluation: Evaluation, name: str) -> Reason:
    due = [turn for turn in evaluation.turns if turn.due and turn.wanted[0] == name]
    right = [turn for turn in due if turn.handed_over in turn.wanted]
    missed = [turn for turn in due if turn.handed_over == "no"]
    uncalled = [turn for turn in evaluation.turns if turn.handed_over == name and turn.wanted == ("no",)]
    return Reason(name, len(right), len(due) - len(right) - len(missed), len(missed), len(uncalled))
