"""Answers from reviewed entries, with the lead's own circumstances where they matter."""

from __future__ import annotations

import re

from nextnest.broker.playbook.answer import Answer
from nextnest.broker.playbook.packages import refinance
from nextnest.domain.handoff import HandoffReason

NO_ENTRY = "I have no reviewed note on that, so I would rather not guess. A colleague can answer it."
_COMPANY = re.compile("company", re.IGNORECASE)
_TAKES_BACK = re.compile(
    r"^\W*(?:please |pls |kindly |i (?:want|wish|would like) (?:you )?to |(?:can|could) you )*"
    r"(?:delete|erase|remove|withdraw|wipe)\b",
    re.IGNORECASE,
)


def _entry(answer: Answer, name: str) -> bool:
    known = answer.knows(name)
    if not known:
        answer.say(NO_ENTRY)
        answer.ask("offer_person")
    return known


def documents(answer: Answer) -> None:
    """Which documents?"""
    case = answer.situation.case
    asked = " ".join(reading.clause.lower() for reading in answer.situation.readings)
    refinancing = "refi" in asked or "repric" in asked or case.purpose == "refinance"
    _entry(answer, "documents-refinance" if refinancing else "documents-purchase")
    if "self" in asked or any(
        person.employment in ("self_employed", "variable") for person in case.applicants
    ):
        answer.knows("documents-self-employed")


def process(answer: Answer) -> None:
    """Which steps, and how long?"""
    _entry(answer, "refinancing-steps" if answer.situation.case.purpose == "refinance" else "process")


def hdb_or_bank(answer: Answer) -> None:
    """HDB's loan or a bank's?"""
    case = answer.situation.case
    if case.property_type in ("ec", "condo", "landed", "commercial"):
        answer.say("HDB lends for HDB flats only, so for your property it is a bank loan.")
        return
    _entry(answer, "hdb-loan-or-bank-loan")
    if case.purpose == "refinance":
        refinance(answer)


def progressive(answer: Answer) -> None:
    """Payment while a home is built."""
    if answer.situation.case.property_type == "hdb":
        answer.say("For a flat that is still being built HDB sets its own dates for what you pay.")
        answer.say("The instalment starts once the loan has been paid out, usually at key collection.")
        return
    _entry(answer, "progressive-payment")


def commercial(answer: Answer) -> None:
    """Commercial property; or a home in a company's name."""
    case = answer.situation.case
    home = case.property_type not in (None, "commercial")
    if home and answer.situation.says(_COMPANY):
        _entry(answer, "buying-in-a-company")
        return
    _entry(answer, "commercial")


def foreigner(answer: Answer) -> None:
    """Foreigners and permanent residents."""
    _entry(answer, "foreigners-and-prs")


def self_employed(answer: Answer) -> None:
    """Variable income."""
    _entry(answer, "self-employed-income")


def who_pays(answer: Answer) -> None:
    """Who pays the broker?"""
    _entry(answer, "who-pays-the-broker")


def part_share(answer: Answer) -> None:
    """Decoupling, 99-to-1 and the like: what they are called, and that we do not arrange them."""
    _entry(answer, "part-share-schemes")
    answer.handoff = HandoffReason.OTHER_PROFESSION


def privacy(answer: Answer) -> None:
    """What happens to my data? Who asks for it to be gone is asking a person."""
    _entry(answer, "privacy")
    if answer.situation.says(_TAKES_BACK):
        answer.handoff = HandoffReason.ASKED_FOR_PERSON


def ipa(answer: Answer) -> None:
    """In-principle approval, and HDB's eligibility letter."""
    _entry(answer, "in-principle-approval")


def approval(answer: Answer) -> None:
    """Will I be approved? Nobody but the bank can say."""
    answer.say("I cannot promise that: only the bank's own assessment decides, your credit record with it.")
    answer.say("What I can do is check your case against the published limits.")


def other_profession(answer: Answer) -> None:
    """Insurance, investments, where prices go: licensed people advise on these."""
    answer.handoff = HandoffReason.OTHER_PROFESSION
