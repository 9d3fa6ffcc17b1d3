"""How often one address, contact or chat may knock; and which address a request comes from.

`TokenBuckets` counts in this process alone: with N web processes a key gets up to N times its rate. That is
enough to slow a flood down, which is all it is for; nothing that must not happen twice rests on it.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from nextnest.web.problems import Refused

_MAX_KEYS = 50_000  # about 10 MB


@dataclass(frozen=True)
class Rate:
    """`burst` at once, and the same number again every `seconds`."""

    burst: int
    seconds: float


class RateLimiter(Protocol):
    async def take(self, key: str, rate: Rate) -> float:
        """0 when allowed, else the seconds to wait. A refused knock costs nothing."""


class TokenBuckets:
    """A bucket for each key, as one number: the time at which the bucket will be full again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_keys: int = _MAX_KEYS) -> None:
        self._clock = clock
        self._max_keys = max_keys
        self._full_at: OrderedDict[str, float] = OrderedDict()

    async def take(self, key: str, rate: Rate) -> float:
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + rate.seconds / rate.burst
        wait = full_at - now - rate.seconds
        if wait > 1e-9:
            return wait
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._max_keys:
            self._full_at.popitem(last=False)
        return 0.0


async def admit(limits: RateLimiter, key: str, rate: Rate) -> None:
    """Refused with 429 and the wait when `key` knocks too often."""
    if wait := await limits.take(key, rate):
        seconds = max(1, math.ceil(wait))
        raise Refused(429, f"That was very often. Please try again in {seconds} s.", retry_after=wait)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ClientAddress:
    """Whose request is it? The peer's, or what a proxy that we trust says of it.

    X-Forwarded-For is read from the right, as far as trusted proxies wrote it: everything left of that is
    the client's own claim. An IPv6 client counts as its /64 network, which is what one subscriber gets.
    """

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted: tuple[Network, ...] = tuple(
            ipaddress.ip_network(each, strict=False) for each in trusted_proxies
        )

    def of(self, request: Request) -> str:
        address = request.client.host if request.client else "unknown"
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        while hops and self._is_trusted(address):
            address = hops.pop()
        return _subscriber(address)

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted)


def _subscriber(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
