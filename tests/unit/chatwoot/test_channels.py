from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nextnest.adapters.chatwoot.channels import may_write_freely, render
from nextnest.adapters.chatwoot.text import gsm_characters, plain, split

REPLY = "**Instalment**: about *S$2,687* a month.\n\n- rate: 2.65%\n- see [rates](https://nest.example/rates)"
BARE = "Instalment: about S$2,687 a month.\n\n- rate: 2.65%\n- see rates (https://nest.example/rates)"


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("Channel::Api", REPLY),  # our own chat page renders it
        ("Channel::WebWidget", REPLY),  # Chatwoot makes HTML of it
        ("Channel::Telegram", REPLY),
        ("Channel::Whatsapp", REPLY),  # Chatwoot makes WhatsApp's marks of it
        ("Channel::Sms", BARE),
        ("Channel::TwilioSms", BARE),
        ("Channel::TwitterProfile", BARE),
        ("Channel::FacebookPage", BARE),
        ("Channel::Instagram", BARE),
        ("Channel::Line", BARE),
        ("Channel::Tiktok", BARE),
        ("Channel::OfNextYear", BARE),  # unknown: what is readable everywhere
    ],
)
def test_markdown_is_kept_only_where_it_is_rendered(channel: str, expected: str) -> None:
    assert render(REPLY, channel) == [expected]


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("# Your options", "Your options"),
        ("**bold** and __bold__", "bold and bold"),
        ("*it* and _it_", "it and it"),
        ("***both***", "both"),
        ("~~no~~", "no"),
        ("`code`", "code"),
        ("```\ncode\n```", "code"),
        ("> quoted", "quoted"),
        ("* one\n* two", "- one\n- two"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("[a](https://x.sg/a)", "a (https://x.sg/a)"),
        ("[https://x.sg](https://x.sg)", "https://x.sg"),  # not said twice
        ("[x.sg/a](https://x.sg/a/)", "https://x.sg/a/"),
        ("[me@x.sg](mailto:me@x.sg)", "mailto:me@x.sg"),
        ('[a](https://x.sg "title")', "a (https://x.sg)"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),  # arithmetic is not emphasis
        ("S$1,200* (*estimate)", "S$1,200* (*estimate)"),
        ("snake_case_name", "snake_case_name"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        (r"2\*3", "2*3"),
        ("a\n\n\n\nb", "a\n\nb"),
    ],
)
def test_marks_go_and_figures_stay(marked: str, bare: str) -> None:
    assert plain(marked) == bare


@given(st.text(alphabet="0123456789S$,.% ", max_size=80))
def test_figures_are_never_changed(text: str) -> None:
    assert plain(text).split() == text.split()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Or Wei Ling", "Yes.", "Hello Or Wei Ling,\n\nYes.\n\nNest AI"),
        (None, "Yes.", "Hello,\n\nYes.\n\nNest AI"),
        ("  ", "Yes.", "Hello,\n\nYes.\n\nNest AI"),
        ("fragrant-darkness-820", "Yes.", "Hello,\n\nYes.\n\nNest AI"),  # Chatwoot's name for a stranger
        ("Mei", "Hi Mei, yes.", "Hi Mei, yes.\n\nNest AI"),  # greeted already
        ("Mei", "Thank you for the documents.", "Thank you for the documents.\n\nNest AI"),
        ("Mei", "High rates do not last.", "Hello Mei,\n\nHigh rates do not last.\n\nNest AI"),  # not "Hi"
    ],
)
def test_an_email_greets_and_signs(name: str | None, text: str, expected: str) -> None:
    assert render(text, "Channel::Email", contact_name=name, signature="Nest AI\n") == [expected]


def test_only_an_email_greets_and_signs() -> None:
    for channel in ("Channel::Api", "Channel::Sms", "Channel::Whatsapp"):
        assert render("Yes.", channel, contact_name="Mei", signature="Nest AI") == ["Yes."]


def test_a_blank_reply_is_no_message() -> None:
    assert render(" \n ", "Channel::Email", contact_name="Mei", signature="x") == []


LONG = "\n\n".join(f"Paragraph {number}. " + "It says a little more. " * 20 for number in range(1, 20))


