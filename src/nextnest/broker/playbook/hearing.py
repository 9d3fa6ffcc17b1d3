"""The customer's messages in their thread: what each asks, what it tells, what of ours it answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nextnest.broker import cues, intents
from nextnest.broker.brief import Brief
from nextnest.broker.intent_rules import rules
from nextnest.broker.intents import Reading
from nextnest.broker.playbook.corrections import corrected, varied
from nextnest.broker.playbook.guesses import chosen, offered_in
from nextnest.broker.playbook.questions import asked_in
from nextnest.broker.playbook.replies import answer_to, is_short, lone_word
from nextnest.broker.told import Told, tell
from nextnest.domain.lead import Lead, LeadErrors, with_fact
from nextnest.domain.thread import Author, Message

ONLY_IN_CHAT = frozenset(
    {"tenure_months", "rate_pct", "owned_homes", "married", "amount", "property_debts", "joint"}
)
_ABOUT_BUYERS = frozenset({"owned_homes", "married"})  # facts that only the chat keeps
SUMS = frozenset({"amount", "loan_amount", "property_price"})  # of one question there is one sum
# asked for, though a fact says it
_STANDS = frozenset({"person", "apply", "refinance", "equity", "commercial"})
_SUBJECTS = frozenset({"i", "we", "he", "she", "they"})
_ASKED_FOR = frozenset(
    {"instalment", "lock_in", "documents", "costs", "tenure", "cpf", "grants", "seller_duty"}
)
_CLOSES = frozenset({"goodbye", "thanks"})  # "ok got it" takes no offer up
_PLAINLY_YES = re.compile(r"\b(?:yes|yep|yup|yeah|ya|sure|please|pls)\b", re.IGNORECASE)
_VERB_FIRST = re.compile(  # "must we sell first"
    r"(?:so |and |then |but )*(?:must|is|are|am|do|does|did|will|would|has|have|need)"
    r"\s(?:i|we|it|the|you|my|our|there|they|he|she|this|that)\b"
)
# "what if 25 years" goes on with what was asked
ELLIPTIC = re.compile(
    r"\W*(?:and|or|then|but|ok(?:ay)?|so)?\W*(?:what (?:about|if)|how about|if|and|then)\b", re.IGNORECASE
)
AGAIN = re.compile(  # as before
    r"(?:\W|ok(?:ay)?|so|then|and|now|can|you|pls|please|help|me)*"
    r"(?:how much|recalculate|re-?compute|(?:calculate|work it out|do it) again|redo|update)"
    r"(?:\W|now|then|is it|it|that|again|ah|leh|lah|pls|please)*"
)
AS_IT_IS = re.compile(r"\b(?:real|actual|true|own|present)\s(?:salary|income|pay|figures?|numbers?|case)\b")
LOOK_BACK = 12  # of the customer's messages: among them stands the question that a short message goes on with


@dataclass(frozen=True)
class Heard:
    """One message of the customer. `asked` is what we had asked for last, `answer` the answer to it."""

    message: Message
    readings: tuple[Reading, ...]
    told: tuple[Told, ...]
    asked: str | None
    answer: Told | None


def hear(brief: Brief, lead: Lead) -> tuple[Heard, ...]:
    """All of the customer's public messages in order, the unanswered ones last."""
    waiting = {message.id for message in brief.inputs}
    said = [m for m in brief.thread.messages if m.id not in waiting and not (m.private or m.deleted)]
    customer = [message.id for message in said if message.author is Author.CUSTOMER]
    recent = waiting | set(customer[-LOOK_BACK:])
    heard: list[Heard] = []
    of_another = False  # whether the person spoken of last borrows with nobody here
    asked: str | None = None
    offered: tuple[str, ...] = ()
    for message in (*said, *brief.inputs):
        if message.author is Author.CUSTOMER:
            one = _hear(message, asked, lead, reads=message.id in recent)
            of_another = _of_another(message.text, of_another)
            if of_another:  # "my mother helps us. she's 65"
                one = replace(one, told=tuple(t for t in one.told if not t.field.startswith("applicants.1.")))
            before = [told for each in heard for told in each.told]
            told = None if _says_what(one) else corrected(message.text, message.id, before, lead)
            told = told or (None if one.told or one.readings else varied(message.text, message.id, before))
            if told is not None:
                one = Heard(message, (), (told,), asked, told)
            if choice := chosen(message.text, offered):
                one = replace(one, readings=tuple(Reading(intent, "", (), message.text) for intent in choice))
            heard.append(one)
            if brief.lead is None:  # nobody stores what is told, so the thread is all there is
                lead = with_told(lead, (told for told in one.told if not told.supposed))
        elif message.author in (Author.BOT, Author.PERSON):
            ours = message.text if message.author is Author.BOT else ""
            asked, offered = asked_in(ours), offered_in(ours)
    return tuple(heard)


