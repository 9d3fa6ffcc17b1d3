"""Text for channels that show nothing but text: without marks, in GSM characters, in parts. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:<([^>\n]*)>|([^)\s]*))(?:\s+\"[^\"\n]*\")?\)")
_MARKS = (
    (re.compile(r"^\s{0,3}```.*$\n?", re.MULTILINE), ""),  # fences, not what they hold
    (re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE), ""),  # headings
    (re.compile(r"^\s{0,3}>\s?", re.MULTILINE), ""),  # quotes
    (re.compile(r"^(\s*)[*+](?=\s)", re.MULTILINE), r"\1-"),  # bullets
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),  # bold
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~"), r"\1"),
    # Emphasis must hug its words and stand apart from others: "2 * 3 * 4" and "snake_case_name" stay.
    (re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!~>])"), r"\1"),  # escapes
    (re.compile(r"\n{3,}"), "\n\n"),
)


def plain(text: str) -> str:
    """`text` without markdown; a link becomes "words (address)"."""
    text = _LINK.sub(_link, text)
    for pattern, replacement in _MARKS:
        text = pattern.sub(replacement, text)
    return text.strip()


def _link(found: re.Match[str]) -> str:
    words, address = found[1].strip(), found[2] or found[3] or ""
    bare = re.sub(r"^(https?://|mailto:)", "", address).rstrip("/")
    if not words or words.rstrip("/") in {address.rstrip("/"), bare}:
        return address
    return f"{words} ({address})" if address else words


# 3GPP TS 23.038: the default alphabet, and the characters that cost two.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("\f^{}\\[~]|€")
_TYPOGRAPHY = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "′": "'", "″": '"',
        "–": "-", "—": "-", "‑": "-", "−": "-", "…": "...", "•": "-", "·": "-", "×": "x",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": None, "\ufeff": None, "\t": " ",
    }
)  # fmt: skip


def to_gsm(text: str) -> str:
    """Typographic characters as their plain twins: one curly quote would more than halve every segment."""
    return text.translate(_TYPOGRAPHY)


def gsm_characters(text: str) -> int | None:
    """Length in the GSM alphabet, or None when a character is outside it and the message must be UCS-2."""
    if any(each not in _GSM and each not in _GSM_TWICE for each in text):
        return None
    return len(text) + sum(each in _GSM_TWICE for each in text)


# Where a text may be parted, best first. A full stop ends a sentence unless it follows the number of a
# list item.
_BOUNDARIES = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<!^\d\.)(?<!^\d\d\.)(?<=[.!?。！？])[\"')\]]?\s+|(?<=[。！？])", re.MULTILINE),
    re.compile(r"\s+"),
)


def split(text: str, longest: int, measure: Callable[[str], int] = len) -> list[str]:
    """Parts that each measure at most `longest`, broken where a reader would pause.

    Nothing is lost but blanks. A paragraph break is taken before a line break, that before the end of a
    sentence, that before a space, but none that leaves a part less than a third full; a word that is too
    long itself is cut.
    """
    parts = []
    rest = text.strip()
    while measure(rest) > longest:
        fits = _longest_prefix(rest, longest, measure)
        end, start = _break(rest, fits)
        parts.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    return [*parts, rest] if rest else parts


def _longest_prefix(text: str, longest: int, measure: Callable[[str], int]) -> int:
    low, high = 1, min(len(text), longest)  # no measure counts less than one for a character
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= longest else (low, middle - 1)
    return low


def _break(text: str, fits: int) -> tuple[int, int]:
    """Where the part ends and the next begins."""
    for boundary in _BOUNDARIES:
        ends = [found for found in boundary.finditer(text, 0, fits + 1) if found.start() <= fits]
        if ends and ends[-1].start() * 3 >= fits:
            return ends[-1].start(), ends[-1].end()
    return fits, fits
