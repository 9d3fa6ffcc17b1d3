"""What customers tell of themselves: exact, whose it is, and rather nothing than a guess."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nextnest.broker.checks import check
from nextnest.broker.playbook import playbook
from nextnest.broker.playbook.questions import QUESTIONS
from nextnest.broker.told import tell
from nextnest.domain.lead import Lead, parse_lead, with_fact
from nextnest.domain.thread import Author
from tests.unit.broker.playbook_briefs import DATA, LEADS, TODAY, brief

ALONE = parse_lead({"name": "Tan", "email": "tan@example.com", "applicants": [{"age": 30}]})
NOBODY = parse_lead({"name": "Tan", "email": "tan@example.com"})
FOUR = parse_lead(
    {"name": "Tan", "email": "tan@example.com", "applicants": [{"age": 30 + n} for n in range(4)]}
)
INCOME, PARTNER = "applicants.0.fixed_monthly_income", "applicants.1.fixed_monthly_income"
EARNER = with_fact(ALONE, INCOME, 8000)


def _both(fact: str, value: Any) -> dict[str, Any]:
    return {f"applicants.{number}.{fact}": value for number in (0, 1)}


def _facts(text: str, lead: Lead = ALONE) -> dict[str, Any]:
    return {one.field: one.value for one in tell(text, 1, lead) if not one.supposed}


def _supposed(text: str, lead: Lead = ALONE) -> dict[str, Any]:
    return {one.field: one.value for one in tell(text, 1, lead) if one.supposed}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("my income is 8k", {INCOME: 8000}),
        ("I earn $8,000 a month and I'm 35", {INCOME: 8000, "applicants.0.age": 35}),
        ("my salary is S$5.5k", {INCOME: 5500}),
        ("my wife earns 6k too", {PARTNER: 6000}),
        ("my husband's salary is 7,200", {PARTNER: 7200}),
        ("we earn 12k combined", {"monthly_income": 12000}),
        ("price 1.2m", {"property_price": 1_200_000}),
        (
            "I'm buying a 900k resale flat",
            {"property_price": 900_000, "property_type": "hdb", "purpose": "new_purchase"},
        ),
        ("valuation is 880k", {"property_value": 880_000}),
        ("no other loans", {"monthly_debts": 0}),
        ("I have no debts", {"monthly_debts": 0}),
        ("no housing loans", {"outstanding_housing_loans": 0}),
        ("we have one housing loan", {"outstanding_housing_loans": 1}),
        ("monthly debts 900", {"monthly_debts": 900}),
        (
            "outstanding loan is 450k, 20 years left, paying 3.5% now",
            {"outstanding_loan": 450_000, "remaining_months": 240, "current_rate": Decimal("3.5")},
        ),
        ("100k in CPF and 50k cash", {"cpf_available": 100_000, "cash_available": 50_000}),
        ("we are 35 and 33", {"applicants.0.age": 35, "applicants.1.age": 33}),
        ("I'm 42 years old, my wife is 40", {"applicants.0.age": 42, "applicants.1.age": 40}),
        (
            "I'm a PR and my wife is Singaporean",
            {"applicants.0.residency": "pr", "applicants.1.residency": "sc"},
        ),
        ("we are both citizens", {"applicants.0.residency": "sc", "applicants.1.residency": "sc"}),
        ("I'm self-employed", {"applicants.0.employment": "self_employed"}),
        (  # a verb before "a" asks nothing where it stands after who it is about
            "I am a PR and my wife is a Singaporean",
            {"applicants.0.residency": "pr", "applicants.1.residency": "sc"},
        ),
        ("I want to buy a condo", {"property_type": "condo", "purpose": "new_purchase"}),
        ("wan to buy EC", {"property_type": "ec", "purpose": "new_purchase"}),
        ("resale hdb around 620k", {"property_price": 620_000, "property_type": "hdb"}),  # nothing is asked
        ("1.5m condo", {"property_price": 1_500_000, "property_type": "condo"}),
        ("I want cash out from my condo worth 2m", {"purpose": "equity_loan", "property_value": 2_000_000}),
        ("commercial loan for a shophouse", {"purpose": "commercial", "property_type": "commercial"}),
        ("we are looking for a resale HDB", {"property_type": "hdb"}),
        ("I want to refinance", {"purpose": "refinance"}),
        ("I already have an IPA", {"ipa_status": "have_ipa"}),
        ("can loan how much if salary 8k no debt", {INCOME: 8000, "monthly_debts": 0}),  # a first income
        ("with 9k salary can loan how much", {INCOME: 9000}),
        ("I make six thousand a month", {INCOME: 6000}),
        ("my wife earns six k", {PARTNER: 6000}),
        ("i take home 5 thousand before cpf", {INCOME: 5000}),
        ("two hundred and fifty thousand in my oa", {"cpf_available": 250_000}),
        ("looking at a 5 room around 650k", {"property_price": 650_000}),
        ("my rate is 4.1 now", {"current_rate": Decimal("4.1")}),
        ("I'm with OCBC", {"current_bank": "OCBC"}),
        ("my loan with DBS is old", {"current_bank": "DBS"}),
        ("both 29, singaporean", {**_both("age", 29), **_both("residency", "sc")}),
        ("i earn 4.2k she earns 3.8k", {INCOME: 4200, PARTNER: 3800}),  # the second begins with its owner
        ("shes working part time 2.5k", {PARTNER: 2500}),
        ("i work as a clerk $2,900", {INCOME: 2900}),
        ("i have a car loan 890 a month", {"monthly_debts": 890}),
        ("no car loan, just credit card maybe 200", {"monthly_debts": 200}),  # one kind of debt is none
        ("I'm PR, wife citizen", {"applicants.0.residency": "pr", "applicants.1.residency": "sc"}),
        ("I am a British national on an Employment Pass", {"applicants.0.residency": "foreigner"}),
        ("i'm 31 next month, now 30", {"applicants.0.age": 30}),  # not an age to come
        ("income not 8000, it's 8,600", {}),  # the denied one is none; what the other is, the old one says
        ("hubby 9k, me 5.5k", {INCOME: 5500, PARTNER: 9000}),  # in any order
        ("wife is Singaporean, household 22k", {"applicants.1.residency": "sc", "monthly_income": 22_000}),
        ("debts: car 700, card 100", {"monthly_debts": 800}),
        ("the 300 debt is gone already", {"monthly_debts": 0}),
        (
            "owe about half a mil, rate abt 4%, 22 years more",
            {"outstanding_loan": 500_000, "current_rate": 4, "remaining_months": 264},
        ),
        ("i drive grab", {"applicants.0.employment": "self_employed"}),
        ("I'm a Malaysian PR", {"applicants.0.residency": "pr"}),
    ],
)
def test_a_fact_is_taken_exactly(text: str, facts: dict[str, Any]) -> None:
    assert _facts(text) == facts


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("my annual income is 120k", ALONE),  # a year: bonus or not, who knows
        ("I earn 120k per year", ALONE),
        ("my take home is 6k", ALONE),  # after CPF
        ("i make 8 to 9k", ALONE),  # a range
        ("8k or 9k salary", ALONE),
        ("my commission is about 4k", ALONE),  # variable
        ("my mother earns 3k", ALONE),  # not a borrower that we know of
        ("my wife earns 6k", NOBODY),  # whose form income is it then?
        ("my wife earns 6k", FOUR),  # which of them?
        ("my car loan is 900", ALONE),  # one of his debts; all of them are asked for
        ("no loans except the car", ALONE),
        ("used cpf 300k with interest", ALONE),  # it is no longer there
        ("can i pay all cash no loan", ALONE),  # no home loan is not no debts
        ("credit card bill 3k but i pay in full every month", ALONE),  # nothing stays owed
        ("if wife co-borrow with 5k salary, she's 38", ALONE),  # there may be no second borrower
        ("fully employed 8 years same company", ALONE),  # no age, and no tenure
        ("my brother is looking at a condo", ALONE),  # his
        ("what about hdb 700k", ALONE),  # asked about
        ("stamp duty for foreigner 2m condo", ALONE),  # asked, without a word that asks
        ("my hdb 410k loan", ALONE),  # of the loan
        ("I used to earn 9k", ALONE),
        ("I earn RM 9k", ALONE),  # another currency
        ("I'm 35% sure", ALONE),
        ("I am 5 minutes away", ALONE),
        ("can I pay 5k a month", ALONE),
        ("are PRs allowed to buy", ALONE),
        ("do I need to have an IPA", ALONE),
        ("are you self-employed", ALONE),
        ("I am not a PR", ALONE),
        ("I live in an HDB", ALONE),
        ("the bank pays 500k commission a year", ALONE),
        ("call me at 91234567", ALONE),
    ],
)
def test_nothing_is_guessed(text: str, lead: Lead) -> None:
    assert _facts(text, lead) == {}


@pytest.mark.parametrize(
    ("text", "supposed"),
    [
        (
            "instalment for 800k over 25 years at 3%",
            {"loan_amount": 800_000, "tenure_months": 300, "rate_pct": 3},
        ),
        (
            "600k loan 20 years 2.5% monthly?",
            {"loan_amount": 600_000, "tenure_months": 240, "rate_pct": Decimal("2.5")},
        ),
        ("and for 25 years?", {"tenure_months": 300}),
        ("what about 900k?", {"amount": 900_000}),
        ("if I earn 10k how much can I borrow", {INCOME: 10_000}),
        ("can I buy a $1.5m house", {"property_price": 1_500_000}),
        ("with 9k salary can loan how much", {INCOME: 9_000}),
        ("it's my first property", {"owned_homes": 0}),
        ("absd on my second property", {"owned_homes": 1}),
    ],
)
def test_what_is_supposed_is_no_fact(text: str, supposed: dict[str, Any]) -> None:
    assert _supposed(text, EARNER) == supposed
    assert _facts(text, EARNER) == {}


@pytest.mark.parametrize(
    "text", ["what if I earned 12k", "say my salary is 10k", "if my pay goes up to 9k next year"]
)
def test_what_is_imagined_is_no_fact_even_where_nothing_is_known(text: str) -> None:
    assert _supposed(text)[INCOME] > 0
    assert _facts(text) == {}


def test_one_debt_is_all_where_there_was_none() -> None:
    assert _facts("got car loan 900 a month", with_fact(ALONE, "monthly_debts", 0)) == {"monthly_debts": 900}
    assert _facts("got car loan 900 a month", with_fact(ALONE, "monthly_debts", 300)) == {}


def test_the_quote_is_the_customers_own_clause() -> None:
    told = tell("Hello! My income is 8k, thanks", 41, ALONE)
    assert [(one.quote, one.message_id) for one in told] == [("My income is 8k", 41)]


@given(st.text(max_size=200))
def test_any_text_can_be_listened_to(text: str) -> None:
    fields = [one.field for one in tell(text, 1, ALONE)]
    assert len(fields) == len(set(fields))


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((DATA / "told.yaml").read_text("utf-8"))
    return rows


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row["text"])
def test_what_a_conversation_tells_is_learned(row: dict[str, Any]) -> None:
    lead = LEADS[row.get("lead", "condo")]
    before: list[tuple[Author, str]] = []
    if "before" in row:
        first = playbook(brief(row["before"], lead=lead))
        for fact in first.facts:
            assert lead is not None
            lead = with_fact(lead, fact.field, fact.value)
        before = [(Author.CUSTOMER, row["before"]), (Author.BOT, first.text)]
    if "asked" in row:
        before.append((Author.BOT, f"Some words first. {QUESTIONS[row['asked']].text}"))
    reply = playbook(brief(row["text"], lead=lead, before=before))
    paths = {"me": "applicants.0", "other": "applicants.1"}
    wanted = {
        ".".join(paths.get(part, part) for part in name.split(".")): value
        for name, value in row["facts"].items()
    }
    assert {fact.field: fact.value for fact in reply.facts} == wanted
    said = [*(text for author, text in before if author is Author.CUSTOMER), row["text"]]
    assert check(reply, said, today=TODAY).findings == ()
