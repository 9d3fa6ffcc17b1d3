"""Which replies wait for a person's approval, and how a person decides in a private note. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from nextnest.domain.persona import Persona


@dataclass(frozen=True)
class DraftRules:
    """A conversation that any rule names gets drafts. No rules: every reply is sent."""

    everything: bool = False
    inboxes: frozenset[int] = frozenset()
    personas: frozenset[Persona] = frozenset()
    scores: tuple[range, ...] = ()

    @classmethod
    def parse(cls, rules: Iterable[str]) -> Self:
        """From `all`, `inbox:ID`, `persona:NAME`, `score:LOW-HIGH` (both ends count).

        Raises:
            ValueError: a rule is none of these.
        """
        everything, inboxes, personas, scores = False, set(), set(), []
        for rule in rules:
            kind, _, what = rule.partition(":")
            match kind:
                case "all" if not what:
                    everything = True
                case "inbox":
                    inboxes.add(int(what))
                case "persona":
                    personas.add(Persona(what))
                case "score":
                    low, _, high = what.partition("-")
                    scores.append(range(int(low), int(high) + 1))
                case _:
                    raise ValueError(f"{rule!r} is not a rule for drafts")
        return cls(everything, frozenset(inboxes), frozenset(personas), tuple(scores))

    def match(self, *, inbox_id: int | None, persona: Persona, score: int | None) -> bool:
        """Whether a reply waits. Without a lead there is no score, and no rule about scores matches."""
        in_band = score is not None and any(score in band for band in self.scores)
        return self.everything or inbox_id in self.inboxes or persona in self.personas or in_band


@dataclass(frozen=True)
class Command:
    """What a person's note says about the draft: approve it, with other words if `text` is given, or not."""

    approve: bool
    text: str | None = None


_COMMAND = re.compile(r"\s*/(approve|discard)(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


def command_in(note: str) -> Command | None:
    """`/approve`, `/approve TEXT`, `/discard`; what stands after `/discard` is the person's own remark."""
    found = _COMMAND.fullmatch(note)
    if found is None:
        return None
    if found[1].lower() == "discard":
        return Command(approve=False)
    return Command(approve=True, text=(found[2] or "").strip() or None)
