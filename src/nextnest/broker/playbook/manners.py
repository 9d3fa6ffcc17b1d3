"""Answers that are not about loans: who we are, hello and goodbye, people, and what we do not do."""

from __future__ import annotations

from nextnest.broker import intents
from nextnest.broker.playbook import guesses
from nextnest.broker.playbook.answer import Answer
from nextnest.domain.handoff import HandoffReason

ABILITIES = "how much you could borrow, the monthly instalment, or the stamp duty and cash needed"


def hello(answer: Answer) -> None:
    answer.say("Hello!")
    answer.say(f"I can work out {ABILITIES}.")


def thanks(answer: Answer) -> None:
    answer.say("You are welcome.")


def goodbye(answer: Answer) -> None:
    answer.say("Goodbye, and write here any time; a person can be had too.")


def yes(answer: Answer) -> None:
    """A yes to an offer; any other is politely turned into a question."""
    if answer.situation.asked == "offer_person":
        person(answer)
        return
    answer.say(f"Good. What shall I work out: {ABILITIES}?")


def no(answer: Answer) -> None:
    answer.say("All right. I am here when you need a figure.")


def robot(answer: Answer) -> None:
    brokerage = answer.situation.brief.brokerage
    answer.say(f"Yes, I am an AI assistant of {brokerage}, not a person.")
    answer.say("The figures I give are computed from published rules. For a person, just say so.")


def trust(answer: Answer) -> None:
    """Are you genuine? What can be looked up, and what nobody needs to send us."""
    brokerage = answer.situation.brief.brokerage
    answer.say(f"{brokerage} is a mortgage brokerage: not a bank, and no part of MAS, HDB or CPF.")
    answer.say("You can look the company up in ACRA's BizFile, and a colleague can give you its details.")
    answer.say("Nobody here needs your NRIC, card number, a password or a payment.")


def reluctant(answer: Answer) -> None:
    """Why so many questions? None need be answered."""
    answer.say("You need not tell me. I ask because the limits of a loan follow from income, age and debts.")
    answer.say("Without them I can still work out the stamp duty, or the instalment of any loan.")


def remark(answer: Answer) -> None:
    """They tell something that is no fact of a loan; or ask in words that do not sound like it."""
    answer.say(
        "Thank you for telling me. I took no figure from it; if you meant a question, please ask again."
    )
    asked = answer.situation.asked
    if asked is not None and not asked.startswith("offer_"):
        answer.ask(asked)


def helps(answer: Answer) -> None:
    answer.say(f"I can work out {ABILITIES}.")
    answer.say("I also answer on documents, steps, rates, refinancing, CPF, grants and HDB or bank loans.")


def person(answer: Answer) -> None:
    answer.handoff = HandoffReason.ASKED_FOR_PERSON


def apply(answer: Answer) -> None:
    answer.handoff = HandoffReason.READY_TO_APPLY


def internal(answer: Answer) -> None:
    answer.say("I cannot go into how I work inside, nor into what others told us.")
    answer.say("I am glad to help with your own loan.")


def off_topic(answer: Answer) -> None:
    answer.say("That is outside what I know: I only help with home loans.")
    answer.say(f"I can work out {ABILITIES}.")


def unknown(answer: Answer) -> None:
    """Honest, with what may have been meant or else what it can do; the third time a person takes over."""
    if answer.situation.brief.misunderstood >= 2:
        answer.handoff = HandoffReason.NOT_UNDERSTOOD
        return
    answer.say("I am sorry, I did not understand that.")
    asked = answer.situation.asked
    text = " ".join(message.text for message in answer.situation.brief.inputs)
    known = [guess for guess in intents.guesses(text) if guess in guesses.SAID]
    if known and (asked is None or asked.startswith("offer_")):
        answer.say(guesses.question(known))
        return
    if asked is not None:
        answer.ask(asked)
        return
    answer.say(f"I can work out {ABILITIES}. Could you put it in other words, or ask for a person?")


def unclear_income(answer: Answer) -> None:
    """An income was told that cannot be counted: yearly, take-home, a range, or of nobody named."""
    answer.say("So that I count it right: I go by gross pay for a month, apart for each borrower.")
    answer.ask("applicants.0.fixed_monthly_income")


def unclear_debts(answer: Answer) -> None:
    """A debt was told by its balance, or with another one by its balance."""
    answer.say("Cards and loans count by what must be paid on them each month.")
    answer.ask("monthly_debts")


def unclear_lock_in(answer: Answer) -> None:
    """The end of a lock-in was told by the month alone."""
    answer.say("The year makes the difference.")
    answer.ask("lock_in_ends")
