"""How long the outbox waits before it tries again."""

from __future__ import annotations

import pytest

from nextnest.service.outbox import backoff


@pytest.mark.parametrize(
    ("attempts", "most"),
    [
        (0, 0.5),  # half a second at first
        (1, 1.0),  # doubling
        (4, 8.0),
        (7, 60.0),  # to a minute
        (2000, 60.0),  # and no further, however often
    ],
)
def test_the_pause_doubles_from_half_a_second_to_a_minute(attempts: int, most: float) -> None:
    pauses = [backoff(attempts) for _ in range(200)]
    assert max(pauses) <= most
    assert min(pauses) >= 0.6 * most


def test_no_two_that_failed_together_come_back_together() -> None:
    assert len({backoff(5) for _ in range(50)}) > 40
