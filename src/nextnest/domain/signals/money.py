"""Money: the size of the loan, and whether the income carries it."""

from __future__ import annotations

from decimal import Decimal

from nextnest.domain.choices import Purpose
from nextnest.domain.lead import Lead
from nextnest.domain.scorecard import Signal
from nextnest.domain.servicing import (
    LimitUse,
    limit_use,
    longest_months,
    months_to_repay,
    property_type,
    recognised_income,
)
from nextnest.domain.signals.reading import Case, Earned, Needs, loan, of_all, sgd, share
from nextnest.mortgage.rounding import percent


def loan_size(signal: Signal, case: Case) -> Earned | Needs:
    """By the loan wanted, never by the balance of the present one: a smaller debt must not cost points."""
    lead = case.lead
    if lead.loan_amount is not None:
        return Earned(signal.rising(lead.loan_amount), f"The loan wanted is {sgd(lead.loan_amount)}.")
    if lead.price is None:
        return Needs(("loan_amount",))
    part = case.card.unnamed_loan_pct
    why = f"No loan is named yet; {percent(part)} of the price of {sgd(lead.price)} counts here."
    return Earned(signal.rising(lead.price * part / 100), why)


def income(signal: Signal, case: Case) -> Earned | Needs:
    """The instalment alone against gross income: what a short form can tell."""
    lead, wanted, gross = case.lead, loan(case.lead), case.lead.household_income
    kind = property_type(lead)
    if wanted is None or gross is None or kind is None:
        return Needs.unknown_of(loan_amount=wanted, monthly_income=gross, property_type=kind)
    if gross == 0:
        return Earned(0, "There is no income to carry the loan.")
    months = longest_months(lead)
    use = limit_use(lead, wanted, income=gross, debts=Decimal(0), months=months, today=case.today)
    why = f"Gross income of {sgd(gross)} a month. {_tested(use)} alone uses {_used(use)}."
    return Earned(signal.falling(use.share_pct), why)


def affordability(signal: Signal, case: Case) -> Earned | Needs:
    """Recognised income, other debts and the period there is: what the rules look at."""
    lead, wanted, debts = case.lead, loan(case.lead), case.lead.monthly_debts
    counted, months = recognised_income(lead, case.today), months_to_repay(lead)
    unknown = _unknown_to_the_rules(lead)
    if unknown.fields or wanted is None or debts is None or counted is None or months is None:
        return unknown
    if counted == 0:
        return Earned(0, "There is no income that counts under the rules.")
    use = limit_use(lead, wanted, income=counted, debts=debts, months=months, today=case.today)
    why = f"{_tested(use)} and debts of {sgd(debts)} use {_used(use)}; income of {sgd(counted)} counts."
    return Earned(signal.falling(use.share_pct), why)


def _unknown_to_the_rules(lead: Lead) -> Needs:
    refinance = lead.purpose is Purpose.REFINANCE
    return Needs.unknown_of(
        monthly_debts=lead.monthly_debts,
        loan_amount=loan(lead),
        monthly_income=lead.household_income,
        applicants__employment=of_all(lead, "employment"),
        applicants__age=True if refinance else of_all(lead, "age"),
        remaining_months=lead.remaining_months if refinance else True,
        property_type=property_type(lead),
        purpose=lead.purpose,
    )


def _tested(use: LimitUse) -> str:
    period = f"{use.months // 12} years" if use.months % 12 == 0 else f"{use.months} months"
    return f"The instalment of {sgd(use.instalment)} (at {percent(use.rate_pct)} over {period})"


def _used(use: LimitUse) -> str:
    return f"{share(use.share_pct)} of the {use.limit} limit"
