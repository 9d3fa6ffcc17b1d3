"""A reply as its channel wants it. Pure.

The broker writes short paragraphs with a little markdown. Chatwoot turns markdown into HTML for e-mail,
widget and Telegram and into WhatsApp's own marks (services/messages/markdown_renderer_service.rb); an API
inbox gets it raw, and there it is our own chat page that renders it. Everywhere else the marks would be
read by the customer, so they go.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nextnest.adapters.chatwoot.text import gsm_characters, plain, split, to_gsm

_RENDERS_MARKDOWN = {
    "Channel::Api",
    "Channel::WebWidget",
    "Channel::Email",
    "Channel::Telegram",
    "Channel::Whatsapp",
}
# Free text only for some time after the customer's last message: 24 h, TikTok 48 h, an API inbox as
# configured (services/conversations/message_window_service.rb). Twilio carries SMS and WhatsApp under one
# name.
_WINDOWED = {
    "Channel::Whatsapp",
    "Channel::TwilioSms",
    "Channel::FacebookPage",
    "Channel::Instagram",
    "Channel::Tiktok",
    "Channel::Api",
}


def _bytes(text: str) -> int:
    return len(text.encode())


_LONGEST: dict[str, tuple[int, Callable[[str], int]]] = {
    "Channel::Whatsapp": (4096, len),
    "Channel::Telegram": (4096, len),
    "Channel::FacebookPage": (2000, len),
    "Channel::Instagram": (1000, _bytes),
    "Channel::Tiktok": (1000, len),  # not published; the smallest of its kind
    "Channel::Line": (5000, len),
}
_SMS = {"Channel::Sms", "Channel::TwilioSms"}
_SMS_MESSAGES = 3  # rather longer messages than more of them
_SMS_SEGMENTS = 10  # in one message; Twilio's limit is 1,600 characters

_GREETS = re.compile(r"(hi|hello|hey|dear|good (morning|afternoon|evening)|thank)\b", re.IGNORECASE)
_MADE_UP_NAME = re.compile(r"[a-z]+-[a-z]+-[0-9]{1,3}")  # Chatwoot's own for a visitor without one


def render(
    text: str, channel: str, *, contact_name: str | None = None, signature: str | None = None
) -> list[str]:
    """The messages to send, in order; none for a blank text. Greeting and signature go into e-mail only."""
    text = text.strip()
    if not text:
        return []
    if channel not in _RENDERS_MARKDOWN:
        text = plain(text)
    if channel in _SMS:
        return _sms(text)
    if channel == "Channel::Email":
        return [_email(text, contact_name, signature)]
    if channel in _LONGEST:
        longest, measure = _LONGEST[channel]
        return split(text, longest, measure)
    return [text]


def may_write_freely(channel: str, can_reply: bool) -> bool:
    """May we send text now? Chatwoot would accept it, mark it failed later, and the customer would not
    get it.

    `can_reply` is the conversation's own; outside the window only an approved template may be sent.
    """
    return can_reply or channel not in _WINDOWED


def _sms(text: str) -> list[str]:
    """At most three messages, each of as few segments as that allows; figures are never cut away."""
    text = to_gsm(text)
    gsm = gsm_characters(text) is not None
    single, joined = (160, 153) if gsm else (70, 67)

    def measure(part: str) -> int:
        return gsm_characters(part) or 0 if gsm else len(part.encode("utf-16-le")) // 2

    for segments in range(1, _SMS_SEGMENTS + 1):
        parts = split(text, single if segments == 1 else joined * segments, measure)
        if len(parts) <= _SMS_MESSAGES:
            break
    return parts


def _email(text: str, contact_name: str | None, signature: str | None) -> str:
    name = (contact_name or "").strip()
    known = bool(name) and not _MADE_UP_NAME.fullmatch(name)
    greeting = [] if _GREETS.match(text) else [f"Hello {name}," if known else "Hello,"]
    return "\n\n".join([*greeting, text, *([signature.strip()] if signature else [])])
