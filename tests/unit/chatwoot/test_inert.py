"""Outgoing text is inert, judged by Chatwoot's own rules written down a second time here."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.adapters.chatwoot.inert import inert, inert_values
from tests.unit.chatwoot.recording import exchange

# Liquid's lexer (lib/liquid.rb): a template is cut at these and at nothing else.
PARTIAL = r"\{%.*?%\}|\{\{.*?\}\}?"
TEMPLATE = re.compile(rf"({PARTIAL}|\{{%|\{{\{{)", re.DOTALL)


def chatwoot_stores(content: str) -> str:
    """What app/models/concerns/liquidable.rb makes of an outgoing message.

    Backticks are wrapped in a raw block; then every variable is replaced (here by "LEAK") and every tag is
    executed (here: vanishes), unless the template does not parse, which leaves the content as it was.
    """
    template = re.sub(r"`(.*?)`", r"{% raw %}`\1`{% endraw %}", content, flags=re.DOTALL)
    out, raw = [], False
    for token in TEMPLATE.split(template):
        if raw:
            raw = not re.fullmatch(r"\{%-?\s*endraw\s*-?%\}", token, re.DOTALL)
            out.append(token if raw else "")
        elif token.startswith("{{"):
            if not token.endswith("}}"):
                return content  # Liquid::SyntaxError, variable not terminated
            out.append("LEAK")
        elif token.startswith("{%"):
            if not token.endswith("%}"):
                return content  # Liquid::SyntaxError, tag not terminated
            raw = re.fullmatch(r"\{%-?\s*raw\s*-?%\}", token, re.DOTALL) is not None
            out.append("")
        else:
            out.append(token)
    return content if raw else "".join(out)


def test_the_second_source_does_what_a_real_chatwoot_did() -> None:
    sent = "Hi {{contact.name}} from {{agent.name}} conv {{conversation.display_id}}"
    assert f'"{sent}"' in exchange("message_create_liquid")["request"]["body"]
    stored = "Hi Jane D. from Admin One conv 1"
    assert f'"{stored}"' in exchange("message_create_liquid")["response"]["body"]
    assert chatwoot_stores(sent) == "Hi LEAK from LEAK conv LEAK"


@pytest.mark.parametrize(
    ("text", "expected", "dangerous"),
    [
        ("{{contact.email}}", "{ {contact.email}}", True),  # gives the address away
        ("{{ contact.email }}", "{ { contact.email }}", True),
        ("{{-contact.email-}}", "{ {-contact.email-}}", True),  # whitespace control
        ("{{\ncontact.email\n}}", "{ {\ncontact.email\n}}", True),  # over lines
        ("{{1}}", "{ {1}}", True),
        ("{% if x %}a{% endif %}", "{ % if x %}a{ % endif %}", True),
        ("{%- assign a = 1 -%}", "{ %- assign a = 1 -%}", True),
        ("{%\nif x %}a", "{ %\nif x %}a", True),
        ("{{{contact.email}}}", "{ { {contact.email}}}", True),  # nested
        ("{{{{a}}}}", "{ { { {a}}}}", True),
        ("{{%a%}}", "{ { %a%}}", True),  # both at once
        ("`{% endraw %}{{contact.email}}{% raw %}`", "`{ % endraw %}{ {contact.email}}{ % raw %}`", True),
        (
            "`{{contact.email}}`",
            "`{ {contact.email}}`",
            False,
        ),  # protected by its backticks, but only so long
        ("{{contact.email", "{ {contact.email", False),  # does not parse
        ("a {{ and }} b", "a { { and }} b", True),
        ("{ {contact.email}}", "{ {contact.email}}", False),  # already broken
        ("{\u200b{contact.email}}", "{\u200b{contact.email}}", False),  # not Liquid
        ("{`a` }} {{b}}", "{`a` }} { {b}}", False),  # a brace before Chatwoot's own raw tag: does not parse
        ("a { b } c", "a { b } c", False),  # single braces are safe
        ("100 %} off", "100 %} off", False),
        ("S$800,000 at 2.65%", "S$800,000 at 2.65%", False),
        ("", "", False),
    ],
)
def test_delimiters_are_broken_and_nothing_else(text: str, expected: str, dangerous: bool) -> None:
    assert inert(text) == expected
    assert (chatwoot_stores(text) != text) is dangerous  # so the row shows something
    assert chatwoot_stores(inert(text)) in {inert(text), inert(text).replace("{% raw %}", "")}


PIECES = ["{", "}", "%", "`", "-", " ", "\n", "raw", "endraw", "if x", "contact.email", "é", "$1,200"]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_is_written_chatwoot_stores_it_as_written(text: str) -> None:
    made = inert(text)
    assert chatwoot_stores(made) == made
    assert inert(made) == made
    assert made.replace(" ", "") == text.replace(" ", "")


def test_template_parameters_are_made_inert_at_every_depth() -> None:
    assert inert_values({"body": {"1": "{{x}}"}, "list": ["{%y%}", 3, None, True]}) == {
        "body": {"1": "{ {x}}"},
        "list": ["{ %y%}", 3, None, True],
    }
