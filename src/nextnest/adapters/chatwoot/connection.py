"""One server, one identity: sends a request, names what went wrong, repeats only what does no harm.

A read (GET, and the POSTs that only search) is repeated when it fails. A write is repeated only when it was
certainly not processed: no connection, or 429. Everything else about a failed write is the outbox's decision.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, TypeVar, cast

import httpx2
import structlog
from pydantic import TypeAdapter, ValidationError

from nextnest.adapters.chatwoot.circuit import Circuit
from nextnest.adapters.chatwoot.errors import (
    BadResponse,
    ChatwootError,
    CircuitOpen,
    Conflict,
    NotFound,
    NotSent,
    RateLimited,
    Refused,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from nextnest.adapters.closing import Closing

log = structlog.get_logger(__name__)
T = TypeVar("T")

# Chatwoot itself gives up on a request after 15 s (rack-timeout): reading for longer than that lets the
# server's own answer arrive and keeps unknown outcomes rare.
TIMEOUT = httpx2.Timeout(connect=3.0, write=10.0, read=20.0, pool=5.0)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0  # seconds; a wait longer than this is the queue's business
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
_TOO_LONG = "The request took too long"  # a statement that PostgreSQL cancelled, answered with 422
# Whatever breaks while a message is made is 422 with its words (messages_controller.rb), also Redis or the
# database for a moment, and after storing. These alone say that the message itself is at fault.
_FAULTS_OF_A_MESSAGE = ("Validation failed", "Incoming messages are only allowed", "'")
_FLOODED = "Too many messages"  # 200 in a minute in one conversation (lib/limits.rb)
_FLOOD_SECONDS = 60.0
_NOT_CHATWOOT = "not Chatwoot's own answer: it is away, or lives at another address"
# The inbox identifier and the contact's source id open a thread to whoever knows them.
_CAPABILITIES = re.compile(r"(?<=/public/api/v1/inboxes/)[^/]+|(?<=/contacts/)[^/]*[^/0-9][^/]*")


class Connection(Closing):
    def __init__(
        self,
        base_url: str,
        token: str | None,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        circuit: Circuit | None = None,
        attempts: int = 3,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        # nginx drops headers with underscores, so not `api_access_token`; Rack reads both as the same.
        headers = {"Accept": "application/json"} | ({"Api-Access-Token": token} if token else {})
        self._http = httpx2.AsyncClient(
            base_url=base_url.rstrip("/"), headers=headers, timeout=TIMEOUT, transport=transport
        )
        self.circuit = circuit or Circuit()
        self._attempts = attempts
        self._sleep = sleep
        self._jitter = jitter

    async def aclose(self) -> None:
        await self._http.aclose()

    async def read(
        self,
        answer: type[T],
        path: str,
        *,
        at: tuple[str, ...] = (),
        params: Mapping[str, Any] | None = None,
        search: Mapping[str, Any] | None = None,
    ) -> T:
        """GET, or POST the body of a `search`; the answer is what stands `at` these keys."""
        call = _Call("GET" if search is None else "POST", path, safe=True, params=params, body=search)
        return call.parse(answer, at, await self._send(call))

    async def write(
        self,
        answer: type[T],
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        at: tuple[str, ...] = (),
    ) -> T:
        """Change something. Raises UnknownOutcome when it may have been stored in spite of the failure."""
        call = _Call(method, path, safe=False, body=body)
        return call.parse(answer, at, await self._send(call))

    async def order(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """A write whose answer is empty or says nothing that we need."""
        await self._send(_Call(method, path, safe=False, body=body))

    async def _send(self, call: _Call) -> httpx2.Response:
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._attempt(call)
            except CircuitOpen:
                raise
            except (Unavailable, RateLimited) as error:
                pause = self._pause(error, attempt)
                if attempt == self._attempts or pause > _LONGEST_PAUSE:
                    raise
                log.warning("chatwoot_retry", method=error.method, path=error.path, status=error.status)
            await self._sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _pause(self, error: ChatwootError, attempt: int) -> float:
        """Seconds. What the server asks for, plus jitter so that waiting clients do not return as one."""
        backoff = self._jitter() * _FIRST_PAUSE * 2.0**attempt
        return backoff + ((error.retry_after or 0.0) if isinstance(error, RateLimited) else 0.0)

    async def _attempt(self, call: _Call) -> httpx2.Response:
        if not self.circuit.admits():
            raise CircuitOpen(call.method, call.shown, detail="too many failures in a row just now")
        try:
            request = self._http.build_request(call.method, call.path, params=call.params, json=call.body)
        except ValueError as error:  # a number that JSON cannot hold
            raise NotSent(call.method, call.shown, detail=str(error)) from None
        try:
            response = await self._http.send(request)
        except httpx2.HTTPError as error:
            self.circuit.failed()
            raise call.lost(error) from None
        if response.status_code >= 500:
            self.circuit.failed()
        else:
            self.circuit.succeeded()
        if not response.is_success:
            raise call.failure(response)
        return response


class _Call:
    """One request, and what its answers mean."""

    def __init__(
        self,
        method: str,
        path: str,
        *,
        safe: bool,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> None:
        self.method = method
        self.path = path
        self.shown = _CAPABILITIES.sub("…", path)
        self.safe = safe
        self.params = params
        self.body = body

    def lost(self, error: httpx2.HTTPError) -> ChatwootError:
        detail = type(error).__name__
        if self.safe or isinstance(error, _NOT_SENT):
            return Unavailable(self.method, self.shown, detail=detail)
        return UnknownOutcome(self.method, self.shown, detail=detail)

    def failure(self, response: httpx2.Response) -> ChatwootError:
        status = response.status_code
        if status >= 500:
            kind = Unavailable if self.safe else UnknownOutcome
            return kind(self.method, self.shown, status)
        if status == 429:
            return RateLimited(self.method, self.shown, _seconds(response.headers.get("retry-after")))
        says, fields = _refusal(response)
        if status == 422 and says.endswith(_FLOODED):
            return RateLimited(self.method, self.shown, _FLOOD_SECONDS)
        if status == 422 and self._broke(says, fields):
            return (Unavailable if self.safe else UnknownOutcome)(self.method, self.shown, status, says)
        if status in {401, 403}:
            return Unauthorised(self.method, self.shown, status, says)
        if status == 404 and not _by_chatwoot(response):
            return Unavailable(self.method, self.shown, status, _NOT_CHATWOOT)
        if status == 404:
            return NotFound(self.method, self.shown, status, says)
        if status < 400:  # usually http -> https, or a login page in front
            says = f"redirected to {httpx2.URL(response.headers.get('location', '')).copy_with(query=None)}"
        kind_of_refusal = Conflict if "already been taken" in says else Refused
        return kind_of_refusal(self.method, self.shown, status, says, fields)

    def _broke(self, says: str, fields: tuple[str, ...]) -> bool:
        """Whether a 422 says that Chatwoot broke, and not that the request is wrong."""
        of_message = not self.safe and self.path.endswith("/messages") and not fields
        return says.startswith(_TOO_LONG) or (of_message and not says.startswith(_FAULTS_OF_A_MESSAGE))

    def parse(self, answer: type[T], at: tuple[str, ...], response: httpx2.Response) -> T:
        try:
            found = response.json()
        except ValueError:
            raise self._unreadable("not JSON") from None
        for depth, key in enumerate(at):
            if not isinstance(found, dict) or key not in found:
                raise self._unreadable(f"no {'.'.join(at[: depth + 1])}")
            found = found[key]
        try:
            return _adapter(answer).validate_python(found)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(step) for step in (*at, *first["loc"]))
            raise self._unreadable(f"{where}: {first['msg']}") from None

    def _unreadable(self, what: str) -> ChatwootError:
        # A write was probably stored: for the caller that is the same as not knowing.
        return (BadResponse if self.safe else UnknownOutcome)(self.method, self.shown, 200, what)


@cache
def _adapter_of(answer: Any) -> TypeAdapter[Any]:
    return TypeAdapter(answer)


def _adapter(answer: type[T]) -> TypeAdapter[T]:
    return cast("TypeAdapter[T]", _adapter_of(cast("Any", answer)))


def _seconds(header: str | None) -> float | None:
    """Retry-After in its form of seconds; its form of a date is rare, and as good as none."""
    return float(header) if header is not None and header.isascii() and header.isdigit() else None


def _by_chatwoot(response: httpx2.Response) -> bool:
    """Whether a 404 can be Chatwoot's own, which is JSON or empty; a proxy without a backend writes text."""
    try:
        return not response.content or isinstance(response.json(), dict)
    except ValueError:
        return False


def _refusal(response: httpx2.Response) -> tuple[str, tuple[str, ...]]:
    """Chatwoot's words, and the attributes that it names, from any of its four error shapes."""
    try:
        body = response.json()
    except ValueError:
        return "", ()
    if not isinstance(body, dict):
        return "", ()
    says = body.get("message") or body.get("error") or body.get("errors") or ""
    fields: Any = body.get("attributes") or ()
    if isinstance(says, dict):  # automation rules: {"error": {"conditions": ["…"]}}
        fields = list(says)
        says = [line for lines in says.values() for line in (lines if isinstance(lines, list) else [lines])]
    if isinstance(says, list):
        says = "; ".join(str(line) for line in says)
    return str(says)[:300], tuple(str(field) for field in fields)
