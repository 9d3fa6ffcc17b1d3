"""What a customer tells of themselves in a message: exact, and rather nothing than a guess.

A fact is taken only where the words around the number say what it is and whose. A yearly or take-home sum,
a range ("8 to 9k") or an unclear owner is left alone: the broker asks. What is said after "what if" or "say",
or within a question, is supposed: it answers this one question and is not remembered. But who asks "can loan
how much if salary 8k", and never told a salary, tells it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from nextnest.broker import cues
from nextnest.broker.debts import named_debts
from nextnest.broker.persons import Owners, listed, owners
from nextnest.broker.spoken import in_digits
from nextnest.domain.lead import Lead
from nextnest.domain.numbers import parse_money

_Found: TypeAlias = tuple[str, Any, bool]  # field, value, supposed in any case
_SMALLEST_LOOSE_SUM = 20_000  # S$ of a price or loan that is said without saying which
_SMALLEST_PRICE = 100_000  # S$ of a home
_LONGEST_TENURE = 40  # years
_OF_ONESELF = (
    "income",
    "debts",
    "age",
    "loans",
    "cpf_available",
    "cash_available",
)  # nobody supposes a first one
_HIGHEST_RATE = 15  # % a year
BANKS = {
    "standard chartered": "Standard Chartered",
    "maybank": "Maybank",
    "citibank": "Citibank",
    "citi": "Citibank",
    "hong leong": "Hong Leong",
}


@dataclass(frozen=True)
class Told:
    """One thing told. Money is S$, `rate_pct` % a year.

    `field` is a path of the lead, or a name that only the chat knows: tenure_months, rate_pct, owned_homes,
    married, joint (a partner would borrow too), or amount, which is a sum whose meaning the question decides.
    """

    field: str
    value: Any
    quote: str
    message_id: int
    supposed: bool = False


def tell(text: str, message_id: int, lead: Lead) -> tuple[Told, ...]:
    """Everything told in a message, in order, each field once; the lead says whose an income can be."""
    quotes = [clause.strip() for clause in cues.CLAUSE.split(text)]
    clauses = [in_digits(_plain(quote)) for quote in quotes]
    found: dict[str, Told] = {}
    debts = named_debts(in_digits(text.casefold()), known=lead.monthly_debts)
    if debts is not None:
        found["monthly_debts"] = Told("monthly_debts", debts[0], text.strip(), message_id, debts[1])
    joins = any(cues.IF_PARTNER.search(plain) for plain in clauses)  # there may be no second borrower
    spoken_of: Owners | None = None
    said = list(zip(quotes, clauses, strict=True))
    partner_first = not lead.applicants and any(cues.PARTNER.search(plain) for plain in clauses)
    for quote, plain in said * 2 if partner_first else said:  # "hubby 9k, me 5.5k": the second needs a first
        spoken_of = owners(plain) or spoken_of
        people = max(len(lead.applicants), int(any(field.startswith("applicants.0") for field in found)))
        for field, value, always_supposed in _of_clause(plain, lead, spoken_of, people):
            supposed = always_supposed or _is_supposed(plain, field, lead) or (joins and _of_partner(field))
            found.setdefault(field, Told(field, value, quote, message_id, supposed))
    for number, whose, name, value in listed(clauses):
        for field, known in _of_list(whose, name, value):
            supposed = joins and _of_partner(field)
            found.setdefault(field, Told(field, known, quotes[number], message_id, supposed))
    if "outstanding_loan" in found and "rate_pct" in found and "current_rate" not in found:
        rate = found.pop("rate_pct")  # beside what is still owed it is what is paid now
        found["current_rate"] = Told("current_rate", rate.value, rate.quote, message_id)
    return tuple(sorted(found.values(), key=lambda one: _of_partner(one.field)))  # a second needs a first


def _of_partner(field: str) -> bool:
    return field.startswith("applicants.1.")


def _plain(quote: str) -> str:
    """A clause as the patterns read it."""
    return re.sub(r"\b(she|he)s\b", r"\1's", quote.casefold().replace("’", "'").strip(" :-"))


def _is_supposed(plain: str, field: str, lead: Lead) -> bool:
    """Imagined, or asked with; but a first number about oneself is told, whatever it is asked with."""
    if cues.IMAGINED.search(plain):
        return True
    first = field.endswith(_OF_ONESELF) and value_at(lead, field) is None
    return not first and bool(cues.ASKED_WITH.search(plain))


def value_at(lead: Lead, path: str) -> Any:
    """The lead's value at a path such as applicants.1.age; None where there is none."""
    place: Any = lead
    for step in path.split("."):
        if isinstance(place, tuple):
            place = place[int(step)] if int(step) < len(place) else None
        else:
            place = getattr(place, step, None)
    return place


