"""The first figure on the form: what the facts so far allow to compute, what limits it, what is missing.

Nothing is assumed in silence: without a fact there is no figure but the name of the fact, and whatever a
calculator does assume is said beside the figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from nextnest.domain.lead import Lead, LeadErrors, Purpose, parse_lead
from nextnest.mortgage import Calculation, CannotCompute, InvalidInput, calculate

Row = tuple[str, str]

_NOBODY = {"name": "-", "phone": "+6580000000"}  # who it is does not matter to a figure
_LIMITS = {
    "ltv": "the loan-to-value limit: the share of the price that may be lent",
    "tdsr": "TDSR: the share of income that all debts together may take",
    "msr": "MSR: the share of income that home loans may take for an HDB flat or new EC",
}
_NEEDS = {
    "applicants": "your age, work and income",
    "property_type": "the kind of property",
    "property_price": "the price",
    "monthly_debts": "your other debts a month (0 if none)",
    "outstanding_housing_loans": "how many housing loans you have now (0 if none)",
    "property_debts": "what you pay a month on your present home loans; our assistant will ask",
    "outstanding_loan": "what you still owe",
    "current_rate": "your present rate",
    "remaining_months": "the years left on the loan",
    "age": "age",
    "employment": "kind of work",
    "fixed_monthly_income": "income",
    "residency": "residency",
    "cash_available": "the cash you can use",
    "cpf_available": "the CPF savings you can use",
    "property_stage": "whether it is resale, a new launch or BTO",
}
_APPLICANT = re.compile(r"applicants\[(\d)\]\.(\w+)")


def preview(facts: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The first figure as the page shows it: title, amount, rows, needs, notes; amount is None without one.

    `facts` are the form's, as for `parse_lead`; those that cannot be read count as not known.
    """
    lead = _readable(facts)
    if lead.purpose is None:
        return _missing(("what the loan is for",))
    try:
        return _FIGURES[lead.purpose](lead, today)
    except CannotCompute as error:
        return _missing(tuple(_need(name) for name in error.needs))
    except InvalidInput as error:
        return _missing(error.problems)


def _readable(facts: Mapping[str, Any]) -> Lead:
    try:
        return parse_lead({**facts, **_NOBODY})
    except LeadErrors as error:
        wrong = {field.split(".")[0] for field in error.problems}
        return parse_lead({**{name: fact for name, fact in facts.items() if name not in wrong}, **_NOBODY})


def _missing(needs: tuple[str, ...]) -> dict[str, Any]:
    return {"title": "", "amount": None, "rows": [], "needs": list(dict.fromkeys(needs)), "notes": []}


def _need(name: str) -> str:
    if found := _APPLICANT.fullmatch(name):
        who = "" if found[1] == "1" else f" of borrower {found[1]}"
        return _NEEDS.get(found[2], found[2]) + who
    return _NEEDS.get(name, name.replace("_", " "))


def _purchase(lead: Lead, today: date) -> dict[str, Any]:
    found = calculate("affordability", _case(lead, today) | _price(lead))
    rows: list[Row] = [
        ("Limited by", _LIMITS[found.text("limited_by")]),
        ("Longest term", found.text("tenure_years")),
        (
            "Tested at",
            f"{found.text('assessment_rate_pct')} a year, {found.text('assessed_instalment')} a month",
        ),
    ]
    for key, words in (
        ("max_price", "Price this reaches"),
        ("downpayment", "Down payment"),
        ("min_cash", "of which in cash at least"),
        ("duties", "Stamp duties"),
        ("shortfall", "Missing from your own funds"),
    ):
        if key in found.values:
            rows.append((words, found.text(key)))
    return _figure("Loan the rules allow you", found, "loan", rows)


def _commercial(lead: Lead, today: date) -> dict[str, Any]:
    """By income alone: how much of a commercial price a bank lends is the bank's own policy."""
    found = calculate("affordability", _case(lead, today))
    rows: list[Row] = [
        ("Limited by", _LIMITS[found.text("limited_by")]),
        ("Term", found.text("tenure_years")),
        ("Tested at", f"{found.text('assessment_rate_pct')} a year"),
    ]
    return _figure("Loan your income can carry", found, "loan", rows)


def _refinance(lead: Lead, _: date) -> dict[str, Any]:
    loan, rate, months = lead.outstanding_loan, lead.current_rate, lead.remaining_months
    known = {"outstanding_loan": loan, "current_rate": rate, "remaining_months": months}
    if loan is None or rate is None or months is None:
        raise CannotCompute(*(name for name, fact in known.items() if fact is None))
    now = calculate("instalment", {"principal": loan, "rate_pct": rate, "months": months})
    rows: list[Row] = []
    if rate >= 1 and months > 24:
        lower = {"balance": loan, "old_pct": rate, "new_pct": rate - 1, "months_left": months}
        cut = calculate("refi_saving", {**lower, "window_months": 24, "costs": 0})
        rows = [
            ("One point lower would cut it by", f"{cut.text('instalment_cut')} a month"),
            ("and the interest of 2 years by", cut.text("interest_saving")),
        ]
    return _figure("You pay about, each month", now, "monthly", rows)


def _equity(lead: Lead, _: date) -> dict[str, Any]:  # noqa: ARG001
    return _missing(("the CPF savings used for this property; our assistant will ask",))


_FIGURES: Mapping[Purpose, Callable[[Lead, date], dict[str, Any]]] = {
    Purpose.NEW_PURCHASE: _purchase,
    Purpose.REFINANCE: _refinance,
    Purpose.EQUITY_LOAN: _equity,
    Purpose.COMMERCIAL: _commercial,
}


def _case(lead: Lead, today: date) -> dict[str, Any]:
    return {
        "applicants": [applicant.model_dump() for applicant in lead.applicants],
        "property_type": lead.property_type,
        "stage": lead.property_stage,
        "monthly_debts": lead.monthly_debts,
        "property_debts": 0 if lead.outstanding_housing_loans == 0 else None,
        "outstanding_housing_loans": lead.outstanding_housing_loans,
        "cash_available": lead.cash_available,
        "cpf_available": lead.cpf_available,
        "as_of": today,
    }


def _price(lead: Lead) -> dict[str, Any]:
    return {"price": lead.property_price, "valuation_at_price": True} if lead.property_price else {}


def _figure(title: str, found: Calculation, key: str, rows: list[Row]) -> dict[str, Any]:
    needs = found.values.get("needs")
    return {
        "title": title,
        "amount": found.text(key),
        "rows": rows,
        "needs": [_need(str(name)) for name in needs] if isinstance(needs, list | tuple) else [],
        "notes": list(found.assumptions),
    }
