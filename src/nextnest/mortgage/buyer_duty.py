"""Stamp duties of a buyer: BSD and ABSD. Both need the date of the instrument; it is never assumed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from nextnest.mortgage.evidence import CannotCompute, InvalidInput, Outcome, RuleRef
from nextnest.mortgage.quantities import Count, Day, Money, Nth, Price
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import DUTY, RATE, percent, sgd
from nextnest.mortgage.tables import Row, in_force
from nextnest.mortgage.words import Profile, Use

ZERO = Decimal(0)
_COUNTED = ("SC", "PR")
"""Profiles whose rate depends on how many homes they own; for all others it is the same for every home."""


class PropertyBuyer(BaseModel, extra="forbid"):
    """One of several buyers: profile, and residential properties owned before this purchase."""

    profile: Profile
    owned: Count | None = None


Buyers = Annotated[list[PropertyBuyer], Field(min_length=1, max_length=50, description="everyone who buys")]


def floored(duty: Decimal) -> Decimal:
    """A duty as the First Schedule rounds it: down to the dollar, at least S$1 where there is any."""
    return max(Decimal(1), duty.to_integral_value(ROUND_FLOOR)) if duty > 0 else ZERO


def dutiable(price: Decimal, market_value: Decimal | None) -> tuple[Decimal, list[str]]:
    """The higher of price and market value, and the assumption made where the latter is not given."""
    if market_value is None:
        return price, ["The market value is taken to be no higher than the price."]
    return max(price, market_value), []


def _in_bands(amount: Decimal, row: Row) -> tuple[Decimal, list[str]]:
    """Unrounded duty over the bands of a row, and the steps."""
    edges, rates = [ZERO, *row.numbers("upto")], row.numbers("pct")
    duty, working = ZERO, []
    for number, rate in enumerate(rates):
        upper = edges[number + 1] if number + 1 < len(edges) else amount
        part = min(amount, upper) - edges[number]
        if part <= 0:
            break
        duty += part * rate / 100
        working.append(f"{percent(rate)} of {sgd(part)}: {sgd(part * rate / 100)}.")
    return duty, working


@calculator(bsd=DUTY)
def bsd(price: Price, as_of: Day, use: Use = "residential", market_value: Price | None = None) -> Outcome:
    """Buyer's stamp duty on one property.

    Inputs: price (S$), as_of (date of the contract or of exercising the option), use (residential or
    non_residential), market_value (S$, optional; the higher counts). Output: bsd (S$, down to the dollar,
    at least 1). Source: Stamp Duties Act 1929, First Schedule.
    """
    row = in_force("bsd", as_of, use=use)
    base, assumptions = dutiable(price, market_value)
    duty, working = _in_bands(base, row)
    payable = floored(duty)
    return Outcome(
        {"bsd": payable}, [*working, f"BSD on {sgd(base)}: {sgd(payable)}."], [row.ref], assumptions
    )


@calculator(bsd=DUTY)
def bsd_mixed(residential_value: Money, non_residential_value: Money, as_of: Day) -> Outcome:
    """Buyer's stamp duty on a property of mixed use: each part starts again at the first band.

    Inputs: residential_value and non_residential_value (S$, the higher of price and market value of each
    part), as_of (date of the instrument). Output: bsd (S$, down to the dollar once, for the instrument).
    Source: Stamp Duties Act 1929, First Schedule Art. 3(a)(iv).
    """
    if residential_value + non_residential_value == 0:
        raise InvalidInput("residential_value and non_residential_value: one of them must be above zero")
    duty, working, rules = ZERO, [], []
    for use, value in (("residential", residential_value), ("non_residential", non_residential_value)):
        row = in_force("bsd", as_of, use=use)
        part, steps = _in_bands(value, row)
        duty += part
        rules.append(row.ref)
        working += [*steps, f"On the {use.replace('_', '-')} part of {sgd(value)}: {sgd(part)}."]
    payable = floored(duty)
    return Outcome({"bsd": payable}, [*working, f"BSD: {sgd(payable)}."], rules)


@calculator(increase=DUTY)
def bsd_increase(
    price: Price, old: Day, new: Day, use: Use = "residential", market_value: Price | None = None
) -> Outcome:
    """How much more buyer's stamp duty one date costs than another.

    Inputs: price (S$), old and new (dates), use, market_value (S$, optional). Output: increase (S$;
    negative if the duty fell).
    """
    before, after = bsd(price, old, use, market_value), bsd(price, new, use, market_value)
    increase = after.number("bsd") - before.number("bsd")
    return Outcome(
        {"increase": increase},
        [
            f"On {old:%-d %b %Y}: {sgd(before.number('bsd'))}.",
            f"On {new:%-d %b %Y}: {sgd(after.number('bsd'))}.",
            f"Increase: {sgd(increase)}.",
        ],
        [*before.rules, *after.rules],
        after.assumptions,
    )


def _absd_rate(
    profile: str, nth_property: int | None, on: date, missing: str
) -> tuple[Decimal, list[RuleRef]]:
    treaty = profile == "FTA"
    row = in_force("absd", on, profile="SC" if treaty else profile)
    rules = [row.ref, in_force("absd_treaty", None).ref] if treaty else [row.ref]
    rates = row.numbers("pct")
    if len(set(rates)) == 1:
        return rates[0], rules
    if nth_property is None:
        raise CannotCompute(missing)
    return rates[min(nth_property, len(rates)) - 1], rules


_NO_RELIEF = "No remission or refund is taken off."


@calculator(rate_pct=RATE, absd=DUTY)
def absd(
    price: Price,
    profile: Profile,
    as_of: Day,
    nth_property: Nth | None = None,
    market_value: Price | None = None,
) -> Outcome:
    """Additional buyer's stamp duty of a single buyer of a home, before any remission.

    Inputs: price (S$), profile (SC, PR, FR, FTA, ENTITY, TRUSTEE, DEVELOPER), as_of (date of the
    instrument), nth_property (1 for a first home; needed for citizens and permanent residents),
    market_value (S$, optional). Outputs: rate_pct (%), absd (S$, down to the dollar). Source: Stamp
    Duties Act 1929, First Schedule.
    """
    rate, rules = _absd_rate(profile, nth_property, as_of, "nth_property")
    return _absd_on(price, market_value, rate, rules)


def _absd_on(
    price: Decimal, market_value: Decimal | None, rate: Decimal, rules: Sequence[RuleRef]
) -> Outcome:
    base, assumptions = dutiable(price, market_value)
    payable = floored(base * rate / 100)
    return Outcome(
        {"rate_pct": rate, "absd": payable},
        [f"ABSD {percent(rate)} of {sgd(base)}: {sgd(payable)}."],
        rules,
        [*assumptions, *([_NO_RELIEF] if rate else [])],
    )


@calculator(rate_pct=RATE, absd=DUTY)
def absd_joint(
    price: Price,
    buyers: Buyers,
    as_of: Day,
    market_value: Price | None = None,
) -> Outcome:
    """Additional buyer's stamp duty of joint buyers: the highest rate of any of them, before any remission.

    Inputs: price (S$), buyers [{profile, owned (homes owned before, each buyer's own count)}], as_of
    (date of the instrument), market_value (S$, optional). Outputs: rate_pct (%), absd (S$). Source: Stamp
    Duties Act 1929, First Schedule.
    """
    needs = [
        f"buyers[{number}].owned"
        for number, buyer in enumerate(buyers, start=1)
        if buyer.owned is None and buyer.profile in (*_COUNTED, "FTA")
    ]
    if needs:
        raise CannotCompute(*needs)
    highest, rules, working = ZERO, list[RuleRef](), []
    for number, buyer in enumerate(buyers, start=1):
        nth = None if buyer.owned is None else buyer.owned + 1
        rate, row = _absd_rate(buyer.profile, nth, as_of, f"buyers[{number}].owned")
        highest = max(highest, rate)
        rules += row
        working.append(f"Buyer {number} ({buyer.profile}, owns {buyer.owned or 0}): {percent(rate)}.")
    joint = _absd_on(price, market_value, highest, rules)
    return Outcome(joint.values, [*working, *joint.working], joint.rules, joint.assumptions)


@calculator(bsd=DUTY, absd=DUTY, total=DUTY)
def stamp_total(
    price: Price,
    as_of: Day,
    profile: Profile | None = None,
    nth_property: Nth | None = None,
    *,
    use: Use = "residential",
    market_value: Price | None = None,
) -> Outcome:
    """Buyer's stamp duty and additional buyer's stamp duty together, before any remission.

    Inputs: price (S$), as_of (date of the instrument), profile and nth_property (for a home), use,
    market_value (S$, optional). Outputs (S$): bsd, absd (zero for non-residential property), total.
    Source: Stamp Duties Act 1929, First Schedule.
    """
    buyers_duty = bsd(price, as_of, use, market_value)
    ordinary = buyers_duty.number("bsd")
    if use == "non_residential":
        return Outcome(
            {"bsd": ordinary, "absd": ZERO, "total": ordinary},
            [*buyers_duty.working, "No ABSD on non-residential property."],
            buyers_duty.rules,
            buyers_duty.assumptions,
        )
    if profile is None:
        raise CannotCompute("profile")
    additional = absd(price, profile, as_of, nth_property, market_value)
    total = ordinary + additional.number("absd")
    return Outcome(
        {"bsd": ordinary, "absd": additional.number("absd"), "total": total},
        [*buyers_duty.working, *additional.working, f"Together {sgd(total)}."],
        [*buyers_duty.rules, *additional.rules],
        [*buyers_duty.assumptions, *additional.assumptions],
    )
