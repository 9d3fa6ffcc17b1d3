"""Knowledge entries: readable, in date, and with no figure that the rules do not know."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from nextnest.broker import knowledge
from nextnest.broker.checks import check
from nextnest.broker.knowledge import EntryError, quotable, read_entry
from nextnest.broker.knowledge_check import check_knowledge
from nextnest.domain.reply import EvidenceKind, Figure, Reply, Unit

TODAY = date(2026, 11, 22)
FRONT = """---
id: example
title: An example
source: A source
date: 2026-11-01
review_by: {review_by}
keywords: [example, house]
{typed}---
{body}
"""


def _entry(body: str, *, review_by: str = "2027-05-31", typed: str = "") -> tuple[str, str]:
    return "example.md", FRONT.format(body=body, review_by=review_by, typed=typed)


def test_the_entries_that_ship_have_no_problem() -> None:
    assert check_knowledge(knowledge.sources(), TODAY) == []


def test_every_topic_that_was_asked_for_has_an_entry() -> None:
    ids = {entry.id for entry in knowledge.load(TODAY)}
    wanted = """process documents-purchase documents-refinance documents-self-employed lock-in
        fixed-or-floating hdb-loan-or-bank-loan cpf grants progressive-payment refinancing part-share-schemes
        who-pays-the-broker foreigners-and-prs self-employed-income commercial tdsr-msr-ltv stamp-duties
        privacy what-a-broker-may-not-do"""
    assert set(wanted.split()) <= ids


@pytest.mark.parametrize("entry", knowledge.load(TODAY), ids=lambda entry: entry.id)
def test_an_answer_is_short_enough_for_a_chat(entry: knowledge.Entry) -> None:
    assert 80 <= len(entry.answer) <= 360
    assert "{{" not in entry.text


@pytest.mark.parametrize("entry", knowledge.load(TODAY), ids=lambda entry: entry.id)
def test_what_an_entry_says_may_be_sent(entry: knowledge.Entry) -> None:
    for paragraph in entry.text.split("\n\n"):
        reply = Reply(text=paragraph, intent="knowledge", evidence=(entry.evidence(),))
        assert check(reply, [], today=TODAY).findings == ()


def test_a_reference_says_the_rule_in_force() -> None:
    # MAS: 55% since 16 Dec 2021, 60% before; 75% without another loan; HDB 30% of income.
    body = "At most {{rule:tdsr_limit.limit_pct}}, {{rule:ltv.ltv_pct outstanding=0}}."
    assert read_entry(*_entry(body), TODAY).text == "At most 55%, 75%."
    assert read_entry(*_entry("{{rule:tdsr_limit.limit_pct}}"), date(2021, 12, 15)).text == "60%"


def test_a_reference_runs_a_calculator() -> None:
    # IRAS bands: 1% of 180,000, 2% of 180,000, 3% of 640,000.
    entry = read_entry(*_entry("BSD {{calc:bsd.bsd price=1000000}}"), TODAY)
    assert entry.text == "BSD S$24,600"
    assert Figure(value=Decimal(24600), unit=Unit.MONEY, label="bsd_bsd") in entry.figures


def test_a_typed_figure_is_evidence_with_its_reason() -> None:
    name, text = _entry("Usually 2 to 3 years.", typed='typed:\n  "2 to 3 years": practice\n')
    assert check_knowledge([(name, text)], TODAY) == []
    evidence = read_entry(name, text, TODAY).evidence()
    assert evidence.kind is EvidenceKind.KNOWLEDGE
    assert {figure.value for figure in evidence.figures} == {2, 3}


@pytest.mark.parametrize(
    ("body", "typed", "kind"),
    [
        ("About 1.5% is usual.", "", "figure"),  # a number from nowhere
        ("It takes two weeks.", "", "figure"),  # in words too
        # a rule has its own number: the same one belongs into a reference, another one contradicts it
        ("TDSR is 55%.", 'typed:\n  "55%": MAS\n', "figure"),
        ("TDSR is 60%.", 'typed:\n  "60%": I read it somewhere\n', "contradiction"),
        ("TDSR: sixty percent.", 'typed:\n  "sixty percent": MAS\n', "contradiction"),
        ("The income ceiling is S$14,000.", 'typed:\n  "S$14,000": HDB 2019\n', "contradiction"),
        ("SSD is 20% in the first year.", 'typed:\n  "20%": IRAS\n', "contradiction"),
        ("The resale levy is S$35,000.", 'typed:\n  "S$35,000": HDB\n', "contradiction"),
        ("Private owners wait 15 months.", 'typed:\n  "15 months": HDB 2022\n', "contradiction"),
        ("The tenure is at most 40 years.", 'typed:\n  "40 years": a bank\n', "contradiction"),
        ("{{rule:nothing.limit_pct}}", "", "broken"),
        ("{{rule:tdsr_limit.nothing}}", "", "broken"),
        ("{{calc:bsd.bsd}}", "", "broken"),  # a price is missing
        ("{{calc:affordability.limited_by}}", "", "broken"),
        ("{{tdsr}}", "", "broken"),
        ("", "", "broken"),
        ("Nothing here.", 'typed:\n  "3 years": not in the text\n', "broken"),
    ],
)
def test_a_figure_that_no_rule_stands_behind_is_found(body: str, typed: str, kind: str) -> None:
    problems = check_knowledge([_entry(body, typed=typed)], TODAY)
    assert kind in {problem.kind for problem in problems}


def test_what_cannot_be_read_on_a_day_costs_no_other_entry() -> None:
    long_ago = {entry.id for entry in knowledge.load(date(2010, 1, 1))}
    assert "tdsr-msr-ltv" not in long_ago  # TDSR began in 2013
    assert "process" in long_ago


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nid: x\n---\nbody",  # most of it is missing
        "---\n{{\n---\nbody",  # not YAML
        FRONT.format(body="x", review_by="soon", typed=""),
        FRONT.format(body="x", review_by="2027-01-01", typed="extra: 1\n"),
    ],
)
def test_a_broken_entry_is_named(text: str) -> None:
    assert [problem.kind for problem in check_knowledge([("broken.md", text)], TODAY)] == ["broken"]
    with pytest.raises(EntryError, match=r"broken\.md"):
        read_entry("broken.md", text, TODAY)


def test_an_id_may_be_used_once() -> None:
    problems = check_knowledge([_entry("A."), ("other.md", _entry("B.")[1])], TODAY)
    assert [(problem.entry, problem.kind) for problem in problems] == [("other.md", "broken")]


def test_an_entry_past_review_is_flagged() -> None:
    name, text = _entry("A house.", review_by="2026-11-21")
    assert [problem.kind for problem in check_knowledge([(name, text)], TODAY)] == ["stale"]
    entry = read_entry(name, text, TODAY)
    assert not entry.current(TODAY)
    assert entry.current(date(2026, 11, 21))  # the review day itself is in time


def test_an_entry_is_quoted_by_its_id_until_its_review_is_due() -> None:
    fees = quotable("fees", TODAY)
    assert fees is not None
    assert quotable("fees", fees.review_by + timedelta(days=1)) is None
    assert quotable("no-such-entry", TODAY) is None
