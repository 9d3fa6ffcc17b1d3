"""The first figure on the form: what the facts so far allow to compute, what limits it, what is missing.

Nothing is assumed in silence: without a fact there is no figure but the name of the fact, and whatever a
calculator does assume is said beside the figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from nextnest.broker.evidence import affordability_inputs
from nextnest.domain.lead import Lead, LeadErrors, Purpose, parse_lead
from nextnest.mortgage import Calculation, CannotCompute, InvalidInput, calculate

Row = tuple[str, str]


@dataclass(frozen=True)
class FirstFigure:
    """As the page shows it, in words. Without an amount there is only what is needed for one."""

    title: str = ""
    amount: str | None = None
    limit: str | None = None
    rows: tuple[Row, ...] = ()
    needs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_NOBODY = {"name": "-", "phone": "+6580000000"}  # who it is does not matter to a figure
_LIMITS = {
    "ltv": "What limits it is LTV, the share of the price that a bank may lend.",
    "tdsr": "What limits it is TDSR, the share of income that all debts together may take.",
    "msr": "What limits it is MSR, the share of income that home loans may take for an HDB flat or a new EC.",
}
_NEEDS = {
    "applicants": "your age, work and income",
    "property_type": "the kind of property",
    "monthly_debts": "your other debts a month (0 if none)",
    "outstanding_housing_loans": "how many housing loans you have now (0 if none)",
    "property_debts": "what you pay a month on your present home loans; our assistant will ask",
    "outstanding_loan": "what you still owe",
    "current_rate": "your present rate",
    "remaining_months": "the years left on the loan",
    "age": "your age",
    "employment": "your kind of work",
    "fixed_monthly_income": "your income",
    "residency": "your residency",
    "cash_available": "the cash you can use",
    "cpf_available": "the CPF savings you can use",
    "existing_properties": "how many homes you own already (for stamp duty); our assistant will ask",
    "property_stage": "whether it is resale, a new launch or BTO",
}
_APPLICANT = re.compile(r"applicants\[(\d)\]\.(\w+)")


def preview(facts: Mapping[str, Any], *, today: date) -> FirstFigure:
    """The first figure from facts as for `parse_lead`; what cannot be read counts as not known."""
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


def _missing(needs: tuple[str, ...]) -> FirstFigure:
    return FirstFigure(needs=tuple(dict.fromkeys(needs)))


def _need(name: str) -> str:
    if found := _APPLICANT.fullmatch(name):
        words = _NEEDS.get(found[2], found[2].replace("_", " "))
        return words if found[1] == "1" else f"{words.removeprefix('your ')} of borrower {found[1]}"
    return _NEEDS.get(name, name.replace("_", " "))


def _purchase(lead: Lead, today: date) -> FirstFigure:
    found = calculate("affordability", affordability_inputs(lead, today))
    rows: list[Row] = [
        ("Longest term", found.text("tenure_years")),
        ("Tested at", f"{found.text('assessment_rate_pct')} a year"),
        ("Instalment at that rate", f"{found.text('assessed_instalment')} a month"),
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


def _commercial(lead: Lead, today: date) -> FirstFigure:
    """By income alone: how much of a commercial price a bank lends is the bank's own policy."""
    without_price = affordability_inputs(lead, today) | {"price": None, "valuation": None}
    found = calculate("affordability", without_price)
    rows: list[Row] = [
        ("Longest term", found.text("tenure_years")),
        ("Tested at", f"{found.text('assessment_rate_pct')} a year"),
    ]
    return _figure("Loan your income can carry", found, "loan", rows)


def _refinance(lead: Lead, _: date) -> FirstFigure:
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


def _equity(lead: Lead, _: date) -> FirstFigure:  # noqa: ARG001
    return _missing(("the CPF savings used for this property; our assistant will ask",))


_FIGURES: Mapping[Purpose, Callable[[Lead, date], FirstFigure]] = {
    Purpose.NEW_PURCHASE: _purchase,
    Purpose.REFINANCE: _refinance,
    Purpose.EQUITY_LOAN: _equity,
    Purpose.COMMERCIAL: _commercial,
}


def _figure(title: str, found: Calculation, key: str, rows: list[Row]) -> FirstFigure:
    needs = found.values.get("needs")
    return FirstFigure(
        title=title,
        amount=found.text(key),
        limit=_LIMITS[found.text("limited_by")] if "limited_by" in found.values else None,
        rows=tuple(rows),
        needs=tuple(_need(str(name)) for name in needs) if isinstance(needs, list | tuple) else (),
        notes=found.assumptions,
    )
