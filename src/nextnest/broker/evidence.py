"""Where the figures of a reply come from: calculations, rule rows, the lead, the customer's own words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from nextnest.broker.brief import Brief
from nextnest.broker.units import figures_in, unit_of
from nextnest.domain.choices import Purpose
from nextnest.domain.lead import Lead
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit
from nextnest.mortgage import Calculation, InvalidInput, calculate
from nextnest.mortgage.rounding import ROUNDINGS
from nextnest.mortgage.tables import Row

_UNITS = {"S$": Unit.MONEY, "%": Unit.PERCENT, "years": Unit.YEARS, "months": Unit.MONTHS}


def of_calculation(calculation: Calculation) -> Evidence:
    """A calculation with all its values as shown, and its inputs, as figures that may be said."""
    figures = [*_outputs(calculation), *figures_in(calculation.inputs)]
    return Evidence(
        kind=EvidenceKind.CALCULATION,
        ref=f"{calculation.calculator}#{_fingerprint(calculation)}",
        figures=tuple(dict.fromkeys(figures)),
        detail=calculation.to_json(),
    )


def of_rule(row: Row) -> Evidence:
    """A row of a rule table, said as such: "the TDSR limit is 55%"."""
    return Evidence(
        kind=EvidenceKind.RULE,
        ref=f"{row.ref.table}: {row.ref.row}",
        figures=tuple(figures_in(row.data)),
        detail=row.ref.to_json(),
    )


def of_lead(field: str, value: Decimal | int | date | str) -> Evidence:
    """A fact of the lead, as the customer gave it; `field` is a path such as "applicants.0.age"."""
    return Evidence(
        kind=EvidenceKind.LEAD,
        ref=field,
        figures=tuple(figures_in({field.rsplit(".", 1)[-1]: value})),
        detail={"field": field, "value": _json(value)},
    )


def of_customer(message_id: int, label: str, value: Decimal | int, quote: str) -> Evidence:
    """A figure of the customer's own words, used for this question alone."""
    return Evidence(
        kind=EvidenceKind.CUSTOMER,
        ref=f"message {message_id}",
        figures=tuple(figures_in({label: value})),
        detail={"quote": quote},
    )


def affordability_of(brief: Brief) -> Calculation:
    """What the lead of this turn can borrow, from its known facts alone.

    Raises:
        CannotCompute: facts are missing; `needs` names them.
        InvalidInput: the facts cannot be meant together.
    """
    if has_the_home(brief.lead):
        raise InvalidInput("they have the home already: use refi_saving and refi_servicing, not a purchase's")
    return calculate("affordability", affordability_inputs(brief.lead, brief.today))


def has_the_home(lead: Lead | None) -> bool:
    """Whether the lead borrows against a home that is theirs already: nothing of a purchase applies to it."""
    return lead is not None and lead.purpose in (Purpose.REFINANCE, Purpose.EQUITY_LOAN)


def affordability_inputs(lead: Lead | None, today: date) -> dict[str, Any]:
    """The lead in the words of the affordability calculator. A price without a valuation is taken to be
    the valuation, which the calculation states among its assumptions.
    """
    if lead is None:
        return {"as_of": today.isoformat()}
    property_type = lead.property_type
    if property_type is None and lead.purpose == "commercial":
        return affordability_inputs(lead.model_copy(update={"property_type": "commercial"}), today)
    inputs: dict[str, Any] = {
        "applicants": [person.model_dump(exclude_none=True) for person in lead.applicants],
        "property_type": property_type,
        "stage": lead.property_stage,
        "price": lead.property_price,
        "valuation": lead.property_value,
        "valuation_at_price": lead.property_price is not None and lead.property_value is None,
        "monthly_debts": lead.monthly_debts,
        "outstanding_housing_loans": lead.outstanding_housing_loans,
        "cash_available": lead.cash_available,
        "cpf_available": lead.cpf_available,
        "as_of": today.isoformat(),
    }
    return inputs


def _fingerprint(calculation: Calculation) -> str:
    text = json.dumps(calculation.to_json()["inputs"], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _outputs(calculation: Calculation) -> Iterator[Figure]:
    for key, value in calculation.values.items():
        rounding = ROUNDINGS[calculation.rounding[key]]
        if isinstance(value, Decimal):
            unit, shown = _UNITS.get(rounding.unit, Unit.COUNT), rounding.shown(value)
            yield Figure(value=shown, unit=unit, label=key, tolerance=abs(value - shown))
        elif isinstance(value, list | tuple):
            for item in value:
                yield from _listed(key, item)


def _listed(key: str, item: Any) -> Iterator[Figure]:
    """The figures of one finding, such as a change that would raise the loan; its `unit` is that of `by`."""
    if not isinstance(item, Mapping):
        return
    said = str(item.get("unit", ""))
    for name, value in item.items():
        if isinstance(value, Decimal):
            unit = (
                _UNITS.get(said.split(" ", maxsplit=1)[0], Unit.COUNT)
                if name == "by"
                else unit_of(name, value)
            )
            yield Figure(value=value, unit=unit, label=f"{key}.{name}")


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | date) else value
