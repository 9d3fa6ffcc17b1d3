"""What a customer tells of themselves in a message: exact, and rather nothing than a guess.

A fact is taken only where the words around the number say what it is and whose. A yearly or take-home sum, a
range ("8 to 9k") or an unclear owner is left alone: the broker asks. What is said after "if", "say" or
"what about" is supposed: it answers this one question and is not remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nextnest.domain.lead import Lead
from nextnest.domain.numbers import parse_money

SUM = r"(?:(?:s?\$|sgd)\s?)?\d[\d,]*(?:\.\d+)?\s?(?:k|mil(?:lion)?|m|thousand)?"
_AMOUNT = rf"(?P<amount>{SUM})(?![\d%]|\s?(?:%|percent|years?|yrs?|months? (?:left|old))|[a-z]*\d)(?![a-z])"
_PERCENT = r"(?P<percent>\d{1,2}(?:\.\d+)?)\s?(?:%|percent|per cent|pct)"
_YEARS = r"(?P<years>\d{1,2})\s?-?(?:years?|yrs?)\b"
_NEAR = r"(?:(?!\band\b|\bplus\b)[^\d?;]){0,22}?"  # between a word and its number: no other number or thought

_CLAUSE = re.compile(
    r"[.!?;\n](?=\s|$)|[\n;]|,(?!\d)|\s(?:but|then)\s|\sand\s(?=(?:i|my|we|our|she|he|no)\b)"
)
_SUPPOSED = re.compile(
    r"\b(?:if|suppose|supposing|say|assum\w+|imagine|(?:what|how) about|what if|maybe|might|with)\b"
    r"|\b(?:can|could|should|would|will|is|are|do|does|am) (?:i|we|it|the|a|my|our|you)\b|\b(?:can|able to) (?:buy|afford|loan|borrow)\b"
)
_PARTNER = re.compile(
    r"\b(?:my|the|our)?\s?(?:wife|husband|spouse|partner|fianc[eé]e?|girlfriend|boyfriend|co-?borrower)\b|\b(?:she|he)\b"
)
_TOGETHER = re.compile(r"\b(?:we|our|us|combined|household|joint(?:ly)?|together|both|total)\b")
_OTHER_PERSON = re.compile(
    r"\b(?:mum|mother|mom|dad|father|parents?|brother|sister|son|daughter|friend|boss|uncle|aunt\w*|colleague)\b"
)
_NOT_MONTHLY_GROSS = re.compile(
    r"\b(?:a|per|each|every) (?:year|annum|week|day|hour)\b|\b(?:annual(?:ly)?|yearly|take[- ]?home|nett?|after cpf|p\.?a\.?|"
    r"weekly|commission|bonus|variable|used to|last year|previous|usd|us\$|rm|myr)\b"
)
_RANGE_AFTER = re.compile(r"^\s?(?:-|to|~|or)\s?(?:s?\$)?\d")
_RANGE_BEFORE = re.compile(r"\d\s?k?\s?(?:-|to|~|or)\s?(?:s?\$)?$")


@dataclass(frozen=True)
class Told:
    """One thing told. `field` is a path of the lead, or one of tenure_months, rate_pct, owned_homes, married, amount.

    `amount` is a sum whose meaning the question decides. Money is S$, `rate_pct` % a year.
    """

    field: str
    value: Any
    quote: str
    message_id: int
    supposed: bool = False


@dataclass(frozen=True)
class _Cue:
    field: str
    pattern: re.Pattern[str]
    least: int = 0
    most: int = 1_000_000_000
    supposed: bool = False


def _cue(field: str, pattern: str, least: int = 0, most: int = 10**9, *, supposed: bool = False) -> _Cue:
    return _Cue(field, re.compile(pattern), least, most, supposed)


_HOME = r"(?:hdb|condo(?:minium)?|flat|house|ec|unit|apartment|landed|property|place|home)"
_CUES = (
    _cue(
        "income", rf"\b(?:earn(?:s|ing)?|make|makes|draw(?:s|ing)?|get paid)\b{_NEAR}{_AMOUNT}", 500, 300_000
    ),
    _cue(
        "income",
        rf"\b(?:income|salary|salaries|wages?|(?:my|our|his|her|monthly|gross|basic) pay)\b{_NEAR}{_AMOUNT}",
        500,
        300_000,
    ),
    _cue("income", rf"{_AMOUNT}\s(?:(?:a|per) month |monthly )?(?:income|salary|pay)\b", 500, 300_000),
    _cue(
        "outstanding_loan",
        rf"\b(?:outstanding|balance|still ow(?:e|ing)|remaining loan)\b{_NEAR}{_AMOUNT}",
        5_000,
    ),
    _cue(
        "outstanding_loan",
        rf"{_AMOUNT}\s(?:(?:loan )?(?:is )?(?:outstanding|left|remaining|balance))\b",
        5_000,
    ),
    _cue("property_value", rf"\b(?:valuation|valued at|market value)\b{_NEAR}{_AMOUNT}", 50_000),
    _cue(
        "property_price",
        rf"\b(?:price|priced|asking|costs?|going for|selling (?:for|at))\b{_NEAR}{_AMOUNT}",
        50_000,
    ),
    _cue(
        "property_price",
        rf"\b(?:buying|purchasing|buy|purchase|looking at|considering|eyeing|found)\s(?:a|an|this|the)?\s?{_AMOUNT}\s"
        rf"(?:[\w-]+\s){{0,2}}?{_HOME}\b",
        50_000,
    ),
    _cue("loan_amount", rf"\b(?:want|need|like|looking|plan\w*) to (?:borrow|loan)\b{_NEAR}{_AMOUNT}", 5_000),
    _cue(
        "loan_amount",
        rf"\b(?:borrow|loan|mortgage|instal\w+)\s(?:of |for |on |is |about )*{_AMOUNT}",
        20_000,
        supposed=True,
    ),
    _cue(
        "loan_amount",
        rf"{_AMOUNT}\s(?:home |housing |bank |commercial )?(?:loan|mortgage)\b",
        20_000,
        supposed=True,
    ),
    _cue(
        "monthly_debts",
        rf"\b(?:(?:monthly|total|other|existing) )+(?:debts?|commitments?|loans?|repayments?)\b{_NEAR}{_AMOUNT}",
        0,
        50_000,
    ),
    _cue("cpf_available", rf"{_AMOUNT}\s(?:in |from |of )?(?:my |our )?(?:cpf|oa)\b", 100),
    _cue("cash_available", rf"{_AMOUNT}\s(?:in |of )?(?:cash|savings)\b", 100),
    _cue("cpf_available", rf"\b(?:cpf|oa)\b(?! (?:to|for)){_NEAR}{_AMOUNT}", 100),
    _cue("cash_available", rf"\b(?:cash|savings)\b{_NEAR}{_AMOUNT}", 100),
    _cue("current_rate", rf"\b(?:current\w*|paying|my (?:interest )?rate)\b{_NEAR}{_PERCENT}", 0, 15),
    _cue("rate_pct", rf"(?:\bat|@|\brate(?: of)?|\binterest(?: of)?)\s?{_PERCENT}", 0, 15, supposed=True),
    _cue("remaining_months", rf"{_YEARS}\s(?:more )?(?:left|remaining|to go)\b", 1, 40),
    _cue("remaining_months", rf"\b(?:remaining|left)\b{_NEAR}{_YEARS}", 1, 40),
    _cue(
        "tenure_months",
        rf"(?:\bover|\bfor|\btenure(?: of| is)?|\bperiod(?: of)?|\bin|\babout|@)\s{_YEARS}(?! (?:ago|old))",
        1,
        40,
        supposed=True,
    ),
    _cue("tenure_months", rf"{_YEARS}(?:\s(?:loan|tenure|period|mortgage))", 1, 40, supposed=True),
)
_AGE = r"(?P<age>\d{2})(?=\s*(?:$|years? old|yrs? old|y\.?o\b|this year|,|and\b|years? of age|lah|now))"
_AGES = (
    (0, re.compile(rf"\b(?:i am|i'm|im|my age is|i turn(?:ed)?|age[d]?)\s{_AGE}")),
    (
        1,
        re.compile(
            rf"\b(?:(?:wife|husband|spouse|partner|fianc[eé]e?)(?:'s)?(?: age)?(?: is)?|she is|she's|he is|he's)\s{_AGE}"
        ),
    ),
)
_BOTH_AGES = re.compile(r"\bwe(?:'re| are)\s(?P<first>\d{2}) and (?P<second>\d{2})(?!\d|%|k)")
_NO_DEBTS = re.compile(
    r"\b(?:no|don't have(?: any)?|do not have(?: any)?|dun have(?: any)?|without(?: any)?)\s(?:other |any |more |existing |outstanding |monthly |car )*"
    r"(?:debts?|loans?|commitments?|liabilities)\b|\bdebt[- ]free\b"
)
_NO_HOUSING_LOANS = re.compile(
    r"\b(?:no|don't have(?: any)?|do not have(?: any)?)\s(?:other |any |existing |outstanding |current )*(?:(?:housing|home|property|mortgage|hdb) loans?|mortgages?)\b"
)
_HOUSING_LOANS = re.compile(
    r"\b(?:have|got|with|still)\s(?P<count>one|two|three|1|2|3|an?)\s(?:existing |outstanding |other |current )*(?:housing|home|property|hdb) loans?\b"
)
_LIMITED = re.compile(r"\b(?:except|only|just|apart from|other than|besides|yet|no idea)\b")
_RESIDENCIES = {
    "sc": r"singaporeans?|singapore citizens?|citizens?|sc",
    "pr": r"prs?|sprs?|permanent residents?",
    "foreigner": r"foreigners?|expats?",
}
_BEING = {
    0: r"(?:i am|i'm|im)",
    1: r"(?:my (?:wife|husband|spouse|partner|fianc[eé]e?)(?: is|'s)|she is|she's|he is|he's)",
    2: r"(?:we are|we're)(?: both)?",
}
_EMPLOYMENTS = {
    "self_employed": r"self[- ]?employed|freelanc(?:er|ing)|(?:a )?business owner",
    "employed": r"employed|an employee|salaried",
    "not_working": r"not working|unemployed|a homemaker|a housewife|retired",
    "variable": r"(?:on )?commission(?:[- ]based| only)",
}
_TYPES = {
    "ec": r"ec|executive condo(?:minium)?",
    "hdb": r"hdb(?: flat)?|bto|(?:resale )?flat",
    "condo": r"condo(?:minium)?|apartment",
    "landed": r"landed(?: property| house)?|terrace|semi-?d|bungalow",
    "commercial": r"shophouse|shop|office(?: unit)?|factory|warehouse|commercial property",
}
_LOOKING = (
    r"(?:^|i am|i'm|im|we are|we're|i want to|we want to|want to|looking to|planning to)\s(?:be )?(?:buy(?:ing)?|purchas(?:e|ing)|look(?:ing)? (?:at|for)|get(?:ting)?)\s"
    r"(?:a|an|the|this|our|my)?\s?(?:first |second |new |resale |new launch |\d-?room |freehold )*"
)
_OWNED = (
    (0, re.compile(r"\b(?:1st|first)[- ](?:home|property|house|flat|condo|place|timers?|time buyers?)\b")),
    (
        1,
        re.compile(
            r"\b(?:2nd|second|another)[- ](?:home|property|house|flat|condo|place|hdb)\b|\bown (?:one|1|a) (?:home|property|house|flat|condo|hdb)\b"
        ),
    ),
    (
        2,
        re.compile(
            r"\b(?:3rd|third)[- ](?:home|property|house|flat|condo|place)\b|\bown (?:two|2) (?:homes|properties|houses|flats|condos)\b"
        ),
    ),
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "1": 1, "2": 2, "3": 3}


def tell(text: str, message_id: int, lead: Lead) -> tuple[Told, ...]:
    """Everything told in a message, in order, each field once; the lead says whose an income can be."""
    found: dict[str, Told] = {}
    for clause in _CLAUSE.split(text):
        quote = clause.strip() if clause else ""
        if not quote:
            continue
        plain = quote.casefold().replace("’", "'")
        supposed = bool(_SUPPOSED.search(plain))
        for field, value, only_supposed in _of_clause(plain, lead):
            told = Told(field, value, quote, message_id, supposed or only_supposed)
            found.setdefault(field, told)
    return tuple(found.values())


def _of_clause(plain: str, lead: Lead) -> Iterator[tuple[str, Any, bool]]:
    taken: list[tuple[int, int]] = []
    for cue in _CUES:
        for match in cue.pattern.finditer(plain):
            kind = next(name for name in ("amount", "percent", "years") if name in match.groupdict())
            span = match.span(kind)
            if any(a < span[1] and span[0] < b for a, b in taken) or _vague(plain, span):
                continue
            value = _value(kind, match[kind])
            if not cue.least <= value <= cue.most:
                continue
            taken.append(span)
            if cue.field == "income":
                if (field := _whose_income(plain, match.start(), lead)) is not None:
                    yield field, value, False
            elif cue.field.endswith("_months"):
                yield cue.field, int(value) * 12, cue.supposed
            else:
                yield cue.field, value, cue.supposed
    yield from _of_person(plain, lead)
    yield from _of_home(plain)
    yield from _loose(plain, taken)


def _value(kind: str, written: str) -> Decimal:
    if kind != "amount":
        return Decimal(written)
    try:
        return parse_money(written)
    except ValueError:
        return Decimal(-1)


def _vague(plain: str, span: tuple[int, int]) -> bool:
    """One end of a range, such as "8 to 9k"."""
    return bool(_RANGE_AFTER.search(plain[span[1] :]) or _RANGE_BEFORE.search(plain[: span[0]]))


def _whose_income(plain: str, start: int, lead: Lead) -> str | None:
    """The lead's field for an income told in this clause; None when that is not clear."""
    if _NOT_MONTHLY_GROSS.search(plain) or _OTHER_PERSON.search(plain):
        return None
    people = len(lead.applicants)
    if _PARTNER.search(plain):
        return "applicants.1.fixed_monthly_income" if people in (1, 2) else None
    if _TOGETHER.search(plain):
        known = any(person.monthly_income is not None for person in lead.applicants)
        return None if known else "monthly_income"
    if re.search(r"\b(?:i|my|me)\b", plain[: start + 8]) or not re.search(
        r"\b(?:bank|need|required?|minimum)\b", plain
    ):
        return "applicants.0.fixed_monthly_income"
    return None


