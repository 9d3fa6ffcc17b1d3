"""A reply must not repeat its author's instructions."""

from __future__ import annotations

import base64

import pytest

from nextnest.broker.leaks import leaks
from nextnest.broker.prompts import local_prompt
from nextnest.domain.persona import Persona

INSTRUCTIONS = local_prompt(Persona.AGGRESSIVE).text


@pytest.mark.parametrize("line", [line for line in INSTRUCTIONS.splitlines() if len(line.split()) > 11])
def test_any_longer_line_of_the_instructions_is_found(line: str) -> None:
    assert leaks(f"Sure, here you are: {line.upper()}", INSTRUCTIONS)


@pytest.mark.parametrize("text", ["root:x:0:0:root:/root:/bin/bash", "It is in /etc/passwd for all to see."])
def test_paths_of_a_machine_are_found(text: str) -> None:
    assert leaks(text, INSTRUCTIONS)


def test_instructions_in_code_are_found() -> None:
    assert leaks(base64.b64encode(INSTRUCTIONS.encode()).decode(), INSTRUCTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "I am the AI assistant of a mortgage brokerage in Singapore.",
        "All rates are subject to the bank's approval, and the rate thereafter is SORA plus a spread.",
        "I cannot say that a loan will be approved; the bank decides.",
        "For HDB/EC/condo, 1M/3M SORA and principal/interest see https://www.mas.gov.sg/bonds/and/loans.",
        "Call 24/7 and/or write by 22/11/2026.",
        "",
    ],
)
def test_honest_words_are_not(text: str) -> None:
    assert leaks(text, INSTRUCTIONS) == ()
