"""What is read lazily is there after warming."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own, for here others have read it all.
PROGRAM = """
from datetime import date
from nextnest.broker import intents
from nextnest.broker.warming import warm
assert intents.reader.cache_info().currsize == 0
warm(date(2026, 11, 22))
assert intents.reader.cache_info().currsize == 1
"""


def test_warming_reads_the_rules_and_examples() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], check=True, timeout=60)
