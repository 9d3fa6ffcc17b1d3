"""Where a calculator's inputs come from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from nextnest.broker.provenance import Provenance, given
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit
from nextnest.domain.thread import Author
from tests.unit.broker.briefs import brief, lead, message

EARLIER = [message(1, "my rate is 2.6%"), message(2, "That is S$77,777.", Author.BOT)]


@pytest.mark.parametrize(
    ("inputs", "missing", "reason"),
    [
        (
            {"principal": 800_000, "rate_pct": 3, "months": 300},
            [],
            "in the last message, years as months",
        ),
        ({"principal": "800000", "rate_pct": "3.0"}, [], "as text"),
        ({"rate_pct": 2.6}, [], "said earlier"),
        ({"income": 12_000, "other_debts": 500}, [], "facts of the lead"),
        ({"borrowers": [{"age": 35, "income": 12_000}]}, [], "nested"),
        ({"income": 9_000}, ["income"], "nobody said so"),
        ({"borrowers": [{"age": 41}]}, ["borrowers.0.age"], "nested, and nobody said so"),
        ({"loan": 77_777}, ["loan"], "the assistant's own words prove nothing"),
        ({"profile": "SC"}, [], "the lead's residency"),
        ({"profile": "FR"}, ["profile"], "nobody is a foreigner here"),
        ({"as_of": "2026-11-22", "use": "residential", "equitable": False}, [], "dates, words and flags"),
    ],
)
def test_an_input_that_nobody_gave_is_named(inputs: dict[str, Any], missing: list[str], reason: str) -> None:
    known = Provenance(brief("loan of 800k at 3% for 25 years?", earlier=EARLIER))
    assert known.missing(inputs) == missing, reason


def test_a_tools_figure_may_be_the_next_ones_input() -> None:
    known = Provenance(brief("hi"))
    assert known.missing({"loan": 640_000}) == ["loan"]
    figure = Figure(value=Decimal(640_000), unit=Unit.MONEY, label="loan")
    known.add([Evidence(kind=EvidenceKind.CALCULATION, ref="affordability", figures=(figure,))])
    assert known.missing({"loan": 640_000}) == []


def test_a_buyer_is_known_from_the_customers_words() -> None:
    assert Provenance(brief("I am a foreigner")).missing({"profile": "FR"}) == []


def test_the_leads_numbers_are_evidence_and_who_it_is_is_not() -> None:
    by_ref = {evidence.ref: evidence for evidence in given(lead())}
    assert by_ref["property_price"].figures[0].value == 1_200_000
    assert by_ref["applicants.0.fixed_monthly_income"].figures[0].value == 12_000
    assert by_ref["applicants.0.age"].figures[0].unit is Unit.YEARS
    assert all(evidence.kind is EvidenceKind.LEAD for evidence in by_ref.values())
    assert not {"name", "email", "phone"} & set(by_ref)
    assert given(None) == ()
