"""Rules, examples and tables are read at first use, which takes a second: better before a customer waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from nextnest.broker.brief import Brief, nothing_known
from nextnest.broker.broker import Broker
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread

QUESTION = "How much can I borrow on $9,000 a month, and what is the stamp duty on a $1m condo?"


def warm(today: date) -> None:
    """Answer somebody who is not there, without a model; takes about a second, the first time."""
    asked = Message(id=1, author=Author.CUSTOMER, text=QUESTION, created_at=datetime.now(UTC))
    thread = Thread(conversation_id=0, status=Status.PENDING, assignee=Assignee.NOBODY, messages=(asked,))
    brief = Brief(
        lead=None,
        persona=Persona.BALANCED,
        thread=thread,
        inputs=(asked,),
        today=today,
        rates=None,
        knowledge=nothing_known,
    )
    asyncio.run(Broker().compose(brief))
