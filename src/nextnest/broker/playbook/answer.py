"""An answer while it is made: its lines, the evidence of every figure in them, and what it still needs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from nextnest.broker.evidence import of_calculation, of_rule
from nextnest.broker.knowledge import quotable
from nextnest.broker.playbook.situation import Situation
from nextnest.broker.rates import RateRow
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Evidence
from nextnest.mortgage import Calculation, calculate
from nextnest.mortgage.tables import Row, in_force


class Answer:
    """Answers write into it. A fact that a calculation lacks raises CannotCompute, and is then asked for."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.lines: list[str] = []
        self.evidence: list[Evidence] = []
        self.asks: str | None = None
        self.handoff: HandoffReason | None = None
        self.estimate = False  # it has computed figures, so the disclosure belongs under it

    @property
    def text(self) -> str:
        """The lines as one paragraph; packages of a rate sheet each stand on a line of their own."""
        return re.sub(r" *\n\s*", "\n", " ".join(self.lines)).strip()

    def say(self, line: str) -> None:
        self.lines.append(line)

    def quote(self, row: RateRow) -> None:
        """Say a package with all that must be said with it."""
        self.lines.append(f"\n- {row.said()}.\n")
        self.evidence.append(row.evidence())

    def ask(self, field: str) -> None:
        """Ask for a fact, or offer a next step; the first one asked for is asked."""
        self.asks = self.asks or field

    def compute(self, name: str, **inputs: Any) -> Calculation:
        """A calculation as of today, kept as evidence.

        Raises:
            CannotCompute, InvalidInput: as the calculator does.
        """
        calculation = calculate(name, {"as_of": self.situation.brief.today.isoformat(), **inputs})
        self.evidence.append(of_calculation(calculation))
        self.estimate = True
        return calculation

    def affordability(self, price: Decimal | None = None) -> Calculation:
        """What this household can borrow, with what the question supposes."""
        return self.compute("affordability", **self.situation.purchase(price))

    def rule(self, table: str, **match: object) -> Row:
        """The row of a rule table in force today, kept as evidence."""
        row = in_force(table, self.situation.brief.today, "today", **match)
        self.evidence.append(of_rule(row))
        return row

    def take(self, *names: str) -> Any:
        """The value of the first of these facts that is known, with its evidence; None when none is."""
        for name in names:
            known = self.situation.known(name)
            if known is not None:
                self.evidence.append(known.evidence)
                return known.value
        return None

    def knows(self, entry: str) -> bool:
        """Say the short answer of a knowledge entry; False when there is none that may be quoted."""
        found = quotable(entry, self.situation.brief.today)
        if found is None:
            return False
        self.say(found.answer)
        self.evidence.append(found.evidence())
        return True


def number(calculation: Calculation, key: str) -> Decimal:
    """A value that is known to be a number, exact.

    Raises:
        TypeError: it is not.
    """
    value = calculation.values[key]
    if not isinstance(value, Decimal):
        raise TypeError(f"{key} is not a number")
    return value
