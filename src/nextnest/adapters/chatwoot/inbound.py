"""Chatwoot's events on their way in: read into our terms and handed to the use case."""

from __future__ import annotations

from nextnest.adapters.chatwoot.payloads import Event
from nextnest.adapters.chatwoot.reading import incoming_of
from nextnest.service.receive import Receive, Source


class Inbound:
    def __init__(self, receive: Receive, *, bot_id: int | None, account_id: int) -> None:
        self._receive = receive
        self._bot_id = bot_id
        self._account_id = account_id

    async def store(self, source: Source, delivery_id: str | None, event: Event) -> bool:
        """Store an event of our account. True: it was new and asks for something."""
        if event.account_id not in (None, self._account_id):
            return False
        incoming = incoming_of(source, delivery_id, event, self._bot_id)
        return incoming is not None and await self._receive.store(incoming)
