"""What the documents name is there: tests that show a behaviour, pages and pictures they point to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
NAMED_TEST = re.compile(r"`(?:tests/)?((?:unit|integration|e2e)/[\w/]+\.py)(?:::(\w+))?")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    named = NAMED_TEST.findall(page.read_text())
    assert [f"{file}::{test}" for file, test in named if not _there(file, test)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_is_there(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


def _there(file: str, test: str) -> bool:
    """`unit/test_x.py` may stand for a file in a folder below."""
    floor, _, name = file.partition("/")
    files = (ROOT / "tests" / floor).rglob(Path(name).name)
    return any(not test or f"def {test}(" in path.read_text() for path in files)
