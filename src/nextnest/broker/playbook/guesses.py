"""Asking back with what a message may have meant: "Do you mean the stamp duty, or the rates?" """

from __future__ import annotations

import re
from collections.abc import Sequence

SAID = {
    "afford": "which price you can afford",
    "approval": "whether a bank would approve the loan",
    "capacity": "how much you could borrow",
    "commercial": "commercial property",
    "costs": "legal and other fees",
    "cpf": "using CPF",
    "documents": "the documents you need",
    "down_payment": "the cash and downpayment",
    "equity": "taking cash out of a home",
    "fixed_or_floating": "a fixed or a floating rate",
    "foreigner": "buying as a foreigner or PR",
    "grants": "housing grants",
    "hdb_or_bank": "HDB's loan or a bank's",
    "income_needed": "which income you need",
    "instalment": "the monthly instalment",
    "ipa": "an in-principle approval",
    "lock_in": "lock-in and penalties",
    "person": "talking to a person",
    "privacy": "what happens to your data",
    "process": "the steps and how long they take",
    "progressive": "payments while a home is built",
    "rates": "today's rates",
    "ratios": "TDSR, MSR and LTV",
    "refinance": "refinancing",
    "self_employed": "how your income is counted",
    "seller_duty": "duty when you sell",
    "stamp_duty": "stamp duty",
    "tenure": "how long the loan may run",
    "who_pays": "who pays us",
}
_ASKED = re.compile(r"Do you mean (?P<first>[^?]+?)(?:, or (?P<second>[^?]+))?\?")
_FIRST = re.compile(r"\W*(?:the )?(?:1st|first|former|1|a|yes|yep|yup|ya|yeah|correct|right)\b(?: one)?\W*")
_SECOND = re.compile(r"\W*(?:the )?(?:2nd|second|latter|2|b|last)\b(?: one)?\W*")
_BOTH = re.compile(r"\W*(?:both|both of them|all|1 and 2)\b\W*")


def question(guesses: Sequence[str]) -> str:
    """The question back for one guess or two."""
    return f"Do you mean {', or '.join(SAID[guess] for guess in guesses)}?"


def offered_in(text: str) -> tuple[str, ...]:
    """What a message of ours asked back with, by its own words."""
    match = _ASKED.search(text)
    said = match.groups() if match else ()
    return tuple(intent for phrase in said for intent, words in SAID.items() if words == phrase)


def chosen(text: str, offered: Sequence[str]) -> tuple[str, ...]:
    """Which of them a short answer takes; empty when it is no such answer. A yes to two is none."""
    plain = text.casefold()
    if _BOTH.fullmatch(plain):
        return tuple(offered)
    if _SECOND.fullmatch(plain):
        return tuple(offered[1:])
    yes = _FIRST.fullmatch(plain) and not (len(offered) > 1 and re.search(r"\by|correct|right", plain))
    return tuple(offered[:1]) if yes else ()
