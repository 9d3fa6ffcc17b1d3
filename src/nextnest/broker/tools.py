"""What the model may look up and have computed. No tool changes anything, so a fooled model can do no harm.

What a tool returned is recorded here, by us: only that counts as evidence of a turn, whatever the model says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic_ai import RunContext, Tool
from pydantic_ai.toolsets import FunctionToolset

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
    """What the tools of one turn work on. `evidence` grows with each call."""

    def __init__(self, brief: Brief, *, record: Record, clock: Callable[[], datetime]) -> None:
        self.brief = brief
        self.clock = clock
        self.provenance = Provenance(brief)
        self.evidence: list[Evidence] = []
        self._record = record

    def computed(
        self, name: str, inputs: Mapping[str, Any], compute: Callable[[], Calculation]
    ) -> dict[str, Any]:
        """What a calculation answers the model, or what it lacks."""
        started = self.clock()
        try:
            calculation = compute()
        except CannotCompute as missing:
            return self.done(name, inputs, {"needs": list(missing.needs)}, [], started)
        except InvalidInput as wrong:
            return self.done(
                name, inputs, {"problems": list(wrong.problems)}, [], started, level=Level.WARNING
            )
        evidence = of_calculation(calculation)
        output = {
            "ref": evidence.ref,
            "values": {key: calculation.text(key) for key in calculation.values},
            "assumptions": list(calculation.assumptions),
        }
        return self.done(name, inputs, output, [evidence], started)

    def done(
        self,
        name: str,
        given: Any,
        output: dict[str, Any],
        found: list[Evidence],
        started: datetime | None = None,
        *,
        level: Level = Level.DEFAULT,
    ) -> dict[str, Any]:
        """The output, after the call and what it found were recorded."""
        self.provenance.add(found)
        self.evidence += [one for one in found if one not in self.evidence]
        ended = self.clock()
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


Run = RunContext[Toolbox]


async def affordability(run: Run) -> dict[str, Any]:
    """What this lead can borrow: the loan, which limit decides it, the cash and CPF needed."""
    return run.deps.computed("affordability", {}, lambda: affordability_of(run.deps.brief))


async def calculators() -> dict[str, str]:
    """Names of all calculators with what each computes and its inputs."""
    return {name: f"{spec.summary} Inputs: {_inputs(spec.json_schema)}" for name, spec in CALCULATORS.items()}


async def compute(run: Run, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Compute one figure by a calculator's name and its inputs. Rates are in % a year, money in S$."""
    if invented := run.deps.provenance.missing(inputs):
        said = "nobody gave these: ask the customer for them, or get them from another tool"
        return run.deps.done(name, inputs, {"needs": invented, "why": said}, [], level=Level.WARNING)
    return run.deps.computed(name, inputs, lambda: calculate(name, inputs))


async def rates(run: Run) -> dict[str, Any]:
    """Today's packages from the brokerage's dated rate sheet. Say a rate only as `say` puts it."""
    rows = _packages(run.deps.brief)
    found = [row.evidence() for row in rows]
    output: dict[str, Any] = {
        "packages": [{"ref": e.ref, "say": r.said()} for r, e in zip(rows, found, strict=True)]
    }
    if not rows:
        output = {"none": "There is no current rate sheet."}
    return run.deps.done("rates", None, output, found)


async def knowledge(run: Run, query: str) -> dict[str, Any]:
    """Look up the brokerage's notes on rules, documents, steps, times, CPF, HDB, grants and fees."""
    started, today = run.deps.clock(), run.deps.brief.today
    matching = await run.deps.brief.knowledge(query, today=today, least=LIKELY, limit=MOST_ENTRIES)
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
    return run.deps.done("knowledge", {"query": query}, output, found, started, level=level)


# Coroutines, so that calls made at once run one after the other and not in threads. Names, types and
# docstrings are what the model reads; reading them takes 5 ms, so it is done once and not in each turn.
TOOLS = FunctionToolset[Toolbox](
    [
        affordability,
        calculators,
        Tool(compute, name="calculate"),
        rates,
        knowledge,
    ]
)


def _packages(brief: Brief) -> list[RateRow]:
    """What may be quoted today and fits the lead, as far as the lead is known."""
    wanted = brief.lead.property_type if brief.lead else None
    rows = brief.rates.valid_on(brief.today) if brief.rates else ()
    return [row for row in rows if wanted is None or wanted in row.property_types][:MOST_PACKAGES]


def _inputs(schema: Mapping[str, Any]) -> str:
    needed = set(schema.get("required", ()))
    return ", ".join(name if name in needed else f"{name}?" for name in schema.get("properties", {}))
