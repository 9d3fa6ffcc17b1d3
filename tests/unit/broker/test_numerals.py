"""Every number in all its dress is found with its value and unit; what is no figure is left alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.broker.folding import fold
from nextnest.broker.numerals import About, find
from nextnest.domain.reply import Unit

MONEY, PERCENT, MONTHS, YEARS, COUNT = Unit.MONEY, Unit.PERCENT, Unit.MONTHS, Unit.YEARS, Unit.COUNT


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("S$1,198,342", "1198342", MONEY),
        ("S$4,774.15", "4774.15", MONEY),
        ("SGD 800k", "800000", MONEY),
        ("$1.2m", "1200000", MONEY),
        ("1.2 mil", "1200000", MONEY),
        ("1.2 million dollars", "1200000", MONEY),
        ("800K", "800000", MONEY),
        ("1200 thousand", "1200000", MONEY),
        ("1 200 000", "1200000", None),  # thin or plain spaces between thousands
        ("1'200'000", "1200000", None),
        ("1.200.000", "1200000", None),  # points between thousands
        ("1e6", "1000000", None),
        ("2.45%", "2.45", PERCENT),
        ("2,45 %", "2.45", PERCENT),  # decimal comma
        ("2.45 per cent", "2.45", PERCENT),
        ("2.45 p.a.", "2.45", PERCENT),
        ("25 bps", "0.25", PERCENT),
        ("two and a half per cent", "2.5", PERCENT),
        ("half a per cent", "0.5", PERCENT),
        ("three quarters of the price", "75", PERCENT),
        ("half the price", "50", PERCENT),
        ("2½%", "2.5", PERCENT),
        ("30-year", "30", YEARS),
        ("25 yrs", "25", YEARS),
        ("two years", "2", YEARS),
        ("two and a half years", "2.5", YEARS),
        ("36 mths", "36", MONTHS),
        ("25 years 4 months", "304", MONTHS),  # one figure
        ("half a year", "6", MONTHS),
        ("14 working days", "14", COUNT),
        ("eight weeks", "8", COUNT),
        ("half a million", "500000", None),
        ("one point two million", "1200000", None),
        ("one hundred and twenty thousand dollars", "120000", MONEY),
        ("eight zero zero thousand", "800000", None),  # digits said one by one
        ("a dozen", "12", None),
        ("S$ eight hundred k", "800000", MONEY),
        ("一百二十万", "1200000", MONEY),
        ("80万新元", "800000", MONEY),
        ("一点二百万", "1200000", MONEY),
        ("百分之三点五", "3.5", PERCENT),
        ("七成五", "75", PERCENT),
        ("三巴仙", "3", PERCENT),
        ("两年半", "2.5", YEARS),
        ("二十四个月", "24", MONTHS),
        ("lapan ratus ribu", "800000", None),
        ("sejuta", "1000000", None),
        ("dua puluh lima tahun", "25", YEARS),
        ("2.6 peratus", "2.6", PERCENT),
        ("8 லட்சம்", "800000", MONEY),
        ("இரண்டு ஆண்டுகள்", "2", YEARS),
        ("3 சதவீதம்", "3", PERCENT),
        ("Ｓ＄８００，０００", "800000", MONEY),  # full-width
        ("٨٠٠٠٠٠", "800000", None),  # Arabic-Indic digits
        ("8\u200b00k", "800000", MONEY),  # a zero-width space inside
        ("8oo,000", "800000", None),  # letters for digits
        ("S$l.2m", "1200000", MONEY),
        ("8 0 0 0 0 0", "800000", None),  # spelled apart
        ("𝟖𝟎𝟎,𝟎𝟎𝟎", "800000", None),  # mathematical digits
    ],
)
def test_a_number_is_read(text: str, value: str, unit: Unit | None) -> None:
    (numeral,) = find(text)
    assert (numeral.value, numeral.unit) == (Decimal(value), unit)
    assert numeral.readable


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("2–3 years", ["2", "3"], YEARS),
        ("S$1.1-1.2m", ["1100000", "1200000"], MONEY),  # the million belongs to both
        ("between 500k and 600k", ["500000", "600000"], MONEY),
        ("S$500 to 600", ["500", "600"], MONEY),
        ("2 to 3%", ["2", "3"], PERCENT),
        ("five or six months", ["5", "6"], MONTHS),
        ("years 1-2", ["1", "2"], YEARS),
    ],
)
def test_both_ends_of_a_range_have_the_unit(text: str, values: list[str], unit: Unit) -> None:
    found = find(text)
    assert [n.value for n in found] == [Decimal(v) for v in values]
    assert {n.unit for n in found} == {unit}


@pytest.mark.parametrize(
    "text",
    [
        "1. Loan\n2. Cash\n3. CPF",  # numbering
        "You need: 1) NRIC 2) payslips",
        "Step 1: ask the bank.",
        "22 Nov 2026",
        "2026-11-22",
        "on 22/11/2026",
        "2026年11月22日",
        "since July 2018",
        "by 31 March",
        "from 9am to 6pm",
        "at 10:30",
        "a 4-room flat",
        "3-month SORA",
        "3M SORA and 1M SORA",
        "MAS Notice 632A",
        "99-to-1",
        "open 24/7",
        "block 123",
        "which one",
        "one question",
        "two more questions",
        "the two of you",
        "no one knows",
        "first, second and third",
        "your 2nd property",
        "call +65 6123 4567",
        "一定可以",
        "十分感谢",
        "三个问题",
    ],
)
def test_what_states_no_figure_is_left_alone(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a three-month guaranteed 1.5", "1.5"),  # only "3-month SORA" is a name
        ("one point three million", "1300000"),  # "one point" is a turn of phrase
        ("2. 15% is yours", "15"),  # a lone "2." is no list
        ("a tenure of 30 may help", "30"),  # "30 may" is no date here
        ("step 2.5%", "2.5"),
        ("option 1.2m", "1200000"),
        ("in 2026 dollars", "2026"),
        ("S$2026", "2026"),
        ("all three years", "3"),
        ("SORA is 3%", "3"),
    ],
)
def test_an_exemption_is_no_hole(text: str, value: str) -> None:
    assert Decimal(value) in {n.value for n in find(text)}


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("S$4,774 a month", "month"),
        ("S$4,774/month", "month"),
        ("S$4,774 monthly", "month"),
        ("monthly, that's S$4,774", "month"),
        ("每月4,774元", "month"),
        ("S$4,774 a year", "year"),
        ("S$4,774 per week", "week"),
        ("S$4,774 in all", ""),
    ],
)
def test_the_period_is_read(text: str, per: str) -> None:
    (numeral,) = find(text)
    assert numeral.per == per


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("about S$1.2m", About.AROUND),
        ("~S$1.2m", About.AROUND),
        ("约120万", About.AROUND),
        ("S$1.2m or so", About.AROUND),
        ("just under S$1.2m", About.UNDER),
        ("a little over S$1.2m", About.OVER),
        ("up to S$1.2m", About.NOTHING),  # a limit, said exactly
    ],
)
def test_vagueness_is_read(text: str, about: About) -> None:
    (numeral,) = find(text)
    assert numeral.about is about


@pytest.mark.parametrize(
    ("text", "foreign"), [("RM800k", True), ("US$5,000", True), ("term 30 years", False)]
)
def test_another_currency_is_noticed(text: str, foreign: bool) -> None:
    (numeral,) = find(text)
    assert numeral.foreign is foreign


@given(st.integers(0, 99_999_999), st.sampled_from(["S${:,}", "SGD {}", "${:,}", "{:,} dollars"]))
def test_any_amount_is_read_back(amount: int, form: str) -> None:
    (numeral,) = find(form.format(amount))
    assert (numeral.value, numeral.unit) == (Decimal(amount), Unit.MONEY)


@settings(max_examples=300)
@given(st.text(alphabet="0123456789.,/-%$ keSoil二三十万百分年月amyrtwohundred½①٣\u200b\n", max_size=60))
def test_no_digit_goes_unnoticed_and_nothing_raises(text: str) -> None:
    folded = fold(text)
    for numeral in find(text):
        assert 0 <= numeral.start < numeral.end <= len(folded.text)
        assert numeral.step > 0