def _of_person(plain: str, lead: Lead) -> Iterator[tuple[str, Any, bool]]:
    if both := _BOTH_AGES.search(plain):
        yield "applicants.0.age", int(both["first"]), False
        yield "applicants.1.age", int(both["second"]), False
    for number, pattern in _AGES:
        match = pattern.search(plain)
        if match and 18 <= int(match["age"]) <= 99:
            yield f"applicants.{number}.age", int(match["age"]), False
    if not _LIMITED.search(plain):
        if _NO_HOUSING_LOANS.search(plain):
            yield "outstanding_housing_loans", 0, False
        elif _NO_DEBTS.search(plain):
            yield "monthly_debts", Decimal(0), False
    if loans := _HOUSING_LOANS.search(plain):
        yield "outstanding_housing_loans", _COUNTS[loans["count"]], False
    for field, words in (("residency", _RESIDENCIES), ("employment", _EMPLOYMENTS)):
        for who, being in _BEING.items():
            value = next(
                (v for v, p in words.items() if re.search(rf"\b{being}\s(?:an? )?(?:{p})\b", plain)), None
            )
            if value is not None:
                for number in (0, 1) if who == 2 else (who,):
                    yield f"applicants.{number}.{field}", value, False
    if re.search(r"\b(?:married|my (?:wife|husband|spouse))\b", plain) and "not married" not in plain:
        yield "married", True, True
    for owned, pattern in _OWNED:
        if pattern.search(plain):
            yield "owned_homes", owned, True
            break