@pytest.mark.parametrize(
    ("channel", "longest", "encoding"),
    [
        ("Channel::Whatsapp", 4096, "utf-32-le"),  # characters
        ("Channel::Telegram", 4096, "utf-32-le"),
        ("Channel::FacebookPage", 2000, "utf-32-le"),
        ("Channel::Instagram", 1000, "utf-8"),  # bytes
        ("Channel::Line", 5000, "utf-32-le"),
    ],
)
@pytest.mark.parametrize("text", [LONG, LONG.replace("little", "好好")], ids=["latin", "chinese"])
def test_a_long_answer_is_split_where_the_channel_wants_it(
    channel: str, longest: int, encoding: str, text: str
) -> None:
    parts = render(text, channel)
    units = 4 if encoding == "utf-32-le" else 1
    assert len(parts) > 1
    assert all(len(part.encode(encoding)) <= longest * units for part in parts)
    assert " ".join(parts).split() == text.split()
    assert all(part.endswith((".", "!")) for part in parts)  # at the end of a sentence


def test_our_chat_page_and_the_widget_take_any_length() -> None:
    assert render(LONG, "Channel::Api") == [LONG.strip()]
    assert render(LONG, "Channel::WebWidget") == [LONG.strip()]


SENTENCE = "Your instalment would be about S$2,687 a month at 2.65% over 25 years."


@pytest.mark.parametrize(
    ("text", "parts", "alphabet"),
    [
        (SENTENCE, 1, "gsm"),
        (f"{SENTENCE} {SENTENCE}", 1, "gsm"),  # 141: one segment
        (" ".join([SENTENCE] * 3), 2, "gsm"),
        (" ".join([SENTENCE] * 6), 3, "gsm"),
        (" ".join([SENTENCE] * 20), 3, "gsm"),  # longer messages rather than more of them
        ("“Yes” – it’s about S$2,687…", 1, "gsm"),  # one curly quote would cost half of every segment
        ("好的, 每月约 S$2,687。" * 3, 1, "ucs2"),
        ("好的, 每月约 S$2,687。" * 8, 2, "ucs2"),
    ],
)
def test_sms_are_few_and_as_short_as_that_allows(text: str, parts: int, alphabet: str) -> None:
    sent = render(text, "Channel::Sms")
    assert len(sent) == parts
    for part in sent:
        assert (gsm_characters(part) is not None) is (alphabet == "gsm")
        assert part[-1] in ".。"
    assert "".join("".join(sent).split()).count("S$2,687") == "".join(text.split()).count("S$2,687")


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("a" * 160, 160),
        ("€", 2),  # an escape and the character
        ("{[~]}", 10),
        ("S$", 2),
        ("é", 1),  # in the alphabet
        ("ê", None),  # not in it
        ("好", None),
        ("😀", None),
    ],
)
def test_length_in_the_gsm_alphabet(text: str, characters: int | None) -> None:
    assert gsm_characters(text) == characters


@pytest.mark.parametrize(
    ("text", "longest", "parts"),
    [
        ("one two three", 100, ["one two three"]),
        ("first para\n\nsecond para", 15, ["first para", "second para"]),  # paragraph
        ("first line\nsecond line", 15, ["first line", "second line"]),  # line
        ("It is so. That is that.", 15, ["It is so.", "That is that."]),  # sentence
        ("Is it? It is! Good.", 10, ["Is it?", "It is!", "Good."]),
        ("about S$1.2 million now", 18, ["about S$1.2", "million now"]),  # a point is not a full stop
        ("pay S$2,687.50 now", 14, ["pay S$2,687.50", "now"]),
        (
            "Please do:\n1. save more\n2. ask",
            14,
            ["Please do:", "1. save more", "2. ask"],
        ),  # a list item keeps its number
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),  # no place to break
        ("你好。再见。", 4, ["你好。", "再见。"]),  # no blanks to break at
        ("", 5, []),
        ("   ", 5, []),
    ],
)
def test_a_text_is_parted_where_a_reader_pauses(text: str, longest: int, parts: list[str]) -> None:
    assert split(text, longest) == parts


@given(st.text(alphabet="ab .\n好😀", max_size=120), st.integers(4, 40))
def test_parts_are_short_enough_and_lose_nothing_but_blanks(text: str, longest: int) -> None:
    parts = split(text, longest, lambda part: len(part.encode()))
    assert all(0 < len(part.encode()) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("channel", "can_reply", "free"),
    [
        ("Channel::Whatsapp", True, True),  # within 24 h of the customer's last words
        ("Channel::Whatsapp", False, False),  # only a template now
        ("Channel::TwilioSms", False, False),  # WhatsApp by Twilio
        ("Channel::FacebookPage", False, False),
        ("Channel::Instagram", False, False),
        ("Channel::Api", False, False),  # an operator has set a window
        ("Channel::Api", True, True),
        ("Channel::Email", False, True),  # no window there
        ("Channel::WebWidget", False, True),
        ("Channel::Telegram", False, True),
    ],
)
def test_no_free_text_outside_a_channels_window(channel: str, can_reply: bool, free: bool) -> None:
    assert may_write_freely(channel, can_reply) is free
