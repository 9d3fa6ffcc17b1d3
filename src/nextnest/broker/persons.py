"""Whose a fact is, and the facts that stand alone in a list: "she is 33, Singaporean, employed".

Within a message a fact without an owner belongs to whom the customer spoke of last; in a list of at least two
such facts that names nobody it is the customer's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from nextnest.broker import cues

Owners = tuple[int, ...]  # numbers of applicants: 0 the customer, 1 the co-borrower

_NOTHING_BUT = re.compile(
    r"(?:(?:and|also|is|am|are|an?|both|now|currently|this year)\s)*"
    r"(?:(?:age[d]?\s)?(?P<age>\d{2})(?:\s?(?:yo|y/o|yrs?|years?(?: old)?|yrs? old|this year|lah))?)?\s*"
    rf"(?:an?\s)?(?:(?P<residency>{'|'.join(cues.RESIDENCIES.values())})\b)?\s*"
    rf"(?:and\s)?(?:an?\s)?(?:(?P<employment>{'|'.join(cues.EMPLOYMENTS.values())})\b)?"
    r"(?:\s(?:since|for) \d{1,4}(?: years)?)?(?:\s(?:too|also|as well|lah|now|leh))*"
)
_INCOME = re.compile(
    rf"(?:earn(?:s|ing)?\s|income\s|salary\s|pay\s)?{cues.AMOUNT}\s?"
    r"(?:gross\s?)?(?:(?:a|per|every|each|/)\s?(?:month|mth)|monthly|mthly|pm|salary|income|pay|gross)(?:\sgross)?"
)
_OWN = re.compile(r"\b(?:i|i'm|im|my|me|mine|myself)\b")
_BOTH = re.compile(r"\b(?:we|we're|both(?: of us)?)\b")


def owners(plain: str) -> Owners | None:
    """Whom a clause speaks of; None when it names nobody."""
    if cues.PARTNER.search(plain):
        return (1,)
    if _BOTH.search(plain):
        return (0, 1)
    return (0,) if _OWN.search(plain) else None


def alone(plain: str) -> dict[str, Any]:
    """The facts of a clause that is nothing but facts of a person; empty when it is anything else."""
    if (income := _INCOME.fullmatch(plain)) is not None:
        return {"income": income["amount"]}
    match = _NOTHING_BUT.fullmatch(plain)
    if match is None:
        return {}
    found: dict[str, Any] = {}
    if match["age"] and int(match["age"]) in cues.WORKING_AGES:
        found["age"] = int(match["age"])
    for fact, kinds in (("residency", cues.RESIDENCIES), ("employment", cues.EMPLOYMENTS)):
        if said := match[fact]:
            found[fact] = next(kind for kind, words in kinds.items() if re.fullmatch(words, said))
    return found


def listed(clauses: Sequence[str]) -> Iterator[tuple[int, Owners, str, Any]]:
    """Facts that stand alone: number of the clause, whose, name and value; of nobody named only in a list."""
    of_each = [alone(plain) for plain in clauses]
    a_list = sum(len(facts) for facts in of_each) > 1
    spoken_of: Owners | None = None
    for number, (plain, facts) in enumerate(zip(clauses, of_each, strict=True)):
        spoken_of = owners(plain) or spoken_of
        whose = spoken_of or ((0,) if a_list else None)
        if whose is not None and not cues.OTHER_PERSON.search(plain):
            yield from ((number, whose, name, value) for name, value in facts.items())
