"""What the playbook asks: one question for each fact.

A question is known again in the thread by its own words, so nothing need be stored to know what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["money", "age", "years", "percent", "count", "choice", "yes_no", "month"]


@dataclass(frozen=True)
class Question:
    """A question with its reason; `field` is a path of the lead, or a name of what only the chat knows."""

    field: str
    text: str
    why: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()  # value and pattern, for kind "choice"
    least: int = 0  # S$ below which a sum is a slip: "8" for an income of 8,000
    most: int = 1_000_000_000  # S$ above which it is another sum


_EMPLOYMENTS = (
    (
        "self_employed",
        r"self[- ]?employed|freelanc\w*|own business|business owner|grab|taxi|hawker|sole prop\w*|own boss",
    ),
    ("variable", r"commission\w*|variable"),
    ("not_working", r"not working|unemployed|retired|homemaker|housewife|between jobs"),
    ("employed", r"employed|employee|salar\w+|fixed|full[- ]?time|permanent"),
)
_RESIDENCIES = (
    ("pr", r"prs?|sprs?|permanent residents?|blue ic"),
    ("foreigner", r"foreigners?|expats?|ep|s ?pass|dp|ltvp|employment pass|work (?:pass|permit)|malaysian"),
    ("sc", r"citizens?|singaporeans?|sc|sinkie|pink ic|local"),
)
_TYPES = (
    ("ec", r"ec|executive condo\w*"),
    ("hdb", r"hdb|flat|bto"),
    ("condo", r"condo\w*|apartment|private"),
    ("landed", r"landed|terrace|semi-?d|bungalow|house"),
    ("commercial", r"commercial|shophouse|shop|office|factory|warehouse|industrial"),
)
_PURPOSES = (
    ("refinance", r"refinanc\w*|refi|repric\w*"),
    ("commercial", r"commercial|shophouse|office|industrial"),
    ("equity_loan", r"equity|cash ?out"),
    ("new_purchase", r"buy\w*|purchas\w*|new"),
)
_DEBTS_WHY = "Other debts share the same limit as the new instalment."
_COBORROWER = "Both borrowers' facts count together."


def _of_applicants() -> Iterator[Question]:
    for number, (your, you_are, are_you) in enumerate(
        (("your", "are you", "Are you"), ("your co-borrower's", "is your co-borrower", "Is your co-borrower"))
    ):
        why = _COBORROWER if number else ""
        path = f"applicants.{number}"
        yield Question(
            f"{path}.fixed_monthly_income",
            f"What is {your} gross monthly income, before CPF?",
            why or "Every limit on a loan starts from income.",
            "money",
            least=500,
            most=60_000,
        )
        yield Question(
            f"{path}.age", f"How old {you_are}?", why or "Age decides how long a loan may run.", "age"
        )
        yield Question(
            f"{path}.employment",
            f"{are_you} on a fixed salary, on commission or variable pay, or self-employed?",
            why or "Banks count fixed pay in full and variable pay in part.",
            "choice",
            _EMPLOYMENTS,
        )
        yield Question(
            f"{path}.residency",
            f"{are_you} a Singapore citizen, a permanent resident or a foreigner?",
            why or "Stamp duty depends on it.",
            "choice",
            _RESIDENCIES,
        )


_QUESTIONS = (
    *_of_applicants(),
    Question(
        "income_is_own",
        "Is the income on your form all your own fixed pay, with nobody else on the loan?",
        "Banks count fixed and variable pay differently, and each borrower apart.",
        "yes_no",
    ),
    Question(
        "purpose",
        "Are you buying, refinancing, or looking at a commercial property?",
        "",
        "choice",
        _PURPOSES,
    ),
    Question(
        "property_type",
        "Is it an HDB flat, an executive condo, a condo, a landed house or a commercial property?",
        "The limits differ by type.",
        "choice",
        _TYPES,
    ),
    Question(
        "monthly_debts",
        "What do your other debts, such as a car loan or cards, come to each month, or are there none?",
        _DEBTS_WHY,
        "money",
        least=50,
        most=50_000,
    ),
    Question(
        "outstanding_housing_loans",
        "How many housing loans are still running, counting any that you share or have signed for?",
        "It decides the share that a bank may lend.",
        "count",
    ),
    Question(
        "property_debts",
        "What do the instalments of your present housing loans come to each month?",
        _DEBTS_WHY,
        "money",
        most=50_000,
    ),
    Question("cash_available", "How much cash do you have for the purchase?", "", "money"),
    Question("cpf_available", "How much is in the CPF Ordinary Accounts that you would use?", "", "money"),
    Question(
        "lock_in_ends", "In which month and year does your lock-in end?", "A penalty depends on it.", "month"
    ),
    Question("property_price", "What is the price of the property?", "", "money", least=5_000),
    Question("property_value", "What is the property worth today, roughly?", "", "money", least=5_000),
    Question("loan_amount", "How large a loan do you have in mind?", "", "money", least=5_000),
    Question("tenure_months", "Over how many years would you like to repay?", "", "years"),
    Question(
        "rate_pct", "Which interest rate have you been offered?", "The instalment depends on it.", "percent"
    ),
    Question(
        "outstanding_loan", "How much is still outstanding on your present loan?", "", "money", least=5_000
    ),
    Question("remaining_months", "How many years are left on your present loan?", "", "years"),
    Question("current_rate", "What interest rate are you paying now?", "", "percent"),
    Question(
        "owned_homes",
        "How many homes do the buyers own today, in all?",
        "Additional duty depends on the count.",
        "count",
    ),
    Question("married", "Are the two buyers married to each other?", "A relief depends on it.", "yes_no"),
    Question("offer_capacity", "Shall I work out how much you could borrow?", "", "yes_no"),
    Question("offer_refinance", "Shall I work out what refinancing could save?", "", "yes_no"),
    Question("offer_documents", "Shall I list the documents you need?", "", "yes_no"),
    Question("offer_person", "Shall I ask a colleague to contact you?", "", "yes_no"),
)
QUESTIONS = {question.field: question for question in _QUESTIONS}

_NEEDS = re.compile(r"applicants\[(?P<number>\d+)\]\.(?P<fact>\w+)")
_CHAT_NAMES = {
    "price": "property_price",
    "valuation": "property_value",
    "applicants": "applicants.0.fixed_monthly_income",
    "tenure_years": "tenure_months",
    "existing_properties": "owned_homes",
    "married_couple": "married",
    "principal": "loan_amount",
    "months": "tenure_months",
}


def field_of(need: str) -> str | None:
    """The field to ask for what a calculator says it needs; None where no question gets it."""
    if match := _NEEDS.fullmatch(need):
        fact = match["fact"]
        field = _CHAT_NAMES.get(fact, f"applicants.{int(match['number']) - 1}.{fact}")
    else:
        field = _CHAT_NAMES.get(need, need)
    return field if field in QUESTIONS else None


def asked_in(text: str) -> str | None:
    """The field that a message of ours asked for, by the words of the question."""
    at = {field: text.rfind(question.text) for field, question in QUESTIONS.items()}
    field, place = max(at.items(), key=lambda pair: pair[1])
    return field if place >= 0 else None
