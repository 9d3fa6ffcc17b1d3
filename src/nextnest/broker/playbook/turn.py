"""One turn of the playbook: understand, answer each question briefly and in order, ask for one fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from nextnest.broker import policy
from nextnest.broker.brief import Brief
from nextnest.broker.intents import REMARK, SOCIAL, UNKNOWN, read
from nextnest.broker.playbook import income, limits, loan, manners, packages, purchase, topics
from nextnest.broker.playbook.answer import Answer
from nextnest.broker.playbook.apart import of_question
from nextnest.broker.playbook.compose import asking, closing, disclosure, next_step
from nextnest.broker.playbook.languages import foreign
from nextnest.broker.playbook.languages import said as said_in
from nextnest.broker.playbook.noted import noted
from nextnest.broker.playbook.questions import asked_in, field_of
from nextnest.broker.playbook.remarks import is_remark
from nextnest.broker.playbook.situation import Situation, situation
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author
from nextnest.mortgage import CannotCompute, InvalidInput

MOST_ANSWERS = 3  # in one message
ANSWERS: Mapping[str, Callable[[Answer], None]] = {
    "greeting": manners.hello,
    "thanks": manners.thanks,
    "goodbye": manners.goodbye,
    "yes": manners.yes,
    "no": manners.no,
    "robot": manners.robot,
    "trust": manners.trust,
    "reluctant": manners.reluctant,
    REMARK: manners.remark,
    "person": manners.person,
    "help": manners.helps,
    "apply": manners.apply,
    "internal": manners.internal,
    "off_topic": manners.off_topic,
    UNKNOWN: manners.unknown,
    "unclear_income": manners.unclear_income,
    "unclear_debts": manners.unclear_debts,
    "unclear_lock_in": manners.unclear_lock_in,
    "capacity": loan.capacity,
    "afford": loan.afford,
    "income_needed": income.income_needed,
    "instalment": loan.instalment,
    "tenure": limits.tenure,
    "ratios": limits.ratios,
    "down_payment": purchase.down_payment,
    "stamp_duty": purchase.stamp_duty,
    "seller_duty": purchase.seller_duty,
    "costs": purchase.costs,
    "cpf": purchase.cpf,
    "grants": purchase.grants,
    "rates": packages.rates,
    "fixed_or_floating": packages.fixed_or_floating,
    "refinance": packages.refinance,
    "lock_in": packages.lock_in,
    "equity": packages.equity,
    "documents": topics.documents,
    "process": topics.process,
    "hdb_or_bank": topics.hdb_or_bank,
    "progressive": topics.progressive,
    "commercial": topics.commercial,
    "foreigner": topics.foreigner,
    "self_employed": topics.self_employed,
    "who_pays": topics.who_pays,
    "part_share": topics.part_share,
    "privacy": topics.privacy,
    "ipa": topics.ipa,
    "approval": topics.approval,
    "insurance": topics.other_profession,
    "investment": topics.other_profession,
}
_OF_THE_HOME = frozenset(
    {
        "capacity",
        "afford",
        "income_needed",
        "instalment",
        "down_payment",
        "stamp_duty",
        "ratios",
        "tenure",
        "cpf",
    }
)
_ASIDES = frozenset(  # answered from an entry or a rule: then the question that was open is asked again
    {
        "documents",
        "process",
        "ipa",
        "hdb_or_bank",
        "progressive",
        "grants",
        "costs",
        "cpf",
        "fixed_or_floating",
        "lock_in",
        "rates",
        "seller_duty",
        "self_employed",
        "foreigner",
        "ratios",
        "tenure",
        "who_pays",
        "trust",
    }
)
_WISHES = {"person": HandoffReason.ASKED_FOR_PERSON, "apply": HandoffReason.READY_TO_APPLY}
_INSTEAD = {"apply": ["process"]}  # "how do I apply" asks for the steps
_HOW = re.compile(r"\b(?:how|what|which|when|why)\b", re.IGNORECASE)
_SUBJECTS = {
    "capacity": "your loan",
    "afford": "what you can afford",
    "instalment": "your instalment",
    "down_payment": "what you need to bring",
    "stamp_duty": "the duty",
    "refinance": "the saving",
    "ratios": "your own ratios",
    "tenure": "your tenure",
}


def playbook(brief: Brief) -> Reply:
    """The reply to the customer's unanswered messages. Pure; it never raises for what they say."""
    language = next((code for m in brief.inputs if (code := foreign(m.text)) is not None), None)
    if language is not None:
        return Reply(
            text=said_in(language, brief.people_back), intent="language", handoff=HandoffReason.LANGUAGE
        )
    found = situation(brief)
    intents = _intents(found)
    if any(policy.is_attack(message.text) for message in brief.inputs):
        intents = ["internal"]  # and nothing that it asked for, or told
        found = replace(found, facts=())
    elif wish := next((each for each in _WISHES if each in intents), None):
        said = any(reading.intent == wish for reading in found.readings)
        mistaken = said and not _still_wished(brief, wish)
        others = [each for each in intents if each != wish]
        intents = (others or _INSTEAD.get(wish, [])) if mistaken else [wish]
    intents = intents or [UNKNOWN]
    several = len(intents) > 1
    answers = [
        _answered(of_question(found, intent) if several else found, intent)
        for intent in intents[:MOST_ANSWERS]
    ]
    return _reply(found, intents[0], answers)


