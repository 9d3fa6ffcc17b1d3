"""The page's colours can be read: WCAG 2.2 AA, 4.5 to 1, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import nextnest.desk

CSS = (Path(nextnest.desk.__file__).parent / "static" / "desk.css").read_text(encoding="utf-8")
SCHEMES = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)

# Text on ground, as the page puts them together.
PAIRS = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("soft", "ground"),  # activity lines
    ("soft", "surface"),  # hints
    ("soft", "raised"),  # pills and the chosen row
    ("accent", "surface"),  # links
    ("accent", "customer"),  # links in what the customer wrote
    ("accent-ink", "accent"),  # the main button
    ("human-ink", "accent-soft"),  # the chosen tab
    ("ink", "customer"),
    ("ink", "bot"),
    ("ink", "human"),
    ("bot-ink", "bot"),
    ("note-ink", "note"),
    ("note-ink", "ground"),  # the name above a note
    ("danger", "danger-soft"),
    ("danger", "ground"),
]


def colours(scheme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", scheme))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(scheme: int, text: str, ground: str) -> None:
    named = {**colours(SCHEMES[0]), **colours(SCHEMES[scheme])}
    light, dark = sorted((luminance(named[text]), luminance(named[ground])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
