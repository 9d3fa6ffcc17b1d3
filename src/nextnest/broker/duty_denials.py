""" "No ABSD" of somebody who has some to pay: a wrong figure without a digit, in four languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nextnest.broker.patterns import patterns
from nextnest.domain.reply import Evidence, EvidenceKind, Unit


def denied_duties(text: str, evidence: Sequence[Evidence]) -> Iterator[tuple[int, int, str]]:
    """Where a folded text denies a duty of which the evidence has an amount, and why that is wrong."""
    owed = _owed(evidence)
    for match in patterns("qualifiers")["no_duty"].finditer(text) if owed else ():
        duty = next((d for d in ("bsd", "ssd") if re.search(rf"(?<![a-z]){d}", match[0])), "absd")
        if duty in owed:
            yield *match.span(), f"the evidence has {duty.upper()} to pay"


def _owed(evidence: Sequence[Evidence]) -> frozenset[str]:
    """The duties that were computed and are nowhere zero."""
    amounts = [
        (figure.label, figure.value)
        for each in evidence
        if each.kind is EvidenceKind.CALCULATION
        for figure in each.figures
        if figure.unit is Unit.MONEY
    ]
    found = {label for label, _ in amounts if label in {"absd", "bsd", "ssd"}}
    return frozenset(found - {label for label, value in amounts if not value})
