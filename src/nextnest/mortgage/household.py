"""The people who buy together: what of their income counts, and how old they are on average."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from nextnest.mortgage.evidence import Outcome, RuleRef
from nextnest.mortgage.income import Borrower, income_recognised, iwaa
from nextnest.mortgage.quantities import Age, Count, Day, Money
from nextnest.mortgage.rounding import AGE, sgd
from nextnest.mortgage.tables import in_force
from nextnest.mortgage.words import Employment, Residency

ZERO = Decimal(0)


class Applicant(BaseModel, extra="forbid", frozen=True):
    """One borrower; a fact that is not known is left out."""

    age: Age | None = None
    residency: Residency | None = None
    employment: Employment | None = None
    fixed_monthly_income: Money | None = None
    variable_monthly_income: Money | None = None
    existing_properties: Count | None = None

    def missing(self) -> list[str]:
        """Names of the facts without which this person's income or age cannot be counted."""
        needs = [] if self.age is not None else ["age"]
        if self.employment is None:
            needs.append("employment")
        no_income_known = self.fixed_monthly_income is None and self.variable_monthly_income is None
        if no_income_known and self.employment != "not_working":
            needs.append("fixed_monthly_income")
        return needs


@dataclass(frozen=True)
class CountedIncome:
    """The household's recognised income (S$ a month) and age (years), with evidence."""

    income: Decimal
    age: Decimal
    working: tuple[str, ...]
    rules: tuple[RuleRef, ...]
    assumptions: tuple[str, ...]


def missing_facts(applicants: Sequence[Applicant]) -> list[str]:
    """What is not known of the applicants, as "applicants[1].age"."""
    return [
        f"applicants[{number}].{fact}"
        for number, applicant in enumerate(applicants, start=1)
        for fact in applicant.missing()
    ]


def _recognised(applicant: Applicant, as_of: Day) -> Outcome:
    fixed = applicant.fixed_monthly_income or ZERO
    variable = applicant.variable_monthly_income or ZERO
    if applicant.employment == "self_employed":
        fixed, variable = ZERO, fixed + variable
    return income_recognised(fixed, variable, as_of=as_of)


def averaged_income(applicants: Sequence[Applicant]) -> CountedIncome:
    """Income and age as HDB counts them: all pay by its own average, and the plain average of the ages.

    Nobody's facts may be missing (see `missing_facts`).
    """
    income, working = ZERO, list[str]()
    for number, applicant in enumerate(applicants, start=1):
        pay = (applicant.fixed_monthly_income or ZERO) + (applicant.variable_monthly_income or ZERO)
        income += pay
        working.append(f"Applicant {number}: {sgd(pay)} a month.")
    age = sum((applicant.age or ZERO for applicant in applicants), ZERO) / len(applicants)
    said = "HDB counts the pay of 12 months over the months worked; what was given is taken as that average."
    return CountedIncome(
        income,
        age,
        (*working, f"Household income: {sgd(income)}; average age: {AGE.text(age)}."),
        (in_force("hdb_average_income", None).ref,),
        (said,),
    )


def counted_income(applicants: Sequence[Applicant], as_of: Day) -> CountedIncome:
    """Recognised income together, and the income-weighted average age of joint borrowers.

    Nobody's facts may be missing (see `missing_facts`).
    """
    income = ZERO
    working, rules, assumptions = list[str](), list[RuleRef](), list[str]()
    borrowers = []
    for number, applicant in enumerate(applicants, start=1):
        recognised = _recognised(applicant, as_of)
        income += recognised.number("income")
        borrowers.append(Borrower(age=applicant.age or ZERO, income=recognised.number("income")))
        working += [f"Applicant {number}: {step}" for step in recognised.working]
        rules += recognised.rules
        if applicant.employment != "not_working" and applicant.variable_monthly_income is None:
            assumptions.append(f"Applicant {number}: no variable income was given, none is counted.")
    age = max(borrower.age for borrower in borrowers)
    if len(borrowers) > 1 and income > 0:
        average = iwaa(borrowers)
        age = average.number("iwaa")
        working.append(f"Income-weighted average age: {AGE.text(age)}.")
        rules.append(average.rules[0])
    return CountedIncome(income, age, tuple(working), tuple(rules), tuple(assumptions))
