"""Pain 82: identity, card and account numbers typed into a chat never reach model, trace or log."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.domain.masking import Secret, is_card_number, is_nric, mask

# Check letters were computed by hand from the published scheme (weights 2 7 6 5 4 3 2, modulus 11).
VALID = ["S1234567D", "T1234567J", "F1234567N", "G1234567X", "M1234567K", "S0000001I", "S8000003J"]


@pytest.mark.parametrize("nric", VALID)
def test_every_series_is_recognised(nric: str) -> None:
    assert is_nric(nric)


@pytest.mark.parametrize("nric", VALID)
def test_only_one_check_letter_is_right(nric: str) -> None:
    right = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if is_nric(nric[:8] + letter)]
    assert right == [nric[8]]


@pytest.mark.parametrize(
    ("text", "masked", "found"),
    [
        ("my ic is S1234567D ok", "my ic is [NRIC masked] ok", Secret.NRIC),  # plain
        ("s1234567d", "[NRIC masked]", Secret.NRIC),  # lower case
        ("S 1234567 D", "[NRIC masked]", Secret.NRIC),  # spaces inside
        ("S-1234-567-D", "[NRIC masked]", Secret.NRIC),  # dashes inside
        ("S 1 2 3 4 5 6 7 D", "[NRIC masked]", Secret.NRIC),  # spelled apart
        ("Ｓ１２３４５６７Ｄ", "[NRIC masked]", Secret.NRIC),  # full-width
        ("S12\u200b34567D", "[NRIC masked]", Secret.NRIC),  # a zero-width space inside
        ("我的号码是S1234567D。", "我的号码是[NRIC masked]。", Secret.NRIC),  # no spaces around, Chinese
        ("(T1234567J)", "([NRIC masked])", Secret.NRIC),  # brackets
        ("M1234567K,F1234567N", "[NRIC masked],[NRIC masked]", Secret.NRIC),  # two at once
        ("NRIC: S1234567X", "NRIC: [NRIC masked]", Secret.NRIC),  # wrong letter, but labelled
        ("IC no. S9999999A", "IC no. [NRIC masked]", Secret.NRIC),  # labelled with "no."
        ("card 4111 1111 1111 1111 exp", "card [card masked] exp", Secret.CARD),  # Visa test number
        ("5555-5555-5555-4444", "[card masked]", Secret.CARD),  # Mastercard test number
        ("378282246310005", "[card masked]", Secret.CARD),  # 15 digits, American Express test number
        ("account no: 123-45678-9", "account no: [account masked]", Secret.ACCOUNT),  # bank account
        ("POSB acct 123456789", "POSB acct [account masked]", Secret.ACCOUNT),  # short label
        ("OTP 123456", "OTP [password masked]", Secret.PASSWORD),  # one-time password
        ("my otp is 48213", "my otp is [password masked]", Secret.PASSWORD),  # with "is"
        ("password: hunter2!", "password: [password masked]", Secret.PASSWORD),  # letters and digits
        (
            "password: correcthorse",
            "password: [password masked]",
            Secret.PASSWORD,
        ),  # letters only, after a colon
    ],
)
def test_secrets_are_masked(text: str, masked: str, found: Secret) -> None:
    result = mask(text)
    assert result.text == masked
    assert result.found == (found,)


@pytest.mark.parametrize(
    "text",
    [
        "call me at 91234567",  # phone
        "+65 9123 4567",  # phone with country code
        "6591234567890",  # 13 digits that fail the Luhn check
        "Singapore 560123",  # postal code
        "S(560123)",  # postal code in the old form
        "S$1,234,567 loan",  # an amount after S
        "S$1234567 D",  # an amount, with a letter after it
        "S1234567X",  # wrong check letter and no label: any reference number may look so
        "loan ref 2024-000123456",  # a loan number
        "my loan account is with DBS",  # the word account, without a number
        "the pin drop",  # the word pin
        "I forgot my password",  # the word password, without one
        "password reset is hard",  # nothing that looks like a password follows
        "block 123 #05-12",  # an address
        "2026-11-22",  # a date
        "1.2m to 1.3m",  # a range
        "TDSR 55% MSR 30%",  # ratios
        "T1234567",  # too short
        "0000 0000 0000 0000",  # one digit repeated is a placeholder
        "my account has 250000",  # savings, said with 'account'
    ],
)
def test_near_misses_are_left_alone(text: str) -> None:
    result = mask(text)
    assert result.text == text
    assert result.found == ()


@given(st.text(alphabet="STFGM0123456789 -DJX:OTPaccount[]", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(st.integers(0, 9_999_999), st.sampled_from("STFGM"))
def test_each_seven_digits_have_exactly_one_letter(number: int, series: str) -> None:
    assert sum(is_nric(f"{series}{number:07d}{letter}") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 1


@given(st.lists(st.integers(0, 9), min_size=12, max_size=18))
def test_exactly_one_check_digit_makes_a_card_number(digits: list[int]) -> None:
    stem = "".join(map(str, digits))
    if len(set(stem)) > 1:
        assert sum(is_card_number(f"{stem}{d}") for d in range(10)) == 1
