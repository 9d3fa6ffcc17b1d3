"""A log that cannot be written costs a line, never a request."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import structlog
from nextnest.bootstrap.logs import configure
configure()
structlog.get_logger().warning("no room", conversation=1)
print("went on")
"""


def test_a_full_disk_under_the_log_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:  # every write to it is ENOSPC
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=full, text=True, check=False
        )
    assert done.stdout == "went on\n"