def _of_home(plain: str) -> Iterator[tuple[str, Any, bool]]:
    for value, pattern in _TYPES.items():
        if re.search(rf"\b{_LOOKING}(?:{pattern})\b", plain):
            yield "property_type", value, False
            break
    if re.search(r"\b(?:want|like|looking|plan\w*|need|am|are) (?:to )?refinanc(?:e|ing)\b", plain):
        yield "purpose", "refinance", False
    if re.search(
        r"\b(?:already )?(?:have|got) (?:an? |my |our )?(?:ipa|aip|in-principle approval)\b", plain
    ) and (
        not re.search(
            r"\b(?:do|should|must|need|not|don't) (?:i |we )?(?:have|got)|\b(?:to|not|don't) have\b", plain
        )
    ):
        yield "ipa_status", "have_ipa", False


_LOOSE_SUM = re.compile(rf"(?<![\w.,]){_AMOUNT}")
_LOOSE_YEARS = re.compile(rf"(?<![\w.,]){_YEARS}(?!\s?(?:old|ago|left|remaining|lock))")
_LOOSE_PERCENT = re.compile(rf"(?<![\w.,]){_PERCENT}")


def _loose(plain: str, taken: Sequence[tuple[int, int]]) -> Iterator[tuple[str, Any, bool]]:
    """Numbers without a cue: only the question can say what they are, so they are supposed."""

    def free(span: tuple[int, int]) -> bool:
        return not any(a < span[1] and span[0] < b for a, b in taken) and not _vague(plain, span)

    sums = [
        m
        for m in _LOOSE_SUM.finditer(plain)
        if free(m.span("amount")) and _value("amount", m["amount"]) >= 20_000
    ]
    if len(sums) == 1:
        yield "amount", _value("amount", sums[0]["amount"]), True
    for field, pattern in (("tenure_months", _LOOSE_YEARS), ("rate_pct", _LOOSE_PERCENT)):
        spans = [m for m in pattern.finditer(plain) if free(m.span(1))]
        if len(spans) == 1 and Decimal(spans[0][1]) <= (40 if field == "tenure_months" else 15):
            number = Decimal(spans[0][1])
            yield field, int(number) * 12 if field == "tenure_months" else number, True
