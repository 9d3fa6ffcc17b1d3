"""Liquid as Chatwoot runs it over outgoing text."""

from __future__ import annotations

import pytest

from nextnest.desk.liquid import render

DROPS = {
    "contact": {"name": "Jane D.", "email": "jane@example.com", "custom_attribute": {"income": 9500}},
    "agent": {"name": "Admin One"},
    "conversation": {"display_id": 1},
}

# Second source: the [ran] rows of the contract's section 2.4 and the exchange message_create_liquid.
CASES = [
    # the recorded one
    (
        "Hi {{contact.name}} from {{agent.name}} conv {{conversation.display_id}}",
        "Hi Jane D. from Admin One conv 1",
    ),
    ("{{ contact.email }}", "jane@example.com"),  # an address given away
    ("{{contact.custom_attribute.income}}", "9500"),  # an attribute given away
    ("a{{ unknown }}b", "ab"),  # what is not known vanishes
    ("{{1}}", "1"),  # a literal is itself
    ("`{{contact.email}}` stays", "`{{contact.email}}` stays"),  # backticks protect
    ("`{{contact.email}}` and {{contact.name}}", "`{{contact.email}}` and Jane D."),  # and only them
    ("half {{ contact.email", "half {{ contact.email"),  # not closed: the whole text is left alone
    ("{{contact.name}} then {% if x %}", "{{contact.name}} then {% if x %}"),  # and so is what stood before
    ("{% if contact.name %}yes{% else %}no{% endif %}", "yes"),  # tags are executed
    ("{% unless contact.name %}yes{% endunless %}done", "done"),
    ("{% if contact.name == 'Jane D.' %}same{% endif %}", "same"),
    ("{% bogus %} {{contact.name}}", "{% bogus %} {{contact.name}}"),  # an unknown tag is a syntax error
    ("{{ contact.name | upcase }}", "JANE D."),
    ("{{ contact.nickname | default: 'friend' }}", "friend"),
    ("{single} braces } are { safe", "{single} braces } are { safe"),
    ("{{contact}}", ""),  # a drop has no text of its own
    ("a %} b }} c", "a %} b }} c"),  # closing alone is text
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_renders_as_chatwoot_does(text: str, expected: str) -> None:
    assert render(text, DROPS) == expected
