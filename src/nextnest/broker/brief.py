"""Everything a broker may know when it composes a reply; pure data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from nextnest.broker.knowledge import Entry
from nextnest.broker.rates import RateSheet
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import Lead
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Message, Thread


class KnowledgeSearch(Protocol):
    """Looks up entries that fit a query at least as well as `least`, best first, as they read today; those
    past review among them.
    """

    async def __call__(self, query: str, *, today: date, least: float, limit: int) -> Sequence[Entry]: ...


async def nothing_known(*_: object, **__: object) -> Sequence[Entry]:
    """A search that finds nothing, where there is no database."""
    return ()


@dataclass(frozen=True)
class Brief:
    """One turn as the broker sees it. Texts of the thread and the inputs are masked already."""

    lead: Lead | None  # with the facts learned so far; None when the contact never filled in the form
    persona: Persona
    thread: Thread
    inputs: tuple[Message, ...]  # the customer's unanswered messages, oldest first
    today: date  # in Singapore
    rates: RateSheet | None  # the newest valid sheet, None when there is none
    knowledge: KnowledgeSearch
    misunderstood: int = 0  # replies in a row that did not understand
    brokerage: str = "the brokerage"  # its name, for texts
    handoff: HandoffReason | None = None  # the gate's: a person must look, whatever the words say
    settled: frozenset[HandoffReason] = frozenset()  # a person had it for these, and gave it back
    people_back: str | None = None  # "on Monday at 9 am"; None: people are there, or nobody knows
    attempt_reason: str | None = None  # why the reply before this attempt was refused
