"""Contacts, their ways in, labels and notes (`api/v1/accounts/contacts_controller.rb`)."""

from __future__ import annotations

import uuid
from typing import Any

from nextnest.desk import contacts, events, filters, thread_views, views
from nextnest.desk.api import Call, Empty, Endpoint
from nextnest.desk.auth import Access
from nextnest.desk.contacts import as_id, need_contact
from nextnest.desk.errors import Crash, NotFound, Refused
from nextnest.desk.models import Contact, Conversation, Inbox, Json, Note
from nextnest.desk.work import Work

PAGE = 15


def index(call: Call) -> Json:
    known = [contact for contact in call.work.store.all(Contact) if _is_resolved(contact)]
    return _page(call, _sorted(call, known))


def _is_resolved(contact: Contact) -> bool:
    """Only those who can be told apart: with an e-mail, a phone number or an identifier."""
    return bool(contact.email or contact.phone_number or contact.identifier)


def _sorted(call: Call, found: list[Contact]) -> list[Contact]:
    found = sorted(found, key=lambda contact: (contact.name.lower(), contact.id))
    sort = str(call.query.get("sort") or "name")
    column = sort.lstrip("-")
    if column in ("last_activity_at", "created_at", "email", "phone_number"):
        present = [contact for contact in found if getattr(contact, column) is not None]
        absent = [contact for contact in found if getattr(contact, column) is None]
        present.sort(key=lambda contact: getattr(contact, column), reverse=sort.startswith("-"))
        return present + absent
    return found[::-1] if sort == "-name" else found


def _page(call: Call, found: list[Contact]) -> Json:
    meta = {"count": len(found), "current_page": call.query.get("page", 1)}
    return {"meta": meta, "payload": _shapes(call, _slice(call, found))}


def _slice(call: Call, found: list[Contact]) -> list[Contact]:
    start = (max(as_id(call.query.get("page")) or 1, 1) - 1) * PAGE
    return found[start : start + PAGE]


def _shapes(call: Call, found: list[Contact]) -> list[Json]:
    if call.query.get("include_contact_inboxes", "true") == "false":
        return [views.contact(contact) for contact in found]
    return [views.contact_with_ways(call.work, contact) for contact in found]


def search(call: Call) -> Json:
    page = call.query.get("page", 1)
    wanted = str(call.query.get("q") or "").strip()
    if not wanted:
        return {"meta": {"count": None, "current_page": page, "has_more": None}, "payload": []}
    found = [c for c in call.work.store.all(Contact) if _is_resolved(c) and _mentions(c, wanted)]
    here = _slice(call, _sorted(call, found))
    start = (max(as_id(page) or 1, 1) - 1) * PAGE
    meta = {"count": len(here), "current_page": page, "has_more": len(found) > start + PAGE}
    return {"meta": meta, "payload": _shapes(call, here)}


def _mentions(contact: Contact, wanted: str) -> bool:
    texts = (contact.name, contact.email or "", contact.phone_number or "")
    return any(wanted.lower() in text.lower() for text in texts) or wanted in (contact.identifier or "")


def filter_(call: Call) -> Json:
    wanted = filters.conditions(call.work, call.body, filters.CONTACT_KEYS, "contact_attribute")

    def value_of(contact: Contact) -> filters.ValueOf:
        def value(key: str) -> Any:
            if key == "labels":
                return contact.label_list
            if hasattr(contact, key):
                return getattr(contact, key)
            return contact.additional_attributes.get(key, contact.custom_attributes.get(key))

        return value

    known = [contact for contact in call.work.store.all(Contact) if _is_resolved(contact)]
    found = [contact for contact in known if filters.matches(wanted, value_of(contact))]
    return _page(call, _sorted(call, found))


def create(call: Call) -> Json:
    inbox = call.work.store.get(Inbox, as_id(call.params.get("inbox_id")))
    if call.params.get("inbox_id") and inbox is None:
        raise NotFound
    contact = contacts.create(call.work, call.params)
    way = None
    if inbox:
        way = contacts.join(call.work, contact, inbox, call.params.get("source_id"))
    return {
        "payload": {
            "contact": views.contact_with_ways(call.work, contact),
            "contact_inbox": {
                "inbox": views.inbox_row(inbox) if inbox else None,
                "source_id": way.source_id if way else None,
            },
        }
    }


def show(call: Call) -> Json:
    return {"payload": _shapes(call, [need_contact(call.work, call.path["id"])])[0]}


