"""Contacts, their inboxes, labels and notes. All of it needs a user's token; bots may not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from nextnest.adapters.chatwoot.attributes import storable
from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.errors import NotFound
from nextnest.adapters.chatwoot.models import Contact, ContactInbox, ContactPage, Conversation, Note

_PAGE = 15
_LONGEST_NAME = 255  # any string column (app/models/application_record.rb)


class Contacts:
    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account
        self._path = f"{account}/contacts"

    async def create(
        self,
        *,
        name: str,
        email: str | None = None,
        phone_number: str | None = None,
        identifier: str | None = None,
        inbox_id: int | None = None,
        source_id: str | None = None,
        custom_attributes: Mapping[str, Any] | None = None,
    ) -> Contact:
        """Make a contact, and with `inbox_id` its place in that inbox too.

        `phone_number` must be E.164. Raises Conflict naming the attributes that another contact has; a lost
        race answers 500, so UnknownOutcome, with nothing stored.
        """
        body = _fields(
            name=name,
            email=email,
            phone_number=phone_number,
            identifier=identifier,
            inbox_id=inbox_id,
            source_id=source_id,
            custom_attributes=custom_attributes,
        )
        return await self._connection.write(Contact, "POST", self._path, body, at=("payload", "contact"))

    async def get(self, contact_id: int) -> Contact:
        return await self._connection.read(Contact, f"{self._path}/{contact_id}", at=("payload",))

    async def update(self, contact_id: int, changes: Mapping[str, Any]) -> Contact:
        """Change the given keys. Custom attributes are merged by Chatwoot, unlike a conversation's."""
        path, body = f"{self._path}/{contact_id}", _fields(**changes)
        return await self._connection.write(Contact, "PATCH", path, body, at=("payload",))

    async def delete(self, contact_id: int) -> None:
        await self._connection.order("DELETE", f"{self._path}/{contact_id}")

    async def remove_custom_attributes(self, contact_id: int, keys: Sequence[str]) -> None:
        path = f"{self._path}/{contact_id}/destroy_custom_attributes"
        await self._connection.order("POST", path, {"custom_attributes": list(keys)})

    async def find(self, attribute: str, value: str) -> list[Contact]:
        """Contacts whose `attribute` (email, phone_number, identifier, or a defined custom attribute) is
        `value`.

        Exact: what Chatwoot's filter returns is compared again here, e-mail without regard to case.
        """
        condition = {
            "attribute_key": attribute,
            "filter_operator": "equal_to",
            "values": [value],
            "query_operator": None,
        }
        found = await self._connection.read(
            ContactPage, f"{self._path}/filter", search={"payload": [condition]}
        )
        return [each for each in found.payload if _same(attribute, each, value)]

    async def find_by_source(self, inbox_id: int, source_id: str) -> Contact | None:
        """The contact that has our own id in this inbox."""
        try:
            return await self._connection.read(
                Contact,
                f"{self._account}/contact_inboxes/filter",
                search={"inbox_id": inbox_id, "source_id": source_id},
            )
        except NotFound:
            return None

    async def search(self, words: str) -> list[Contact]:
        """The first page of a fuzzy search, for people to look at; never to decide who is who."""
        path = f"{self._path}/search"
        return (await self._connection.read(ContactPage, path, params={"q": words})).payload

    async def all(self) -> AsyncIterator[Contact]:
        """Every contact with an e-mail, a phone number or an identifier, by name of Chatwoot's own order."""
        page = 1
        while True:
            found = (await self._connection.read(ContactPage, self._path, params={"page": page})).payload
            for each in found:
                yield each
            if len(found) < _PAGE:
                return
            page += 1

    async def enter_inbox(self, contact_id: int, inbox_id: int, source_id: str) -> ContactInbox:
        """Give an existing contact its place in an inbox; repeating it changes nothing.

        A source id that belongs to another contact answers 500, so UnknownOutcome, with nothing stored.
        """
        path = f"{self._path}/{contact_id}/contact_inboxes"
        body = {"inbox_id": inbox_id, "source_id": source_id}
        return await self._connection.write(ContactInbox, "POST", path, body)

    async def conversations(self, contact_id: int) -> list[Conversation]:
        """The newest 20."""
        path = f"{self._path}/{contact_id}/conversations"
        return await self._connection.read(list[Conversation], path, at=("payload",))

    async def merge(self, base_id: int, mergee_id: int) -> Contact:
        """Move everything of `mergee_id` to `base_id` and delete it. There is no way back."""
        body = {"base_contact_id": base_id, "mergee_contact_id": mergee_id}
        return await self._connection.write(Contact, "POST", f"{self._account}/actions/contact_merge", body)

    async def labels(self, contact_id: int) -> list[str]:
        return await self._connection.read(list[str], f"{self._path}/{contact_id}/labels", at=("payload",))

    async def set_labels(self, contact_id: int, labels: Sequence[str]) -> list[str]:
        """Replaces the list."""
        path = f"{self._path}/{contact_id}/labels"
        body = {"labels": list(labels)}
        return await self._connection.write(list[str], "POST", path, body, at=("payload",))

    async def notes(self, contact_id: int) -> list[Note]:
        return await self._connection.read(list[Note], f"{self._path}/{contact_id}/notes")

    async def add_note(self, contact_id: int, content: str) -> Note:
        path = f"{self._path}/{contact_id}/notes"
        return await self._connection.write(Note, "POST", path, {"content": content})


def _fields(**fields: Any) -> dict[str, Any]:
    """What is known, within Chatwoot's limits."""
    given = {key: value for key, value in fields.items() if value is not None}
    if "name" in given:
        given["name"] = given["name"].replace("\0", "")[:_LONGEST_NAME]
    if "custom_attributes" in given:
        given["custom_attributes"] = storable(given["custom_attributes"])
    return given


def _same(attribute: str, contact: Contact, value: str) -> bool:
    if attribute == "email":
        return (contact.email or "").casefold() == value.casefold()
    if attribute in {"phone_number", "identifier", "name"}:
        return bool(getattr(contact, attribute) == value)
    return str(contact.custom_attributes.get(attribute)) == value
