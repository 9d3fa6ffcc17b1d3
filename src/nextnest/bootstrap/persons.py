"""What `nextnest lead` needs: our tables, and Chatwoot's contact where it is to be deleted too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import NotFound
from nextnest.adapters.store.work import PostgresStore
from nextnest.adapters.tracing import session_id
from nextnest.bootstrap.assembly import chatwoot_of, today_in_singapore
from nextnest.bootstrap.home import reaching
from nextnest.bootstrap.tables import opened
from nextnest.service.privacy import Privacy
from nextnest.service.records import Erased
from nextnest.settings import Settings


@asynccontextmanager
async def with_privacy(settings: Settings) -> AsyncIterator[Privacy]:
    async with opened(settings) as database:
        yield Privacy(PostgresStore(database), today=today_in_singapore)


async def delete_contact(settings: Settings, contact_id: int) -> None:
    """Delete a contact in Chatwoot, and with it its conversations; one that is gone already is fine.

    Raises:
        SettingsError: Chatwoot is not set.
        ChatwootError: it was not deleted; an administrator's token is needed.
    """
    chatwoot = chatwoot_of(reaching(settings))
    key = chatwoot.api_key.get_secret_value()
    async with Chatwoot(chatwoot.base_url, chatwoot.account_id, key) as client:
        try:
            await client.contacts.delete(contact_id)
        except NotFound:
            return


def what_remains(settings: Settings, erased: Erased, *, contact_deleted: bool) -> list[str]:
    """Where else words of this person may be, and how to remove them there."""
    lines = []
    if erased.contact_id is not None and not contact_deleted:
        lines.append(
            f"Chatwoot: contact {erased.contact_id} with its conversations; delete it there, or erase with "
            "--chatwoot"
        )
    if settings.langfuse is not None and erased.conversation_id is not None:
        session = f"{settings.langfuse.base_url}, session {session_id(erased.conversation_id)}"
        lines.append(f"Langfuse: {session}; delete its traces there")
    lines.append("Backups of the database, until they are overwritten")
    return lines
