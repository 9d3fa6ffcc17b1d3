"""Find or make a person and their thread, so that a repeat never makes a second.

Chatwoot has no upsert, names nobody in its conflicts, and answers a lost race with 422 or 500; so whatever
fails, the last word is another look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import Conflict, Refused, UnknownOutcome
from nextnest.adapters.chatwoot.models import Contact, Conversation


@dataclass(frozen=True)
class ContactMatch:
    """`conflict`: somebody should look, the lead's details are spread over other contacts or were refused."""

    contact_id: int
    source_id: str
    conflict: bool


@dataclass(frozen=True)
class _Person:
    identifier: str
    name: str
    email: str | None
    phone: str | None
    inbox_id: int
    source_id: str

    def fields(self) -> dict[str, str]:
        """In Chatwoot's names, without what we do not know."""
        known = {"identifier": self.identifier, "email": self.email, "phone_number": self.phone}
        return {key: value for key, value in known.items() if value}


async def find_or_create_contact(
    client: Chatwoot,
    *,
    identifier: str,
    name: str,
    email: str | None,
    phone: str | None,
    inbox_id: int,
    source_id: str,
) -> ContactMatch:
    """The contact of this lead, with its place in the inbox under our `source_id`.

    Our own marks decide first, then the exact e-mail and the exact phone number (E.164). A match gets only
    what it lacks. When those two lead to different contacts, nobody is touched: the lead gets a contact of
    its own without them. Raises what the client raises; repeating it is always safe.
    """
    person = _Person(identifier, name, email, phone, inbox_id, source_id)
    match = await _match(client, person)
    if match is not None:
        return match
    try:
        return await _create(client, person, person.fields(), conflict=False)
    except (Conflict, UnknownOutcome) as lost:
        match = await _match(client, person)  # someone was faster, or we were and did not hear it
        if match is not None:
            return match
        if not isinstance(lost, Conflict):
            raise
        refused = lost.fields
    except Refused as error:
        refused = error.fields
        if not set(refused) & person.fields().keys():
            raise
    # A detail that Chatwoot will not have, and nobody to be found who has it: the lead is not lost for that.
    rest = {key: value for key, value in person.fields().items() if key not in refused}
    return await _create(client, person, rest, conflict=True)


async def _match(client: Chatwoot, person: _Person) -> ContactMatch | None:
    ours = await client.contacts.find_by_source(person.inbox_id, person.source_id)
    if ours is None:
        ours = next(iter(await client.contacts.find("identifier", person.identifier)), None)
    if ours is not None:
        return await _complete(client, person, ours)
    others: dict[int, Contact] = {}
    for attribute in ("email", "phone_number"):
        if value := person.fields().get(attribute):
            others |= {each.id: each for each in await client.contacts.find(attribute, value)}
    if len(others) > 1:
        return await _create(client, person, {"identifier": person.identifier}, conflict=True)
    return await _complete(client, person, *others.values()) if others else None


async def _complete(client: Chatwoot, person: _Person, contact: Contact) -> ContactMatch:
    """Fill what is empty, and give the contact its place in the inbox."""
    conflict = False
    wanted = {"name": person.name, **person.fields()}
    missing = {key: value for key, value in wanted.items() if not getattr(contact, key)}
    if missing:
        try:
            await client.contacts.update(contact.id, missing)
        except Refused:
            conflict = True
    if person.source_id not in contact.source_ids(person.inbox_id):
        await client.contacts.enter_inbox(contact.id, person.inbox_id, person.source_id)
    return ContactMatch(contact.id, person.source_id, conflict)


async def _create(
    client: Chatwoot, person: _Person, fields: Mapping[str, str], *, conflict: bool
) -> ContactMatch:
    contact = await client.contacts.create(
        name=person.name,
        email=fields.get("email"),
        phone_number=fields.get("phone_number"),
        identifier=fields.get("identifier"),
        inbox_id=person.inbox_id,
        source_id=person.source_id,
    )
    return ContactMatch(contact.id, person.source_id, conflict)


async def find_or_create_conversation(
    client: Chatwoot,
    *,
    contact_id: int,
    inbox_id: int,
    source_id: str,
    custom_attributes: Mapping[str, Any] | None = None,
) -> Conversation:
    """The thread of this contact under this `source_id`, of whatever status; a new one when there is none."""
    found = await _thread(client, contact_id, inbox_id, source_id)
    if found is not None:
        return found
    try:
        return await client.conversations.create(
            contact_id=contact_id,
            inbox_id=inbox_id,
            source_id=source_id,
            custom_attributes=custom_attributes,
        )
    except UnknownOutcome:
        found = await _thread(client, contact_id, inbox_id, source_id)
        if found is None:
            raise
        return found


async def _thread(client: Chatwoot, contact_id: int, inbox_id: int, source_id: str) -> Conversation | None:
    listed = await client.conversations.list(inbox_id=inbox_id, source_id=source_id)
    # Whose it is is checked here as well: a server that ignored the filter would hand us a stranger's thread.
    own = [
        each
        for each in listed
        if each.inbox_id == inbox_id and each.meta.sender is not None and each.meta.sender.id == contact_id
    ]
    return max(own, key=lambda each: each.id, default=None)
