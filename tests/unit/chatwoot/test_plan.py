"""The plan alone: what it makes of what was found. Doing it is tested against the stand-in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nextnest.adapters.chatwoot.desired import Desired, Thing, attribute, panel
from nextnest.adapters.chatwoot.models import Agent, AgentBot, Inbox, Webhook
from nextnest.adapters.chatwoot.plan import Found, plan

US = "https://nest.example"
DESIRED = Desired(public_url=US, bot_url=f"{US}/bot", bot_name="NextNest", inbox_name="Leads")


def inbox(number: int = 1, **fields: Any) -> Inbox:
    given = {"name": "Leads", "channel_type": "Channel::Api", "csat_survey_enabled": True} | fields
    return Inbox(id=number, **given)


def bot(number: int = 5, **fields: Any) -> AgentBot:
    return AgentBot(id=number, **{"name": "NextNest", "outgoing_url": f"{US}/bot", "account_id": 1} | fields)


SETTLED = Found(
    admin_id=1,
    inboxes=[inbox()],
    bots=[bot()],
    attached={1: bot()},
    teams={"mortgage brokers": 3},
    team_members=[Agent(id=2)],
    inbox_members=[Agent(id=2)],
)


def test_what_is_as_wanted_needs_nothing() -> None:
    assert plan(DESIRED, SETTLED).lines() == ["nothing to do: everything is as it should be"]


def test_an_empty_account_needs_everything_and_refuses_nothing() -> None:
    assert plan(DESIRED, Found(admin_id=1)).lines() == [
        "make API inbox 'Leads'",
        "make inbox member 'you': only members of an inbox are given its conversations",
        "make agent bot 'NextNest'",
        "make bot of the inbox 'NextNest'",
        "make team 'mortgage brokers'",
        "make team member 'you': nobody is in the team yet",
    ]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (replace(SETTLED, webhooks=[Webhook(id=2, url=f"{US}/account")]), "account webhook 2"),
        (replace(SETTLED, webhooks=[Webhook(id=2, url=US)]), "account webhook 2"),  # without a path
        (replace(SETTLED, inboxes=[inbox(webhook_url=f"{US}/inbox")]), "webhook URL of inbox 1"),
        # also of another inbox: its events reach the bot's route, too, if the bot is there
        (replace(SETTLED, inboxes=[inbox(), inbox(2, webhook_url=f"{US}/x")]), "webhook URL of inbox 2"),
        # one bot for two inboxes is well; two bots that point here are not
        (
            replace(
                SETTLED,
                inboxes=[inbox(), inbox(2)],
                bots=[bot(), bot(6)],
                attached={1: bot(), 2: bot(6, name="Copy")},
            ),
            "inbox 2 has another bot, 6 (Copy)",
        ),
        (replace(SETTLED, attached={1: bot(9, name="Rasa", outgoing_url="https://r.example")}), "--force"),
        (
            replace(SETTLED, inboxes=[inbox(channel_type="Channel::Email")]),
            "",
        ),  # another of that name is made
    ],
)
def test_what_a_person_must_settle_first(found: Found, says: str) -> None:
    refusals = plan(DESIRED, found).refusals
    assert [says in each for each in refusals] == ([True] if says else [])


def test_one_bot_on_several_inboxes_is_one_route() -> None:
    found = replace(SETTLED, inboxes=[inbox(), inbox(2)], attached={1: bot(), 2: bot()})
    assert plan(DESIRED, found).refusals == ()


def test_an_inbox_of_another_kind_cannot_be_chosen() -> None:
    found = replace(SETTLED, inboxes=[inbox(channel_type="Channel::Email")])
    (refusal,) = plan(replace(DESIRED, inbox_id=1), found).refusals
    assert refusal.startswith("inbox 1 is a Channel::Email; leads need an API inbox")


def test_a_system_bot_of_our_name_is_not_ours_to_use() -> None:
    """Its token and its secret are shown to nobody in the account."""
    found = replace(SETTLED, bots=[bot(account_id=None)], attached={})
    assert "make agent bot 'NextNest'" in plan(DESIRED, found).lines()


def test_an_attribute_of_another_type_is_noted_and_left_alone() -> None:
    there = {
        "id": 4,
        "attribute_key": "lead_score",
        "attribute_model": "conversation_attribute",
        "attribute_display_type": "text",
    }
    desired = replace(DESIRED, items=(attribute("lead_score", "Lead score", "number"),))
    found = replace(SETTLED, items={Thing.ATTRIBUTE: [there]})
    made = plan(desired, found)
    assert made.steps == ()
    assert made.lines()[0].startswith("note: attribute lead_score is defined as text, not number")


def test_keys_that_chatwoot_adds_are_no_difference() -> None:
    there = {"id": 1, "title": "NextNest", "content": [{"type": "frame", "url": f"{US}/panel", "x": 1}]}
    desired = replace(DESIRED, items=(panel("NextNest", f"{US}/panel"),))
    assert plan(desired, replace(SETTLED, items={Thing.PANEL: [there]})).steps == ()
