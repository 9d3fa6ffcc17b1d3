"""Which replies wait for a person, and how a person's note decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from nextnest.domain.drafting import Command, DraftRules, command_in
from nextnest.domain.persona import Persona
from nextnest.settings import SettingsError, read_settings

KEYS = {"api_key": "k" * 32, "secret_key": "s" * 32}


@pytest.mark.parametrize(
    ("rules", "inbox", "persona", "score", "waits"),
    [
        ([], 1, Persona.AGGRESSIVE, 90, False),  # nothing is set: nothing waits
        (["all"], None, Persona.BALANCED, None, True),  # even without a lead
        (["inbox:3"], 3, Persona.BALANCED, 50, True),
        (["inbox:3"], 33, Persona.BALANCED, 50, False),  # no prefix of a number
        (["persona:aggressive"], 1, Persona.AGGRESSIVE, 90, True),
        (["persona:aggressive"], 1, Persona.BALANCED, 90, False),
        (["score:75-100"], 1, Persona.AGGRESSIVE, 75, True),  # both ends count
        (["score:75-100"], 1, Persona.AGGRESSIVE, 100, True),
        (["score:75-100"], 1, Persona.AGGRESSIVE, 74, False),
        (["score:0-100"], 1, Persona.BALANCED, None, False),  # no lead, no score
        (["inbox:3", "score:0-10"], 1, Persona.BALANCED, 5, True),  # any rule is enough
    ],
)
def test_a_reply_waits_when_any_rule_names_its_conversation(
    rules: list[str], inbox: int | None, persona: Persona, score: int | None, waits: bool
) -> None:
    assert DraftRules.parse(rules).match(inbox_id=inbox, persona=persona, score=score) is waits


@pytest.mark.parametrize(
    "rule", ["everything", "inbox:", "inbox:x", "persona:bold", "score:9", "all:1", "score:-5"]
)
def test_a_rule_that_means_nothing_is_refused_at_start_with_its_variable(rule: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="NEXTNEST_DRAFT_FOR") as refused:
        read_settings({"NEXTNEST_DRAFT_FOR": f"inbox:1,{rule}"}, keys=KEYS, home=tmp_path)
    assert rule in str(refused.value)


def test_every_rule_that_the_settings_take_can_be_parsed(tmp_path: Path) -> None:
    rules = ["all", "inbox:12", *(f"persona:{persona}" for persona in Persona), "score:0-45"]
    settings = read_settings({"NEXTNEST_DRAFT_FOR": ", ".join(rules)}, keys=KEYS, home=tmp_path)
    assert DraftRules.parse(settings.draft_for).personas == frozenset(Persona)


@pytest.mark.parametrize(
    ("note", "command"),
    [
        ("/approve", Command(approve=True)),
        ("  /Approve \n", Command(approve=True)),  # typed on a phone
        (
            "/approve Hi Wei Ling,\n\nplease call me.",
            Command(approve=True, text="Hi Wei Ling,\n\nplease call me."),
        ),
        ("/approve\nOn the next line", Command(approve=True, text="On the next line")),
        ("/discard", Command(approve=False)),
        ("/discard too pushy", Command(approve=False)),  # a remark to colleagues
        ("/approved", None),  # another word
        ("please /approve this", None),  # talk about it, not the command
        ("approve", None),
        ("//approve", None),
        ("", None),
    ],
)
def test_a_note_is_a_command_only_when_it_begins_with_one(note: str, command: Command | None) -> None:
    assert command_in(note) == command
