"""Stamp duties on selling, mortgaging and leasing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage.buyer_duty import dutiable, floored
from nextnest.mortgage.dates import whole_years
from nextnest.mortgage.evidence import InvalidInput, Outcome
from nextnest.mortgage.quantities import Day, Money, Months, Price, Years
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import DUTY, RATE, percent, sgd
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.words import SaleUse

ZERO = Decimal(0)


class RentPeriod(BaseModel, extra="forbid"):
    """A rent (S$ a month) and the months it is paid."""

    monthly: Money
    months: Months


Rent = Annotated[list[RentPeriod], Field(min_length=1, max_length=200, description="in order")]


def _seller_duty(
    price: Decimal, market_value: Decimal | None, acquired: date, years_held: int, use: str
) -> Outcome:
    if use == "commercial":
        scope = in_force("ssd_scope", None)
        return Outcome({"rate_pct": ZERO, "ssd": ZERO}, [f"SSD is charged on {scope.ref.row}."], [scope.ref])
    row = in_force("ssd", acquired, "acquired", use=use)
    rates = row.numbers("pct")
    rate = rates[years_held] if years_held < len(rates) else ZERO
    base, assumptions = dutiable(price, market_value)
    duty = floored(base * rate / 100)
    return Outcome(
        {"rate_pct": rate, "ssd": duty},
        [
            f"Acquired {acquired:%-d %b %Y}, sold in year {years_held + 1}: {percent(rate)}.",
            f"SSD on {sgd(base)}: {sgd(duty)}.",
        ],
        [row.ref],
        assumptions,
    )


@calculator(rate_pct=RATE, ssd=DUTY)
def ssd(
    price: Price,
    acquired: Day,
    disposed: Day,
    use: SaleUse = "residential",
    market_value: Price | None = None,
) -> Outcome:
    """Seller's stamp duty from the two dates.

    Inputs: price (S$, selling price), acquired and disposed (dates of contract or exercise), use
    (residential, industrial, commercial), market_value (S$, optional; the higher counts). Outputs:
    rate_pct (%), ssd (S$). The rates are those of the acquisition date; a sale on the anniversary is in
    the next year. Source: Stamp Duties Act 1929, First Schedule; IRAS example (7 Jul 2025 to 7 Jul 2029).
    """
    if disposed < acquired:
        raise InvalidInput("disposed: is before the date of acquisition")
    return _seller_duty(price, market_value, acquired, whole_years(acquired, disposed), use)


@calculator(rate_pct=RATE, ssd=DUTY)
def ssd_holding(
    price: Price,
    acquired: Day,
    holding_years: Years,
    use: SaleUse = "residential",
    market_value: Price | None = None,
) -> Outcome:
    """Seller's stamp duty from the date of acquisition and the years held.

    Inputs: price (S$, selling price), acquired (date), holding_years (exactly 1 is in the second year),
    use (residential, industrial, commercial), market_value (S$, optional). Outputs: rate_pct (%), ssd
    (S$).
    """
    return _seller_duty(price, market_value, acquired, int(holding_years), use)


@calculator(duty=DUTY)
def mortgage_duty(loan: Money, equitable: bool = False) -> Outcome:
    """Stamp duty on a mortgage.

    Inputs: loan (S$), equitable (true for an equitable mortgage of property). Output: duty (S$, at most
    500). Source: Stamp Duties Act 1929, First Schedule.
    """
    row = in_force("mortgage_duty", None, equitable=equitable)
    rate, most = row.number("pct"), row.number("maximum")
    duty = floored(min(most, loan * rate / 100))
    return Outcome(
        {"duty": duty}, [f"{percent(rate)} of {sgd(loan)}, at most {sgd(most)}: {sgd(duty)}."], [row.ref]
    )


def _dutiable_rent(rent: Sequence[RentPeriod], longest: int) -> tuple[Decimal, str]:
    """Total rent, or `longest` years of average rent when the lease is longer than that."""
    months = sum(period.months for period in rent)
    total = sum((period.monthly * period.months for period in rent), ZERO)
    if months <= longest * 12:
        return total, f"Rent over {months} months: {sgd(total)}."
    average = total * 12 / months
    return (
        average * longest,
        f"{longest} times the average yearly rent of {sgd(average)}: {sgd(average * longest)}.",
    )


@calculator(duty=DUTY)
def lease_duty(rent: Rent) -> Outcome:
    """Stamp duty on a tenancy agreement.

    Input: rent [{monthly (S$), months}] in order. Output: duty (S$, down to the dollar). Up to 4 years:
    0.4% of all rent; longer: 0.4% of 4 average years. Source: IRAS examples.
    """
    row = in_force("lease_duty", None)
    base, step = _dutiable_rent(rent, int(row.number("years")))
    duty = floored(base * row.number("pct") / 100)
    return Outcome({"duty": duty}, [step, f"{percent(row.number('pct'))} of it: {sgd(duty)}."], [row.ref])


@calculator(duty=DUTY)
def lease_duty_variation(old: Rent, new: Rent) -> Outcome:
    """Stamp duty when the rent of a stamped tenancy is raised: on the increase only.

    Inputs: old and new rent [{monthly (S$), months}]. Output: duty (S$; zero when the rent does not
    rise). Source: IRAS examples.
    """
    row = in_force("lease_duty", None)
    longest = int(row.number("years"))
    (before, step_before), (after, step_after) = _dutiable_rent(old, longest), _dutiable_rent(new, longest)
    increase = max(ZERO, after - before)
    duty = floored(increase * row.number("pct") / 100)
    return Outcome(
        {"duty": duty},
        [
            f"Before: {step_before}",
            f"After: {step_after}",
            f"On the increase of {sgd(increase)}: {sgd(duty)}.",
        ],
        [row.ref],
    )
