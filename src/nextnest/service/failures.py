"""What a use case may meet when it writes to the world, in three classes that decide what happens next."""

# ruff: noqa: N818  (named for what happened)

from __future__ import annotations


class Failure(Exception):
    """Something outside did not do what was asked; `why` is fit for an operator."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotDone(Failure):
    """Certainly not done: ask again, after `wait` seconds if the other side said so."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class MaybeDone(Failure):
    """It may have been done: look before asking again."""


class Refusal(Failure):
    """It will be refused again: an operator must see it."""


class Gone(Refusal):
    """The conversation is no longer in Chatwoot, although Chatwoot is well."""
