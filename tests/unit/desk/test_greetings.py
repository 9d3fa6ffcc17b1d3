"""Is the inbox at work?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nextnest.desk.greetings import is_working
from nextnest.desk.models import Inbox, Json
from nextnest.desk.routes.inboxes import working_hours

SINGAPORE = ZoneInfo("Asia/Singapore")


def inbox(**sunday: object) -> Inbox:
    hours: list[Json] = working_hours()
    hours[0] = {**hours[0], **sunday}
    return Inbox("I", "Channel::Api", working_hours=hours, timezone="Asia/Singapore")


@pytest.mark.parametrize(
    ("moment", "working"),
    [
        ("2026-11-23 09:00", True),  # Monday, as it opens
        ("2026-11-23 08:59", False),  # a minute before
        ("2026-11-23 16:59", True),  # the last minute
        ("2026-11-23 17:00", False),  # closed on the hour
        ("2026-11-28 12:00", False),  # Saturday
        ("2026-11-22 12:00", False),  # Sunday
    ],
)
def test_follows_the_week_in_its_own_time_zone(moment: str, working: bool) -> None:
    then = datetime.fromisoformat(moment).replace(tzinfo=SINGAPORE).timestamp()

    assert is_working(inbox(), then) is working


def test_a_day_can_be_open_all_day() -> None:
    sunday = datetime(2026, 11, 22, 3, 0, tzinfo=SINGAPORE).timestamp()

    assert is_working(inbox(closed_all_day=False, open_all_day=True), sunday)


def test_an_unknown_time_zone_counts_as_utc() -> None:
    odd = inbox()
    odd.timezone = "Mars/Olympus"

    assert is_working(odd, datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("UTC")).timestamp())
