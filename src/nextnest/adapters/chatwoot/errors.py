"""What can go wrong between us and Chatwoot.

ChatwootError               every failure of a call; `method`, `path`, `status`
├── NotSent                 our own arguments are wrong; nothing left this process
├── BadResponse             2xx, but a key that we need is missing or of another type
├── Unauthorised            401, 403: token unknown, wrong account, role too low, route closed to bots
├── NotFound                404
├── Refused                 other 4xx: `message`, `fields`; the same request will be refused again
│   └── Conflict            422 "has already been taken": `fields` says which attributes
├── RateLimited             429: `retry_after` in seconds, or None when Chatwoot does not say
├── Unavailable             certainly not processed, or a read that failed: safe to repeat
│   └── CircuitOpen         not even tried: this server failed too often just now
└── UnknownOutcome          a write that may have been stored: look before you repeat it

The two last carry the design: Chatwoot has no idempotency key, so a POST that timed out or answered
5xx may well have been stored. `Unavailable` may be repeated blindly, `UnknownOutcome` never.

No error carries a token, a request body or a query string. Chatwoot's own words are carried only for
refusals (they name fields and rules) and are cut at 300 characters.
"""

# ruff: noqa: N818  (named for what happened, as the field does)

from __future__ import annotations


class ChatwootError(Exception):
    """A call to Chatwoot failed."""

    def __init__(self, method: str, path: str, status: int | None = None, detail: str = "") -> None:
        self.method = method
        self.path = path
        self.status = status
        self.detail = detail
        answered = f" answered {status}" if status is not None else ""
        super().__init__(f"{method} {path}{answered}" + (f": {detail}" if detail else ""))


class NotSent(ChatwootError):
    """The request breaks a rule of Chatwoot that we know, so it was not sent."""


class BadResponse(ChatwootError):
    """Chatwoot answered 2xx without what this call promises; `detail` names the key."""


class Unauthorised(ChatwootError):
    """401 or 403. Chatwoot uses 401 for a wrong token and for a right token with too low a role."""


class NotFound(ChatwootError):
    """404: no such record in this account, or no such route in this version."""


class Refused(ChatwootError):
    """4xx: repeating the same request will be refused again."""

    def __init__(
        self, method: str, path: str, status: int, detail: str = "", fields: tuple[str, ...] = ()
    ) -> None:
        self.fields = fields
        super().__init__(method, path, status, detail)


class Conflict(Refused):
    """422 "has already been taken": another record owns the value of one of `fields`."""


class RateLimited(ChatwootError):
    """429. Chatwoot's default limiter names no wait; a proxy in front of it may."""

    def __init__(self, method: str, path: str, retry_after: float | None) -> None:
        self.retry_after = retry_after
        wait = "no wait given" if retry_after is None else f"retry after {retry_after:g} s"
        super().__init__(method, path, 429, wait)


class Unavailable(ChatwootError):
    """The request was certainly not processed, or it was a read: repeating it does no harm."""


class CircuitOpen(Unavailable):
    """This server has failed so often that it is left alone for a moment; nothing was sent."""


class UnknownOutcome(ChatwootError):
    """A write timed out, lost its connection or answered 5xx: it may have been stored."""
