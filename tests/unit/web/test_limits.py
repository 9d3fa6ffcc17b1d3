"""Rates, and whose request it is."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from nextnest.web.limits import ClientAddress, Rate, TokenBuckets


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_passes_and_the_next_one_waits_for_its_share() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock)
    rate = Rate(burst=3, seconds=60)
    assert [await buckets.take("a", rate) for _ in range(3)] == [0, 0, 0]
    assert await buckets.take("a", rate) == pytest.approx(20)  # 60 s for 3: one each 20 s
    clock.now += 19.9
    assert await buckets.take("a", rate) == pytest.approx(0.1)
    clock.now += 0.1
    assert await buckets.take("a", rate) == 0


async def test_refused_knocks_do_not_lengthen_the_wait() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock)
    rate = Rate(burst=1, seconds=10)
    await buckets.take("a", rate)
    waits = [await buckets.take("a", rate) for _ in range(50)]
    assert waits == pytest.approx([10] * 50)


async def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = Clock()
    buckets = TokenBuckets(clock)
    rate = Rate(burst=2, seconds=2)
    await buckets.take("a", rate)
    clock.now += 3600
    assert [bool(await buckets.take("a", rate)) for _ in range(3)] == [False, False, True]


async def test_one_key_does_not_slow_another() -> None:
    buckets = TokenBuckets(Clock())
    rate = Rate(burst=1, seconds=60)
    assert await buckets.take("a", rate) == 0
    assert await buckets.take("b", rate) == 0


async def test_memory_is_bounded_by_forgetting_the_key_seen_longest_ago() -> None:
    buckets = TokenBuckets(Clock(), max_keys=2)
    rate = Rate(burst=1, seconds=60)
    for key in ("a", "b", "c"):
        assert await buckets.take(key, rate) == 0
    assert await buckets.take("c", rate) > 0
    assert await buckets.take("a", rate) == 0  # forgotten, so free again


def _request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    client = (peer, 4711) if peer else None
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ((), "203.0.113.9", (), "203.0.113.9"),
        ((), "203.0.113.9", ("198.51.100.1",), "203.0.113.9"),  # anybody may write that header
        (("10.0.0.0/8",), "203.0.113.9", ("198.51.100.1",), "203.0.113.9"),  # not through our proxy
        (("10.0.0.1",), "10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        (("10.0.0.1",), "10.0.0.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),  # the left is his own claim
        (("10.0.0.1",), "10.0.0.1", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),  # two headers are one list
        (("10.0.0.0/8",), "10.0.0.1", ("198.51.100.1, 10.2.3.4",), "198.51.100.1"),  # two of our proxies
        (("10.0.0.0/8",), "10.0.0.1", (), "10.0.0.1"),  # the proxy itself asks (a health check)
        (("10.0.0.1",), "10.0.0.1", ("nonsense",), "nonsense"),  # a key like any other, never an error
        ((), "2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),  # one subscriber has a whole /64
        ((), "::ffff:203.0.113.9", (), "203.0.113.9"),  # IPv4 on a dual-stack socket
        ((), None, (), "unknown"),  # a Unix socket has no peer
    ],
)
def test_the_address_of_a_request(
    trusted: tuple[str, ...], peer: str | None, forwarded: tuple[str, ...], expected: str
) -> None:
    assert ClientAddress(trusted).of(_request(peer, *forwarded)) == expected
