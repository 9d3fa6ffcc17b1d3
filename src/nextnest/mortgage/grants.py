"""CPF housing grants. Steps come from the table as printed; nothing is interpolated."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from nextnest.mortgage.evidence import InvalidInput, Outcome
from nextnest.mortgage.quantities import Count, Day, Money
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AMOUNT, CENTS, sgd
from nextnest.mortgage.tables import Row, dated, in_force
from nextnest.mortgage.words import Flat, Household

ZERO = Decimal(0)
_SMALL_FLATS = ("2-room", "3-room", "4-room")


def _step(row: Row, income: Decimal) -> Decimal:
    """The grant of the first step whose income edge is not below the income; above the last there is none."""
    steps = zip(row.numbers("upto"), row.numbers("grant"), strict=True)
    return next((grant for edge, grant in steps if income <= edge), ZERO)


def _enhanced(row: Row, income: Decimal, first_timer: bool, worked: bool) -> tuple[Decimal, str]:
    if not first_timer:
        return ZERO, "Only first-timers receive it."
    if not worked:
        return ZERO, "It needs 12 months of continuous work, ending 2 months before the application."
    grant = _step(row, income)
    return grant, f"Average income of {sgd(income)} a month: {sgd(grant)}."


_CONDITIONS = "Other conditions (flat, lease, age, ownership) are not checked."


@calculator(ehg=AMOUNT)
def ehg_family(
    avg_monthly_income: Money,
    first_timer: bool = True,
    worked_12_months: bool = True,
    as_of: Day | None = None,
) -> Outcome:
    """Enhanced CPF Housing Grant of a first-timer family.

    Inputs: avg_monthly_income (S$, household), first_timer, worked_12_months (both taken as true when
    left out), as_of (application date). Output: ehg (S$). Source: HDB, from 20 Aug 2024.
    """
    row = in_force("ehg", as_of, buyer="family")
    grant, step = _enhanced(row, avg_monthly_income, first_timer, worked_12_months)
    return Outcome({"ehg": grant}, [step], [row.ref], [*dated([row], as_of), _CONDITIONS])


@calculator(assessed=CENTS, ehg=AMOUNT)
def ehg_single(
    avg_monthly_income: Money,
    halve: bool = False,
    first_timer: bool = True,
    worked_12_months: bool = True,
    as_of: Day | None = None,
) -> Outcome:
    """Enhanced CPF Housing Grant of a single, or of a first-timer whose household is assessed at half income.

    Inputs: avg_monthly_income (S$), halve (true for a couple of first- and second-timer, or with a
    non-resident spouse: half the household's income is assessed), first_timer, worked_12_months, as_of
    (application date). Outputs: assessed (S$ a month), ehg (S$). Source: HDB, from 20 Aug 2024.
    """
    row = in_force("ehg", as_of, buyer="single")
    assessed = avg_monthly_income / 2 if halve else avg_monthly_income
    grant, step = _enhanced(row, assessed, first_timer, worked_12_months)
    return Outcome(
        {"assessed": assessed, "ehg": grant}, [step], [row.ref], [*dated([row], as_of), _CONDITIONS]
    )


def _by_size(row: Row, flat: str) -> Decimal:
    if flat == "EC":
        raise InvalidInput("flat: this grant is for resale HDB flats, not executive condominiums")
    return row.number("small_flat" if flat in _SMALL_FLATS else "large_flat")


@calculator(grant=AMOUNT)
def family_grant(household: Household, flat: Flat) -> Outcome:
    """CPF Housing Grant of a family for a resale flat.

    Inputs: household (SC/SC, SC/SPR, or FT/ST: first-timer with second-timer), flat (2-room to
    executive). Output: grant (S$). Source: HDB 'CPF housing grants for resale flats (families)'.
    """
    row = in_force("family_grant", None, household=household)
    grant = _by_size(row, flat)
    return Outcome({"grant": grant}, [f"{household}, {flat}: {sgd(grant)}."], [row.ref], [_CONDITIONS])


Recipients = Annotated[Count, Field(ge=1, le=2, description="how many singles receive it, 1 or 2")]


@calculator(grant=AMOUNT)
def singles_grant(flat: Flat, recipients: Recipients = 1) -> Outcome:
    """CPF Housing Grant of singles for a resale flat.

    Inputs: flat (2-room to executive), recipients (1 or 2 singles). Output: grant (S$, all together).
    Source: HDB 'CPF housing grants for resale flats (singles)'.
    """
    row = in_force("singles_grant", None)
    each = _by_size(row, flat)
    return Outcome(
        {"grant": each * recipients},
        [f"{recipients} x {sgd(each)} for a {flat} flat."],
        [row.ref],
        [_CONDITIONS],
    )


@calculator(grant=AMOUNT)
def ec_grant(household: Household, avg_monthly_income: Money) -> Outcome:
    """CPF Housing Grant for a new executive condominium.

    Inputs: household (SC/SC, SC/SPR or FT/ST), avg_monthly_income (S$, household). Output: grant (S$, all
    together). Source: HDB 'EC: CPF housing grants'.
    """
    row = in_force("ec_grant", None, household=household)
    grant = _step(row, avg_monthly_income)
    return Outcome(
        {"grant": grant},
        [f"{household} with {sgd(avg_monthly_income)} a month: {sgd(grant)}."],
        [row.ref],
        [_CONDITIONS],
    )