def _of_another(text: str, before: bool) -> bool:
    """Whether "she" is somebody who does not borrow, such as a mother, after this message."""
    plain = text.casefold()
    if cues.PARTNER_NAMED.search(plain):
        return False
    return before or bool(cues.OTHER_PERSON.search(plain))


def _hear(message: Message, asked: str | None, lead: Lead, *, reads: bool) -> Heard:
    readings = intents.read(message.text) if reads else ()
    told = tell(message.text, message.id, lead)
    short = is_short(message.text)
    serious = any(reading.intent not in intents.SOCIAL for reading in readings)
    goes = any(reading.intent in _CLOSES for reading in readings) and not _PLAINLY_YES.search(message.text)
    answer = None
    if asked and asked.startswith("offer_") and (serious or goes):
        pass  # "go ahead and apply" is more than a yes
    elif asked and (short or not asks(message.text)):
        answer = answer_to(asked, message.text, message.id, lead)
        if answer is not None and any(_is_that_number(one, answer) for one in told):
            answer = None
    fitting = [one for one in told if one.field in _ABOUT_BUYERS or try_told(lead, one) is not None]
    readings = tuple(
        reading
        for reading in readings
        if not (_merely_tells(reading, message.text, fitting) or _is_stated(reading, message.text))
    )
    if AGAIN.fullmatch(message.text.casefold()):
        readings = ()
    if ELLIPTIC.match(message.text) and any(one.supposed for one in told):
        readings = tuple(reading for reading in readings if reading.rule)  # likeness hears too much in it
    lone = lone_word(message.text, message.id) if answer is None and not told and short else None
    plain = answer or lone
    if plain is None:
        wanted = (asked, "applicants.0.fixed_monthly_income" if asked == "income_is_own" else asked)
        answer = next((one for one in told if one.field in wanted and not one.supposed), None)
        return Heard(message, readings, told, asked, answer)
    if all(one.supposed or one.field != plain.field for one in told):
        # What was asked says what the number is: "8k" is the income, not any sum. And an answer asks nothing.
        told = (*(one for one in told if not one.supposed or one.field in _ABOUT_BUYERS), plain)
    standing = tuple(reading for reading in readings if reading.intent == "commercial")
    return Heard(message, standing, told, asked, answer)


def _is_stated(reading: Reading, text: str) -> bool:
    """A sentence that begins with its subject and asks nothing asks for no figure: "I pay 4k a month"."""
    words = rules().spelling.words(reading.clause)
    return reading.intent in _ASKED_FOR and not _SUBJECTS.isdisjoint(words[:1]) and not asks(text)


def _says_what(heard: Heard) -> bool:
    """Whether a message says itself what its number is, and does not only answer us."""
    loose = ("amount", "rate_pct", "tenure_months")
    return any(one.field not in loose and one is not heard.answer for one in heard.told)


def _is_that_number(one: Told, answer: Told) -> bool:
    """Whether the message itself says that the number is something else: "price is 520k" is no income."""
    return not one.supposed and one.field != answer.field and one.value == answer.value != 0


def asks(text: str) -> bool:
    """Whether a text asks something, with or without a question mark."""
    plain = " ".join(rules().spelling.words(text))
    return "?" in text or bool(cues.ASKING.search(plain) or _VERB_FIRST.match(plain))


def _merely_tells(reading: Reading, text: str, told: Sequence[Told]) -> bool:
    """A reading made of nothing but the words of a fact: "8k a month" asks for no instalment."""
    if reading.intent in _STANDS or cues.ASKING.search(reading.clause) or f"{reading.clause}?" in text:
        return False
    spelling = rules().spelling
    counted = (one for one in told if not one.supposed or one.field in _ABOUT_BUYERS)
    of_facts = {word for one in counted for word in spelling.words(one.quote)}
    # "32, singaporean, working as a nurse"; but "I am on an EP. May I buy a landed house?" asks as one
    if reading.intent in intents.circumstances():
        return bool(of_facts) and not asks(text)
    return bool(of_facts) and of_facts.issuperset(reading.words)


def with_told(lead: Lead, told: Iterable[Told]) -> Lead:
    """The lead with what fits of it."""
    for one in told:
        lead = try_told(lead, one) or lead
    return lead


def try_told(lead: Lead, one: Told) -> Lead | None:
    """The lead with one thing told; None when it is no fact of a lead, or does not fit this one."""
    if one.field in ONLY_IN_CHAT or one.field.startswith("offer_"):
        return None
    try:
        return with_fact(lead, one.field, one.value)
    except LeadErrors:
        return None


def supposed_in(heard: Sequence[Heard]) -> dict[str, Told]:
    """What the messages suppose together: a number stands until a later one takes its place."""
    found: dict[str, Told] = {}
    for one in heard:
        fresh = {told.field: told for told in one.told if told.supposed or told is one.answer}
        if SUMS & fresh.keys():
            found = {name: told for name, told in found.items() if name not in SUMS}
        found |= fresh
    return found
