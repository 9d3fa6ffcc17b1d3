"""What is known when an answer is made: the lead, what the customer told, supposes and was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from nextnest.broker import cues, intents
from nextnest.broker.brief import Brief
from nextnest.broker.debts import unclear_debts
from nextnest.broker.evidence import affordability_inputs, of_customer, of_lead
from nextnest.broker.intent_rules import rules
from nextnest.broker.intents import Reading
from nextnest.broker.playbook.hearing import (
    AGAIN,
    AS_IT_IS,
    ELLIPTIC,
    Heard,
    asks,
    hear,
    supposed_in,
    try_told,
    with_told,
)
from nextnest.broker.playbook.remarks import asks_something_else
from nextnest.broker.told import Told, value_at
from nextnest.domain.lead import Lead
from nextnest.domain.reply import Evidence, LearnedFact

# Stands in for the lead of a contact who never filled in the form; its name is never said.
STRANGER = Lead(name="Customer", email="customer@example.com")
CARRIED = frozenset({"owned_homes", "married", "property_debts"})  # told once, true for the whole thread
FOLLOWED = frozenset(
    {
        "capacity",
        "instalment",
        "afford",
        "income_needed",
        "stamp_duty",
        "down_payment",
        "refinance",
        "tenure",
        "ratios",
    }
)
_TAKES_FACTS = frozenset({"grants", "cpf", "costs", "hdb_or_bank", "rates", "lock_in"})


@dataclass(frozen=True)
class Known:
    """A value with the evidence that it may be used and said."""

    value: Any
    evidence: Evidence


@dataclass(frozen=True)
class Situation:
    """One turn. `lead` has the facts told now; `case` also what the question supposes."""

    brief: Brief
    lead: Lead
    case: Lead
    told: Mapping[str, Told]  # what this turn's messages tell or suppose, and what the chat told before
    facts: tuple[LearnedFact, ...]
    readings: tuple[Reading, ...]
    asked: str | None  # what our last message asked for
    answered: Told | None  # the answer to it
    goes_on: bool = False  # it changes a number or answers us, but no question of the customer's came before
    unclear_lock_in: bool = False  # its end was told without the year
    unclear_debts: bool = False  # a debt was told, but not what it takes each month
    unclear_income: bool = False  # an income was told, but not whose, or not by the month

    def says(self, words: re.Pattern[str]) -> bool:
        """Whether a message of this turn has these words."""
        return any(words.search(message.text) for message in self.brief.inputs)

    def known(self, name: str) -> Known | None:
        """A fact by its path in the lead or its name in the chat; what is supposed comes first."""
        if (told := self.told.get(name)) is not None:
            return Known(told.value, _of_told(told))
        value = value_at(self.case, name)
        return None if value is None else Known(value, of_lead(name, value))

    def purchase(self, price: Decimal | None = None) -> dict[str, Any]:
        """The inputs of the affordability calculator: the lead with what the question supposes."""
        inputs = affordability_inputs(self.case, self.brief.today)
        if price is not None and price != self.case.property_price:
            inputs |= {"price": price, "valuation": None, "valuation_at_price": True}
        if "joint" in self.told and len(inputs["applicants"]) == 1:
            inputs["applicants"] = [*inputs["applicants"], {}]  # whose facts are then asked for
        owned = self.told.get("owned_homes")
        if owned is not None and (len(inputs["applicants"]) == 1 or owned.value == 0):
            inputs["applicants"] = [
                person | {"existing_properties": owned.value} for person in inputs["applicants"]
            ]
        tenure = self.told.get("tenure_months")
        if tenure is not None and tenure.value % 12 == 0:
            inputs["tenure_years"] = tenure.value // 12
        for ours, theirs in (("property_debts", "property_debts"), ("married", "married_couple")):
            if (told := self.told.get(ours)) is not None:
                inputs[theirs] = told.value
        return inputs


def situation(brief: Brief) -> Situation:
    """Read the customer's messages against the lead and the thread."""
    heard = hear(brief, brief.lead or STRANGER)
    waiting = {message.id for message in brief.inputs}
    now = [one for one in heard if one.message.id in waiting]
    before = [one for one in heard if one.message.id not in waiting]
    lead = brief.lead or with_told(STRANGER, _facts(before))
    asserted = [each for each in before if not ELLIPTIC.match(each.message.text)]  # not "and for a second?"
    told = {one.field: one for each in asserted for one in each.told if one.field in CARRIED}
    told |= {one.field: one for each in now for one in each.told}
    facts, missed = _learned(lead, now)
    found = Situation(
        brief=brief,
        lead=with_told(lead, _facts(now)),
        case=with_told(lead, (one for each in now for one in each.told)),
        told=told,
        facts=facts,
        readings=_once(now),
        asked=now[-1].asked if now else None,
        answered=next((one.answer for one in now if one.answer is not None), None),
        unclear_lock_in=any(_month_alone(one) for one in now),
        unclear_debts=any(unclear_debts(one.message.text.casefold()) for one in now),
        unclear_income=missed or any(_income_left_out(one) for one in now),
    )
    return _followed(found, before, now)


