"""lead show, withdraw-consent, erase: what a person may ask for their data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from nextnest.commands.terminal import Home, run, settings_from, stop

if TYPE_CHECKING:
    from nextnest.service.privacy import Privacy
    from nextnest.service.records import LeadRecord
    from nextnest.settings import Settings

app = typer.Typer(help="What is kept of a person: show it, withdraw consent, erase it.", no_args_is_help=True)

LeadId = Annotated[str | None, typer.Argument(metavar="[ID]", help="The lead's id, such as ld_x7…")]
Email = Annotated[str | None, typer.Option(help="All leads with this e-mail address.")]
Phone = Annotated[str | None, typer.Option(help="All leads with this phone number.")]


@app.command()
def show(lead: LeadId = None, email: Email = None, phone: Phone = None, home: Home = None) -> None:
    """A person's leads as we keep them: facts, score, flags, and where they are in Chatwoot. JSON."""
    from nextnest.bootstrap.persons import with_privacy

    number = _only_one(lead, email, phone)

    async def work() -> None:
        async with with_privacy(settings_from(home)) as privacy:
            for record in await _found(privacy, lead, email, number):
                print(json.dumps(_shown(record), indent=1, ensure_ascii=False))

    run(work)


@app.command()
def withdraw_consent(
    lead: LeadId = None,
    email: Email = None,
    phone: Phone = None,
    channel: Annotated[str, typer.Option(help="How the person said so: phone, e-mail, chat, …")] = "phone",
    home: Home = None,
) -> None:
    """Record that a person may no longer be contacted, with the time and how they said so."""
    from nextnest.bootstrap.persons import with_privacy

    number = _only_one(lead, email, phone)

    async def work() -> None:
        async with with_privacy(settings_from(home)) as privacy:
            for record in await _found(privacy, lead, email, number):
                await privacy.withdraw_consent(record.id, channel=channel)
                print(f"{record.id}: consent withdrawn")

    run(work)


@app.command()
def erase(
    lead: LeadId = None,
    *,
    email: Email = None,
    phone: Phone = None,
    chatwoot: Annotated[bool, typer.Option(help="Delete the contact in Chatwoot too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None,
) -> None:
    """Erase a person's leads and every word of their conversations from our tables, for good."""
    from nextnest.bootstrap.persons import with_privacy

    number = _only_one(lead, email, phone)

    async def work() -> None:
        settings = settings_from(home)
        async with with_privacy(settings) as privacy:
            records = await _found(privacy, lead, email, number)
            named = ", ".join(f"{record.id} ({record.lead.display_name})" for record in records)
            if not yes and not typer.confirm(f"Erase {named}?"):
                stop("nothing was erased", code=1)
            for record in records:
                await _erase(privacy, record, settings, chatwoot=chatwoot)

    run(work)


async def _erase(privacy: Privacy, record: LeadRecord, settings: Settings, *, chatwoot: bool) -> None:
    """The contact first: should Chatwoot refuse, we still know which it was."""
    from nextnest.bootstrap.persons import delete_contacts, what_remains

    deleted = await delete_contacts(settings, record) if chatwoot else []
    erased = await privacy.erase(record.id)
    print(
        f"{erased.lead_id}: erased, with {erased.events} events, {erased.turns} turns and "
        f"{erased.messages} messages of the chat page"
    )
    for contact_id in deleted:
        print(f"  deleted: contact {contact_id} of Chatwoot, with its conversations")
    for line in what_remains(settings, erased, contact_deleted=chatwoot):
        print(f"  remains: {line}")


async def _found(
    privacy: Privacy, lead: str | None, email: str | None, phone: str | None
) -> list[LeadRecord]:
    records = await privacy.find(lead_id=lead, email=email, phone=phone)
    if not records:
        stop(f"there is no lead {lead or email or phone}", code=1)
    return records


def _only_one(lead: str | None, email: str | None, phone: str | None) -> str | None:
    """Sees that one of the three is given; the phone number in E.164."""
    from nextnest.domain.phone import parse_phone

    if sum(each is not None for each in (lead, email, phone)) != 1:
        stop("name the lead by its id, --email or --phone")
    try:
        return parse_phone(phone) if phone is not None else None
    except ValueError as error:
        stop(f"--phone: {error}")


def _shown(record: LeadRecord) -> dict[str, object]:
    return {
        "id": record.id,
        "submitted": record.created_at.isoformat(timespec="seconds"),
        "facts": record.lead.facts(),
        "score": record.score,
        "persona": record.persona.value,
        "flags": list(record.flags),
        "in_chatwoot": {"contact": record.contact_id, "conversation": record.conversation_id},
    }
