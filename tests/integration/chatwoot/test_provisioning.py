"""Setup against the stand-in: plan, do, and nothing to do the second time."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from starlette.responses import JSONResponse

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.desired import (
    CANNED_RESPONSES,
    LABELS,
    Desired,
    attribute,
    held_by_bot,
    panel,
    team_when_opened,
)
from nextnest.adapters.chatwoot.plan import Plan, plan
from nextnest.adapters.chatwoot.provisioning import Provisioned, ProvisioningRefused, apply, survey
from nextnest.desk import Desk
from tests.integration.cable import Receiver, Sender
from tests.integration.chatwoot.conftest import BASE

DESIRED = Desired(
    public_url="https://nest.example",
    bot_url="https://nest.example/webhooks/chatwoot/bot",
    bot_name="NextNest",
    inbox_name="Mortgage leads",
    items=(
        attribute("lead_score", "Lead score", "number"),
        attribute("loan_type", "Loan type", "list", values=["purchase", "refinance"]),
        attribute("lead_id", "Lead", "text", "contact_attribute"),
        *LABELS,
        *CANNED_RESPONSES,
        panel("NextNest", "https://nest.example/panel"),
        held_by_bot(),
        team_when_opened(),
    ),
)


async def look(client: Chatwoot, desired: Desired = DESIRED, *, force: bool = False) -> Plan:
    return plan(desired, await survey(client, desired), force=force)


async def set_up(client: Chatwoot, desired: Desired = DESIRED, *, force: bool = False) -> Provisioned:
    return await apply(client, desired, await look(client, desired, force=force))


async def test_a_plan_changes_nothing(admin: Chatwoot) -> None:
    first = await look(admin)
    assert first.steps
    assert (await look(admin)).lines() == first.lines()
    assert await admin.inboxes.all() == []


async def test_a_second_run_has_nothing_to_do(admin: Chatwoot) -> None:
    done = await set_up(admin)
    assert done.failures == ()
    again = await look(admin)
    assert again.lines() == ["nothing to do: everything is as it should be"]
    assert await set_up(admin) == done


async def test_everything_that_was_wanted_is_there(admin: Chatwoot, desk: Desk) -> None:
    done = await set_up(admin)
    inbox = await admin.inboxes.get(done.inbox_id)
    assert (inbox.channel_type, inbox.csat_survey_enabled) == ("Channel::Api", True)
    assert inbox.lock_to_single_conversation
    assert not inbox.webhook_url
    attached = await admin.inboxes.agent_bot(done.inbox_id)
    assert attached is not None
    assert (attached.id, attached.outgoing_url) == (done.bot_id, DESIRED.bot_url)
    me = (await admin.profile()).id
    assert [each.id for each in await admin.teams.members(done.team_id)] == [me]
    assert [each.id for each in await admin.inboxes.members(done.inbox_id)] == [me]
    (rule,) = await admin.automation_rules.all()
    assert rule.conditions[0]["values"] == [done.inbox_id]
    assert rule.actions == [{"action_name": "assign_team", "action_params": [done.team_id]}]
    (view,) = await admin.custom_filters.all(filter_type="conversation")
    assert [each["values"] for each in view.query["payload"]] == [["pending"], [done.inbox_id]]


async def test_the_printed_lines_work(admin: Chatwoot, desk: Desk) -> None:
    done = await set_up(admin)
    printed = dict(line.split("=", 1) for line in done.environment())
    assert printed["CHATWOOT_INBOX_ID"] == str(done.inbox_id)
    assert printed["CHATWOOT_WEBHOOK_SECRET"] == done.bot_secret
    contact = await admin.contacts.create(name="Mei", inbox_id=done.inbox_id, source_id="lead-1")
    conversation = await admin.conversations.create(
        contact_id=contact.id, inbox_id=done.inbox_id, source_id="lead-1"
    )
    transport = httpx2.ASGITransport(app=desk.app)
    async with Chatwoot(BASE, 1, printed["CHATWOOT_BOT_TOKEN"], transport=transport) as bot:
        sent = await bot.messages.create(conversation.id, "Hello")
    assert sent.sender is not None
    assert (sent.sender.type, sent.sender.id) == ("agent_bot", done.bot_id)


async def test_no_secret_shows_by_accident(admin: Chatwoot) -> None:
    done = await set_up(admin)
    for secret in (done.bot_token, done.bot_secret, done.inbox_secret):
        assert secret
        assert secret not in repr(done)


async def test_an_address_that_is_not_ours_any_more_is_repaired(admin: Chatwoot) -> None:
    done = await set_up(admin)
    moved = Desired(
        public_url="https://new.example",
        bot_url="https://new.example/webhooks/chatwoot/bot",
        bot_name=DESIRED.bot_name,
        inbox_name=DESIRED.inbox_name,
        items=(panel("NextNest", "https://new.example/panel"),),
    )
    assert (await look(admin, moved)).lines() == [
        "repair agent bot 'NextNest': its address is not where we are now",
        "repair dashboard app 'NextNest': other content",
    ]
    again = await set_up(admin, moved)
    assert (again.bot_id, again.bot_token, again.bot_secret) == (done.bot_id, done.bot_token, done.bot_secret)
    assert (await look(admin, moved)).steps == ()


async def test_what_people_switched_off_or_reworded_is_told_apart(admin: Chatwoot) -> None:
    done = await set_up(admin)
    label = next(each for each in await admin.labels.all() if each.title == "nextnest")
    await admin.labels.update(label.id, {"color": "#000000"})  # a matter of taste: theirs
    await admin.inboxes.update(done.inbox_id, {"csat_survey_enabled": False})
    (rule,) = await admin.automation_rules.all()
    await admin.automation_rules.update(rule.id, {"conditions": [{**rule.conditions[0], "values": [99]}]})
    kind = next(each for each in await admin.attribute_definitions.all() if each.attribute_key == "loan_type")
    await admin.attribute_definitions.update(kind.id, {"attribute_values": ["theirs", "purchase"]})
    lines = (await look(admin)).lines()
    assert len(lines) == 3
    assert any("satisfaction survey" in each for each in lines)
    assert any("other conditions" in each for each in lines)
    await set_up(admin)
    kind = next(each for each in await admin.attribute_definitions.all() if each.attribute_key == "loan_type")
    assert kind.attribute_values == ["theirs", "purchase", "refinance"]  # theirs is kept
    assert (await look(admin)).steps == ()


async def test_a_second_route_to_the_same_events_is_refused(admin: Chatwoot) -> None:
    done = await set_up(admin)
    hook = await admin.webhooks.create(
        {"url": "https://nest.example/webhooks/chatwoot/account", "subscriptions": ["message_created"]}
    )
    await admin.inboxes.update(
        done.inbox_id, {"channel": {"webhook_url": "https://nest.example/webhooks/chatwoot/inbox"}}
    )
    for force in (False, True):  # force is for the bot alone
        refused = await look(admin, force=force)
        assert [f"account webhook {hook.id}" in each for each in refused.refusals] == [True, False]
        assert f"webhook URL of inbox {done.inbox_id}" in refused.refusals[1]
        with pytest.raises(ProvisioningRefused, match="second time"):
            await apply(admin, DESIRED, refused)
    await admin.webhooks.delete(hook.id)
    await admin.inboxes.update(done.inbox_id, {"channel": {"webhook_url": ""}})
    assert (await look(admin)).refusals == ()


async def test_a_route_to_someone_else_is_none_of_our_business(admin: Chatwoot) -> None:
    await set_up(admin)
    for url in ("https://crm.example/hook", "https://nest.example.evil/hook", "https://nest.example2/hook"):
        await admin.webhooks.create({"url": url, "subscriptions": ["message_created"]})
    assert (await look(admin)).refusals == ()


async def test_an_automation_that_sends_its_events_here_is_refused(admin: Chatwoot) -> None:
    await set_up(admin)
    await admin.automation_rules.create(
        {
            "name": "To the AI",
            "event_name": "message_created",
            "conditions": [
                {
                    "attribute_key": "content",
                    "filter_operator": "contains",
                    "values": ["x"],
                    "query_operator": None,
                }
            ],
            "actions": [
                {"action_name": "send_webhook_event", "action_params": ["https://nest.example/hook"]}
            ],
        }
    )
    assert "unsigned" in (await look(admin)).refusals[0]


async def test_another_bot_on_the_inbox_is_replaced_only_when_told_to(admin: Chatwoot) -> None:
    inbox = await admin.inboxes.create_api("Mortgage leads")
    other = await admin.agent_bots.create({"name": "Old bot", "outgoing_url": "https://old.example/bot"})
    await admin.inboxes.set_agent_bot(inbox.id, other.id)
    refused = await look(admin)
    assert "Old bot" in refused.refusals[0]
    with pytest.raises(ProvisioningRefused, match="--force"):
        await apply(admin, DESIRED, refused)
    done = await set_up(admin, force=True)
    assert (done.inbox_id, done.bot_id != other.id) == (inbox.id, True)
    attached = await admin.inboxes.agent_bot(inbox.id)
    assert attached is not None
    assert attached.id == done.bot_id


async def test_an_inbox_that_is_not_there_is_named_with_those_that_are(admin: Chatwoot) -> None:
    inbox = await admin.inboxes.create_api("Sales")
    desired = Desired(
        public_url="https://nest.example",
        bot_url=DESIRED.bot_url,
        bot_name="NextNest",
        inbox_name="Mortgage leads",
        inbox_id=77,
    )
    (refusal,) = (await look(admin, desired)).refusals
    assert "CHATWOOT_INBOX_ID=77" in refusal
    assert f"{inbox.id} Sales (Channel::Api)" in refusal


async def test_a_detached_bot_is_attached_again(admin: Chatwoot) -> None:
    done = await set_up(admin)
    await admin.inboxes.set_agent_bot(done.inbox_id, None)
    assert (await look(admin)).lines() == ["make bot of the inbox 'NextNest'"]
    await set_up(admin)
    assert await admin.inboxes.agent_bot(done.inbox_id) is not None


async def test_what_is_useful_but_refused_does_not_stop_the_rest(admin: Chatwoot) -> None:
    desired = Desired(
        public_url="https://nest.example",
        bot_url=DESIRED.bot_url,
        bot_name="NextNest",
        inbox_name="Mortgage leads",
        items=(attribute("email", "E-mail", "text", "contact_attribute"), *LABELS),
    )
    done = await set_up(admin, desired)
    assert len(done.failures) == 1
    assert "attribute definition 'email'" in done.failures[0]
    assert {each.title for each in await admin.labels.all()} >= {"nextnest"}


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_is_useful_but_not_for_this_token_does_not_stop_the_rest(
    admin: Chatwoot, desk: Desk, status: int
) -> None:
    """A custom role, or a version that has no such thing."""
    application = desk.app.build_middleware_stack()

    async def front(scope: Any, receive: Receiver, send: Sender) -> None:
        refuses = scope["method"] == "POST" and scope["path"].endswith("/dashboard_apps")
        answer = JSONResponse({"error": "You are not authorized to do this action"}, status)
        await (answer if refuses else application)(scope, receive, send)

    desk.app.middleware_stack = front
    done = await set_up(admin)
    assert len(done.failures) == 1
    assert "dashboard app" in done.failures[0]
    assert await admin.custom_filters.all(filter_type="conversation")
