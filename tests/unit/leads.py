"""Whole leads for property tests: every field, known or not, every enum value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from nextnest.domain.choices import (
    Employment,
    IpaStatus,
    PropertyStage,
    PropertyType,
    Purpose,
    Residency,
    Timeline,
)
from nextnest.domain.lead import Lead, LeadErrors, parse_lead

TODAY = date(2026, 11, 22)

# Around the thresholds of the scorecard and far beyond them.
loans = st.integers(0, 3_000_000) | st.sampled_from([100_000, 300_000, 500_000, 750_000, 1_000_000, 10**9])
incomes = st.integers(0, 30_000) | st.decimals(0, 30_000, places=2) | st.sampled_from([0, 1, 10**9])
debts = st.integers(0, 15_000) | st.sampled_from([0, 10**9])
funds = st.integers(0, 1_500_000)
lock_in_ends = st.integers(-2_000, 2_000).map(lambda days: (TODAY + timedelta(days=days)).isoformat())
ages = st.integers(18, 99)


def _some(facts: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=dict(facts))


def one_of(choices: type[Any]) -> st.SearchStrategy[str]:
    return st.sampled_from([str(choice) for choice in choices])


_APPLICANTS = _some(
    {
        "age": ages,
        "residency": one_of(Residency),
        "employment": one_of(Employment),
        "fixed_monthly_income": incomes,
        "variable_monthly_income": incomes,
    }
)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "purpose": one_of(Purpose),
    "property_type": one_of(PropertyType),
    "property_stage": one_of(PropertyStage),
    "property_price": loans,
    "property_value": loans,
    "loan_amount": loans,
    "applicants": st.lists(_APPLICANTS, max_size=4),
    "monthly_income": incomes,
    "monthly_debts": debts,
    "outstanding_housing_loans": st.integers(0, 5),
    "timeline": one_of(Timeline),
    "ipa_status": one_of(IpaStatus),
    "current_rate": st.decimals(0, 20, places=2),
    "outstanding_loan": loans,
    "remaining_months": st.integers(1, 480),
    "lock_in_ends": lock_in_ends,
    "cpf_available": funds,
    "cash_available": funds,
    "consent": st.fixed_dictionaries({"text_version": st.just("1"), "contact": st.booleans()}),
    "email": st.just("a@b.co"),
}
"""How each fact is drawn; `phone` and `name` are always there."""


def _valid(facts: dict[str, Any]) -> bool:
    try:
        parse_lead(facts)
    except LeadErrors:
        return False
    return True


facts_of_leads: st.SearchStrategy[dict[str, Any]] = (
    _some(FACTS).map(lambda facts: {"name": "Tan", "phone": "91234567", **facts}).filter(_valid)
)
full_facts: st.SearchStrategy[dict[str, Any]] = (
    st.fixed_dictionaries(
        {
            **FACTS,
            "applicants": st.lists(
                st.fixed_dictionaries(
                    {
                        "age": ages,
                        "residency": one_of(Residency),
                        "employment": one_of(Employment),
                        "fixed_monthly_income": incomes,
                        "variable_monthly_income": incomes,
                    }
                ),
                min_size=1,
                max_size=4,
            ),
        }
    )
    .map(lambda facts: {"name": "Tan", "phone": "91234567", **facts})
    .filter(_valid)
)
leads: st.SearchStrategy[Lead] = (facts_of_leads | full_facts).map(parse_lead)
