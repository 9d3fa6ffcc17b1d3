"""Which Chatwoot the desk plays: where releases differ in behaviour, the switch is here."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Version:
    """A release, by number.

    Sources: Chatwoot pull requests #14875 (4.16.2), #14870 and #15119 (4.17).
    """

    number: str = "4.14.2"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d+(\.\d+){1,2}", self.number):
            raise ValueError(f"{self.number!r} is no version of Chatwoot: it should look like 4.14.2")

    @property
    def _parts(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.number.split("."))

    @property
    def bot_owns_new_conversations(self) -> bool:
        """A conversation of an inbox with a bot starts with the bot as its assignee."""
        return self._parts >= (4, 16, 2)

    @property
    def assignment_moves_status(self) -> bool:
        """Assigning a bot makes pending; assigning a person takes a bot's pending conversation: open."""
        return self._parts >= (4, 17)

    @property
    def merges_custom_attributes(self) -> bool:
        """`merge: true` and `destroy_custom_attributes` exist for conversations."""
        return self._parts >= (4, 17)
