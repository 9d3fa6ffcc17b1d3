"""Is this webhook Chatwoot's? Pure: no clock, no settings.

Chatwoot sends `X-Chatwoot-Timestamp: <unix seconds>` and
`X-Chatwoot-Signature: sha256=<hex of HMAC-SHA256(secret, "{timestamp}.{raw body}")>`
(account webhooks since 4.11.2, API inbox and agent bot since 4.13.0). The body must be the raw bytes:
Rails writes `<`, `>` and `&` as \\u003c, \\u003e and \\u0026, which no re-serialisation reproduces.

The signature covers neither `X-Chatwoot-Delivery` nor the path, so a replay inside the window is told
apart by the delivery id and the message id, not here.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from enum import StrEnum

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")


class Verdict(StrEnum):
    OK = "ok"
    MISSING = "missing"  # a header is absent: a Chatwoot too old to sign, or not Chatwoot
    MALFORMED = "malformed"  # a header that Chatwoot would not write
    STALE = "stale"  # signed, perhaps, but outside the window: a replay or a wrong clock
    MISMATCH = "mismatch"  # another secret, or a changed body


def verify(
    secrets: Sequence[str],
    timestamp: str | None,
    body: bytes,
    signature: str | None,
    *,
    now: float,
    window: float = 300,
) -> Verdict:
    """Judge one delivery.

    `secrets` are all that are valid now (two while one is being rotated); with none, nothing verifies.
    `now` and `window` are seconds; a timestamp from the future is as stale as one from the past.
    """
    if not timestamp or not signature:
        return Verdict.MISSING
    if not _SIGNATURE.fullmatch(signature) or not _TIMESTAMP.fullmatch(timestamp):
        return Verdict.MALFORMED
    if abs(now - int(timestamp)) > window:
        return Verdict.STALE
    # A list, not a generator: every secret is compared, so the time taken tells nothing.
    matches = [hmac.compare_digest(sign(each, timestamp, body), signature) for each in secrets if each]
    return Verdict.OK if any(matches) else Verdict.MISMATCH


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The header value that Chatwoot would send for this body."""
    return "sha256=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()
