"""The labelled replies that the check before sending is measured with.

A set is a YAML list of groups: what they are `about`, the `evidence` they have (names in evidence.yaml), the
`customer`'s words, and the `replies`. None of the bad set may pass; at most 1 % of the good may be stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from nextnest.broker.checks import Verdict, check
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Reply, Unit

SETS = files("nextnest.broker") / "evaluation" / "checks"
MOST_FALSE_ALARMS = Decimal("0.01")  # share of the good replies


@dataclass(frozen=True)
class Case:
    """A labelled reply, with all that the check may know."""

    about: str
    reply: Reply
    customer_words: tuple[str, ...]

    def verdict(self) -> Verdict:
        return check(self.reply, self.customer_words)


@dataclass(frozen=True)
class CheckReport:
    """How the check did: `passed` are bad replies that it let through, `stopped` good ones it refused."""

    bad: int
    good: int
    passed: tuple[Case, ...]
    stopped: tuple[Case, ...]

    @property
    def ok(self) -> bool:
        return not self.passed and len(self.stopped) <= MOST_FALSE_ALARMS * self.good

    def summary(self) -> str:
        """Two lines for a person."""
        share = 100 * len(self.stopped) / self.good if self.good else 0
        return (
            f"bad replies let through: {len(self.passed)} of {self.bad} (allowed: 0)\n"
            f"good replies stopped: {len(self.stopped)} of {self.good}, {share:.1f} % (allowed: 1 %)"
        )


def run(bad: Traversable = SETS / "bad.yaml", good: Traversable = SETS / "good.yaml") -> CheckReport:
    """Judge both sets."""
    wrong, right = load(bad), load(good)
    return CheckReport(
        len(wrong),
        len(right),
        passed=tuple(case for case in wrong if case.verdict().ok),
        stopped=tuple(case for case in right if not case.verdict().ok),
    )


def load(path: Traversable) -> list[Case]:
    """The cases of one set.

    Raises:
        KeyError: a group names evidence that evidence.yaml does not have.
    """
    blocks = evidence_blocks()
    groups: list[dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return [case for group in groups for case in _cases(group, blocks)]


def _cases(group: dict[str, Any], blocks: dict[str, tuple[Evidence, ...]]) -> Iterator[Case]:
    evidence = tuple(one for name in group["evidence"] for one in blocks[name])
    for text in group["replies"]:
        reply = Reply(text=str(text), intent=group["about"], author="model", evidence=evidence)
        yield Case(group["about"], reply, tuple(group.get("customer", ())))


def evidence_blocks() -> dict[str, tuple[Evidence, ...]]:
    """The evidence that groups name."""
    named: dict[str, Sequence[dict[str, Any]]] = yaml.safe_load((SETS / "evidence.yaml").read_text("utf-8"))
    return {name: tuple(_evidence(one) for one in block) for name, block in named.items()}


def _evidence(entry: dict[str, Any]) -> Evidence:
    return Evidence(
        kind=EvidenceKind(entry["kind"]),
        ref=entry["ref"],
        detail=entry.get("detail", {}),
        figures=tuple(_figure(*written) for written in entry["figures"]),
    )


def _figure(label: str, value: int | str, unit: str, tolerance: float = 0) -> Figure:
    return Figure(label=label, value=Decimal(value), unit=Unit(unit), tolerance=Decimal(str(tolerance)))
