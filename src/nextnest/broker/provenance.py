"""Where a model's inputs to a calculator come from: lead, customer or an earlier tool, or from nobody.

A right formula on an invented income gives an invented loan, so an input that nobody gave is sent back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from nextnest.broker import numerals
from nextnest.broker.brief import Brief
from nextnest.broker.context import NEVER_TOLD
from nextnest.broker.evidence import of_lead
from nextnest.domain.lead import Lead
from nextnest.domain.reply import Evidence, Unit
from nextnest.domain.thread import Author

_ORDINALS = {"first": 1, "second": 2, "third": 3}
_NOTHING = re.compile(r"\b(?:no|none|nil|without|tiada)\b|没有", re.I)
_BUYERS = {
    "sc": re.compile(r"\b(?:singaporeans?|citizens?|sc)\b", re.I),
    "pr": re.compile(r"\b(?:prs?|sprs?|permanent residents?)\b", re.I),
    "foreigner": re.compile(r"\b(?:foreigners?|expats?)\b", re.I),
}
_BUYER_INPUTS = {"profile", "residency"}
_AS_LEADS_SAY = {"fr": "foreigner"}


class Provenance:
    """The numbers and buyers' profiles that somebody gave in this conversation."""

    def __init__(self, brief: Brief) -> None:
        said = [m.text for m in brief.thread.messages if m.author is Author.CUSTOMER and not m.private]
        texts = [*said, *(m.text for m in brief.inputs)]
        self._numbers = {number for text in texts for number in _numbers_in(text)}
        self._buyers = {buyer for buyer, words in _BUYERS.items() for text in texts if words.search(text)}
        if brief.lead is not None:
            self._numbers |= set(_numbers_of(brief.lead.facts()))
            self._numbers |= {n for n in (brief.lead.household_income, brief.lead.price) if n is not None}
            self._buyers |= {a.residency for a in brief.lead.applicants if a.residency}

    def add(self, evidence: Iterable[Evidence]) -> None:
        """What a tool returned may be the input of the next one."""
        self._numbers |= {figure.value for one in evidence for figure in one.figures}

    def missing(self, inputs: Mapping[str, Any]) -> list[str]:
        """The inputs that nobody gave, by their paths."""
        return [path for path, name, value in _leaves(inputs) if not self._is_given(name, value)]

    def _is_given(self, name: str, value: Any) -> bool:
        if name in _BUYER_INPUTS and isinstance(value, str):
            buyer = value.lower()
            return _AS_LEADS_SAY.get(buyer, buyer) in self._buyers
        number = _number(value)
        if number is None:
            return True  # words choose among rules; dates are the question's
        in_months = name == "months" or name.endswith("_months")
        return number in self._numbers or (in_months and number / 12 in self._numbers)


def given(lead: Lead | None) -> tuple[Evidence, ...]:
    """The lead's own numbers and dates as evidence: a reply may say them back."""
    if lead is None:
        return ()
    facts = {name: value for name, value in lead if name not in NEVER_TOLD and name != "notes"}
    leaves = _leaves({**facts, "applicants": [dict(applicant) for applicant in lead.applicants]})
    return tuple(
        of_lead(path, value)
        for path, _, value in leaves
        if isinstance(value, int | Decimal | date) and not isinstance(value, bool)
    )


def _numbers_in(text: str) -> Iterator[Decimal]:
    for numeral in numerals.find(text):
        yield numeral.value
        if numeral.unit is Unit.YEARS:
            yield numeral.value * 12
        if numeral.per == "year":
            yield numeral.value / 12
    lower = text.lower()
    yield from (Decimal(n) for word, n in _ORDINALS.items() if re.search(rf"\b{word}\b", lower))
    if _NOTHING.search(text):
        yield Decimal(0)


def _numbers_of(facts: Any) -> Iterator[Decimal]:
    return (number for _, _, value in _leaves(facts) if (number := _number(value)) is not None)


def _leaves(value: Any, path: str = "", name: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each value within nested data, with its path ("applicants.0.age") and the name of its field."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key), str(key))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _leaves(inner, f"{path}.{place}", name)
    else:
        yield path, name, value


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
