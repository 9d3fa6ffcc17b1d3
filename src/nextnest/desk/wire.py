"""The bytes: JSON as Rails writes it, and the signature over it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

# ActiveSupport escapes what could end a script element or a JavaScript string.
_ESCAPES = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def to_json(value: Any) -> str:
    """Compact JSON in UTF-8 with `< > &` and U+2028/2029 escaped, everything else as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def sign(secret: str, timestamp: int, body: str) -> str:
    """`X-Chatwoot-Signature` of a webhook: HMAC-SHA256 over `timestamp.body` (`lib/webhooks/trigger.rb`)."""
    return "sha256=" + hmac_sha256(secret, f"{timestamp}.{body}")


def hmac_sha256(secret: str, text: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
