"""Every call, against what a real Chatwoot 4.14.2 answered to the same request."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nextnest.adapters.chatwoot.client import Chatwoot
from nextnest.adapters.chatwoot.errors import NotSent
from nextnest.adapters.chatwoot.public import PublicInbox
from tests.unit.chatwoot.recording import exchange
from tests.unit.chatwoot.server import Server, client, public, recorded_answer

INBOX = "RBTEATCQi9cwHLAyUXW4nRvs"
VISITOR = "f5f1fa9a-1e2b-47dc-bf36-1cf3f9688ade"

Call = Callable[[Chatwoot], Awaitable[Any]]


def at(result: Any, *names: str | int) -> Any:
    for name in names:
        result = result[name] if isinstance(name, int) else getattr(result, name)
    return result


# (recorded exchange, our call, where to look in the result, what the real server said there)
CALLS: list[tuple[str, Call, tuple[str | int, ...], Any]] = [
    ("api_root", lambda c: c.version(), (), "4.14.2"),
    ("profile", lambda c: c.profile(), ("accounts", 0, "role"), "administrator"),
    ("account_show", lambda c: c.account(), ("name",), "Acme Inc"),
    ("agents_index", lambda c: c.agents(), (1, "role"), "agent"),
    ("inboxes_index", lambda c: c.inboxes.all(), (0, "channel_type"), "Channel::Api"),
    ("inbox_show", lambda c: c.inboxes.get(1), ("inbox_identifier",), INBOX),
    (
        "inbox_update",
        lambda c: c.inboxes.update(
            1, {"enable_auto_assignment": False, "channel": {"additional_attributes": {"k": "v"}}}
        ),
        ("enable_auto_assignment",),
        False,
    ),
    ("inbox_members_create", lambda c: c.inboxes.add_members(1, [1, 2]), (), None),
    ("inbox_members_show", lambda c: c.inboxes.members(1), (1, "email"), "agent@acme.test"),
    ("inbox_agent_bot_before", lambda c: c.inboxes.agent_bot(1), (), None),  # the answer is {}
    ("inbox_agent_bot_after", lambda c: c.inboxes.agent_bot(1), ("id",), 1),
    ("set_agent_bot", lambda c: c.inboxes.set_agent_bot(1, 1), (), None),  # the answer is empty
    ("set_agent_bot_disconnect", lambda c: c.inboxes.set_agent_bot(1, None), (), None),
    ("agent_bots_index", lambda c: c.agent_bots.all(), (0, "name"), "Helper Bot"),
    ("agent_bot_update", lambda c: c.agent_bots.update(1, {"description": "changed"}), ("id",), 1),
    ("reset_bot_secret", lambda c: c.agent_bots.reset_secret(1), ("id",), 1),
    ("reset_bot_access_token", lambda c: c.agent_bots.reset_access_token(1), ("id",), 1),
    ("webhooks_index", lambda c: c.webhooks.all(), (1, "subscriptions"), ["message_created"]),
    (
        "webhook_update",
        lambda c: c.webhooks.update(2, {"name": "second", "subscriptions": ["contact_created"]}),
        ("name",),
        "second",
    ),
    ("webhook_delete", lambda c: c.webhooks.delete(2), (), None),
    ("cad_index_all", lambda c: c.attribute_definitions.all(), (1, "attribute_values", 2), "done"),
    (
        "cad_conversation_list",
        lambda c: c.attribute_definitions.create(
            {
                "attribute_display_name": "Stage",
                "attribute_description": "stage",
                "attribute_display_type": "list",
                "attribute_key": "stage",
                "attribute_model": "conversation_attribute",
                "attribute_values": ["new", "doing", "done"],
            }
        ),
        ("attribute_model",),
        "conversation_attribute",
    ),
    (
        "cad_update",
        lambda c: c.attribute_definitions.update(6, {"attribute_description": "Plan tier"}),
        ("attribute_description",),
        "Plan tier",
    ),
    ("cad_delete", lambda c: c.attribute_definitions.delete(9), (), None),  # 204
    (
        "label_create",
        lambda c: c.labels.create(
            {"title": "billing", "description": "Billing", "color": "#ff0000", "show_on_sidebar": True}
        ),
        ("title",),
        "billing",
    ),
    ("labels_index", lambda c: c.labels.all(), (1, "show_on_sidebar"), None),
    (
        "team_create",
        lambda c: c.teams.create(
            {"name": "Support", "description": "first line", "allow_auto_assign": False}
        ),
        ("name",),
        "support",  # lower-cased by Chatwoot
    ),
    ("teams_index", lambda c: c.teams.all(), (0, "allow_auto_assign"), False),
    ("team_members_create", lambda c: c.teams.add_members(1, [1, 2]), (), None),
    (
        "canned_create",
        lambda c: c.canned_responses.create(
            {"short_code": "hello", "content": "Hello {{contact.name}}, this is {{agent.name}}."}
        ),
        ("content",),
        "Hello {{contact.name}}, this is {{agent.name}}.",  # for people Liquid is meant to work
    ),
    ("canned_index", lambda c: c.canned_responses.all(), (1, "short_code"), "bye"),
    (
        "dashboard_app_create",
        lambda c: c.dashboard_apps.create(
            {"title": "Side panel", "content": [{"type": "frame", "url": "http://127.0.0.1:8080/panel"}]}
        ),
        ("content", 0, "url"),
        "http://127.0.0.1:8080/panel",
    ),
    ("dashboard_apps_index", lambda c: c.dashboard_apps.all(), (1, "title"), "Flat"),
    ("dashboard_app_update", lambda c: c.dashboard_apps.update(1, {"title": "Side panel 2"}), ("id",), 1),
    # an automation rule is bare when created, wrapped when listed or updated
    (
        "automation_rule_create_conversation_created",
        lambda c: c.automation_rules.create(
            {
                "name": "On create",
                "description": "d",
                "event_name": "conversation_created",
                "conditions": [
                    {
                        "attribute_key": "inbox_id",
                        "filter_operator": "equal_to",
                        "values": [1],
                        "query_operator": None,
                    }
                ],
                "actions": [{"action_name": "change_priority", "action_params": ["low"]}],
            }
        ),
        ("active",),
        True,
    ),
    ("automation_rules_index", lambda c: c.automation_rules.all(), (0, "event_name"), "message_created"),
    (
        "automation_rule_update",
        lambda c: c.automation_rules.update(1, {"name": "Refund 2", "active": True}),
        ("name",),
        "Refund 2",
    ),
    ("automation_rule_delete", lambda c: c.automation_rules.delete(1), (), None),
    (
        "contact_create",
        lambda c: c.contacts.create(
            name="Jane Doe",
            email="Jane@Example.com",
            phone_number="+6591234567",
            identifier="crm-1",
            custom_attributes={"plan": "gold", "unknown_key": "kept?"},
        ),
        ("email",),
        "jane@example.com",  # lower-cased by Chatwoot
    ),
    (
        "contact_create_with_inbox_source_id",
        lambda c: c.contacts.create(
            name="Ext Source", email="ext@example.com", inbox_id=1, source_id="ext-555"
        ),
        ("contact_inboxes", 0, "source_id"),
        "ext-555",
    ),
    ("contact_show", lambda c: c.contacts.get(1), ("identifier",), "crm-1"),
    (
        "contact_update_patch_no_change",
        lambda c: c.contacts.update(1, {"name": "Jane D."}),
        ("custom_attributes",),
        {"crm": "http://x.test", "plan": "gold", "unknown_key": "kept?"},
    ),
    ("contact_delete", lambda c: c.contacts.delete(7), (), None),
    (
        "contact_destroy_custom_attributes",
        lambda c: c.contacts.remove_custom_attributes(1, ["unknown_key"]),
        (),
        None,
    ),
    ("contact_filter_email", lambda c: c.contacts.find("email", "jane@example.com"), (0, "id"), 1),
    ("contact_filter_identifier", lambda c: c.contacts.find("identifier", "crm-1"), (0, "id"), 1),
    ("contact_filter_phone", lambda c: c.contacts.find("phone_number", "+6591234567"), (0, "id"), 1),
    ("contact_filter_none", lambda c: c.contacts.find("email", "nobody@example.com"), (), []),
    # Chatwoot adds the plus by itself; exact means exact
    ("contact_filter_phone_no_plus", lambda c: c.contacts.find("phone_number", "6591234567"), (), []),
    ("contact_inboxes_filter", lambda c: c.contacts.find_by_source(1, "jane-src-1"), ("id",), 1),
    ("contact_search_phone", lambda c: c.contacts.search("+6591234567"), (0, "id"), 1),
    (
        "contact_inbox_create",
        lambda c: c.contacts.enter_inbox(1, 1, "jane-src-1"),
        ("source_id",),
        "jane-src-1",
    ),
    ("contact_conversations", lambda c: c.contacts.conversations(1), (0, "status"), "pending"),
    ("contact_merge", lambda c: c.contacts.merge(1, 6), ("id",), 1),
    ("contact_labels_set", lambda c: c.contacts.set_labels(1, ["billing"]), (), ["billing"]),
    ("contact_labels_get", lambda c: c.contacts.labels(1), (), ["billing"]),
    ("contact_note_create", lambda c: c.contacts.add_note(1, "a note"), ("content",), "a note"),
    ("contact_notes_index", lambda c: c.contacts.notes(1), (0, "id"), 1),
    ("conversation_show", lambda c: c.conversations.get(1), ("meta", "sender", "id"), 1),
    ("conversation_show_after", lambda c: c.conversations.get(1), ("meta", "assignee_type"), "User"),
    ("conversation_show_after", lambda c: c.conversations.get(1), ("meta", "team"), None),  # absent
    ("conversation_delete", lambda c: c.conversations.delete(3), (), None),
    (
        "conversations_index_filters",
        lambda c: c.conversations.list(inbox_id=1),
        (0, "meta", "assignee", "name"),
        "Agent Two",
    ),
    ("conversations_meta", lambda c: c.conversations.counts(status="all"), ("all_count",), 3),
    ("toggle_status_pending", lambda c: c.conversations.set_status(1, "pending"), ("success",), True),
    # a bot's hand-off: it worked, and `success` is null
    ("toggle_status_open_by_bot", lambda c: c.conversations.set_status(1, "open"), ("success",), None),
    ("bot_handoff", lambda c: c.conversations.set_status(4, "open"), ("current_status",), "open"),
    (
        "toggle_status_snoozed",
        lambda c: c.conversations.set_status(1, "snoozed", snoozed_until=1795448237),
        ("snoozed_until",),
        "2026-11-23T15:37:17.000Z",
    ),
    ("toggle_priority_high", lambda c: c.conversations.set_priority(1, "high"), (), None),
    ("toggle_priority_none", lambda c: c.conversations.set_priority(1, None), (), None),
    ("typing_on", lambda c: c.conversations.set_typing(1, on=True), (), None),
    ("assign_agent", lambda c: c.conversations.assign_agent(1, 1), (), None),
    ("unassign_agent", lambda c: c.conversations.assign_agent(1, None), (), None),  # answers null
    ("assign_team", lambda c: c.conversations.assign_team(1, 1), (), None),
    ("unassign_team", lambda c: c.conversations.assign_team(1, None), (), None),
    ("assign_bot", lambda c: c.conversations.assign_bot(1, 1), (), None),
    (
        "conv_labels_set",
        lambda c: c.conversations.set_labels(1, ["billing", "urgent"]),
        (),
        ("billing", "urgent"),
    ),
    ("conv_labels_clear", lambda c: c.conversations.set_labels(1, []), (), ()),
    ("conv_labels_get", lambda c: c.conversations.labels(1), (), ("billing", "urgent")),
    (
        "conv_custom_attributes",
        lambda c: c.conversations.set_custom_attributes(1, {"order_id": "O-2", "new_key": True, "n": 5}),
        (),
        {"order_id": "O-2", "new_key": True, "n": 5},
    ),
    ("conv_custom_attributes_empty", lambda c: c.conversations.set_custom_attributes(1, {}), (), {}),
    (
        "message_create_as_bot",
        lambda c: c.messages.create(1, "by the bot token"),
        ("sender", "type"),
        "agent_bot",
    ),
    ("message_create_as_bot_private", lambda c: c.messages.add_note(1, "bot note"), ("private",), True),
    (
        "message_create_echo_id",
        lambda c: c.messages.create(1, "with echo id", echo_id="echo-123"),
        ("echo_id",),
        "echo-123",
    ),
    (
        "message_create_content_attributes",
        lambda c: c.messages.create(1, "with attrs", content_attributes={"in_reply_to": 3, "foo": "bar"}),
        ("content_attributes", "__getitem__"),
        "bar",
    ),
    ("messages_index", lambda c: c.messages.latest(1), (-1, "id"), 30),
    ("messages_index_before", lambda c: c.messages.latest(1, before=12), (0, "id"), 1),
    ("message_delete", lambda c: c.messages.delete(1, 3), (), None),
]

# Keys that we always send and the recorder did not: they are Chatwoot's defaults.
ALWAYS_SENT = {"message_type": "outgoing", "private": False, "content_type": "text", "is_private": False}


@pytest.mark.parametrize(
    ("name", "call", "path", "expected"), CALLS, ids=lambda value: value if isinstance(value, str) else ""
)
async def test_the_request_is_the_recorded_one_and_its_answer_is_read(
    name: str, call: Call, path: tuple[str | int, ...], expected: Any
) -> None:
    server = Server([recorded_answer(name)])
    async with client(server) as chatwoot:
        result = await call(chatwoot)
    if path[-1:] == ("__getitem__",):
        result, path = at(result, *path[:-1])["foo"], ()
    assert at(result, *path) == expected
    (sent,) = server.seen
    request = exchange(name)["request"]
    assert (sent.method, sent.target.split("?")[0]) == (request["method"], request["target"].split("?")[0])
    recorded = json.loads(request["body"]) if request["body"] else None
    assert without_defaults(sent.body) == without_defaults(recorded)


def without_defaults(body: Any) -> Any:
    if not isinstance(body, dict):
        return body or None
    kept = {key: value for key, value in body.items() if ALWAYS_SENT.get(key, ...) != value}
    # our contacts carry no additional_attributes; those of the recording do
    return {key: value for key, value in kept.items() if key != "additional_attributes"}


PublicCall = Callable[[PublicInbox], Awaitable[Any]]
PUBLIC_CALLS: list[tuple[str, PublicCall, tuple[str | int, ...], Any]] = [
    (
        "public_contact_create_existing_email",
        lambda p: p.create_contact(name="Other name", email="visitor@example.com"),
        ("name",),
        "Web Visitor",  # an existing contact is reused, unchanged
    ),
    ("public_contact_show", lambda p: p.contact(VISITOR), ("id",), 8),
    (
        "public_conversation_create",
        lambda p: p.create_conversation(VISITOR, {"order_id": "W-1"}),
        ("status",),
        "pending",
    ),
    ("public_conversations_index", lambda p: p.conversations(VISITOR), (0, "id"), 4),
    (
        "public_message_create",
        lambda p: p.say(VISITOR, 4, "Hi, first message", echo_id="pub-echo-1"),
        ("message_type",),
        0,
    ),
    ("public_messages_index", lambda p: p.messages(VISITOR, 4), (0, "content"), "Hi, first message"),
    ("public_messages_index_before", lambda p: p.messages(VISITOR, 4, before=70), (0, "id"), 64),
    (
        "public_message_update_submitted_values",
        lambda p: p.submit(VISITOR, 4, 70, [{"title": "Yes", "value": "yes"}]),
        (),
        None,
    ),
    ("public_typing_on", lambda p: p.set_typing(VISITOR, 4, on=True), (), None),
    ("public_update_last_seen", lambda p: p.mark_seen(VISITOR, 4), (), None),
]


@pytest.mark.parametrize(
    ("name", "call", "path", "expected"),
    PUBLIC_CALLS,
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_public_request_is_the_recorded_one(
    name: str, call: PublicCall, path: tuple[str | int, ...], expected: Any
) -> None:
    server = Server([recorded_answer(name)])
    async with public(server, INBOX) as inbox:
        assert at(await call(inbox), *path) == expected
    (sent,) = server.seen
    request = exchange(name)["request"]
    assert (sent.method, sent.target) == (request["method"], request["target"])
    assert sent.body == (json.loads(request["body"]) if request["body"] else None)
    assert "api-access-token" not in sent.headers


async def test_tokens_and_secrets_are_read_in_both_shapes_and_never_shown() -> None:
    server = Server([recorded_answer("agent_bot_show"), recorded_answer("inbox_agent_bot_after")])
    async with client(server) as chatwoot:
        listed = await chatwoot.agent_bots.update(1, {})
        attached = await chatwoot.inboxes.agent_bot(1)
    assert attached is not None
    for bot in (listed, attached):
        assert bot.access_token is not None
        assert bot.access_token.get_secret_value() == "F2qxx6u6D8GGFJ1KK58Fftq5"
        assert bot.secret is not None
        assert bot.secret.get_secret_value() == "zLi77Gd1CmYuCRD8NrYgwCPC"
        assert "F2qxx6u6" not in repr(bot)
        assert "zLi77Gd1" not in repr(bot)


async def test_an_agent_sees_no_secret() -> None:
    server = Server([recorded_answer("agent_bot_show_as_agent")])
    async with client(server) as chatwoot:
        assert (await chatwoot.agent_bots.update(1, {})).secret is None


async def test_a_plus_is_encoded_in_a_query() -> None:
    server = Server([recorded_answer("contact_search_phone")])
    async with client(server) as chatwoot:
        await chatwoot.contacts.search("+6591234567")
    assert server.seen[0].target == exchange("contact_search_phone")["request"]["target"]
    assert "q=%2B6591234567" in server.seen[0].target


async def test_a_contact_that_has_no_place_in_the_inbox_is_none() -> None:
    server = Server([(404, "")])  # 404 with an empty body
    async with client(server) as chatwoot:
        assert await chatwoot.contacts.find_by_source(1, "nope") is None


@pytest.mark.parametrize(
    ("attribute", "value", "returned", "found"),
    [
        ("email", "JANE@example.com", {"email": "jane@example.com"}, True),  # stored in lower case
        ("email", "jane@example.com", {"email": "mary-jane@example.com"}, False),  # not what was asked
        ("phone_number", "+6591234567", {"phone_number": "+6591234568"}, False),
        ("identifier", "lead:7", {"identifier": "LEAD:7"}, False),  # ours is exact to the letter
        ("plan", "gold", {"custom_attributes": {"plan": "gold"}}, True),
        ("plan", "gold", {"custom_attributes": {}}, False),
        ("email", "jane@example.com", {"email": None}, False),
    ],
)
async def test_exact_means_exact_even_if_the_server_is_generous(
    attribute: str, value: str, returned: dict[str, Any], found: bool
) -> None:
    server = Server([(200, {"payload": [{"id": 1, **returned}]})])
    async with client(server) as chatwoot:
        assert bool(await chatwoot.contacts.find(attribute, value)) is found


async def test_a_source_id_cannot_be_put_on_an_outgoing_message() -> None:
    async with client(Server([(200, {})])) as chatwoot:
        with pytest.raises(TypeError, match="source_id"):
            await chatwoot.messages.create(1, "hello", source_id="turn-1")  # type: ignore[call-arg]


async def test_types_go_out_as_strings_and_liquid_goes_out_broken() -> None:
    server = Server([recorded_answer("message_create_as_bot")])
    async with client(server) as chatwoot:
        await chatwoot.messages.create(
            1, "Hi {{contact.email}}\0 {% raw %}", template_params={"a": ["{{x}}"]}
        )
    assert server.seen[0].body == {
        "content": "Hi { {contact.email}} { % raw %}",
        "message_type": "outgoing",
        "private": False,
        "content_type": "text",
        "template_params": {"a": ["{ {x}}"]},
    }


async def test_a_note_is_made_inert_too_and_a_customers_words_are_not_touched() -> None:
    server = Server([recorded_answer("message_create_as_bot")])
    async with client(server) as chatwoot:
        await chatwoot.messages.add_note(1, "{{agent.email}}")
        await chatwoot.messages.create(1, "{{what}}", message_type="incoming")
    assert [seen.body["content"] for seen in server.seen] == ["{ {agent.email}}", "{{what}}"]


async def test_a_message_over_the_limit_is_not_sent() -> None:
    server = Server([recorded_answer("message_create_too_long")])
    async with client(server) as chatwoot:
        with pytest.raises(NotSent, match="150000"):
            await chatwoot.messages.create(1, "x" * 150_001)
    assert server.seen == []


def message(number: int) -> dict[str, Any]:
    return {"id": number, "message_type": 0, "created_at": 1, "conversation_id": 1}


@pytest.mark.parametrize(("length", "sent"), [(255, 255), (256, 255), (4000, 255)])
async def test_a_name_is_cut_where_chatwoot_would_refuse_it(length: int, sent: int) -> None:
    server = Server([recorded_answer("contact_create"), recorded_answer("contact_update")])
    async with client(server) as chatwoot:
        await chatwoot.contacts.create(name="x" * length)
        await chatwoot.contacts.update(1, {"name": "x" * length})
    assert [len(seen.body["name"]) for seen in server.seen] == [sent, sent]


async def test_messages_since_a_watermark_are_read_to_the_end_in_order() -> None:
    first = [message(number) for number in range(11, 111)]  # a full page: there may be more
    server = Server([(200, {"payload": first}), (200, {"payload": [message(111)]})])
    async with client(server) as chatwoot:
        read = [each.id async for each in chatwoot.messages.since(1, 10)]
    assert read == list(range(11, 112))
    assert [seen.target.split("?")[1] for seen in server.seen] == ["after=10", "after=110"]


async def test_a_page_that_is_not_full_ends_the_reading() -> None:
    for answer, after, last in [
        (recorded_answer("messages_index_after"), 12, 30),
        ((200, {"payload": [message(number) for number in range(13, 112)]}), 12, 111),  # 99, the most
    ]:
        server = Server([answer])
        async with client(server) as chatwoot:
            read = [each.id async for each in chatwoot.messages.since(1, after)]
        assert read == list(range(after + 1, last + 1))
        assert len(server.seen) == 1


async def test_a_long_thread_is_read_backwards_page_by_page() -> None:
    newest = [message(number) for number in range(6, 26)]
    oldest = [message(number) for number in range(1, 6)]
    server = Server([(200, {"payload": newest}), (200, {"payload": oldest})])
    async with client(server) as chatwoot:
        read = [each.id async for each in chatwoot.messages.backwards(1)]
    assert read == list(range(25, 0, -1))
    assert server.seen[1].target.endswith("?before=6")


def page(*ids: int) -> dict[str, Any]:
    row = {"inbox_id": 1, "status": "open", "meta": {}}
    return {"data": {"payload": [{"id": each, **row} for each in ids]}}


async def test_all_conversations_are_read_page_by_page_and_of_every_status() -> None:
    # A page is as long as Chatwoot's operator wants it; the last of these repeats what was read.
    for end in (page(), page(3)):
        server = Server([(200, page(5, 4)), (200, page(4, 3)), (200, end)])
        async with client(server) as chatwoot:
            read = [each.id async for each in chatwoot.conversations.all(inbox_id=1)]
        assert read == [5, 4, 3]
        assert all("status=all" in seen.target for seen in server.seen)
        assert [seen.target[-6:] for seen in server.seen] == [f"page={each}" for each in (1, 2, 3)]


async def test_all_contacts_are_read_page_by_page() -> None:
    full = {"payload": [{"id": number} for number in range(15)]}
    server = Server([(200, full), (200, {"payload": []})])
    async with client(server) as chatwoot:
        assert len([each async for each in chatwoot.contacts.all()]) == 15
    assert len(server.seen) == 2


async def test_a_conversation_owned_by_a_kind_of_a_later_version_is_read() -> None:
    later = json.loads(recorded_answer("conversation_show")[1])
    later["meta"] |= {"assignee": {"id": 2, "name": "Captain"}, "assignee_type": "Captain::Assistant"}
    later["something_new"] = {"of": ["4.18"]}
    async with client(Server([(200, later)])) as chatwoot:
        assert (await chatwoot.conversations.get(1)).meta.assignee_type == "Captain::Assistant"
