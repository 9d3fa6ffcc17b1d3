"""What is known when an answer is made: the lead, what the customer told, supposes and was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from nextnest.broker import intents
from nextnest.broker.brief import Brief
from nextnest.broker.evidence import affordability_inputs, of_customer, of_lead
from nextnest.broker.intents import Reading
from nextnest.broker.playbook.questions import answer_to, asked_in
from nextnest.broker.told import Told, tell
from nextnest.domain.lead import Lead, LeadErrors, with_fact
from nextnest.domain.reply import Evidence, LearnedFact
from nextnest.domain.thread import Author, Message

# Stands in for the lead of a contact who never filled in the form; its name is never said.
STRANGER = Lead(name="Customer", email="customer@example.com")
ONLY_IN_CHAT = frozenset({"tenure_months", "rate_pct", "owned_homes", "married", "amount", "property_debts"})
CARRIED = frozenset({"owned_homes", "married", "property_debts"})  # told once, true for the whole thread
FOLLOWED = (
    "capacity",
    "instalment",
    "afford",
    "stamp_duty",
    "down_payment",
    "refinance",
    "tenure",
    "ratios",
    "equity",
)


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
    unclear_income: bool = False  # an income was told, but not whose, or not by the month

    def known(self, name: str) -> Known | None:
        """A fact by its path in the lead, or by its name in the chat; what the question supposes comes first."""
        if (told := self.told.get(name)) is not None:
            return Known(told.value, _of_told(told))
        value = _at(self.case, name)
        return None if value is None else Known(value, of_lead(name, value))

    def purchase(self, price: Decimal | None = None) -> dict[str, Any]:
        """The inputs of the affordability calculator: the lead with what the question supposes."""
        inputs = affordability_inputs(self.case, self.brief.today)
        if price is not None and price != self.case.property_price:
            inputs |= {"price": price, "valuation": None, "valuation_at_price": True}
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
    lead = brief.lead or STRANGER
    told = _told_before(brief, lead)
    asked = _asked(brief)
    readings: list[Reading] = []
    facts: list[LearnedFact] = []
    answered: Told | None = None
    case, unclear = lead, False
    if brief.lead is None:
        lead = case = _with(lead, [one for one in told.values() if one.field not in ONLY_IN_CHAT])
    for message in brief.inputs:
        readings += [r for r in intents.read(message.text) if r.intent not in {x.intent for x in readings}]
        for one in _of_message(message, asked, lead):
            if asked and answered is None and one.field in (asked, *_ANSWERS.get(asked, ())):
                answered = one
            told[one.field] = one
            if one.field in ONLY_IN_CHAT or one.field.startswith("offer_"):
                continue
            changed, fits = _try(case, one)
            case = changed if fits else case
            if not fits:
                unclear = unclear or one.field.endswith("income")
            elif not one.supposed:
                lead = _try(lead, one)[0]
                facts.append(
                    LearnedFact(
                        field=one.field, value=_json(one.value), message_id=one.message_id, quote=one.quote
                    )
                )
        unclear = unclear or _income_left_out(message, told)
    found = Situation(brief, lead, case, told, tuple(facts), tuple(readings), asked, answered, unclear)
    return _followed(found)


_ANSWERS = {"income_is_own": ("applicants.0.fixed_monthly_income",)}


def _of_message(message: Message, asked: str | None, lead: Lead) -> list[Told]:
    found = list(tell(message.text, message.id, lead))
    answer = answer_to(asked, message.text, message.id, lead) if asked else None
    if answer is not None and not any(one.field == answer.field and not one.supposed for one in found):
        # What was asked says what the number is: "8k" is the income, not any sum.
        found = [one for one in found if not one.supposed and one.field != answer.field]
        found.append(answer)
    return found


def _told_before(brief: Brief, lead: Lead) -> dict[str, Told]:
    """What only the chat knows, from the whole thread; everything told when there is no stored lead."""
    waiting = {message.id for message in brief.inputs}
    told: dict[str, Told] = {}
    asked: str | None = None
    for message in brief.thread.messages:
        if message.id in waiting or message.private or message.deleted:
            continue
        if message.author is Author.CUSTOMER:
            for one in _of_message(message, asked, _with(lead, told.values())):
                if one.field in CARRIED or (brief.lead is None and not one.supposed):
                    told[one.field] = one
        elif message.author in (Author.BOT, Author.PERSON):
            asked = asked_in(message.text) if message.author is Author.BOT else None
    return told


def _asked(brief: Brief) -> str | None:
    """What our last word before these messages asked for; nothing when a person spoke last."""
    first = min((message.id for message in brief.inputs), default=0)
    for message in reversed(brief.thread.messages):
        if message.id < first and not message.private and message.author in (Author.BOT, Author.PERSON):
            return asked_in(message.text) if message.author is Author.BOT else None
    return None


def _followed(found: Situation) -> Situation:
    """A message that only changes a number, or answers our question, goes on with the question before it."""
    if any(reading.intent not in intents.SOCIAL for reading in found.readings):
        return found
    changes = any(one.supposed for one in found.told.values() if one.message_id in _ids(found.brief.inputs))
    if not (changes or found.answered is not None):
        return found
    for message in reversed(_earlier(found.brief)):
        readings = [r for r in intents.read(message.text) if r.intent in FOLLOWED]
        if readings:
            # The numbers of that question still stand where this message did not change them.
            old = {one.field: one for one in tell(message.text, message.id, found.lead) if one.supposed}
            new = {name for name, one in found.told.items() if one.message_id in _ids(found.brief.inputs)}
            if new & {"amount", "loan_amount", "property_price"}:
                old = {
                    name: one
                    for name, one in old.items()
                    if name not in ("amount", "loan_amount", "property_price")
                }
            told = {**old, **found.told}
            case = _with(found.case, [o for n, o in old.items() if n not in ONLY_IN_CHAT and n not in new])
            return replace(found, told=told, case=case, readings=tuple(readings[:1]))
    return found


def _earlier(brief: Brief) -> Sequence[Message]:
    waiting = _ids(brief.inputs)
    customer = [m for m in brief.thread.messages if m.author is Author.CUSTOMER and m.id not in waiting]
    return [message for message in customer if not message.private][-6:]


def _ids(messages: Sequence[Message]) -> frozenset[int]:
    return frozenset(message.id for message in messages)


def _income_left_out(message: Message, told: Mapping[str, Told]) -> bool:
    """An income was told, but not so that it could be taken: yearly, take-home, a range, or whose is unclear."""
    if any("income" in name and one.message_id == message.id for name, one in told.items()):
        return False
    statement = "?" not in message.text and any(c.isdigit() for c in message.text)
    words = intents.rules().spelling.words(message.text)
    return statement and any(word in ("income", "salary", "earn", "earns", "earning") for word in words)


def _with(lead: Lead, told: Any) -> Lead:
    for one in told:
        if one.field not in ONLY_IN_CHAT:
            lead = _try(lead, one)[0]
    return lead


def _try(lead: Lead, one: Told) -> tuple[Lead, bool]:
    try:
        return with_fact(lead, one.field, one.value), True
    except LeadErrors:
        return lead, False


def _at(lead: Lead, path: str) -> Any:
    place: Any = lead
    for step in path.split("."):
        if isinstance(place, tuple):
            place = place[int(step)] if int(step) < len(place) else None
        else:
            place = getattr(place, step, None)
    return place


def _of_told(one: Told) -> Evidence:
    if isinstance(one.value, Decimal | int) and not isinstance(one.value, bool):
        return of_customer(one.message_id, one.field.rsplit(".", 1)[-1], one.value, one.quote)
    return of_customer(one.message_id, one.field, 0, one.quote).model_copy(update={"figures": ()})


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