def _of_list(whose: Owners, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if name == "income":
        amount = parse_money(value)
        if len(whose) == 1 and 500 <= amount <= 300_000:
            yield f"applicants.{whose[0]}.fixed_monthly_income", amount
        return
    if name != "age" or len(whose) == 1:
        yield from ((f"applicants.{number}.{name}", value) for number in whose)


def _of_clause(plain: str, lead: Lead, spoken_of: Owners | None, people: int) -> Iterator[_Found]:
    taken: list[tuple[int, int]] = []
    if (both := cues.BOTH_INCOMES.search(plain)) and not cues.NOT_MONTHLY_GROSS.search(plain):
        for number, name in enumerate(("first", "second")):
            taken.append(both.span(name))
            yield f"applicants.{number}.fixed_monthly_income", _value("amount", both[name]), False
    for cue in cues.NUMBERS:
        for match in cue.pattern.finditer(plain):
            kind = next(iter(match.groupdict()))
            span, value = match.span(kind), _value(kind, match[kind])
            if _meets(span, taken) or _is_range(plain, span) or not cue.least <= value <= cue.most:
                continue
            if cues.DENIED.search(plain[: span[0]]):
                continue
            taken.append(span)
            field = _whose_income(plain, lead, spoken_of, people) if cue.field == "income" else cue.field
            if cue.field.startswith("property_") and cues.OTHER_PERSON.search(plain):
                continue
            if cue.field == "remaining_months" and cues.OF_OTHER_DEBT.search(plain):
                continue
            if cue.field == "cpf_available" and cues.CPF_USED.search(plain):
                continue
            if cue.field == "outstanding_loan" and lead.purpose == "new_purchase":
                continue  # of another home's loan; the field is for the one to refinance
            if field == "property_price" and lead.purpose in ("refinance", "equity_loan"):
                field = "property_value"
            if field is not None:
                yield field, _in_months(field, value), cue.supposed
    yield from _of_person(plain)
    yield from _of_home(plain, lead)
    yield from _first_price(plain, lead, taken)
    yield from _loose(plain, taken)


def _value(kind: str, written: str) -> Decimal:
    """The number as written; below zero when it is none that could be meant."""
    try:
        return parse_money(written) if kind == "amount" else Decimal(written)
    except ValueError:
        return Decimal(-1)


def _in_months(field: str, value: Decimal) -> Decimal | int:
    return int(value) * 12 if field.endswith("_months") else value


def _meets(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _is_range(plain: str, span: tuple[int, int]) -> bool:
    return bool(cues.RANGE_AFTER.search(plain[span[1] :]) or cues.RANGE_BEFORE.search(plain[: span[0]]))


def _whose_income(plain: str, lead: Lead, spoken_of: Owners | None, people: int) -> str | None:
    """The lead's field for an income told in this clause; None when that is not clear.

    `people` is the number of borrowers known by now: a second one's income needs a first.
    """
    gross = cues.GROSS.search(plain) or not cues.NOT_MONTHLY_GROSS.search(plain)
    if not gross or cues.OTHER_PERSON.search(plain):
        return None
    together = cues.TOGETHER.search(plain)
    if cues.PARTNER.search(plain) or (spoken_of == (1,) and not together):
        return "applicants.1.fixed_monthly_income" if people in (1, 2) else None
    if together:
        known = any(person.monthly_income is not None for person in lead.applicants)
        return None if known else "monthly_income"
    return "applicants.0.fixed_monthly_income"


def _of_person(plain: str) -> Iterator[_Found]:
    yield from _ages(plain)
    if not cues.LIMITED.search(plain):
        if cues.NO_HOUSING_LOANS.search(plain):
            yield "outstanding_housing_loans", 0, False
        elif cues.NO_DEBTS.search(plain):
            yield "monthly_debts", Decimal(0), False
    if cues.DEBT_GONE.search(plain):
        yield "monthly_debts", Decimal(0), False
    if loans := cues.SOME_HOUSING_LOANS.search(plain):
        yield "outstanding_housing_loans", cues.COUNTS[loans["count"] or loans["number"]], False
    for numbers, being in cues.BEING:
        for fact, kinds in (("residency", cues.RESIDENCIES), ("employment", cues.EMPLOYMENTS)):
            value = _kind(rf"\b{being}\s(?:an? )?", kinds, plain)
            for number in numbers if value is not None else ():
                yield f"applicants.{number}.{fact}", value, False
    if cues.DRIVES.search(plain):
        yield "applicants.0.employment", "self_employed", False
    if (residency := _kind(rf"\b{cues.SUPPOSED_BEING}", cues.RESIDENCIES, plain)) is not None:
        yield "applicants.0.residency", residency, True
    if cues.MARRIED.search(plain):
        yield "married", True, True
    if (owned := next((n for n, pattern in cues.OWNED if pattern.search(plain)), None)) is not None:
        yield "owned_homes", owned, True


def _ages(plain: str) -> Iterator[_Found]:
    if both := cues.BOTH_AGES.search(plain):
        yield "applicants.0.age", int(both["first"]), False
        yield "applicants.1.age", int(both["second"]), False
    if (same := cues.SAME_AGE.search(plain)) and int(same["age"]) in cues.WORKING_AGES:
        yield from ((f"applicants.{number}.age", int(same["age"]), False) for number in (0, 1))
    for number, pattern in cues.AGES:
        match = pattern.search(plain)
        if match and int(match["age"]) in cues.WORKING_AGES:
            yield f"applicants.{number}.age", int(match["age"]), False


def _of_home(plain: str, lead: Lead) -> Iterator[_Found]:
    if cues.OTHER_PERSON.search(plain):
        return
    before = cues.LOOKING if lead.property_type is not None else rf"(?:{cues.LOOKING}|{cues.FINANCED})"
    if (kind := _kind(rf"\b{before}", cues.PROPERTY_TYPES, plain)) is not None:
        yield "property_type", kind, False
    asked_of = cues.INSTEAD if lead.property_type is not None else rf"(?:{cues.INSTEAD}|{cues.AFFORDING})"
    if (kind := _kind(asked_of, cues.PROPERTY_TYPES, plain)) is not None:
        yield "property_type", kind, True
    if cues.JOINS.search(plain):
        yield "joint", True, True
    yield from _purpose(plain, lead)
    if (ends := cues.LOCK_IN_ENDS.search(plain)) and (last_day := lock_in_end(ends)) is not None:
        yield "lock_in_ends", last_day, False
    if bank := cues.BANK.search(plain):
        yield "current_bank", BANKS.get(bank["bank"], bank["bank"].upper()), False
    if cues.HAS_IPA.search(plain) and not cues.ASKS_FOR_IPA.search(plain):
        yield "ipa_status", "have_ipa", False


def _purpose(plain: str, lead: Lead) -> Iterator[_Found]:
    """What the loan is for: a refinancing at any time, any other plan only where none is known."""
    if lead.purpose is None and cues.COMMERCIAL_LOAN.search(plain):
        yield "purpose", "commercial", False
        return
    for purpose, pattern in cues.PURPOSES.items():
        if re.search(pattern, plain) and (lead.purpose is None or purpose == "refinance"):
            yield "purpose", purpose, False
            return


def _first_price(plain: str, lead: Lead, taken: list[tuple[int, int]]) -> Iterator[_Found]:
    """A home and a sum side by side, "resale hdb around 620k", where no price is known and none is asked."""
    settled = lead.price is not None or lead.purpose in ("refinance", "equity_loan")
    if settled or any(
        words.search(plain) for words in (cues.ASKING, cues.IMAGINED, cues.OTHER_PERSON, cues.NO_PRICE)
    ):
        return
    for match in cues.HOME_SUM.finditer(plain):
        name = "amount" if match["amount"] else "before"
        value = _value("amount", match[name])
        if value < _SMALLEST_PRICE or _meets(match.span(name), taken) or _is_range(plain, match.span(name)):
            continue
        taken.append(match.span(name))
        yield "property_price", value, False
        kind = _kind(r"\b", cues.PROPERTY_TYPES, plain) if lead.property_type is None else None
        if kind is not None:
            yield "property_type", kind, False
        return


def lock_in_end(match: re.Match[str]) -> date | None:
    """The day a LOCK_IN_ENDS says; a month without a day means its last day."""
    year, month = int(match["year"]), cues.MONTH_NUMBERS[match["month"]]
    last = calendar.monthrange(year, month)[1]
    day = int(match["day"] or last)
    return date(year, month, day) if 1 <= day <= last else None


def _kind(before: str, kinds: Mapping[str, str], plain: str) -> str | None:
    return next((kind for kind, words in kinds.items() if re.search(rf"{before}(?:{words})\b", plain)), None)


def _loose(plain: str, taken: Sequence[tuple[int, int]]) -> Iterator[_Found]:
    """Numbers without a cue, one of a kind: only the question can say what they are, so they are supposed."""
    for field, pattern, kind, least, most in (
        ("amount", cues.LOOSE_SUM, "amount", _SMALLEST_LOOSE_SUM, 10**9),
        ("tenure_months", cues.LOOSE_YEARS, "years", 1, _LONGEST_TENURE),
        ("rate_pct", cues.LOOSE_PERCENT, "percent", 0, _HIGHEST_RATE),
    ):
        free = [m for m in pattern.finditer(plain) if not _meets(m.span(kind), taken)]
        values = [_value(kind, m[kind]) for m in free if not _is_range(plain, m.span(kind))]
        fitting = [value for value in values if least <= value <= most]
        if len(fitting) == 1:
            yield field, _in_months(field, fitting[0]), True
