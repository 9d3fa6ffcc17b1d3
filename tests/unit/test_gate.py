"""The gate, row by row: each recorded kind of message, each case of Chatwoot's contract, each reason."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import nextnest
from nextnest.adapters.chatwoot.inbound import incoming_of
from nextnest.adapters.chatwoot.payloads import MessageEvent, parse_event
from nextnest.domain.gate import Act, Decision, Silence, Standing, decide, standing_in, wakes
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.ownership import Owner
from nextnest.domain.thread import Assignee, Author, Message, Status, Thread, author_of
from nextnest.service.receive import Incoming, Source, Wake, wake_of
from tests.unit.chatwoot.recording import examples, webhooks

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

REPLY = Decision(act=Act.REPLY)
YIELD = Decision(act=Act.YIELD)
LISTEN = Decision(act=Act.HAND_OVER, handoff=HandoffReason.ATTACHMENT)


def silent(reason: Silence) -> Decision:
    return Decision(act=Act.SILENT, silence=reason)


PEOPLES = (silent(Silence.HUMAN_OWNS), Wake.QUIET)
OTHERS = (silent(Silence.NOT_INCOMING), Wake.PAGE)  # neither a customer's nor a person's: pages show it

# What each recorded message asks of the bot in the conversation as it was recorded, and what its webhook is
# worth. The recording's bot and its administrator are not ours: nothing in it carries our mark.
RECORDED: dict[tuple[str, str, str], tuple[Decision, Wake | None]] = {
    # a customer, while the bot has it: by the public API and as the contact by the application API
    ("public_message_create", "message_created", "incoming"): (REPLY, Wake.QUIET),
    ("public_message_create_second", "message_created", "incoming"): (REPLY, Wake.QUIET),
    ("public_message_create_ignored_fields", "message_created", "incoming"): (REPLY, Wake.QUIET),
    ("message_create_incoming_via_api", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # an answer to one message is a message
    ("message_create_incoming_reply_to", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # `external_created_at` of 2023 says nothing of when it was said to us
    ("message_create_external_created_at", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # a file with words: the words are answered
    ("public_message_attachment", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # nothing at all: it wakes, so that its silence is on record, and is not answered
    ("public_message_create_no_content", "message_created", "incoming"): (silent(Silence.EMPTY), Wake.QUIET),
    # resolved, and the customer returns: with a bot on the inbox it is pending again
    ("message_incoming_after_resolved", "message_created", "incoming"): (REPLY, Wake.QUIET),
    ("public_message_after_resolve", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # the bot's address fails: what was said waits all the same
    ("bot_webhook_500", "message_created", "incoming"): (REPLY, Wake.QUIET),
    ("bot_webhook_404", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # pending with a person assigned: the gate alone does not know since when; ownership does
    ("automation_fires", "message_created", "incoming"): (REPLY, Wake.QUIET),
    # people have it
    ("public_message_after_handoff", "message_created", "incoming"): PEOPLES,
    # an inbox without a bot: what comes in is open, and people's
    ("message_without_bot", "message_created", "incoming"): PEOPLES,
    ("b_message_greeting", "message_created", "incoming"): PEOPLES,
    ("b_message_after_resolved_locked", "message_created", "incoming"): PEOPLES,
    # a muted contact reopens nothing and is not answered
    ("message_incoming_while_muted", "message_created", "incoming"): (
        silent(Silence.BLOCKED_CONTACT),
        Wake.QUIET,
    ),
    # a person of the brokerage, whatever it is that they send: the conversation is theirs
    ("conversation_create", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_outgoing", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_default_type", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_private_string_false", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_content_attributes", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_content_attributes_string", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_source_id", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_source_id_again", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_echo_id", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_input_select", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_cards", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_article", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_form", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_no_content", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_empty_content", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_liquid", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_unicode", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_markdown_normalizer", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_as_agent", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("message_create_attachment_multipart", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("agent_reply_after_handoff", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("b_agent_reply", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("api_inbox_webhook_500", "message_created", "outgoing"): (YIELD, Wake.NOW),
    ("account_webhook_500", "message_created", "outgoing"): (YIELD, Wake.NOW),
    # a macro speaks in the name of the person who pressed it
    ("macro_execute", "message_created", "outgoing"): (YIELD, Wake.NOW),
    # what becomes of a person's message later is a person's doing or Chatwoot's; a look costs little
    ("message_update_status_delivered", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    ("message_update_status_read", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    ("message_update_status_failed", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    ("message_retry", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    ("api_inbox_webhook_500", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    # taking a word back does not undo that a person stepped in
    ("message_delete", "message_updated", "outgoing"): (YIELD, Wake.NOW),
    # notes are for colleagues; only theirs may have been seen, nobody is woken
    ("message_create_private", "message_created", "outgoing"): (silent(Silence.PRIVATE), None),
    ("message_create_as_bot_private", "message_created", "outgoing"): (silent(Silence.PRIVATE), None),
    ("agent_private_note_on_public", "message_created", "outgoing"): (silent(Silence.PRIVATE), None),
    # an automation's note has no sender at all
    ("automation_fires", "message_created", "outgoing"): (silent(Silence.PRIVATE), None),
    # a bot without our mark is another bot, also when an administrator's token spoke for it
    ("message_create_as_bot", "message_created", "outgoing"): OTHERS,
    ("message_create_sender_bot_by_admin", "message_created", "outgoing"): OTHERS,
    ("bot_reply", "message_created", "outgoing"): OTHERS,
    ("bot_input_select", "message_created", "outgoing"): OTHERS,
    # a form that another bot sent was submitted: an answer to that bot
    ("public_message_update_submitted_values", "message_updated", "outgoing"): OTHERS,
    # templates: greeting, CSAT and its answer; also the odd one whose sender is the contact
    ("b_message_greeting", "message_created", "template"): OTHERS,
    ("b_resolve_csat", "message_created", "template"): OTHERS,
    ("b_csat_submit", "message_updated", "template"): OTHERS,
    ("message_create_template_type", "message_created", "template"): OTHERS,
}
# One request of the recording touched three messages at once; see the test below.
READ_BY_CUSTOMER = ("public_update_last_seen", "message_updated", "outgoing")

SOURCES = {
    "agent_bot_webhook": Source.AGENT_BOT,
    "account_webhook": Source.ACCOUNT,
    "api_inbox_webhook": Source.INBOX,
}
HOLDERS = {"pending": Owner.BOT, "open": Owner.PERSON, "resolved": Owner.NOBODY}


def recorded_messages() -> Iterator[tuple[tuple[str, str, str], Incoming, Standing]]:
    """What caused it and its two types, the event as the use case gets it, and where it stood."""
    for hook in webhooks():
        event = parse_event(hook["request"]["body"].encode())
        if isinstance(event, MessageEvent):
            incoming = incoming_of(SOURCES[hook["target"]], None, event)
            assert incoming is not None
            meta, status = event.conversation.meta, event.conversation.status
            standing = Standing(
                owner=HOLDERS[status],
                status=Status(status),
                contact_blocked=meta.sender is not None and meta.sender.blocked,
            )
            yield (hook["cause"], event.event, event.message_type), incoming, standing


def message_of(incoming: Incoming | None) -> Message:
    assert incoming is not None
    assert incoming.message is not None
    return incoming.message


def test_every_recorded_message_asks_what_the_contract_says_by_whatever_route_it_came() -> None:
    seen = set()
    for kind, incoming, standing in recorded_messages():
        if kind == READ_BY_CUSTOMER:
            continue
        got = decide(message_of(incoming), standing, now=datetime.now(UTC))
        assert (got, wake_of(incoming)) == RECORDED[kind], kind
        seen.add(kind)
    assert seen == RECORDED.keys()


def test_a_customer_who_reads_the_thread_asks_for_nothing() -> None:
    """Reading marks every outgoing message `read`, notes included: nine webhooks."""
    got = [
        (wakes(message_of(incoming)), wake_of(incoming))
        for kind, incoming, _ in recorded_messages()
        if kind == READ_BY_CUSTOMER
    ]
    assert len(got) == 9
    assert got.count(OTHERS) == 6
    assert got.count((silent(Silence.PRIVATE), None)) == 3


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        # the contract's own examples, where the recording has none
        ("incoming_from_contact", {}, REPLY),
        ("incoming_with_attachment", {}, LISTEN),  # a picture and no word: a person looks at it
        ("outgoing_by_agent_bot", {}, silent(Silence.NOT_INCOMING)),  # some other product's turn id
        ("outgoing_by_human_agent_while_pending", {}, YIELD),
        ("private_note_by_human", {}, silent(Silence.PRIVATE)),
        ("template_greeting", {}, silent(Silence.NOT_INCOMING)),
        ("outgoing_by_automation_rule", {}, silent(Silence.NOT_INCOMING)),  # sender null: no person
        ("outgoing_by_captain", {}, silent(Silence.NOT_INCOMING)),
        ("outgoing_from_native_whatsapp_app", {}, YIELD),  # sender null, but a person with a phone
        # our mark: the bot's token, or a user's token that spoke for the bot (section 6)
        (
            "outgoing_by_agent_bot",
            {"content_attributes": {"nextnest": {"turn": "7-1", "part": "7-1:reply-0"}}},
            silent(Silence.OWN_MESSAGE),
        ),
        (
            "outgoing_by_human_agent_while_pending",
            {"content_attributes": {"nextnest": {"turn": "7-1", "part": "7-1:reply-0"}}},
            silent(Silence.OWN_MESSAGE),
        ),
        # the customer's own line from our chat page carries our mark, too, and is the customer's
        (
            "incoming_from_contact",
            {"content_attributes": {"nextnest": {"turn": "c:1", "part": "c:1"}}},
            REPLY,
        ),
        # a mark of ours in a shape that we never write proves nothing
        ("outgoing_by_human_agent_while_pending", {"content_attributes": {"nextnest": "7-1"}}, YIELD),
        # section 4: a sticker is content of its own type; a voice message is an attachment
        ("incoming_from_contact", {"content": None, "content_type": "sticker"}, silent(Silence.EMPTY)),
        ("incoming_with_attachment", {"attachments": [{"file_type": "audio"}]}, LISTEN),
        ("incoming_with_attachment", {"attachments": [{"file_type": "location"}]}, LISTEN),
        ("incoming_with_attachment", {"content": "my payslip"}, REPLY),
        ("incoming_from_contact", {"content": " \n\t "}, silent(Silence.EMPTY)),
        # deleted in the channel: the words are gone, only Chatwoot's line about it is left
        (
            "incoming_from_contact",
            {"content": "This message was deleted", "content_attributes": {"deleted": True}},
            silent(Silence.EMPTY),
        ),
        # pain 10: type and origin decide, never the words
        ("incoming_from_contact", {"content": "my wife joined the conversation"}, REPLY),
        ("incoming_from_contact", {"content": "marked open by system due to an error"}, REPLY),
    ],
)
def test_the_contracts_cases_by_webhook(name: str, changes: dict[str, Any], expected: Decision) -> None:
    payload = examples()["webhook_events"][f"message_created.{name}"]["payload"] | changes
    incoming = incoming_of(Source.AGENT_BOT, None, parse_event(json.dumps(payload).encode()))
    assert decide(message_of(incoming), Standing(), now=datetime.now(UTC)) == expected


ASKED = Message(id=10, author=Author.CUSTOMER, text="How much can I borrow?", created_at=NOW)
VOICE = ASKED.model_copy(update={"text": "", "attachments": ("audio",)})
EMPTY = ASKED.model_copy(update={"text": "  "})
OWN = ASKED.model_copy(update={"author": Author.BOT})
PERSON = ASKED.model_copy(update={"author": Author.PERSON})


@pytest.mark.parametrize(
    ("message", "standing", "expected"),
    [
        (ASKED, {}, REPLY),
        (VOICE, {}, LISTEN),
        # snoozed and open are people's; resolved is nobody's until Chatwoot makes it pending again
        (ASKED, {"owner": Owner.PERSON, "status": Status.OPEN}, silent(Silence.HUMAN_OWNS)),
        (ASKED, {"owner": Owner.PERSON, "status": Status.SNOOZED}, silent(Silence.HUMAN_OWNS)),
        (ASKED, {"owner": Owner.NOBODY, "status": Status.RESOLVED}, silent(Silence.NOT_PENDING)),
        # a person spoke while it was pending (section 6): theirs, although the status says otherwise
        (ASKED, {"owner": Owner.PERSON}, silent(Silence.HUMAN_OWNS)),
        # ours by our records, and yet not pending: no answer on a guess
        (ASKED, {"status": Status.OPEN}, silent(Silence.NOT_PENDING)),
        (ASKED, {"contact_blocked": True}, silent(Silence.BLOCKED_CONTACT)),
        (ASKED, {"bot_off": True}, silent(Silence.BOT_OFF)),
        (ASKED, {"watermark": 9}, REPLY),
        (ASKED, {"watermark": 10}, silent(Silence.DUPLICATE)),  # its turn has ended
        (ASKED, {"last_said_by_person": 11}, silent(Silence.ALREADY_ANSWERED)),
        (ASKED, {"last_said_by_person": 9}, REPLY),  # they spoke before, and gave it back
        (ASKED, {"draft_waiting": True}, silent(Silence.DRAFT_WAITING)),
        # who may answer comes before what is said: emptiness says nothing about ownership
        (EMPTY, {}, silent(Silence.EMPTY)),
        (EMPTY, {"owner": Owner.PERSON, "status": Status.OPEN}, silent(Silence.HUMAN_OWNS)),
        (EMPTY, {"watermark": 10}, silent(Silence.DUPLICATE)),
        # a voice message that a person has, or that waits behind a draft, is not handed over again
        (VOICE, {"owner": Owner.PERSON, "status": Status.OPEN}, silent(Silence.HUMAN_OWNS)),
        (VOICE, {"draft_waiting": True}, silent(Silence.DRAFT_WAITING)),
        # what is not a customer's is decided without looking at the conversation
        (OWN, {"owner": Owner.PERSON, "status": Status.OPEN}, silent(Silence.OWN_MESSAGE)),
        (PERSON, {"status": Status.RESOLVED, "owner": Owner.NOBODY}, YIELD),
    ],
)
def test_who_holds_the_conversation_decides(
    message: Message, standing: dict[str, Any], expected: Decision
) -> None:
    assert decide(message, Standing(**standing), now=NOW) == expected


def test_an_answer_a_week_late_is_left_to_people() -> None:
    old = ASKED.model_copy(update={"created_at": NOW - timedelta(days=7, seconds=1)})
    assert decide(old, Standing(), now=NOW) == silent(Silence.STALE)
    assert decide(ASKED, Standing(), now=NOW + timedelta(days=7)) == REPLY


def test_a_blocked_or_muted_contact_is_read_from_the_thread() -> None:
    thread = Thread(conversation_id=1, status=Status.PENDING, assignee=Assignee.NOBODY, messages=())
    for named in ("contact_blocked", "muted"):
        assert standing_in(thread.model_copy(update={named: True}), Owner.BOT, watermark=0).contact_blocked
    assert not standing_in(thread, Owner.BOT, watermark=0).contact_blocked


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # message_type, sender; then our mark, the channel's echo
        (("incoming", None, False, False), Author.CUSTOMER),
        (
            ("incoming", "user", True, True),
            Author.CUSTOMER,
        ),  # the type outweighs all that is claimed beside it
        (("activity", None, True, False), Author.SYSTEM),
        (("outgoing", "user", False, False), Author.PERSON),
        (("outgoing", None, False, True), Author.PERSON),
        (("outgoing", "user", True, False), Author.BOT),
        (("outgoing", "agent_bot", True, False), Author.BOT),
        (("outgoing", "agent_bot", False, False), Author.AUTOMATION),
        (("outgoing", "captain_assistant", False, False), Author.AUTOMATION),
        (("outgoing", None, False, False), Author.AUTOMATION),
        (("template", None, False, False), Author.AUTOMATION),
        (("template", "contact", False, False), Author.AUTOMATION),
        (
            ("template", "user", False, False),
            Author.AUTOMATION,
        ),  # a campaign in a person's name answers nobody
        (("of_next_year", "robot", False, False), Author.AUTOMATION),
    ],
)
def test_who_wrote_it(arguments: tuple[str, str | None, bool, bool], expected: Author) -> None:
    kind, sender, marked, echo = arguments
    assert author_of(kind, sender, marked=marked, channel_echo=echo) is expected


def test_the_list_of_reasons_is_the_designs_and_each_is_reached() -> None:
    assert {str(reason) for reason in Silence} == {
        "not_incoming", "private", "own_message", "duplicate", "human_owns", "not_pending",
        "blocked_contact", "empty", "stale", "bot_off", "already_answered", "draft_waiting",
    }  # fmt: skip
    old = ASKED.model_copy(update={"created_at": NOW - timedelta(days=8)})
    note = ASKED.model_copy(update={"private": True})
    greeting = ASKED.model_copy(update={"author": Author.AUTOMATION})
    reached = {
        decide(message, standing, now=NOW).silence
        for message in (ASKED, EMPTY, OWN, old, note, greeting)
        for standing in (
            Standing(),
            Standing(watermark=10),
            Standing(owner=Owner.PERSON),
            Standing(owner=Owner.NOBODY, status=Status.RESOLVED),
            Standing(contact_blocked=True),
            Standing(bot_off=True),
            Standing(last_said_by_person=11),
            Standing(draft_waiting=True),
        )
    }
    assert reached == {*Silence, None}


def _literals(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _without_keys(path: Path) -> ast.AST:
    """A file's tree without the keys of its dicts: `draft_waiting` is a field of the standing, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            node.keys = [None] * len(node.keys)
    return tree


# Words that are English, too, and name other things elsewhere: a note, an answer, a signature, a table.
ORDINARY = {"private", "empty", "duplicate", "stale"}


def test_no_reason_is_written_anywhere_but_in_the_gate() -> None:
    """Neither alone nor inside SQL or a template of ours."""
    source = Path(nextnest.__file__).parent
    reasons = re.compile(r"\b(" + "|".join({str(reason) for reason in Silence} - ORDINARY) + r")\b")
    found = {
        f"{path.relative_to(source)}: {reasons.findall(text)}"
        for path in sorted(source.rglob("*.py"))
        if path != source / "domain" / "gate.py"
        for text in _literals(_without_keys(path))
        if reasons.search(text)
    }
    assert found == set()


def test_a_turn_never_ends_in_a_reason_that_is_spelled_out() -> None:
    source = Path(nextnest.__file__).parent
    ends = [
        call
        for path in sorted(source.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("turns.end")
    ]
    assert len(ends) >= 5  # silence, withdrawal, done, failed, broken
    spelled = [ast.unparse(call) for call in ends if {*_literals(call)} & {str(r) for r in Silence}]
    assert spelled == []
