"""The question a broker is asked most: how much can this household borrow, and what must it bring?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nextnest.mortgage import annuity
from nextnest.mortgage.case import Case
from nextnest.mortgage.evidence import CannotCompute, Outcome, RuleRef, Value
from nextnest.mortgage.facts import facts_of
from nextnest.mortgage.levers import levers
from nextnest.mortgage.position import Facts, Position, position
from nextnest.mortgage.registry import calculator
from nextnest.mortgage.rounding import (
    AGE,
    AS_IS,
    CASH,
    CENTS,
    DUTY,
    LOAN,
    PERCENT,
    RATE,
    WHOLE_YEARS,
    percent,
    sgd,
)
from nextnest.mortgage.tables import formula
from nextnest.mortgage.upfront import OwnFunds, Purchase, bring, price_within

_LIMITS = {"ltv": "loan-to-value", "tdsr": "TDSR", "msr": "MSR"}


@calculator(
    loan=LOAN,
    limited_by=AS_IS,
    loan_by_ltv=LOAN,
    loan_by_tdsr=LOAN,
    loan_by_msr=LOAN,
    recognised_income=CENTS,
    age=AGE,
    tenure_years=WHOLE_YEARS,
    ltv_pct=PERCENT,
    min_cash_pct=PERCENT,
    lower_row=AS_IS,
    assessment_rate_pct=RATE,
    assessed_instalment=CENTS,
    tdsr_pct=PERCENT,
    msr_pct=PERCENT,
    contract_instalment=CENTS,
    bsd=DUTY,
    absd=DUTY,
    absd_rate_pct=RATE,
    duties=DUTY,
    downpayment=CASH,
    min_cash=CASH,
    upfront_total=CASH,
    cash_or_cpf=CASH,
    cpf_used=CASH,
    cash_needed=CASH,
    shortfall=CASH,
    max_price=LOAN,
    max_price_limited_by=AS_IS,
    needs=AS_IS,
    what_would_change_it=AS_IS,
)
def affordability(case: Case) -> Outcome:
    """The loan a household can have for a purchase, what limits it, and what must be brought.

    Inputs: see each field; applicants [{age, employment, fixed_monthly_income, variable_monthly_income (S$ a
    month), residency, existing_properties}]. Always needed: applicants, property_type, monthly_debts,
    outstanding_housing_loans, as_of; property_debts with outstanding loans; valuation with a price. The
    lender is a bank unless hdb is named, whose loan needs remaining_lease instead of debts and loans.
    Without a price: the loan that income carries, and the price it reaches.

    Outputs: loan (S$, the least of loan_by_ltv, loan_by_tdsr, loan_by_msr), limited_by (ltv, tdsr, msr),
    recognised_income (S$ a month), age (years, income-weighted), tenure_years, ltv_pct, min_cash_pct,
    lower_row, assessment_rate_pct, assessed_instalment (S$ a month), tdsr_pct, msr_pct (%), and
    contract_instalment (S$ a month, only with a contract rate). With a price (S$): downpayment, bsd, absd,
    duties, upfront_total, min_cash, cash_or_cpf, cpf_used, cash_needed, shortfall; without one max_price.
    needs: facts still missing for the cash side. what_would_change_it: changes tried on the same facts,
    each with change, by, unit, loan, more_loan, limited_by, said.
    Source: MAS explainers on TDSR, MSR, tenure and loan-to-value; Stamp Duties Act 1929.
    """
    found = facts_of(case)
    now = position(found.facts)
    answer = _loan(found.facts, now)
    parts = [found.outcome, answer]
    if case.contract_rate_pct is not None:
        parts.append(_contract(answer.number("loan"), case.contract_rate_pct, found.facts.months))
    money_side = _reach if case.price is None else _to_bring
    parts.append(money_side(case, found.facts, now))
    changes = levers(found.facts, now)
    parts.append(Outcome({"what_would_change_it": changes}, [str(change["said"]) for change in changes]))
    return _joined(parts)


def _loan(facts: Facts, now: Position) -> Outcome:
    """The loan with its limits, tested instalment and ratios."""
    loan = now.loan
    values: dict[str, Value] = {
        "loan": loan,
        "limited_by": now.limited_by,
        **{f"loan_by_{name}": limit for name, limit in now.limits.items()},
    }
    rules: list[RuleRef] = [formula("equal monthly instalments")]
    working, assumptions = list[str](), list[str]()
    if now.ltv is not None:
        values |= {key: now.ltv.values[key] for key in ("ltv_pct", "min_cash_pct", "lower_row")}
        rules += now.ltv.rules
        working += now.ltv.working
        assumptions += now.ltv.assumptions
    for name, limit in now.limits.items():
        working.append(f"By {_LIMITS[name]}: at most {sgd(LOAN.shown(limit))}.")
    working.append(f"The least is {_LIMITS[now.limited_by]}: a loan of {sgd(LOAN.shown(loan))}.")
    instalment = annuity.instalment(loan, facts.rate_pct, facts.months)
    values["assessed_instalment"] = instalment
    working.append(f"Its tested instalment at {percent(facts.rate_pct)}: {sgd(instalment)} a month.")
    tests = {"tdsr": (now.tdsr_limit, facts.debts), "msr": (now.msr_limit, facts.property_debts)}
    for name, (limit_row, debts) in tests.items():
        if limit_row is not None:
            rules.append(limit_row.ref)
            if facts.income > 0:
                values[f"{name}_pct"] = (instalment + debts) * 100 / facts.income
    return Outcome(values, working, rules, assumptions)


def _contract(loan: Decimal, rate_pct: Decimal, months: int) -> Outcome:
    monthly = annuity.instalment(loan, rate_pct, months)
    return Outcome(
        {"contract_instalment": monthly},
        [f"To pay at the contract rate of {percent(rate_pct)}: {sgd(monthly)} a month while it lasts."],
    )


def _purchase(case: Case, facts: Facts) -> Purchase:
    return Purchase(facts.property_type, case.stage, tuple(case.applicants), case.married_couple, facts.as_of)


def _to_bring(case: Case, facts: Facts, now: Position) -> Outcome:
    """Duties and funds at a known price; facts missing for them are named, and leave the loan standing."""
    price = case.price
    if price is None or now.ltv is None or facts.base is None:
        raise CannotCompute("price")
    try:
        duties = _purchase(case, facts).duties(price, max(price, case.known_valuation or price))
    except CannotCompute as error:
        return Outcome({"needs": error.needs}, [f"Duties and cash {error}."])
    min_cash = facts.base * now.ltv.number("min_cash_pct") / 100 + price - facts.base
    funds = OwnFunds(case.cash_available, case.cpf_available)
    cpf_allowed = facts.property_type != "commercial"
    brought = bring(
        price,
        now.loan,
        duties.number("duties"),
        min_cash=min_cash,
        funds=funds,
        cpf_allowed=cpf_allowed,
    )
    missing = {"cpf_available": cpf_allowed and funds.cpf is None, "cash_available": funds.cash is None}
    needs = [name for name, unknown in missing.items() if unknown]
    return Outcome(
        {**duties.values, **brought.values, **({"needs": needs} if needs else {})},
        [*duties.working, *brought.working],
        duties.rules,
        [
            *duties.assumptions,
            "Duties are paid in cash within 14 days; CPF may pay them back.",
            *(["CPF use is not checked against the lease and the retirement sum."] if cpf_allowed else []),
            "Legal, valuation and agent's fees are not counted.",
        ],
    )


def _reach(case: Case, facts: Facts, now: Position) -> Outcome:
    """The highest price when none is given: what the loan is a full LTV share of, or what own funds reach."""
    if now.ltv is None:
        said = "The price it reaches depends on the bank's own loan-to-value policy."
        return Outcome({"needs": ["bank_ltv_pct"]}, [said])
    share = now.ltv.number("ltv_pct")
    by_income = now.loan * 100 / share
    step = f"{sgd(LOAN.shown(now.loan))} is {percent(share)} of {sgd(LOAN.shown(by_income))}."
    try:
        rules, by_funds = _reach_of_funds(case, facts, now)
    except CannotCompute as error:
        values: dict[str, Value] = {"max_price": by_income, "max_price_limited_by": "income"}
        return Outcome(
            values | {"needs": error.needs},
            [step, f"What own funds and duties allow {error}."],
            assumptions=["The valuation is taken to equal the price. Own funds and duties are not checked."],
        )
    limited_by = "own funds" if by_funds < by_income else "income and own funds"
    return Outcome(
        {"max_price": by_funds, "max_price_limited_by": limited_by},
        [step, f"Own funds with at most that loan, duties included, reach {sgd(by_funds)}."],
        rules,
        ["The valuation is taken to equal the price."],
    )


def _reach_of_funds(case: Case, facts: Facts, now: Position) -> tuple[Sequence[RuleRef], Decimal]:
    purchase = _purchase(case, facts)
    cpf = Decimal(0) if facts.property_type == "commercial" else case.cpf_available
    if case.cash_available is None or cpf is None or now.ltv is None:
        known = {"cash_available": case.cash_available, "cpf_available": cpf}
        raise CannotCompute(*[name for name, fact in known.items() if fact is None], *purchase.missing())
    reached = price_within(
        purchase,
        ceiling=now.loan,
        ltv_pct=now.ltv.number("ltv_pct"),
        min_cash_pct=now.ltv.number("min_cash_pct"),
        cash=case.cash_available,
        cpf=cpf,
    )
    return purchase.duties(reached, reached).rules, reached


def _joined(parts: list[Outcome]) -> Outcome:
    values: dict[str, Value] = {}
    for part in parts:
        values |= part.values
    return Outcome(
        values,
        [step for part in parts for step in part.working],
        [rule for part in parts for rule in part.rules],
        [assumption for part in parts for assumption in part.assumptions],
    )
