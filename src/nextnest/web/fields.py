"""From the form's fields to a lead: which fields belong to which purpose, and what their names mean.

Only fields that the chosen purpose shows are read, whatever the browser sends: a value typed before the
purpose was changed is no fact. Names are paths into the lead ("applicants.0.age"), so that a problem of
the lead points at the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nextnest.domain.lead import Purpose
from nextnest.web.consent import TEXT_VERSION

MOST_APPLICANTS = 4
APPLICANT_FIELDS = ("age", "residency", "employment", "fixed_monthly_income", "variable_monthly_income")

_CONTACT = ("name", "email", "phone", "notes")  # shown whatever the purpose
_ALWAYS = ("timeline", "monthly_debts", "outstanding_housing_loans")
_OLD_LOAN = ("current_bank", "current_rate", "outstanding_loan", "remaining_months", "lock_in_ends")
_FUNDS = ("cpf_available", "cash_available")
SHOWN: Mapping[Purpose, frozenset[str]] = {
    Purpose.NEW_PURCHASE: frozenset(
        (*_ALWAYS, *_FUNDS, "property_type", "property_stage", "property_price", "loan_amount", "ipa_status")
    ),
    Purpose.REFINANCE: frozenset((*_ALWAYS, *_OLD_LOAN, "property_type", "property_value")),
    Purpose.EQUITY_LOAN: frozenset(
        (*_ALWAYS, "property_type", "property_value", "loan_amount", "current_bank", "outstanding_loan")
    ),
    Purpose.COMMERCIAL: frozenset(
        (*_ALWAYS, "property_price", "loan_amount", "ipa_status", "cash_available")
    ),
}


def lead_data(form: Mapping[str, str]) -> dict[str, Any]:
    """The lead's facts in a submitted form, blank ones left out, for `parse_lead`."""
    names: tuple[str, ...] = ("purpose", *_CONTACT)
    purpose = Purpose(form["purpose"]) if form.get("purpose") in set(Purpose) else None
    if purpose:
        names += tuple(sorted(SHOWN[purpose] - {"remaining_months"}))
    data: dict[str, Any] = {name: form[name] for name in names if form.get(name, "").strip()}
    if purpose and "remaining_months" in SHOWN[purpose]:
        data |= _remaining(form)
    if purpose is Purpose.COMMERCIAL:
        data["property_type"] = "commercial"
    if applicants := _applicants(form):
        data["applicants"] = applicants
    return data


def consent_data(form: Mapping[str, str]) -> dict[str, Any]:
    """What was ticked, with the version of the text beside it."""
    return {
        "text_version": TEXT_VERSION,
        "contact": bool(form.get("consent.contact")),
        "marketing": bool(form.get("consent.marketing")),
    }


def _applicants(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Up to the last one with anything in it: a blank one in between keeps the others' places."""
    applicants = []
    for place in range(MOST_APPLICANTS):
        told = {field: form.get(f"applicants.{place}.{field}", "").strip() for field in APPLICANT_FIELDS}
        applicants.append({field: value for field, value in told.items() if value})
    while applicants and not applicants[-1]:
        applicants.pop()
    return applicants


def _remaining(form: Mapping[str, str]) -> dict[str, Any]:
    """Years and months are asked for apart and counted in months."""
    years, months = form.get("remaining_years", "").strip(), form.get("remaining_months", "").strip()
    if not years and not months:
        return {}
    if not all(part.isdecimal() and len(part) <= 3 for part in (years or "0", months or "0")):
        return {"remaining_months": f"{years} years {months} months"}  # refused, in the lead's own words
    return {"remaining_months": int(years or 0) * 12 + int(months or 0)}
