"""What the model may look up and have computed. No tool changes anything, so a fooled model can do no harm.

What a tool returned is recorded here, by us: only that counts as evidence of a turn, whatever the model says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from nextnest.broker.brief import Brief
from nextnest.broker.evidence import affordability_of, of_calculation
from nextnest.broker.knowledge import LIKELY
from nextnest.broker.provenance import Provenance
from nextnest.broker.rates import RateRow
from nextnest.domain.masking import mask
from nextnest.domain.reply import Evidence
from nextnest.domain.trace import Level, Record, Step, StepKind
from nextnest.mortgage import CALCULATORS, Calculation, CannotCompute, InvalidInput, calculate

MOST_ENTRIES = 3
MOST_PACKAGES = 12


class Toolbox:
    """The tools of one turn. `evidence` grows with each call."""

    def __init__(self, brief: Brief, *, record: Record, clock: Callable[[], datetime]) -> None:
        self._brief = brief
        self._record = record
        self._clock = clock
        self._provenance = Provenance(brief)
        self.evidence: list[Evidence] = []

    def functions(self) -> list[Callable[..., Awaitable[Any]]]:
        """For the model library: names, types and docstrings are what the model reads.

        They are coroutines so that calls made at once run one after the other, not in threads.
        """
        return [self.affordability, self.calculators, self.calculate, self.rates, self.knowledge]

    async def affordability(self) -> dict[str, Any]:
        """What this lead can borrow: the loan, which limit decides it, the cash and CPF needed."""
        return self._computed("affordability", {}, lambda: affordability_of(self._brief))

    async def calculators(self) -> dict[str, str]:
        """Names of all calculators with what each computes and its inputs."""
        return {
            name: f"{spec.summary} Inputs: {_inputs(spec.json_schema)}" for name, spec in CALCULATORS.items()
        }

    async def calculate(self, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Compute one figure by a calculator's name and its inputs. Rates are in % a year, money in S$."""
        if invented := self._provenance.missing(inputs):
            said = "nobody gave these: ask the customer for them, or get them from another tool"
            output = {"needs": invented, "why": said}
            return self._done(name, inputs, output, [], level=Level.WARNING)
        return self._computed(name, inputs, lambda: calculate(name, inputs))

    async def rates(self) -> dict[str, Any]:
        """Today's packages from the brokerage's dated rate sheet. Say a rate only as `say` puts it."""
        rows = self._packages()
        found = [row.evidence() for row in rows]
        output = {"packages": [{"ref": e.ref, "say": r.said()} for r, e in zip(rows, found, strict=True)]}
        return self._done(
            "rates", None, output if rows else {"none": "There is no current rate sheet."}, found
        )

    async def knowledge(self, query: str) -> dict[str, Any]:
        """Look up the brokerage's notes on rules, documents, steps, times, CPF, HDB, grants and fees."""
        started, today = self._clock(), self._brief.today
        matching = await self._brief.knowledge(query, today=today, least=LIKELY, limit=MOST_ENTRIES)
        entries = [entry for entry in matching if entry.current(today)]
        overdue = [entry.title for entry in matching if not entry.current(today)]
        found = [entry.evidence() for entry in entries]
        output: dict[str, Any] = {
            "entries": [{"ref": e.ref, "text": n.text} for n, e in zip(entries, found, strict=True)]
        }
        if overdue:
            output["not_to_be_quoted"] = {"titles": overdue, "why": "their review is overdue"}
        if not entries:
            output["none"] = "No note says this. Do not answer it from memory; a colleague can."
        level = Level.WARNING if overdue else Level.DEFAULT
        return self._done("knowledge", {"query": query}, output, found, started, level=level)

    def _packages(self) -> list[RateRow]:
        """What may be quoted today and fits the lead, as far as the lead is known."""
        sheet, lead = self._brief.rates, self._brief.lead
        wanted = lead.property_type if lead else None
        rows = sheet.valid_on(self._brief.today) if sheet else ()
        return [row for row in rows if wanted is None or wanted in row.property_types][:MOST_PACKAGES]

    def _computed(
        self, name: str, inputs: Mapping[str, Any], compute: Callable[[], Calculation]
    ) -> dict[str, Any]:
        started = self._clock()
        try:
            calculation = compute()
        except CannotCompute as missing:
            return self._done(name, inputs, {"needs": list(missing.needs)}, [], started)
        except InvalidInput as wrong:
            return self._done(
                name, inputs, {"problems": list(wrong.problems)}, [], started, level=Level.WARNING
            )
        evidence = of_calculation(calculation)
        output = {
            "ref": evidence.ref,
            "values": {key: calculation.text(key) for key in calculation.values},
            "assumptions": list(calculation.assumptions),
        }
        return self._done(name, inputs, output, [evidence], started)

    def _done(
        self,
        name: str,
        given: Any,
        output: dict[str, Any],
        found: list[Evidence],
        started: datetime | None = None,
        *,
        level: Level = Level.DEFAULT,
    ) -> dict[str, Any]:
        self._provenance.add(found)
        self.evidence += [one for one in found if one not in self.evidence]
        ended = self._clock()
        step = Step(
            name=mask(name).text[:60],
            kind=StepKind.TOOL,
            started_at=started or ended,
            ended_at=ended,
            input=given,
            output=output,
            level=level,
        )
        self._record(step)
        return output


def _inputs(schema: Mapping[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    return ", ".join(name if name in needed else f"{name}?" for name in schema.get("properties", {}))
