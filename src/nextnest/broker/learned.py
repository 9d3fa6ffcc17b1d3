"""Facts a model says the customer told: kept only where the customer's own words bear them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from nextnest.broker import numerals
from nextnest.broker.context import NEVER_TOLD
from nextnest.broker.units import unit_of
from nextnest.domain.lead import Lead, LeadErrors, with_fact
from nextnest.domain.masking import mask
from nextnest.domain.reply import LearnedFact, Unit
from nextnest.domain.thread import Message

_NOT_LEARNED = NEVER_TOLD | {"notes", "language"}
_NOTHING = (
    "no",
    "none",
    "nil",
    "nothing",
    "zero",
    "never",
    "without",
    "没有",
    "没",
    "无",
    "tiada",
    "tak ada",
    "இல்லை",
)


class Claim(Protocol):
    """What the model says it learned."""

    @property
    def field(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def quote(self) -> str: ...
    @property
    def message_id(self) -> int: ...


def learned(
    claims: Iterable[Claim], lead: Lead | None, inputs: Sequence[Message]
) -> tuple[tuple[LearnedFact, ...], tuple[str, ...]]:
    """The claims that hold, and a note for each that does not ("dropped_fact:monthly_debts")."""
    texts = {message.id: mask(message.text).text for message in inputs}
    facts: list[LearnedFact] = []
    notes: list[str] = []
    for claim in claims:
        changed = _with(lead, claim) if _is_quoted(claim, texts) else None
        known = _at(changed.facts(), claim.field) if changed else None
        if changed is None or known is None or not _borne_out(known, claim.field, claim.quote):
            notes.append(f"dropped_fact:{claim.field[:60]}")
            continue
        lead = changed  # one fact may need another: the second applicant's age, then income
        facts.append(
            LearnedFact(field=claim.field, value=known, message_id=claim.message_id, quote=claim.quote)
        )
    return tuple(facts), tuple(notes)


def _is_quoted(claim: Claim, texts: dict[int, str]) -> bool:
    return bool(claim.quote.strip()) and claim.quote in texts.get(claim.message_id, "")


def _with(lead: Lead | None, claim: Claim) -> Lead | None:
    if lead is None or claim.value is None or claim.field.split(".")[0] in _NOT_LEARNED:
        return None
    try:
        return with_fact(lead, claim.field, claim.value)
    except LeadErrors:
        return None


def _at(facts: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(facts, list):
            facts = facts[int(step)] if step.isdecimal() and int(step) < len(facts) else None
        else:
            facts = facts.get(step) if isinstance(facts, dict) else None
    return facts


def _borne_out(value: Any, field: str, quote: str) -> bool:
    """A number must be in the quote; for words the quote itself is the proof, a person can read it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    words = quote.lower()
    if value == 0 and any(word in words for word in _NOTHING):
        return True
    return any(_means(numeral, Decimal(str(value)), field) for numeral in numerals.find(quote))


def _of_one_kind(said: Unit | None, wanted: Unit) -> bool:
    """Years are no money: "my car is 5 years old" is no debt of S$5."""
    return said in (None, wanted) or {said, wanted} <= {Unit.MONEY, Unit.COUNT}


def _means(numeral: numerals.Numeral, value: Decimal, field: str) -> bool:
    if numeral.value == value:
        return _of_one_kind(numeral.unit, unit_of(field.rsplit(".", 1)[-1], value))
    if field == "remaining_months":
        return numeral.unit is Unit.YEARS and numeral.value * 12 == value
    return numeral.per == "year" and abs(numeral.value / 12 - value) < 1