def _still_wished(brief: Brief, wish: str) -> bool:
    """Whether it is wished still when the bank's officers, "how do I apply" and the like are left out."""
    if wish == "apply" and any(_HOW.search(message.text) for message in brief.inputs):
        return False
    plain = (policy.without_excuses(_WISHES[wish], m.text) for m in brief.inputs)
    return any(reading.intent == wish for text in plain for reading in read(text))


def _intents(found: Situation) -> list[str]:
    """What to answer, in order: the questions, else what our own question led to, else manners."""
    named = [reading.intent for reading in found.readings]
    serious = [intent for intent in named if intent not in SOCIAL]
    if found.unclear_lock_in and not any("?" in message.text for message in found.brief.inputs):
        return ["unclear_lock_in"]
    if "commercial" in serious and found.case.property_type not in (None, "commercial"):
        serious = [intent for intent in serious if intent not in _OF_THE_HOME]  # asked of the shop, not of it
    if serious:
        # "for 20 years" beside another question sets the tenure and asks nothing.
        sets = {"tenure"} if len(serious) > 1 and "tenure_months" in found.told else set()
        return [intent for intent in serious if intent not in sets]
    if found.asked is not None and found.asked.startswith("offer_") and found.answered is not None:
        return [found.asked.removeprefix("offer_") if found.answered.value else "no"]
    if found.unclear_income and found.answered is None:
        return ["unclear_income"]
    if found.unclear_debts and "monthly_debts" not in found.told:
        return ["unclear_debts"]
    if found.answered is not None or found.facts or (found.goes_on and found.brief.thread.last_said_by_us):
        return ["afford" if found.goes_on and "amount" in found.told else default_topic(found)]
    remark = all(is_remark(message.text) for message in found.brief.inputs)
    return named[:1] or [REMARK if remark else UNKNOWN]


def default_topic(found: Situation) -> str:
    """What a customer who only tells facts most wants to know."""
    return {"refinance": "refinance", "equity_loan": "equity"}.get(str(found.lead.purpose), "capacity")


def _still_open(found: Situation) -> str | None:
    """The fact that we had asked for, once, when the customer asked about something beside it."""
    asked = found.asked
    if asked is None or asked.startswith("offer_") or found.answered is not None or found.known(asked):
        return None
    ours = [m.text for m in found.brief.thread.messages if m.author is Author.BOT and not m.private]
    return asked if [asked_in(text) for text in ours[-2:]] != [asked, asked] else None


def _answered(found: Situation, intent: str) -> Answer:
    """One answer; where a fact is missing, the question for it."""
    answer = Answer(found)
    try:
        ANSWERS[intent](answer)
    except CannotCompute as missing:
        field = next((f for need in missing.needs if (f := field_of(need)) is not None), None)
        _ask_for(answer, intent, field)
    except InvalidInput:
        answer.say("Those figures do not go together. Could you check them, or ask for a person?")
    return answer


def _ask_for(answer: Answer, intent: str, field: str | None) -> None:
    case = answer.situation.case
    own_income = field == "applicants.0.fixed_monthly_income" and case.monthly_income is not None
    if own_income and answer.situation.asked != "income_is_own":
        field = "income_is_own"
    if field is None:
        answer.say("A colleague has to look at this one.")
        answer.ask("offer_person")
        return
    if not (answer.lines or answer.situation.facts or answer.situation.answered):
        answer.say(f"I can work out {_SUBJECTS.get(intent, 'that')} from your own figures.")
    answer.ask(field)


def _reply(found: Situation, intent: str, answers: list[Answer]) -> Reply:
    brief = found.brief
    said_back, evidence = noted(found.facts)
    lines = [said_back] if said_back else []
    handoff = next((answer.handoff for answer in answers if answer.handoff is not None), None)
    for answer in answers:
        lines.append(answer.text)
        evidence += tuple(answer.evidence)
    if handoff is not None:
        said = any(answer.text for answer in answers if answer.handoff is not None)  # and who goes on
        wording = policy.wording(handoff, brief.persona, people_back=brief.people_back)
        lines.append(policy.answered_when(brief.people_back) if said else wording)
    asks = None if handoff else next((answer.asks for answer in answers if answer.asks is not None), None)
    if any(answer.estimate for answer in answers):
        lines.append(disclosure(brief, evidence))
        if asks is None and handoff is None:
            asks = next_step(brief)
            lines.append(closing(brief) or "")
    if asks is None and handoff is None and intent in _ASIDES:
        asks = _still_open(found)
    if asks is not None:
        lines.append(asking(asks, brief.persona))
    return Reply(
        text="\n\n".join(line for line in lines if line),
        intent=intent,
        evidence=tuple({(e.kind, e.ref, e.figures): e for e in evidence}.values()),
        facts=found.facts,
        asks_for=None if asks is None or asks.startswith("offer_") else asks,
        handoff=handoff,
    )
