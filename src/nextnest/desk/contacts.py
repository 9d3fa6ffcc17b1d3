"""Contacts and their ways in: validation, creation, change, merging."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any

from nextnest.desk import events
from nextnest.desk.errors import Crash, Invalid, NotFound
from nextnest.desk.models import Contact, ContactInbox, Conversation, CsatResponse, Inbox, Json, Message, Note
from nextnest.desk.work import Work

# `app/models/contact.rb`: Ruby's \z at the end only, so anything may stand before the plus.
_PHONE = re.compile(r"\+[1-9]\d{1,14}\Z")
_EMAIL = re.compile(r"\A[^@\s]+@[^@\s]+\Z")
_COLUMNS = ("name", "email", "phone_number", "identifier", "blocked")


def permitted(params: Json) -> Json:
    """The columns a request may set, cleaned as Rails and the model do."""
    columns = {name: params[name] for name in _COLUMNS if name in params}
    if "name" in columns:
        columns["name"] = str(columns["name"] or "")
    for name in ("email", "phone_number", "identifier"):
        if name in columns:
            columns[name] = str(columns[name]) if columns[name] not in (None, "") else None
    if columns.get("email"):
        columns["email"] = str(columns["email"]).lower()
    if "blocked" in columns:
        columns["blocked"] = columns["blocked"] in (True, "true", "1", 1)
    return columns


def create(work: Work, params: Json) -> Contact:
    """A new contact; raises Invalid when it may not be."""
    columns = permitted(params)
    contact = Contact(
        **columns,
        additional_attributes=hash_of(params, "additional_attributes"),
        custom_attributes=hash_of(params, "custom_attributes"),
    )
    validate(work, contact)
    work.store.add(contact, work.now())
    events.contact_event(work, "contact_created", contact)
    return contact


def update(work: Work, contact: Contact, params: Json) -> None:
    """Sets columns and merges the two attribute hashes at their top level."""
    columns: Json = permitted(params)
    for name in ("additional_attributes", "custom_attributes"):
        if name in params:
            columns[name] = {**getattr(contact, name), **hash_of(params, name)}
    save(work, contact, columns)


def save(work: Work, contact: Contact, columns: Json) -> None:
    validate(work, Contact(**{**vars(contact), **columns}))
    changes = work.store.update(contact, now=work.now(), **columns)
    if changes:
        events.contact_event(work, "contact_updated", contact, changes)


def hash_of(params: Json, name: str) -> Json:
    value = params.get(name)
    return value if isinstance(value, dict) else {}


def validate(work: Work, contact: Contact) -> None:
    check_lengths(contact)
    complaints = _taken(work, contact, "email")
    if contact.email and not _EMAIL.match(contact.email):
        complaints.append(("email", "Invalid email"))
    complaints += _taken(work, contact, "identifier") + _taken(work, contact, "phone_number")
    if contact.phone_number and not _PHONE.search(contact.phone_number):
        complaints.append(("phone_number", "should be in e164 format"))
    if complaints:
        raise Invalid(*complaints)
    check_attributes(contact.custom_attributes)


def _taken(work: Work, contact: Contact, column: str) -> list[tuple[str, str]]:
    value = getattr(contact, column)
    others = work.store.where(Contact, column, value) if value else []
    return [(column, "has already been taken")] if any(other.id != contact.id for other in others) else []


def touch(work: Work, contact: Contact) -> None:
    """The contact has just been heard of."""
    changes = work.store.update(contact, now=work.now(), last_activity_at=work.now())
    events.contact_event(work, "contact_updated", contact, changes)


def check_lengths(contact: Contact) -> None:
    """Every string column holds 255 characters (`application_record.rb`)."""
    long = [name for name in _COLUMNS[:4] if len(str(getattr(contact, name) or "")) > 255]
    if long:
        raise Invalid(*[(name, "is too long (maximum is 255 characters)") for name in long])


def check_attributes(attributes: Json, name: str = "custom_attributes") -> None:
    """`jsonb_attributes_length_validator.rb`: top-level strings and integers only; null is a crash."""
    complaints: list[tuple[str, str]] = []
    for key, value in attributes.items():
        if value is None:
            raise Crash
        if isinstance(value, str) and len(value) > 1500:
            complaints.append((name, f"{key} length should be < 1500"))
        elif isinstance(value, int) and not isinstance(value, bool) and value > 9_999_999_999:
            complaints.append((name, f"{key} value should be < 9999999999"))
    if complaints:
        raise Invalid(*complaints)


# -- ways in


def join(
    work: Work,
    contact: Contact,
    inbox: Inbox,
    source_id: str | None,
    hmac_verified: bool = False,
) -> ContactInbox:
    """The contact's way into the inbox under this source id, made if there is none.

    Raises Crash when somebody else has the source id: a unique index says so, and nothing rescues it.
    """
    source_id = str(source_id) if source_id else str(uuid.uuid4())
    known = way_by_source(work, inbox, source_id)
    if known and known.contact_id == contact.id:
        return known
    way = ContactInbox(contact.id, inbox.id, source_id, secrets.token_hex(12), hmac_verified=hmac_verified)
    work.store.add(way, work.now())
    if known:
        raise Crash
    return way


def ways_of(work: Work, contact: Contact) -> list[ContactInbox]:
    return work.store.where(ContactInbox, "contact_id", contact.id)


def way_by_source(work: Work, inbox: Inbox, source_id: str) -> ContactInbox | None:
    ways = work.store.where(ContactInbox, "source_id", source_id)
    return next((way for way in ways if way.inbox_id == inbox.id), None)


# -- merging and leaving


def merge(work: Work, base: Contact, mergee: Contact) -> None:
    """The base wins; everything the other had moves to it, and the other goes."""
    if base is mergee:
        return
    for conversation in work.store.all(Conversation):
        if conversation.contact_id == mergee.id:
            work.store.update(conversation, contact_id=base.id)
            for message in work.store.where(Message, "conversation_id", conversation.id):
                if message.sender_type == "Contact":
                    work.store.update(message, sender_id=base.id)
    for way in ways_of(work, mergee):
        work.store.update(way, contact_id=base.id)
    belongings: list[Note | CsatResponse] = [*work.store.all(Note), *work.store.all(CsatResponse)]
    for belonging in belongings:
        if belonging.contact_id == mergee.id:
            work.store.update(belonging, contact_id=base.id)
    columns: dict[str, Any] = {
        name: getattr(mergee, name)
        for name in ("email", "phone_number", "identifier", "name")
        if not getattr(base, name) and getattr(mergee, name)
    }
    for name in ("additional_attributes", "custom_attributes"):
        columns[name] = {**getattr(mergee, name), **getattr(base, name)}
    work.store.delete(mergee)
    save(work, base, columns)


def delete(work: Work, contact: Contact) -> None:
    """With everything that belongs to it."""
    for conversation in work.store.all(Conversation):
        if conversation.contact_id == contact.id:
            delete_conversation(work, conversation)
    for way in ways_of(work, contact):
        work.store.delete(way)
    for note in work.store.all(Note):
        if note.contact_id == contact.id:
            work.store.delete(note)
    work.store.delete(contact)


def delete_conversation(work: Work, conversation: Conversation) -> None:
    for message in work.store.where(Message, "conversation_id", conversation.id):
        work.store.delete(message)
    for response in work.store.all(CsatResponse):
        if response.conversation_id == conversation.id:
            work.store.delete(response)
    work.store.delete(conversation)


def need_contact(work: Work, number: Any) -> Contact:
    contact = work.store.get(Contact, as_id(number))
    if contact is None:
        raise NotFound
    return contact


def as_id(value: Any) -> int | None:
    """An id from a request; None for what cannot be one."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
