"""Readiness: how much is known, and whether there is enough own money."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from nextnest.domain.choices import PropertyType, Purpose
from nextnest.domain.lead import Lead
from nextnest.domain.scorecard import Signal
from nextnest.domain.servicing import property_type
from nextnest.domain.signals.reading import Case, Earned, Needs, has_a_home_loan, loan, of_all, sgd, share
from nextnest.mortgage.tables import in_force


def completeness(signal: Signal, case: Case) -> Earned | Needs:
    """One point a fact, from one list for every purpose: learning more never costs points."""
    lead = case.lead
    loans = lead.current_rate if lead.outstanding_housing_loans is None else lead.outstanding_housing_loans
    facts: Mapping[str, object] = {
        "purpose": lead.purpose,
        "property type": property_type(lead),
        "price or value": lead.price,
        "loan": loan(lead),
        "income": lead.household_income,
        "age and residency of each applicant": of_all(lead, "age") and of_all(lead, "residency"),
        "monthly debts": lead.monthly_debts,
        "housing loans or present rate": loans,
    }
    missing = [fact for fact, value in facts.items() if value is None]
    known = len(facts) - len(missing)
    rest = f"; not yet: {', '.join(missing)}" if missing else ""
    return Earned(min(known, signal.of), f"{known} of {len(facts)} facts are known{rest}.")


def own_money(signal: Signal, case: Case) -> Earned | Needs:
    """A buyer's cash and CPF against the down payment; an owner's loan against the value of the home."""
    if case.lead.purpose is None:
        return Needs(("purpose",))
    return _equity(signal, case.lead) if has_a_home_loan(case.lead) else _down_payment(signal, case)


def _equity(signal: Signal, lead: Lead) -> Earned | Needs:
    owed, value = loan(lead), lead.price or None
    if lead.purpose is Purpose.EQUITY_LOAN:
        both = (lead.loan_amount, lead.outstanding_loan)
        owed = None if None in both else sum((part for part in both if part is not None), Decimal(0))
    if owed is None or value is None:
        return Needs.unknown_of(outstanding_loan=owed, property_value=value)
    part = owed * 100 / value
    why = f"Loans of {sgd(owed)} are {share(part)} of the property's value of {sgd(value)}."
    return Earned(signal.falling(part), why)


def _down_payment(signal: Signal, case: Case) -> Earned | Needs:
    lead, kind, price = case.lead, property_type(case.lead), case.lead.price or None
    commercial = kind is PropertyType.COMMERCIAL
    homes = 0 if commercial else lead.outstanding_housing_loans
    # What is known is the least there is. CPF buys homes only.
    known = [lead.cash_available] if commercial else [lead.cash_available, lead.cpf_available]
    funds = None if set(known) == {None} else sum((part for part in known if part is not None), Decimal(0))
    if kind is None or price is None or homes is None or funds is None:
        return Needs.unknown_of(
            property_type=kind, property_price=price, outstanding_housing_loans=homes, cash_available=funds
        )
    least_pct = case.card.commercial_down_payment_pct
    if not commercial:
        row = in_force("ltv", case.today, borrower="individual", outstanding=min(homes, 2))
        least_pct = 100 - row.number("ltv_pct")
    needed = price * least_pct / 100
    covered = funds * 100 / needed
    sources = "Cash" if commercial else "Cash and CPF"
    why = f"{sources} of {sgd(funds)} cover {share(covered)} of the least down payment, {sgd(needed)}."
    return Earned(signal.rising(covered), why)
