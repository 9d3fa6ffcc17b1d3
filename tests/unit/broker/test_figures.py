"""Pain 49: every number is traced to evidence or to the customer, in value, unit and meaning."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nextnest.broker.figures import unsupported
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit


def _figure(label: str, value: str | int, unit: Unit, tolerance: str = "0") -> Figure:
    return Figure(label=label, value=Decimal(value), unit=unit, tolerance=Decimal(tolerance))


def _calculation(ref: str, *figures: Figure) -> Evidence:
    return Evidence(kind=EvidenceKind.CALCULATION, ref=ref, figures=figures)


LOAN = _calculation("affordability", _figure("loan", 1_198_342, Unit.MONEY))
MONTHLY = _calculation("instalment", _figure("monthly", "4774.15", Unit.MONEY, "0.005"))
TENURE = _calculation("affordability", _figure("tenure_years", 30, Unit.YEARS))
BREAK_EVEN = _calculation("breakeven", _figure("months", 18, Unit.MONTHS))
TDSR = _calculation("ratio", _figure("tdsr_pct", "41.36", Unit.PERCENT))


@pytest.mark.parametrize(
    ("text", "evidence", "fits"),
    [
        ("S$1,198,342", LOAN, True),
        ("S$1,198,343", LOAN, False),  # one dollar off
        ("S$1,198,000", LOAN, True),  # visibly rounded to thousands
        ("S$1.2m", LOAN, True),  # its digits round to 1.2
        ("S$1.20m", LOAN, True),
        ("S$1.21m", LOAN, False),
        ("S$1.1m", LOAN, False),
        ("S$1m", LOAN, False),  # too coarse to be the same figure
        ("about S$1.2 million", LOAN, True),
        ("about S$1.3 million", LOAN, False),
        ("just under S$1.2m", LOAN, True),
        ("just over S$1.2m", LOAN, False),  # it is under
        ("S$4,774.15", MONTHLY, True),
        ("S$4,774", MONTHLY, True),  # whole dollars
        ("S$4,770", MONTHLY, False),  # rounded without saying so
        ("about S$4,770", MONTHLY, True),
        ("about S$4,800", MONTHLY, True),
        ("about S$5,000", MONTHLY, False),
        ("S$4,774.51", MONTHLY, False),
        ("30 years", TENURE, True),
        ("360 months", TENURE, True),  # the same time
        ("30 months", TENURE, False),
        ("30%", TENURE, False),  # another unit
        ("1.5 years", BREAK_EVEN, True),
        ("one and a half years", BREAK_EVEN, True),
        ("41.36%", TDSR, True),
        ("41.4%", TDSR, True),
        ("41%", TDSR, True),
        ("42%", TDSR, False),
        ("US$1,198,342", LOAN, False),  # another currency
    ],
)
def test_a_figure_agrees_within_its_rounding(text: str, evidence: Evidence, fits: bool) -> None:
    assert (unsupported(f"It is {text}.", [evidence]) == ()) is fits


def test_tolerance_is_that_of_the_figure() -> None:
    loose = _calculation("x", _figure("loan", 1000, Unit.MONEY, "5"))
    assert unsupported("S$1,004", [loose]) == ()
    assert unsupported("S$1,006", [loose]) != ()


def test_without_evidence_no_figure_passes() -> None:
    (finding,) = unsupported("Rates start at 1.35%.", [])
    assert (finding.rule, finding.excerpt) == ("unsupported_figure", "1.35%")


def test_a_finding_points_into_the_text_as_it_was_written() -> None:
    text = "Ｙou can borrow Ｓ＄９００ｋ."
    (finding,) = unsupported(text, [])
    assert text[finding.start : finding.end] == finding.excerpt == "Ｓ＄９００ｋ"


@pytest.mark.parametrize(
    ("words", "text", "fits"),
    [
        ("the flat is 900k", "For a flat of S$900,000 I need your income.", True),
        ("the flat is 900k", "You can borrow S$900,000.", False),  # a price is not a loan
        ("can I borrow 900k?", "You can borrow S$900,000.", False),  # a wish is not a result
        ("can I borrow 900k?", "Whether you can borrow S$900,000 depends on your income.", True),
        ("I earn 6k", "With S$6,000 a month, I need your debts too.", True),
        ("I earn 6k a month", "So S$6,000 a year.", False),  # per month is not per year
        ("I earn 6k, wife 5k", "Together S$11,000.", False),  # a sum is a computation
        ("DBS gave my friend 1.5%", "DBS offers 1.5%.", False),  # hearsay is no rate sheet
        ("my rate is 3.85%", "Your current rate of 3.85% can be compared.", True),
    ],
)
def test_the_customers_figures_may_be_repeated_but_not_promoted(words: str, text: str, fits: bool) -> None:
    assert (unsupported(text, [], [words]) == ()) is fits


def test_the_reason_is_fit_to_be_sent_to_a_model() -> None:
    bsd = _calculation("bsd", _figure("bsd", 24_600, Unit.MONEY))
    (finding,) = unsupported("The down payment is S$24,600.", [bsd])
    assert finding.rule == "wrong_attribution"
    assert finding.why == '"S$24,600": evidence has this number, but not as downpayment (it is bsd)'


def test_a_phone_number_must_have_been_given() -> None:
    text = "Call me at +65 8123 4567."
    assert [f.rule for f in unsupported(text, [])] == ["foreign_address"]
    assert unsupported(text, [], ["my number is 81234567"]) == ()


def _sheet(bank: str, *figures: Figure) -> Evidence:
    return Evidence(kind=EvidenceKind.RATE, ref=bank, detail={"bank": bank}, figures=figures)


DBS = _sheet("DBS", _figure("fixed_rate_pct", "2.45", Unit.PERCENT), _figure("lock_in_years", 2, Unit.YEARS))
UOB = _sheet("UOB", _figure("fixed_rate_pct", "2.58", Unit.PERCENT), _figure("lock_in_years", 3, Unit.YEARS))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("DBS fixes 2.45% with a lock-in of 2 years.", True),
        ("DBS fixes 2.45% with a lock-in of 3 years.", False),  # UOB's
        ("2.45% fixed from DBS, lock-in 2 years.", True),  # the bank after its number
        ("2.45% fixed from UOB, lock-in 3 years.", False),
        ("DBS is at 2.45% fixed. The lock-in is 2 years.", True),  # the sentence before names the bank
        ("DBS is at 2.45% fixed. The lock-in is 3 years.", False),
        ("DBS and UOB fix 2.45% and 2.58%, with lock-ins of 2 and 3 years.", True),  # in order
        ("Both DBS and UOB are at 2.45% fixed.", False),  # UOB is not
    ],
)
def test_a_figure_is_of_the_bank_that_was_spoken_of(text: str, fits: bool) -> None:
    assert (unsupported(text, [DBS, UOB]) == ()) is fits


LIMITS = _calculation(
    "affordability",
    _figure("loan", 900_000, Unit.MONEY),
    _figure("loan_by_ltv", 900_000, Unit.MONEY),
    _figure("loan_by_tdsr", 1_100_000, Unit.MONEY),
    _figure("ltv_pct", 75, Unit.PERCENT),
)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("LTV is what limits you.", True),
        ("TDSR is what limits you.", False),  # it allows more
        ("The loan is limited by TDSR.", False),
        ("TDSR isn't the limit that bites.", True),
        ("The down payment is 25%.", True),  # what 75% leaves
        ("The down payment is 20%.", False),
    ],
)
def test_the_least_limit_decides(text: str, fits: bool) -> None:
    assert (unsupported(text, [LIMITS]) == ()) is fits


DUTY = _calculation(
    "absd",
    _figure("absd", 74_000, Unit.MONEY),
    _figure("price", 1_480_000, Unit.MONEY),
    _figure("rate_pct", 5, Unit.PERCENT),
)
INCOME = _calculation("affordability", _figure("recognised_income", 15_000, Unit.MONEY))
REPAID = _calculation(
    "instalment", _figure("monthly", 4654, Unit.MONEY), _figure("rate_pct", "2.6", Unit.PERCENT)
)


@pytest.mark.parametrize(
    ("text", "evidence", "fits"),
    [
        ("You won't have to pay any ABSD.", DUTY, False),  # it is S$74,000
        ("您不用付ABSD。", DUTY, False),  # the same in Chinese
        ("ABSD is 5%, which is S$74,000.", DUTY, True),  # 5% of 1.48m
        ("ABSD is 5%, which is S$1,480,000.", DUTY, False),  # the whole, not the share
        ("ABSD is 5% of the loan.", DUTY, False),  # it is of the price
        ("You get S$74,000 back.", DUTY, False),  # to be paid, not received
        ("You earn S$15,000 a month.", INCOME, True),
        ("You earn S$15,000 a year.", INCOME, False),  # recognised income is monthly
        ("Your annual income is S$15,000.", INCOME, False),  # the period stands before
        ("Each of you earns S$15,000.", INCOME, False),  # it is of all together
        ("You need to earn at least S$15,000.", INCOME, False),  # what they have, not what is needed
        ("At 2.6% you'd pay S$4,654 a month.", REPAID, True),
        ("At 4% you'd pay S$4,654 a month.", REPAID, False),  # computed at 2.6%
        ("You'd pay S$4,654 in total.", REPAID, False),  # each month
        ("The rate is 2.6%.", REPAID, False),  # assumed for the sum, no bank's rate
    ],
)
def test_a_figure_keeps_its_period_owner_base_and_direction(
    text: str, evidence: Evidence, fits: bool
) -> None:
    assert (unsupported(text, [evidence]) == ()) is fits
