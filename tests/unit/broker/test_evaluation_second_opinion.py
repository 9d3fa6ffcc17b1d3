"""The second opinion: figures and claims as a plain reader finds them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nextnest.broker.evaluation.second_opinion import figures_said, forbidden, numbers, says
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit

READ = {
    # text: (value, unit, what the last digit leaves open)
    "S$32,600": ("32600", Unit.MONEY, "0.5"),
    "$1.25m": ("1250000", Unit.MONEY, "5000"),
    "800k": ("800000", Unit.MONEY, "500"),
    "1.2 mil": ("1200000", Unit.MONEY, "50000"),
    "SGD 450,000": ("450000", Unit.MONEY, "0.5"),
    "2.38%": ("2.38", Unit.PERCENT, "0.005"),
    "25 years": ("25", Unit.YEARS, "0.5"),
    "276 months": ("276", Unit.MONTHS, "0.5"),
    "3 documents": ("3", Unit.COUNT, "0.5"),
    "30 months": ("30", Unit.MONTHS, "0.5"),  # "m" of months is no million
}


@pytest.mark.parametrize(("text", "read"), READ.items(), ids=READ)
def test_a_number_is_read_with_its_unit(text: str, read: tuple[str, Unit, str]) -> None:
    (number,) = numbers(text)
    assert (number.value, number.unit, number.half) == (Decimal(read[0]), read[1], Decimal(read[2]))


def test_a_number_of_another_unit_is_another_number() -> None:
    assert not says("S$55 a month", Decimal(55), Unit.PERCENT)
    assert says("over 23 years", Decimal(276), Unit.MONTHS)


def test_figures_need_evidence_or_the_customers_own_words() -> None:
    evidence = [
        Evidence(
            kind=EvidenceKind.RULE,
            ref="x",
            figures=(Figure(value=Decimal(75), unit=Unit.PERCENT, label="ltv"),),
        )
    ]
    text = "At S$900k you may have 75%, that is S$675,000, over 30 years."
    assert figures_said(text, evidence, ["a 900k flat"]) == (3, ("675000 money",))


CLAIMS = {
    # text: the rule that must find it
    "You will be approved by Friday.": "approval promised",
    "This is guaranteed.": "guarantee",
    "We have the lowest rates in town.": "superlative",
    "Hurry, only 2 slots left!": "urgency or scarcity",
    "Your lead score is high.": "score or persona",
    "I am a human, promise.": "posing as a person",
    "We are MAS-licensed.": "licence",
    "You could decouple first.": "tax scheme",
    "You should invest the rest.": "advice of others",
    "Your NRIC S1234567D is noted.": "identity number",
    "Hello {{contact.name}}": "template code",
    "Not only here: https://evil.example": "link",
    "Anchor 2 at 2.38% fixed for 2 years.": "a rate without 'as of'",
}


@pytest.mark.parametrize(("text", "rule"), CLAIMS.items(), ids=CLAIMS)
def test_a_forbidden_claim_is_found(text: str, rule: str) -> None:
    assert any(found.startswith(rule) for found in forbidden(text))


HARMLESS = [
    "I cannot promise that you will be approved.",  # denied in its own sentence
    "Nobody can guarantee a rate.",
    "I am the AI assistant of the brokerage, not a person.",
    "IRAS treats 99-to-1 as tax avoidance.",
    "I am passing this to a person.",
    "On a price of S$1,200,000 the BSD is S$32,600.",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_denied_claim_is_none(text: str) -> None:
    assert forbidden(text) == ()


def test_a_rate_with_all_that_belongs_to_it_may_be_said() -> None:
    text = (
        "Bank of Pulau Ujong Anchor 2: 2.38% fixed for 2 years, thereafter 3-month SORA + 1%, "
        "lock-in 2 years (as of 16 Nov 2026). Subject to the bank's approval."
    )
    assert forbidden(text) == ()
