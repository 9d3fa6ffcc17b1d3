"""For how long a loan may run."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Annotated

from pydantic import Field

from nextnest.mortgage.evidence import Outcome
from nextnest.mortgage.quantities import Age, Lease, Years
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import WHOLE_YEARS, YEARS, plain
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.words import PropertyKind

ZERO = Decimal(0)

Ages = Annotated[list[Age], Field(min_length=1, max_length=50, description="ages of all applicants")]


@calculator(age_used=WHOLE_YEARS, tenure_to_65=WHOLE_YEARS)
def tenure_from_iwaa(iwaa: Age) -> Outcome:
    """Longest tenure to age 65 when the average age is rounded up, as banks do (practice).

    Input: iwaa (years). Outputs: age_used (whole years), tenure_to_65 (whole years, never below zero).
    """
    row = in_force("age_rounding", None)
    age = iwaa.to_integral_value(ROUND_CEILING)
    tenure = max(ZERO, row.number("age_limit") - age)
    return Outcome(
        {"age_used": age, "tenure_to_65": tenure},
        [f"{plain(iwaa)} counts as {plain(age)}; to 65 there are {plain(tenure)} years."],
        [row.ref],
    )


@calculator(tenure=YEARS)
def hdb_tenure(ages: Ages, remaining_lease: Lease) -> Outcome:
    """Longest tenure of a loan from HDB.

    Inputs: ages (years, all applicants), remaining_lease (years). Output: tenure (years, exact, never
    below zero): the shortest of 25, 65 less the average age, and the lease less 20. Source: HDB.
    """
    row = in_force("hdb_loan_tenure", None)
    average = sum(ages, ZERO) / len(ages)
    by_age = row.number("age_limit") - average
    by_lease = remaining_lease - row.number("lease_kept")
    longest = row.number("max_tenure")
    tenure = max(ZERO, min(longest, by_age, by_lease))
    return Outcome(
        {"tenure": tenure},
        [
            f"At most {plain(longest)} years; 65 less the average age is {YEARS.text(by_age)}; "
            f"the lease less 20 is {YEARS.text(by_lease)}.",
            f"The shortest: {YEARS.text(tenure)}.",
        ],
        [row.ref],
    )


@calculator(cap_years=YEARS)
def refi_tenure_cap(property: PropertyKind, years_since_first_disbursement: Years) -> Outcome:
    """Longest tenure when a housing loan is refinanced with a bank.

    Inputs: property (hdb, ec or private), years_since_first_disbursement. Output: cap_years (years, never
    below zero). Source: MAS 'Refinancing housing loans'.
    """
    row = in_force("refinancing_tenure", None, property=property)
    cap = row.number("cap_years")
    left = max(ZERO, cap - years_since_first_disbursement)
    return Outcome(
        {"cap_years": left},
        [f"{plain(cap)} years less {plain(years_since_first_disbursement)} is {YEARS.text(left)}."],
        [row.ref],
    )