def update(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    contacts.update(call.work, contact, call.params)
    return {"payload": views.contact_with_ways(call.work, contact)}


def delete(call: Call) -> Empty:
    contacts.delete(call.work, need_contact(call.work, call.path["id"]))
    return Empty.OK


def destroy_custom_attributes(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    gone = call.params.get("custom_attributes") or []
    kept = {key: value for key, value in contact.custom_attributes.items() if key not in gone}
    contacts.save(call.work, contact, {"custom_attributes": kept})
    return {"payload": views.contact_with_ways(call.work, contact)}


def conversations(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    held = [c for c in call.work.store.all(Conversation) if c.contact_id == contact.id]
    held.sort(key=lambda conversation: conversation.last_activity_at, reverse=True)
    return {"payload": [thread_views.conversation(call.work, conversation) for conversation in held[:20]]}


def labels(call: Call) -> Json:
    return {"payload": need_contact(call.work, call.path["id"]).label_list}


def set_labels(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    wanted = list(dict.fromkeys(map(str, call.params.get("labels") or [])))
    changes = call.work.store.update(contact, now=call.work.now(), label_list=wanted)
    if changes:
        events.contact_event(call.work, "contact_updated", contact, changes)
    return {"payload": contact.label_list}


# -- ways in


def create_way(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    inbox = _need_inbox(call.work, call.params.get("inbox_id"))
    verified = call.params.get("hmac_verified") in (True, "true")
    way = contacts.join(call.work, contact, inbox, call.params.get("source_id"), verified)
    return views.way(call.work, way)


def contactable(call: Call) -> Json:
    """API inboxes always; a website only through a way that has no conversation yet."""
    contact = need_contact(call.work, call.path["id"])
    shapes: list[Json] = []
    for inbox in call.work.store.all(Inbox):
        ways = [way for way in contacts.ways_of(call.work, contact) if way.inbox_id == inbox.id]
        if inbox.channel_type == "Channel::Api":
            source_id = ways[-1].source_id if ways else str(uuid.uuid4())
            shapes.append({"inbox": views.inbox_slim(inbox), "source_id": source_id})
        elif free := [way for way in ways if not call.work.store.find(Conversation, contact_inbox_id=way.id)]:
            shapes.append({"inbox": views.inbox_slim(inbox), "source_id": free[-1].source_id})
    return {"payload": shapes}


def find_by_way(call: Call) -> Json | Empty:
    inbox = _need_inbox(call.work, call.params.get("inbox_id"))
    way = contacts.way_by_source(call.work, inbox, str(call.params.get("source_id")))
    if way is None:
        return Empty.NOT_FOUND
    return views.contact_with_ways(call.work, call.work.site.need(Contact, way.contact_id))


def _need_inbox(work: Work, number: Any) -> Inbox:
    inbox = work.store.get(Inbox, as_id(number))
    if inbox is None:
        raise NotFound
    return inbox


def merge(call: Call) -> Json:
    base = need_contact(call.work, call.params.get("base_contact_id"))
    contacts.merge(call.work, base, need_contact(call.work, call.params.get("mergee_contact_id")))
    return views.contact(base)


# -- notes


def notes(call: Call) -> list[Json]:
    contact = need_contact(call.work, call.path["id"])
    held = [note for note in call.work.store.all(Note) if note.contact_id == contact.id]
    return [views.note(call.work.site, note) for note in reversed(held)]


def create_note(call: Call) -> Json:
    contact = need_contact(call.work, call.path["id"])
    content = call.wrapped("note", ("content",)).get("content")
    if not content:
        raise Refused(422, {"message": "Content can't be blank", "attributes": ["content"]})
    note = call.work.store.add(Note(contact.id, call.user.id, str(content)), call.work.now())
    return views.note(call.work.site, note)


def _need_note(call: Call) -> Note:
    contact = need_contact(call.work, call.path["id"])
    note = call.work.store.get(Note, as_id(call.path["note_id"]))
    if note is None or note.contact_id != contact.id:
        raise NotFound
    return note


def show_note(call: Call) -> Json:
    return views.note(call.work.site, _need_note(call))


def update_note(call: Call) -> Json:
    note = _need_note(call)
    content = call.wrapped("note", ("content",)).get("content")
    if content is None:
        raise Crash
    call.work.store.update(note, now=call.work.now(), content=str(content))
    return views.note(call.work.site, note)


def delete_note(call: Call) -> Empty:
    call.work.store.delete(_need_note(call))
    return Empty.OK


ENDPOINTS = [
    Endpoint("GET", "/contacts", index),
    Endpoint("POST", "/contacts", create),
    Endpoint("GET", "/contacts/search", search),
    Endpoint("POST", "/contacts/filter", filter_),
    Endpoint("GET", "/contacts/{id}", show),
    Endpoint("PUT", "/contacts/{id}", update),
    Endpoint("PATCH", "/contacts/{id}", update),
    Endpoint("DELETE", "/contacts/{id}", delete, Access.ADMIN),
    Endpoint("POST", "/contacts/{id}/destroy_custom_attributes", destroy_custom_attributes),
    Endpoint("GET", "/contacts/{id}/conversations", conversations),
    Endpoint("GET", "/contacts/{id}/labels", labels),
    Endpoint("POST", "/contacts/{id}/labels", set_labels),
    Endpoint("POST", "/contacts/{id}/contact_inboxes", create_way),
    Endpoint("GET", "/contacts/{id}/contactable_inboxes", contactable),
    Endpoint("POST", "/contact_inboxes/filter", find_by_way),
    Endpoint("POST", "/actions/contact_merge", merge),
    Endpoint("GET", "/contacts/{id}/notes", notes),
    Endpoint("POST", "/contacts/{id}/notes", create_note),
    Endpoint("GET", "/contacts/{id}/notes/{note_id}", show_note),
    Endpoint("PATCH", "/contacts/{id}/notes/{note_id}", update_note),
    Endpoint("DELETE", "/contacts/{id}/notes/{note_id}", delete_note),
]
