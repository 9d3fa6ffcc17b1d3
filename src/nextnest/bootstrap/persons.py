"""What `nextnest lead` needs: our tables, and Chatwoot's contact where it is to be deleted too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import NotFound
from nextnest.adapters.store.work import PostgresStore
from nextnest.adapters.tracing import session_id
from nextnest.bootstrap.assembly import chatwoot_of, today_in_singapore
from nextnest.bootstrap.home import reaching
from nextnest.bootstrap.tables import opened
from nextnest.service.privacy import Privacy
from nextnest.service.records import Erased, LeadRecord
from nextnest.settings import Settings


@asynccontextmanager
async def with_privacy(settings: Settings) -> AsyncIterator[Privacy]:
    async with opened(settings) as database:
        yield Privacy(PostgresStore(database), today=today_in_singapore)


async def delete_contacts(settings: Settings, record: LeadRecord) -> list[int]:
    """Delete a lead's contact in Chatwoot, and with it its conversations; the numbers of those deleted.

    One that is gone is fine. Where people merged it into another contact, that one is the person's now.

    Raises:
        SettingsError: Chatwoot is not set.
        ChatwootError: it was not deleted; an administrator's token is needed.
    """
    chatwoot = chatwoot_of(reaching(settings))
    key = chatwoot.api_key.get_secret_value()
    async with Chatwoot(chatwoot.base_url, chatwoot.account_id, key) as client:
        deleted = []
        for contact_id in await _contacts_of(client, record):
            with suppress(NotFound):
                await client.contacts.delete(contact_id)
                deleted.append(contact_id)
        return deleted


async def _contacts_of(client: Chatwoot, record: LeadRecord) -> list[int]:
    """The contact that we know of, one with our identifier, and whoever has the conversation now."""
    known = {contact.id for contact in await client.contacts.find("identifier", record.id)}
    if record.contact_id is not None:
        known.add(record.contact_id)
    if record.conversation_id is not None:
        with suppress(NotFound):
            sender = (await client.conversations.get(record.conversation_id)).meta.sender
            known |= {sender.id} if sender else set()
    return sorted(known)


def what_remains(settings: Settings, erased: Erased, *, contact_deleted: bool) -> list[str]:
    """Where else words of this person may be, and how to remove them there."""
    lines = []
    if not contact_deleted:
        contact = erased.contact_id or f"with the identifier {erased.lead_id}, if it was made already,"
        lines.append(f"Chatwoot: contact {contact} with its conversations; delete it there")
    if settings.langfuse is not None and erased.conversation_id is not None:
        session = f"{settings.langfuse.base_url}, session {session_id(erased.conversation_id)}"
        lines.append(f"Langfuse: {session}; delete its traces there")
    lines.append("Backups of the database, until they are overwritten")
    return lines
