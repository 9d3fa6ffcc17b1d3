"""Singapore mortgage rules and arithmetic: pure, decimal, dated, with evidence. No clock, no I/O.

Use:

    calculation = calculate("bsd", {"price": 1_200_000, "as_of": "2026-11-22"})
    calculation.values["bsd"]      # Decimal("32600"), exact
    calculation.shown("bsd")       # rounded once, by its rule
    calculation.text("bsd")        # "S$32,600"
    calculation.working            # steps in plain English
    calculation.rules              # the rows used: table, row, effective date, source, confidence
    calculation.assumptions        # labelled: practice, defaults, rules' own date
    calculation.to_json()          # all of it, JSON-safe, to store with a turn

`calculate` raises only CannotCompute (`needs`: facts to ask for) and InvalidInput (`problems`: plain
sentences). `CALCULATORS[name]` is a CalculatorSpec: name, summary, doc, inputs_model (pydantic),
json_schema (for a model's tool), outputs. `run_batch([{id, kind, inputs}])` never raises and returns
[{id, result}] or [{id, error}].

`affordability` answers how much a household can borrow and what it must bring; its inputs are the fields of
`case.Case` and `household.Applicant`, its outputs are in its docstring. With facts missing that the loan
itself needs it raises CannotCompute; facts missing for the cash side alone are listed in its value `needs`.

A new calculator is one typed function with a docstring under `@calculator(output=ROUNDING, ...)`, in one of
the modules imported below.

Dates: a rule is chosen by the date that matters for it (named in each docstring). Stamp duties need their
date. Where a calculator takes `as_of` as optional, leaving it out means the rules now in force, and the
calculation says so among its assumptions.
"""

from nextnest.mortgage import (  # noqa: F401  importing a module registers its calculators
    affordability,
    assessment,
    assets,
    buyer_duty,
    cpf,
    grants,
    hdb,
    income,
    lending,
    other_duty,
    refinancing,
    repayment,
    servicing,
    tenure,
)
from nextnest.mortgage.batch import run_batch
from nextnest.mortgage.evidence import Calculation, CannotCompute, InvalidInput, Outcome, RuleRef, Value
from nextnest.mortgage.registry import CALCULATORS, CalculatorSpec, calculate, calculator

__all__ = [
    "CALCULATORS",
    "Calculation",
    "CalculatorSpec",
    "CannotCompute",
    "InvalidInput",
    "Outcome",
    "RuleRef",
    "Value",
    "calculate",
    "calculator",
    "run_batch",
]
