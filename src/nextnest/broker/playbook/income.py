"""Which income a loan needs: the loan of a price, or a loan, turned round by the servicing limits."""

from __future__ import annotations

from decimal import Decimal

from nextnest.broker import words
from nextnest.broker.playbook.answer import Answer, number
from nextnest.broker.playbook.limits import REFINANCING
from nextnest.mortgage.rounding import LOAN, percent, sgd

_KINDS = {"hdb": "hdb", "ec": "ec"}  # of homes with rows of their own; all others are private


def income_needed(answer: Answer) -> None:
    """How much must I earn for this price, or this loan?"""
    case = answer.situation.case
    if case.property_type == "commercial":
        answer.knows("commercial")
        return
    if case.purpose == "refinance":
        answer.say(REFINANCING)
        return
    loans = answer.take("outstanding_housing_loans")
    if loans:
        answer.say(
            "With another housing loan running, its instalments count too, so I start from your income."
        )
        answer.ask("applicants.0.fixed_monthly_income")
        return
    loan = _loan(answer)
    if loan is None:
        answer.ask("property_price")
        return
    months = _months(answer)
    floor = answer.rule("assessment_floor", use="residential").number("floor_pct")
    tested = answer.compute("instalment", principal=loan, rate_pct=floor, months=months)
    answer.say(
        f"For a loan of {sgd(loan)} over {words.years(months)}, banks test an instalment of "
        f"{tested.text('monthly')} a month (test rate {percent(floor)})."
    )
    shown = tested.shown("monthly")
    assert isinstance(shown, Decimal)  # noqa: S101  an instalment is a number
    _say_income(answer, shown)
    if loans is None:
        answer.say("That is with no other housing loan running.")


def _loan(answer: Answer) -> Decimal | None:
    """The loan asked about, else the full share of the price; None where neither is known."""
    if "loan_amount" in answer.situation.told:
        return Decimal(answer.take("loan_amount"))
    price = answer.take("property_price") if "property_price" in answer.situation.told else None
    price = price if price is not None else answer.take("amount", "property_price", "property_value")
    if price is None:
        wanted = answer.take("loan_amount")
        return None if wanted is None else Decimal(wanted)
    row = answer.rule("ltv", borrower="individual", outstanding=0)
    value = answer.take("property_value") or price
    shares = {name: row.number(name) for name in ("ltv_pct", "min_cash_pct")}
    paid = answer.compute("purchase_funding", price=price, valuation=value, **shares)
    answer.say(
        f"Of a price of {sgd(Decimal(price))} the loan-to-value limit is {percent(row.number('ltv_pct'))}."
    )
    return LOAN.shown(number(paid, "loan"))


def _months(answer: Answer) -> int:
    """The tenure asked about, else the longest that keeps the full loan-to-value share."""
    asked = answer.take("tenure_months")
    if asked is not None:
        return int(asked)
    row = answer.rule("tenure_limit", property=_kind(answer))
    longest = row.number("long_tenure")
    ages = [person.age for person in answer.situation.case.applicants if person.age is not None]
    if ages:
        left = number(answer.compute("tenure_from_iwaa", iwaa=max(ages)), "tenure_to_65")
        longest = max(min(longest, left), Decimal(1))
    return int(longest) * 12


def _kind(answer: Answer) -> str:
    return _KINDS.get(str(answer.situation.case.property_type), "private")


def _say_income(answer: Answer, instalment: Decimal) -> None:
    """The income by TDSR, and by MSR where it binds; the larger one is needed."""
    debts = answer.take("monthly_debts")
    limit = answer.rule("tdsr_limit").number("limit_pct")
    needed = answer.compute(
        "income_required", instalment=instalment, ratio_pct=limit, other_debts=debts or Decimal(0)
    )
    beside = f"with other debts of {sgd(debts)} a month" if debts else "without other debts"
    answer.say(
        f"By TDSR, at most {percent(limit)} of gross income, that takes an income of "
        f"{needed.text('income')} a month {beside}."
    )
    if _kind(answer) != "private":
        share = answer.rule("msr_limit", property=_kind(answer)).number("limit_pct")
        by_msr = answer.compute("income_required", instalment=instalment, ratio_pct=share)
        answer.say(
            f"By MSR, at most {percent(share)} for the property, an income of {by_msr.text('income')} a "
            "month; the higher of the two is needed."
        )
    answer.say("Variable pay counts only in part.")
