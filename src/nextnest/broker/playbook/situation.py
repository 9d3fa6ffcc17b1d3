"""What is known when an answer is made: the lead, what the customer told, supposes and was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from nextnest.broker import intents
from nextnest.broker.brief import Brief
from nextnest.broker.evidence import affordability_inputs, of_customer, of_lead
from nextnest.broker.intents import Reading
from nextnest.broker.playbook.questions import asked_in
from nextnest.broker.playbook.replies import answer_to, is_short, lone_word
from nextnest.broker.told import Told, tell
from nextnest.domain.lead import Lead, LeadErrors, with_fact
from nextnest.domain.reply import Evidence, LearnedFact
from nextnest.domain.thread import Author, Message

# Stands in for the lead of a contact who never filled in the form; its name is never said.
STRANGER = Lead(name="Customer", email="customer@example.com")
ONLY_IN_CHAT = frozenset({"tenure_months", "rate_pct", "owned_homes", "married", "amount", "property_debts"})
CARRIED = frozenset({"owned_homes", "married", "property_debts"})  # told once, true for the whole thread
FOLLOWED = ("capacity", "instalment", "afford", "stamp_duty", "down_payment", "refinance", "tenure", "ratios")
LOOK_BACK = 12  # of the customer's messages: where the question may stand that a short message goes on with
SUMS = frozenset(
    {"amount", "loan_amount", "property_price"}
)  # a new one of these takes the place of the others


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
    unclear_income: bool = False  # an income was told, but not whose, or not by the month

    def known(self, name: str) -> Known | None:
        """A fact by its path in the lead or its name in the chat; what is supposed comes first."""
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
        heard, all_told = _heard(message, asked, lead)
        readings += [r for r in heard if r.intent not in {x.intent for x in readings}]
        for one in all_told:
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
    found = Situation(
        brief, lead, case, told, tuple(facts), tuple(readings), asked, answered, unclear_income=unclear
    )
    return _followed(found)


_ANSWERS = {"income_is_own": ("applicants.0.fixed_monthly_income",)}


def _heard(message: Message, asked: str | None, lead: Lead) -> tuple[tuple[Reading, ...], list[Told]]:
    """What a message asks and what it tells; a plain answer to our question asks nothing."""
    readings = intents.read(message.text)
    found = list(tell(message.text, message.id, lead))
    serious = any(reading.intent not in intents.SOCIAL for reading in readings)
    answer = None
    if asked and (not serious or is_short(message.text)):
        answer = answer_to(asked, message.text, message.id, lead)
    if answer is None and not found and is_short(message.text):
        answer = lone_word(message.text, message.id)
    if answer is None:
        return readings, found
    if all(one.supposed or one.field != answer.field for one in found):
        # What was asked says what the number is: "8k" is the income, not any sum.
        found = [*(one for one in found if not one.supposed and one.field != answer.field), answer]
    return (), found


def _told_before(brief: Brief, lead: Lead) -> dict[str, Told]:
    """What only the chat knows, from the whole thread; everything told when there is no stored lead."""
    waiting = {message.id for message in brief.inputs}
    told: dict[str, Told] = {}
    asked: str | None = None
    for message in brief.thread.messages:
        if message.id in waiting or message.private or message.deleted:
            continue
        if message.author is Author.CUSTOMER:
            for one in _heard(message, asked, _with(lead, told.values()))[1]:
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
    now = {name: one for name, one in found.told.items() if one.message_id in _ids(found.brief.inputs)}
    if found.answered is None and not any(one.supposed for one in now.values()):
        return found
    earlier = _earlier(found.brief)
    for number in reversed(range(len(earlier))):
        readings = [r for r in intents.read(earlier[number].text) if r.intent not in intents.SOCIAL]
        if not readings:
            continue
        if found.answered is None and readings[-1].intent not in FOLLOWED:
            return found
        supposed: dict[str, Told] = {}
        for each in earlier[number:]:
            supposed = _changed(supposed, tell(each.text, each.id, found.lead))
        supposed = _changed(supposed, now.values())
        case = _with(found.case, [one for name, one in supposed.items() if name not in now])
        return replace(found, told={**found.told, **supposed}, case=case, readings=(readings[-1],))
    return replace(found, goes_on=True)


def _changed(old: Mapping[str, Told], new: Iterable[Told]) -> dict[str, Told]:
    """What is supposed now: the numbers of the question still stand where nothing changed them."""
    fresh = {one.field: one for one in new if one.supposed}
    kept = {name: one for name, one in old.items() if not (name in SUMS and SUMS & fresh.keys())}
    return {**kept, **fresh}


def _earlier(brief: Brief) -> Sequence[Message]:
    waiting = _ids(brief.inputs)
    customer = [m for m in brief.thread.messages if m.author is Author.CUSTOMER and m.id not in waiting]
    return [message for message in customer if not message.private][-LOOK_BACK:]


def _ids(messages: Sequence[Message]) -> frozenset[int]:
    return frozenset(message.id for message in messages)


def _income_left_out(message: Message, told: Mapping[str, Told]) -> bool:
    """An income was told that cannot be taken: yearly, take-home, a range, or nobody knows whose."""
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