def _facts(heard: Iterable[Heard]) -> list[Told]:
    return [one for each in heard for one in each.told if not one.supposed]


def _learned(lead: Lead, now: Sequence[Heard]) -> tuple[tuple[LearnedFact, ...], bool]:
    """The facts that fit the lead, and whether an income was among those that do not."""
    facts: list[LearnedFact] = []
    missed = False
    for one in _facts(now):
        changed = try_told(lead, one)
        if changed is None:
            missed = missed or one.field.endswith("income")
            continue
        lead = changed
        value = _json(one.value)
        facts.append(LearnedFact(field=one.field, value=value, message_id=one.message_id, quote=one.quote))
    return tuple(facts), missed


def _once(heard: Sequence[Heard]) -> tuple[Reading, ...]:
    """The readings of all messages in order, each intent once."""
    first: dict[str, Reading] = {}
    for one in heard:
        for reading in one.readings:
            first.setdefault(reading.intent, reading)
    return tuple(first.values())


def _followed(found: Situation, before: Sequence[Heard], now: Sequence[Heard]) -> Situation:
    """A message that only changes a number, or answers us, goes on with the customer's question before it."""
    serious = {reading.intent for reading in found.readings} - intents.SOCIAL
    changes = any(one.supposed and one.field != "married" for each in now for one in each.told)
    as_it_is = any(AS_IT_IS.search(each.message.text.casefold()) for each in now)
    again = any(AGAIN.fullmatch(each.message.text.casefold()) for each in now)
    changes = changes or as_it_is or again
    answers = found.answered is not None or (found.asked is not None and bool(found.facts))
    asks = any("?" in each.message.text for each in now)
    only_a_circumstance = bool(serious) and serious <= intents.circumstances() and (changes or not asks)
    elliptic = changes and any(ELLIPTIC.match(each.message.text) for each in now)
    offered = found.answered is not None and found.answered.field.startswith("offer_")
    if offered or not (changes or answers):
        return found
    if not serious and not answers and any(asks_something_else(each.message.text) for each in now):
        return found  # whatever it asks, it is not what was asked before
    for number in reversed(range(len(before))):
        named = [
            r for r in before[number].readings if r.intent not in intents.SOCIAL | intents.circumstances()
        ]
        if not named or named[-1].intent not in (FOLLOWED | _TAKES_FACTS if answers else FOLLOWED):
            continue
        if (
            serious
            and not only_a_circumstance
            and not (elliptic and serious <= {named[-1].intent, *_about(found.told)})
        ):
            return found
        supposed = supposed_in(now if as_it_is else [*before[number:], *now])
        if found.facts or again:  # who tells of themselves supposes nothing of themselves any longer
            kept = {field for each in now for field in (one.field for one in each.told)}
            supposed = {f: one for f, one in supposed.items() if f in kept or not _of_oneself(f)}
        case = with_told(found.case, supposed.values())
        return replace(found, told={**found.told, **supposed}, case=case, readings=(named[-1],))
    only_changes = elliptic and serious <= set(_about(found.told))
    return replace(found, readings=(), goes_on=True) if only_changes or not serious else found


def _of_oneself(field: str) -> bool:
    return field.startswith("applicants.") or field in ("monthly_income", "monthly_debts")


def _about(told: Mapping[str, Told]) -> Iterator[str]:
    """Topics that only name the number which a message changes: "what if the rate is 2.2"."""
    yield from (
        topic for field, topic in (("rate_pct", "rates"), ("tenure_months", "tenure")) if field in told
    )


def _month_alone(heard: Heard) -> bool:
    known = any(one.field == "lock_in_ends" for one in heard.told)
    return not known and bool(cues.LOCK_IN_MONTH.search(heard.message.text.casefold()))


def _income_left_out(heard: Heard) -> bool:
    """An income was told that cannot be taken: yearly, take-home, a range, or nobody knows whose."""
    text = heard.message.text
    if any("income" in one.field for one in heard.told) or heard.answer is not None:
        return False
    if asks(text) or not any(character.isdigit() for character in text):
        return False
    words = set(rules().spelling.words(text))
    of_pay = {"income", "salary", "earn", "earns", "earning", "promoted", "increment", "raise"}
    answers = str(heard.asked).endswith("monthly_income") and "#money" in words
    return answers or not of_pay.isdisjoint(words)


def _of_told(one: Told) -> Evidence:
    if isinstance(one.value, Decimal | int) and not isinstance(one.value, bool):
        return of_customer(one.message_id, one.field.rsplit(".", 1)[-1], one.value, one.quote)
    return of_customer(one.message_id, one.field, 0, one.quote).model_copy(update={"figures": ()})


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
