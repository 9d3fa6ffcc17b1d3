"""Calls to one Langfuse project: bounded in time, never raising, each answer classified.

`base_url`, public and secret key come from LANGFUSE_BASE_URL, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx2

from nextnest.adapters.closing import Closing

SECONDS = 15.0  # of one call from its start to the last byte; what trickles is cut too
_PHASES = httpx2.Timeout(10.0, connect=3.0, pool=3.0)
_LONGEST_REASON = 300


class Verdict(StrEnum):
    TAKEN = "taken"
    RETRY = "retry"  # down, slow, over its limit, or our keys or address are wrong: later the same may work
    REFUSED = "refused"  # the same bytes will never be taken


@dataclass(frozen=True)
class Answer:
    """`status` is None when no answer came; `reason` says in a line what went wrong, "" when nothing did."""

    status: int | None
    body: Any = None
    reason: str = ""
    retry_after: float | None = None  # seconds

    @property
    def verdict(self) -> Verdict:
        if not self.reason:
            return Verdict.TAKEN
        return Verdict.REFUSED if self.status in {400, 413} else Verdict.RETRY


class Langfuse(Closing):
    """One project on one server. Close it, or use it as a context."""

    def __init__(
        self,
        base_url: str,
        public_key: str,
        secret_key: str,
        *,
        seconds: float = SECONDS,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._seconds = seconds
        self._http = httpx2.AsyncClient(
            base_url=self.base_url,
            auth=(public_key, secret_key),
            timeout=_PHASES,
            headers={"x-langfuse-sdk-name": "nextnest"},
            transport=transport,
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call; `body` is sent as JSON, `content` as it is."""
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._http.request(
                    method, path, json=body, content=content, params=params, headers=headers
                )
        except TimeoutError:
            return Answer(None, reason=f"no answer within {self._seconds:g} s")
        except httpx2.TimeoutException as error:
            return Answer(None, reason=f"no answer in time ({type(error).__name__})")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Answer(None, reason=f"cannot be reached ({type(error).__name__})")
        return _answer(response)

    async def problem(self) -> str | None:
        """What is wrong with address or keys, naming the variable to change; None when all is well."""
        answer = await self.call("GET", "/api/public/projects")
        if answer.status in {401, 403}:
            return f"LANGFUSE_PUBLIC_KEY or LANGFUSE_SECRET_KEY: refused by {self.base_url}: {answer.reason}"
        if answer.reason or not isinstance(answer.body, dict):
            return (
                f"LANGFUSE_BASE_URL: {self.base_url}: {answer.reason or 'does not answer as Langfuse does'}"
            )
        if not answer.body.get("data"):
            return "LANGFUSE_PUBLIC_KEY: belongs to no project; make the keys in a project's settings"
        return None


def _answer(response: httpx2.Response) -> Answer:
    try:
        body = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        body = None
    if response.is_success and body is not None:
        return Answer(response.status_code, body)
    if response.is_success:
        # Another site's page, or a proxy's: nothing was stored.
        return Answer(response.status_code, reason="answered without JSON: is this the address of Langfuse?")
    return Answer(
        response.status_code,
        body,
        f"{response.status_code} {_said(body)}".strip(),
        _seconds(response.headers.get("retry-after")),
    )


def _said(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    said = [str(body[key]) for key in ("message", "error") if body.get(key)]
    return ": ".join(dict.fromkeys(said))[:_LONGEST_REASON]


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; Langfuse does not use the form with a date."""
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None
