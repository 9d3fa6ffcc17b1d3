"""Finding a lead's contact and thread, or making them, against the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import UnknownOutcome
from nextnest.adapters.chatwoot.models import Inbox
from nextnest.adapters.chatwoot.sync import ContactMatch, find_or_create_contact, find_or_create_conversation
from nextnest.desk import Desk
from tests.integration.chatwoot.conftest import BASE


@pytest.fixture
async def inbox(admin: Chatwoot) -> Inbox:
    return await admin.inboxes.create_api("Mortgage leads")


async def find(
    admin: Chatwoot,
    inbox: Inbox,
    *,
    lead: str = "lead-1",
    name: str = "Or Wei Ling",
    email: str | None = "weiling@example.com",
    phone: str | None = "+6591234567",
) -> ContactMatch:
    return await find_or_create_contact(
        admin,
        identifier=lead,
        name=name,
        email=email,
        phone=phone,
        inbox_id=inbox.id,
        source_id=lead,
    )


async def test_a_new_person_gets_a_contact_with_a_place_in_the_inbox(admin: Chatwoot, inbox: Inbox) -> None:
    match = await find(admin, inbox)
    contact = await admin.contacts.get(match.contact_id)
    assert not match.conflict
    assert contact.name == "Or Wei Ling"
    assert (contact.email, contact.phone_number) == ("weiling@example.com", "+6591234567")
    assert contact.identifier == "lead-1"
    assert contact.source_ids(inbox.id) == ["lead-1"]


async def test_a_repeat_finds_the_same(admin: Chatwoot, inbox: Inbox) -> None:
    assert await find(admin, inbox) == await find(admin, inbox)
    assert len([each async for each in admin.contacts.all()]) == 1


@pytest.mark.parametrize(
    ("email", "phone"),
    [
        ("weiling@example.com", None),
        ("WeiLing@Example.com", None),  # Chatwoot keeps it in lower case
        (None, "+6591234567"),
        ("weiling@example.com", "+6591234567"),  # both lead to the same contact
        ("weiling@example.com", "+6580000000"),  # a new number of a known person
    ],
)
async def test_a_known_person_is_found_by_exact_email_or_phone(
    admin: Chatwoot, inbox: Inbox, email: str | None, phone: str | None
) -> None:
    known = await admin.contacts.create(
        name="Wei Ling", email="weiling@example.com", phone_number="+6591234567"
    )
    match = await find(admin, inbox, email=email, phone=phone)
    assert (match.contact_id, match.conflict) == (known.id, False)
    assert (await admin.contacts.get(known.id)).source_ids(inbox.id) == ["lead-1"]


async def test_a_match_gets_only_what_it_lacks(admin: Chatwoot, inbox: Inbox) -> None:
    known = await admin.contacts.create(name="Mdm Or", email="weiling@example.com", identifier="crm-7")
    await find(admin, inbox)
    contact = await admin.contacts.get(known.id)
    assert (contact.name, contact.identifier) == ("Mdm Or", "crm-7")  # theirs stay
    assert contact.phone_number == "+6591234567"  # was empty


async def test_a_look_alike_is_nobodys_contact(admin: Chatwoot, inbox: Inbox) -> None:
    stranger = await admin.contacts.create(
        name="Or Wei Ling", email="not-weiling@example.com", phone_number="+65912345678"
    )
    assert (await find(admin, inbox)).contact_id != stranger.id


async def test_email_and_phone_of_two_people_are_kept_apart_and_flagged(
    admin: Chatwoot, inbox: Inbox
) -> None:
    one = await admin.contacts.create(name="One", email="weiling@example.com")
    other = await admin.contacts.create(name="Other", phone_number="+6591234567")
    match = await find(admin, inbox)
    assert match.conflict
    assert match.contact_id not in {one.id, other.id}
    assert (await admin.contacts.get(one.id)).phone_number is None
    assert (await admin.contacts.get(other.id)).email is None
    again = await find(admin, inbox)
    assert again.contact_id == match.contact_id  # found by our own mark
    assert again.conflict  # and still not settled


async def test_our_own_mark_counts_more_than_a_changed_email(admin: Chatwoot, inbox: Inbox) -> None:
    first = await find(admin, inbox)
    await admin.contacts.update(first.contact_id, {"email": "new@example.com", "identifier": "crm-9"})
    assert (await find(admin, inbox)).contact_id == first.contact_id


async def test_two_leads_of_one_person_are_two_places_in_the_inbox(admin: Chatwoot, inbox: Inbox) -> None:
    first = await find(admin, inbox, lead="lead-1")
    second = await find(admin, inbox, lead="lead-2")
    assert first.contact_id == second.contact_id
    contact = await admin.contacts.get(first.contact_id)
    assert sorted(contact.source_ids(inbox.id)) == ["lead-1", "lead-2"]


async def test_a_number_that_chatwoot_refuses_does_not_lose_the_lead(admin: Chatwoot, inbox: Inbox) -> None:
    match = await find(admin, inbox, phone="6591234567")
    contact = await admin.contacts.get(match.contact_id)
    assert match.conflict
    assert (contact.email, contact.phone_number) == ("weiling@example.com", None)


async def test_a_thread_is_made_once(admin: Chatwoot, inbox: Inbox) -> None:
    match = await find(admin, inbox)
    first = await find_or_create_conversation(
        admin,
        contact_id=match.contact_id,
        inbox_id=inbox.id,
        source_id="lead-1",
        custom_attributes={"lead_score": 78},
    )
    await admin.conversations.set_status(first.id, "resolved")  # whatever becomes of it
    again = await find_or_create_conversation(
        admin, contact_id=match.contact_id, inbox_id=inbox.id, source_id="lead-1"
    )
    assert again.id == first.id
    assert first.custom_attributes == {"lead_score": 78}
    assert len([each async for each in admin.conversations.all()]) == 1


async def test_two_leads_of_one_person_have_two_threads(admin: Chatwoot, inbox: Inbox) -> None:
    threads = set()
    for lead in ("lead-1", "lead-2"):
        match = await find(admin, inbox, lead=lead)
        conversation = await find_or_create_conversation(
            admin, contact_id=match.contact_id, inbox_id=inbox.id, source_id=lead
        )
        threads.add(conversation.id)
    assert len(threads) == 2


class Rough:
    """The desk behind a network that loses one answer, or lets somebody be faster once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.lose_answer_to: str | None = None
        self.drop_request_to: str | None = None
        self.before: tuple[str, Callable[[], Awaitable[object]]] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        call = f"{scope['method']} {scope['path'].rpartition('/')[2]}"
        if self.before is not None and self.before[0] == call:
            (_, someone), self.before = self.before, None
            await someone()
        if self.drop_request_to == call:
            self.drop_request_to = None
            raise httpx2.ReadTimeout("lost before it arrived")
        if self.lose_answer_to == call:
            self.lose_answer_to = None

            async def nowhere(message: Any) -> None:
                del message

            await self._desk.app(scope, receive, nowhere)
            raise httpx2.ReadTimeout("stored, and nobody heard")
        await self._desk.app(scope, receive, send)


