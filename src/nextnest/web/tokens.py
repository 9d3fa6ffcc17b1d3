"""Signed texts: chat links, panel links, staff sessions, and the unguessable part of a webhook's path.

Each purpose signs with a key of its own (`Settings.key_for`), so that a chat token can never pass for a
session. A chat token does not expire: the customer's link is the only way back to the thread. It is void as
soon as the secret key changes or the lead is erased.
"""

from __future__ import annotations

import base64
import hmac
from typing import Literal

from nextnest.settings import Settings

_MAC_BYTES = 20
_MAX_TOKEN = 512
PANEL = "panel"


class Signer:
    """Signs short texts with one key; tokens are URL-safe and have exactly one spelling."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, value: str) -> str:
        payload = value.encode()
        mac = hmac.digest(self._key, payload, "sha256")[:_MAC_BYTES]
        return f"{_text(payload)}.{_text(mac)}"

    def read(self, token: str) -> str | None:
        """The signed text, or None for whatever this key did not sign."""
        if len(token) > _MAX_TOKEN or not token.isascii():
            return None
        payload, _, _ = token.partition(".")
        try:
            value = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        except ValueError:
            return None
        # Signed again and compared whole: base64 has several spellings of the same bytes.
        return value if hmac.compare_digest(self.sign(value), token) else None


def chat_signer(settings: Settings) -> Signer:
    """Signs lead ids into chat tokens."""
    return Signer(settings.key_for("chat"))


def panel_signer(settings: Settings) -> Signer:
    """Signs the link by which Chatwoot's sidebar opens the panel."""
    return Signer(settings.key_for("panel link"))


def chat_url(settings: Settings, lead_id: str) -> str:
    """The customer's own address of the chat about this lead."""
    return f"{settings.public_url}/chat/{chat_signer(settings).sign(lead_id)}"


def panel_url(settings: Settings) -> str:
    """The address for Chatwoot's dashboard app: whoever may open it in Chatwoot may use the panel."""
    return f"{settings.public_url}/panel?link={panel_signer(settings).sign(PANEL)}"


def webhook_url(settings: Settings, source: Literal["bot", "account", "inbox"], *, signed: bool) -> str:
    """Where Chatwoot sends its webhooks; for versions that do not sign, with an unguessable last part."""
    path = f"{settings.public_url}/webhooks/chatwoot/{source}"
    return path if signed else f"{path}/{webhook_path_token(settings)}"


def webhook_path_token(settings: Settings) -> str:
    return _text(settings.key_for("webhook path")[:24])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
