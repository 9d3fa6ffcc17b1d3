"""What the playbook asks: one question for each fact, and how its answer is read.

A question is known again in the thread by its own words, so nothing need be stored to know what was asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from nextnest.broker.cues import SUM
from nextnest.broker.told import Told
from nextnest.domain.lead import Lead
from nextnest.domain.numbers import parse_money

Kind = Literal["money", "age", "years", "percent", "count", "choice", "yes_no"]


@dataclass(frozen=True)
class Question:
    """A question with its reason; `field` is a path of the lead, or a name of what only the chat knows."""

    field: str
    text: str
    why: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()  # value and pattern, for kind "choice"
    least: int = 0  # S$ below which a sum is a slip: "8" for an income of 8,000


_EMPLOYMENTS = (
    ("self_employed", r"self[- ]?employed|freelanc\w*|own business|business owner"),
    ("variable", r"commission\w*|variable"),
    ("not_working", r"not working|unemployed|retired|homemaker|housewife|between jobs"),
    ("employed", r"employed|employee|salar\w+|fixed|full[- ]?time|permanent"),
)
_RESIDENCIES = (
    ("pr", r"pr|spr|permanent resident"),
    ("foreigner", r"foreigner|expat|ep|employment pass|work pass|malaysian"),
    ("sc", r"citizen|singaporean|sc"),
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
    ),
    Question("property_price", "What is the price of the property?", "", "money", least=5_000),
    Question("property_value", "What is the property worth today, roughly?", "", "money", least=5_000),
    Question("loan_amount", "How large a loan do you have in mind?", "", "money", least=5_000),
    Question("tenure_months", "Over how many years would you like to repay?", "", "years"),
    Question(
        "rate_pct", "Which interest rate have you been offered?", "The saving depends on it.", "percent"
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


_YES = re.compile(
    r"\b(?:yes|yep|yup|yeah|ya|yah|correct|right|sure|ok|okay|confirm|please do|go ahead|of course)\b"
)
_NO = re.compile(r"\b(?:no|nope|nah|none|nil|zero|nothing|not|don't|dun|never)\b")
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "first": 0, "zero": 0}
_SHORT = 4  # words
_MOST_WORDS = 14  # a longer message is no plain answer


def is_short(text: str) -> bool:
    """A few words that ask nothing: after a question of ours, an answer to it."""
    return len(text.split()) <= _SHORT and "?" not in text


def lone_word(text: str, message_id: int) -> Told | None:
    """A choice that is clear without a question: "condo" or "Singaporean", alone in a message."""
    plain = text.casefold().strip(" .!,")
    for field in ("property_type", "applicants.0.residency", "applicants.0.employment"):
        for value, pattern in QUESTIONS[field].choices:
            if re.fullmatch(
                rf"(?:an? |it'?s an? |i'?m an? |i am an? )?(?:{pattern})(?: flat| pay| salary)?", plain
            ):
                return Told(field, value, text.strip(), message_id)
    return None


def answer_to(field: str, text: str, message_id: int, lead: Lead) -> Told | None:
    """The answer to a question, when the message plainly is one; None otherwise."""
    plain = text.casefold().replace("’", "'").strip(" .!,")
    if not plain or len(plain.split()) > _MOST_WORDS or "?" in plain:
        return None
    question = QUESTIONS[field]
    value = _READ[question.kind](plain, question)
    if value is None:
        return None
    if field == "income_is_own":
        if value and lead.monthly_income is not None:
            return Told("applicants.0.fixed_monthly_income", lead.monthly_income, text.strip(), message_id)
        return None
    return Told(field, value, text.strip(), message_id)


def _money(plain: str, question: Question) -> Decimal | None:
    sums = [match.group() for match in re.finditer(rf"(?<![\w.]){SUM}(?![\w%])", plain)]
    if len(sums) == 1 and not re.search(r"\d\s?(?:-|to)\s?\d|years?|%|a year|annual", plain):
        try:
            amount = parse_money(sums[0].strip())
        except ValueError:
            return None
        return amount if amount >= question.least else None
    zero_means_none = question.field in ("monthly_debts", "property_debts")
    return Decimal(0) if zero_means_none and not sums and _NO.search(plain) else None


def _age(plain: str, _: Question) -> int | None:
    numbers = re.findall(r"\d+", plain)
    return int(numbers[0]) if len(numbers) == 1 and 18 <= int(numbers[0]) <= 99 else None


def _years(plain: str, _: Question) -> int | None:
    numbers = re.findall(r"\d+(?:\.\d+)?", plain)
    if len(numbers) != 1:
        return None
    months = Decimal(numbers[0]) * (1 if re.search(r"\bmonths?|mths?\b", plain) else 12)
    return int(months) if 1 <= months <= 480 and months == months.to_integral_value() else None


def _percent(plain: str, _: Question) -> Decimal | None:
    numbers = re.findall(r"\d+(?:\.\d+)?", plain)
    return Decimal(numbers[0]) if len(numbers) == 1 and 0 < Decimal(numbers[0]) < 15 else None


def _count(plain: str, _: Question) -> int | None:
    numbers = re.findall(r"(?<![\d.])\d{1,2}(?![\d.,%k])", plain)
    if len(numbers) == 1:
        return int(numbers[0])
    words = [number for word, number in _NUMBER_WORDS.items() if re.search(rf"\b{word}\b", plain)]
    if len(words) == 1 and not numbers:
        return words[0]
    return 0 if not numbers and not words and _NO.search(plain) else None


def _choice(plain: str, question: Question) -> str | None:
    if re.search(r"\bnot (?!working)", plain):
        return None
    found = [value for value, pattern in question.choices if re.search(rf"\b(?:{pattern})\b", plain)]
    return found[0] if found else None


def _yes_no(plain: str, _: Question) -> bool | None:
    said_yes, said_no = bool(_YES.search(plain)), bool(_NO.search(plain))
    return said_yes if said_yes != said_no else None


_READ: dict[Kind, Any] = {
    "money": _money,
    "age": _age,
    "years": _years,
    "percent": _percent,
    "count": _count,
    "choice": _choice,
    "yes_no": _yes_no,
}
