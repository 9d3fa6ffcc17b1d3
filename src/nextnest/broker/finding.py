"""What a check has against a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One objection to a text.

    `rule` is the name of the check, such as "unsupported_figure" or "approval_promise"; `start` and `end` are
    character positions of `excerpt` in the text; `why` is fit to be sent to a model with "write it again".
    """

    rule: str
    excerpt: str
    start: int
    end: int
    why: str
