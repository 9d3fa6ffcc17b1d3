"""docs/chatwoot.md names tests; they exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHORT = {"unit": "tests/unit/chatwoot", "integration": "tests/integration/chatwoot"}


def test_every_test_that_the_table_of_quirks_names_exists() -> None:
    text = (ROOT / "docs" / "chatwoot.md").read_text(encoding="utf-8")
    named = re.findall(r"`(unit|integration)/(\w+\.py)::(\w+)`", text)
    assert len(named) > 60
    missing = [
        f"{file}::{test}"
        for height, file, test in named
        if f"def {test}(" not in (ROOT / SHORT[height] / file).read_text(encoding="utf-8")
    ]
    assert missing == []
