"""docs/chatwoot.md names tests; they exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
_NEAR = re.compile(r"`(unit|integration)/(\w+\.py)::(\w+)`")
_ELSEWHERE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
SHORT = {"unit": "tests/unit/chatwoot", "integration": "tests/integration/chatwoot"}


def test_every_test_that_the_table_of_quirks_names_exists() -> None:
    text = (ROOT / "docs" / "chatwoot.md").read_text(encoding="utf-8")
    near = [(f"{SHORT[height]}/{file}", test) for height, file, test in _NEAR.findall(text)]
    named = [*near, *_ELSEWHERE.findall(text)]
    assert len(named) > 90
    missing = [
        f"{file}::{test}"
        for file, test in named
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []
