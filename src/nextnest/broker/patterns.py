"""Words and phrases of the checks, kept as data: TOML tables of regular expressions on folded text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_LATIN = re.compile("[a-z0-9%]")
_CONCEPT = re.compile(r"\{([a-z_]+)\}")


@cache
def table(name: str) -> Mapping[str, Any]:
    """The TOML file `name`.toml of this package."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


@cache
def patterns(name: str, *, latin: bool = False) -> Mapping[str, re.Pattern[str]]:
    """The lists of a TOML file, each as one pattern that matches any of its phrases.

    Lists whose names end in `_label` or `_ref` are read in names such as `assessed_instalment`: there parts
    of words count. With `latin` phrases that only Han or Tamil letters can match are left out.
    """
    found = {}
    for key, phrases in table(name).items():
        kept = [phrase for phrase in phrases if not latin or is_latin(phrase)]
        either_of = "|".join(kept) if key.endswith(("_label", "_ref")) else either(kept)
        found[key] = re.compile(either_of if kept else "(?!)")
    return found


@lru_cache(maxsize=8192)  # the same words around a number are read against each figure of the evidence
def has(name: str, key: str, text: str) -> bool:
    """Whether a text has a phrase of a list of a TOML file."""
    return bool(patterns(name, latin=text.isascii())[key].search(text))


def is_latin(phrase: str) -> bool:
    """Whether a phrase could match a text without Han or Tamil letters."""
    return phrase.isascii() or bool(_LATIN.search(phrase))


def either(phrases: list[str]) -> str:
    """A regular expression for any of the phrases."""
    return "|".join(bounded(phrase) for phrase in phrases)


def bounded(phrase: str) -> str:
    """A phrase whose Latin letters may not touch others at its ends; Han and Tamil know no word boundary.

    "{bank}" in it stands for any word of that concept.
    """
    phrase = _CONCEPT.sub(lambda m: f"(?:{'|'.join(table('concepts')[m[1]])})", phrase)
    return rf"(?:(?<![a-z])|(?![a-z]))(?:{phrase})(?:(?<![a-z0-9])|(?![a-z]))"
