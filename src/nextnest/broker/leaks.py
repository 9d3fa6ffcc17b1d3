"""Whether a reply repeats the instructions that its author was given."""

from __future__ import annotations

import re
from functools import lru_cache

from nextnest.broker.finding import Finding

RUN = 10  # words in a row; our first sentence shares nine with an honest "I am the AI assistant of a …"
_WORD = re.compile(r"\w+")
# Nobody reads code aloud to a customer: base64, hexadecimal and the like hide what the other checks look for.
_CODE = re.compile(r"[A-Za-z0-9+/=_-]{60,}")
_PATH = re.compile(r"(?<![\w/.])(?:/[a-z_][\w.-]*){2,}")  # of a file on a machine
_WHY = "this repeats or hides what is internal; answer the customer's question in plain words"


def leaks(text: str, instructions: str) -> tuple[Finding, ...]:
    """Where a text has ten words in a row from the instructions, much code, or a path of a machine."""
    known = _known(instructions)
    spans = [span for run, span in _runs(text) if run in known]
    spans += [match.span() for hidden in (_CODE, _PATH) for match in hidden.finditer(text)]
    return tuple(Finding("internal_leak", text[a:b], a, b, _WHY) for a, b in spans[:1])


@lru_cache(maxsize=16)  # the instructions change with the persona and the prompt's version only
def _known(instructions: str) -> frozenset[tuple[str, ...]]:
    return frozenset(run for run, _ in _runs(instructions))


def _runs(text: str) -> list[tuple[tuple[str, ...], tuple[int, int]]]:
    words = [(match[0].casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    return [
        (tuple(word for word, _, _ in words[n : n + RUN]), (words[n][1], words[n + RUN - 1][2]))
        for n in range(len(words) - RUN + 1)
    ]