@pytest.fixture
def rough(desk: Desk) -> Rough:
    return Rough(desk)


@pytest.fixture
async def lossy(desk: Desk, rough: Rough) -> AsyncIterator[Chatwoot]:
    transport = httpx2.ASGITransport(app=rough)
    async with Chatwoot(BASE, desk.account_id, desk.admin_token, transport=transport) as client:
        yield client


async def test_a_contact_that_was_made_unheard_is_found_again(
    admin: Chatwoot, lossy: Chatwoot, rough: Rough, inbox: Inbox
) -> None:
    rough.lose_answer_to = "POST contacts"
    match = await find(lossy, inbox)
    assert [each.id async for each in admin.contacts.all()] == [match.contact_id]
    assert not match.conflict


async def test_a_contact_that_was_not_made_is_left_to_the_next_attempt(
    lossy: Chatwoot, rough: Rough, inbox: Inbox
) -> None:
    rough.drop_request_to = "POST contacts"
    with pytest.raises(UnknownOutcome):
        await find(lossy, inbox)
    assert not (await find(lossy, inbox)).conflict


async def test_a_lost_race_is_looked_up(admin: Chatwoot, lossy: Chatwoot, rough: Rough, inbox: Inbox) -> None:
    async def someone_is_faster() -> None:
        await admin.contacts.create(name="Wei Ling", email="weiling@example.com")

    rough.before = ("POST contacts", someone_is_faster)  # between our look and our create
    match = await find(lossy, inbox)
    contacts = [each async for each in admin.contacts.all()]
    assert [each.id for each in contacts] == [match.contact_id]
    assert contacts[0].name == "Wei Ling"
    assert contacts[0].source_ids(inbox.id) == ["lead-1"]


async def test_a_thread_that_was_made_unheard_is_found_again(
    admin: Chatwoot, lossy: Chatwoot, rough: Rough, inbox: Inbox
) -> None:
    match = await find(lossy, inbox)
    rough.lose_answer_to = "POST conversations"
    conversation = await find_or_create_conversation(
        lossy, contact_id=match.contact_id, inbox_id=inbox.id, source_id="lead-1"
    )
    assert [each.id async for each in admin.conversations.all()] == [conversation.id]


async def test_a_thread_that_was_not_made_is_left_to_the_next_attempt(
    lossy: Chatwoot, rough: Rough, inbox: Inbox
) -> None:
    match = await find(lossy, inbox)
    rough.drop_request_to = "POST conversations"
    with pytest.raises(UnknownOutcome):
        await find_or_create_conversation(
            lossy, contact_id=match.contact_id, inbox_id=inbox.id, source_id="lead-1"
        )
