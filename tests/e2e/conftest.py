"""A home whose parents are open to PostgreSQL's own user when root runs the tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nextnest-e2e-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"
