"""Which words stand for one another: the fields of `lexicon.toml`."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources


@functools.cache
def fields() -> dict[str, frozenset[str]]:
    """For every word of the lexicon the names of the fields it is of."""
    text = resources.files("nextnest.broker").joinpath("lexicon.toml").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for field, words in tomllib.loads(text).items():
        for word in words.replace("-", " ").split():
            found.setdefault(word, set()).add(field)
    return {word: frozenset(names) for word, names in found.items()}
