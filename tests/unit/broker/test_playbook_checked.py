"""Nothing the playbook says is stopped by the checks: every intent, persona and kind of lead, any text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nextnest.broker.checks import check
from nextnest.broker.playbook import greeting, playbook
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Author
from tests.unit.broker.playbook_briefs import LEADS, TODAY, brief, labelled, sheet

LINES = labelled("intents.yaml")
BY_INTENT = {intents: text for text, intents in LINES}  # the last line of every intent, and of every pair
ALL_KINDS = list(itertools.product(LEADS, Persona))


@pytest.mark.parametrize(("kind", "persona"), ALL_KINDS, ids=lambda part: str(part).replace(" ", "-"))
def test_every_intent_is_answered_with_proof(kind: str, persona: Persona) -> None:
    rates = None if persona is Persona.CONSERVATIVE else sheet()
    for text in BY_INTENT.values():
        reply = playbook(brief(text, lead=LEADS[kind], persona=persona, rates=rates))
        assert reply.text, text
        assert check(reply, [text], today=TODAY).findings == (), (text, reply.text)


@pytest.mark.parametrize("kind", LEADS)
def test_every_labelled_line_is_answered_with_proof(kind: str) -> None:
    for text, _ in LINES[:: len(LEADS)]:
        reply = playbook(brief(text, lead=LEADS[kind], rates=sheet()))
        assert check(reply, [text], today=TODAY).findings == (), (text, reply.text)


@pytest.mark.parametrize(("kind", "persona"), ALL_KINDS, ids=lambda part: str(part).replace(" ", "-"))
def test_every_greeting_is_proven(kind: str, persona: Persona) -> None:
    reply = greeting(brief(lead=LEADS[kind], persona=persona))
    assert check(reply, [], today=TODAY).findings == (), reply.text


WORDS = [
    *sorted({word for text, _ in LINES for word in text.split()}),
    "800k",
    "S$1.2m",
    "25 years",
    "3%",
    "35",
    "0",
    "-1",
    "9999999999999",
    "{{contact.email}}",
    "<b>",
    "😀",
    "٣",
    "½",
    "1e9",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=14),
    st.sampled_from(list(LEADS)),
)
def test_no_text_and_no_lead_makes_it_raise(words: list[str], kind: str) -> None:
    text = " ".join(words)
    reply = playbook(brief(text, lead=LEADS[kind], rates=sheet()))
    assert reply.text
    assert check(reply, [text], today=TODAY).findings == (), reply.text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([Author.CUSTOMER, Author.BOT, Author.PERSON]), st.sampled_from(WORDS)),
        max_size=6,
    ),
    st.lists(st.sampled_from([text for text, _ in LINES]), min_size=1, max_size=3),
)
def test_no_thread_makes_it_raise(before: list[tuple[Author, str]], texts: list[str]) -> None:
    reply = playbook(brief(*texts, before=before, rates=sheet()))
    said = [*(text for author, text in before if author is Author.CUSTOMER), *texts]
    assert check(reply, said, today=TODAY).findings == (), reply.text
