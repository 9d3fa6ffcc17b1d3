"""Tokens: one spelling each, one purpose each, and nothing else passes."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.web.tokens import Signer

SIGNER = Signer(b"one key")
TOKEN = SIGNER.sign("ld_42")


@given(st.text(min_size=0, max_size=100))
def test_a_signed_text_is_read_again(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return  # a lone surrogate is no text that could be signed
    assert SIGNER.read(SIGNER.sign(text)) == text


def test_a_token_is_safe_in_an_address() -> None:
    assert set(TOKEN) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def _swap_last(token: str) -> str:
    """Another spelling of the same bytes: base64's last character carries unused bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[(alphabet.index(token[-1]) ^ 1)]


@pytest.mark.parametrize(
    "token",
    [
        "",  # nothing
        ".",  # nothing, signed by nothing
        "ld_42",  # a bare lead id, guessed
        TOKEN.partition(".")[0],  # the payload without its signature
        TOKEN.partition(".")[0] + ".",  # with an empty one
        base64.urlsafe_b64encode(b"ld_43").decode().rstrip("=")
        + "."
        + TOKEN.partition(".")[2],  # another lead
        Signer(b"another key").sign("ld_42"),  # another installation, or another purpose
        TOKEN + "=",  # padding is another spelling
        _swap_last(TOKEN),  # unused bits are another spelling
        TOKEN.swapcase(),
        TOKEN + "x" * 1000,  # longer than any of ours
        "ä" + TOKEN,  # no ASCII
        "\ud800",  # no text at all
    ],
)
def test_whatever_this_key_did_not_sign_is_refused(token: str) -> None:
    assert SIGNER.read(token) is None
