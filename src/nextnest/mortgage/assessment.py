"""The rate at which a loan is tested, and whether it passes."""

from __future__ import annotations

from decimal import Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.evidence import Outcome
from nextnest.mortgage.quantities import Day, Money, Months, Price, Rate
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import AS_IS, CENTS, PERCENT, RATE, percent, sgd
from nextnest.mortgage.servicing import guarantor_obligation
from nextnest.mortgage.tables import Row, dated, in_force
from nextnest.mortgage.words import PropertyKind, Use

ZERO = Decimal(0)


def _floored(rate_pct: Decimal, floor: Row) -> tuple[Decimal, str]:
    """The assessment rate and the sentence that explains it."""
    minimum = floor.number("floor_pct")
    rate = max(minimum, rate_pct)
    step = f"The higher of the floor {percent(minimum)} and the rate {percent(rate_pct)}: {percent(rate)}."
    return rate, step


def floor_rate(floor: Row) -> Outcome:
    """The assessment rate while no rate is named: the floor itself, labelled so."""
    rate = floor.number("floor_pct")
    said = f"No rate was named: tested at the floor of {percent(rate)} a year."
    return Outcome({"rate_pct": rate}, [said], [floor.ref], [said])


@calculator(rate_pct=RATE)
def assessment_rate(use: Use, thereafter_pct: Rate, as_of: Day | None = None) -> Outcome:
    """Interest rate at which a bank must test a new loan (not what the customer pays).

    Inputs: use (residential or non_residential), thereafter_pct (% a year, the package's rate after its
    promotional period), as_of (date of the option). Output: rate_pct (% a year). Source: MAS joint
    release 29 Sep 2022; only the loan applied for is tested so.
    """
    floor = in_force("assessment_floor", as_of, use=use)
    rate, step = _floored(thereafter_pct, floor)
    return Outcome({"rate_pct": rate}, [step], [floor.ref], dated([floor], as_of))


@calculator(rate_pct=RATE)
def hdb_assessment_rate(hdb_rate_pct: Rate, as_of: Day | None = None) -> Outcome:
    """Interest rate at which HDB tests its own loan.

    Inputs: hdb_rate_pct (HDB's loan rate, % a year), as_of (application date). Output: rate_pct (% a
    year). Source: HDB 'Housing loan from HDB'.
    """
    floor = in_force("hdb_assessment_floor", as_of)
    rate, step = _floored(hdb_rate_pct, floor)
    return Outcome({"rate_pct": rate}, [step], [floor.ref], dated([floor], as_of))


@calculator(
    assessment_rate_pct=RATE, instalment=CENTS, tdsr_pct=PERCENT, tdsr_ok=AS_IS, msr_pct=PERCENT, msr_ok=AS_IS
)
def serviceability(
    loan: Money,
    months: Months,
    income: Price,
    thereafter_pct: Rate,
    *,
    other_debts: Money = ZERO,
    property_debts: Money = ZERO,
    guaranteed_instalments: Money = ZERO,
    use: Use = "residential",
    property: PropertyKind | None = None,
    as_of: Day | None = None,
) -> Outcome:
    """Whether a loan passes TDSR and MSR at the assessment rate.

    Inputs: loan (S$), months, income (S$ a month, recognised), thereafter_pct (% a year after the
    promotional period), other_debts (S$ a month, without property loans), property_debts (S$ a month of
    other property loans), guaranteed_instalments (S$ a month guaranteed for others, 20% counts), use,
    property (hdb, ec within its minimum occupation period, or private), as_of (date of the option).
    Outputs: assessment_rate_pct, instalment (S$, tested), tdsr_pct and msr_pct (%), tdsr_ok, msr_ok. MSR
    binds only for HDB flats and such executive condominiums: for a private home it is left out, and where
    the property is not known it is given as if it bound. Source: MAS 'MSR and TDSR rules' and 'Calculating
    TDSR'.
    """
    tested = assessment_rate(use, thereafter_pct, as_of)
    rate = tested.number("rate_pct")
    instalment = annuity.instalment(loan, rate, months)
    guaranteed = guarantor_obligation(guaranteed_instalments)
    homes = instalment + property_debts
    debts = homes + other_debts + guaranteed.number("obligation")
    limits = {"tdsr": in_force("tdsr_limit", as_of)}
    if property != "private":
        limits["msr"] = in_force("msr_limit", as_of, property=property or "hdb")
    owed = {"tdsr": debts, "msr": homes}
    tests = [_tested(name, owed[name], income, limit) for name, limit in limits.items()]
    return Outcome(
        {
            "assessment_rate_pct": rate,
            "instalment": instalment,
            **{key: value for test in tests for key, value in test.values.items()},
        },
        [
            *tested.working,
            f"Tested instalment over {months} months: {sgd(instalment)}.",
            *(step for test in tests for step in test.working),
        ],
        [
            *tested.rules,
            *(rule for test in tests for rule in test.rules),
            *(guaranteed.rules if guaranteed_instalments else ()),
        ],
        dated([*limits.values(), in_force("assessment_floor", as_of, use=use)], as_of),
    )


def _tested(name: str, debts: Decimal, income: Decimal, limit: Row) -> Outcome:
    """Share of income in %, and whether it is within the limit (exactly at it is)."""
    share, most = debts * 100 / income, limit.number("limit_pct")
    return Outcome(
        {f"{name}_pct": share, f"{name}_ok": share <= most},
        [f"{name.upper()}: {sgd(debts)} of {sgd(income)} is {percent(share)}; the limit is {percent(most)}."],
        [limit.ref],
    )
