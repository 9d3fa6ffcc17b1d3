"""How a customer's answer to one of our questions is read: plainly an answer, or not one."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from nextnest.broker.cues import LOCK_IN_ENDS, NOT_MONTHLY_GROSS, SUM
from nextnest.broker.intent_rules import rules
from nextnest.broker.playbook.questions import QUESTIONS, Kind, Question
from nextnest.broker.spoken import in_digits
from nextnest.broker.told import Told, lock_in_end
from nextnest.domain.lead import Lead
from nextnest.domain.numbers import parse_money

_BYE = re.compile(r"\b(?:bye|goodbye|later|thanks|thank you|see you|let you know)\b")
_YES = re.compile(
    r"\b(?:yes|yep|yup|yeah|ya|yah|correct|right|sure|ok|okay|confirm|please do|go ahead|of course)\b"
)
_NO = re.compile(
    r"\b(?:no|nope|nah|none|nil|zero|nothing|not|don't|do not|dont|dun|never|fully paid|paid (?:off|up)"
    r"|finished|settled|cleared)\b"
    r"(?! (?:contact|message|call|trust|text|ask|use)\b)"
)
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "zero": 0}
_NONE_IS_ZERO = frozenset({"monthly_debts", "property_debts", "cash_available", "cpf_available"})
_OF_NO_PAY = re.compile(  # a sum that is no income, whatever was asked
    r"\b(?:down ?payment|deposit|cash|savings|saved|price|valuation|gift|give[sn]?|giving"
    r"|mother|father|parents?)\b"
)
_OF_OTHER_THINGS = re.compile(  # "we have one kid" counts no homes
    r"\b(?:kids?|child(?:ren)?|sons?|daughters?|dogs?|cats?|cars?|years?|months?|jobs?|credit|cards?)\b"
)
_IN_A_YEAR = re.compile(r"\b(?:in|since|from|by|until|till|of|year|born) (?:19|20)\d\d\b")
_SHORT = 4  # words
_MOST_WORDS = 14  # a longer message is no plain answer
_MOST_WORDS_OF_YES = 5


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
    plain = in_digits(text.casefold().replace("’", "'").strip(" .!,"))
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
    if question.field.endswith("income") and (NOT_MONTHLY_GROSS.search(plain) or _OF_NO_PAY.search(plain)):
        return None
    sums = [m.group() for m in re.finditer(rf"(?<![\w.]){SUM}(?![\w%])", _IN_A_YEAR.sub(" ", plain))]
    if sums and not re.search(r"\d\s?k?\s?(?:-|to|and|or)\s?(?:s?\$)?\d|years?|%|a year|annual", plain):
        try:
            fitting = [amount for one in sums if _fits(amount := parse_money(one.strip()), question)]
        except ValueError:
            return None
        return fitting[0] if len(fitting) == 1 else None
    zero_means_none = question.field in _NONE_IS_ZERO
    return Decimal(0) if zero_means_none and not sums and _NO.search(plain) else None


def _fits(amount: Decimal, question: Question) -> bool:
    is_none = amount == 0 and question.field in _NONE_IS_ZERO
    return is_none or question.least <= amount <= question.most


def _age(plain: str, _: Question) -> int | None:
    numbers = re.findall(r"\d+", plain)
    if re.search(r"\b(?:turn\w*|next|soon|was|when)\b", plain):
        return None
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
    if _OF_OTHER_THINGS.search(plain):
        return None
    numbers = re.findall(r"(?<![\d.])\d{1,2}(?![\d.,k%])", plain)
    if len(numbers) == 1:
        return int(numbers[0])
    if not numbers and re.search(r"\bfirst\b", plain):
        return 0
    words = [number for word, number in _NUMBER_WORDS.items() if re.search(rf"\b{word}\b", plain)]
    if len(words) == 1 and not numbers:
        return words[0]
    return 0 if not numbers and not words and _NO.search(plain) else None


def _month(plain: str, _: Question) -> date | None:
    match = LOCK_IN_ENDS.search(f"lock-in ends {plain}")
    return lock_in_end(match) if match else None


def _choice(plain: str, question: Question) -> str | None:
    if re.search(r"\bnot (?!working)", plain):
        return None
    found = [value for value, pattern in question.choices if re.search(rf"\b(?:{pattern})\b", plain)]
    return found[0] if found else None


def _yes_no(plain: str, _: Question) -> bool | None:
    plain = " ".join(rules().spelling.words(plain))
    if _BYE.search(plain) or len(plain.split()) > _MOST_WORDS_OF_YES:
        return None
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
    "month": _month,
}
