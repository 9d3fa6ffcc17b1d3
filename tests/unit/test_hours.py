"""Working hours: when people are there, when they are back, how working time runs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nextnest.domain.hours import Hours, Shift, after_working, is_open, next_open, said_back

SGT = ZoneInfo("Asia/Singapore")
NINE_TO_SIX = Shift(9 * 60, 18 * 60)
OFFICE = Hours(week=(*[NINE_TO_SIX] * 5, Shift(10 * 60, 13 * 60), None), zone=SGT)
NEVER = Hours(week=(None,) * 7, zone=SGT)
ALWAYS = Hours(week=(Shift(0, 24 * 60),) * 7, zone=SGT)
# Christmas 2026 is a Friday, National Day 2026 a Sunday whose Monday is off: Ministry of Manpower's list.
HOLIDAYS = {date(2026, 12, 25), date(2026, 8, 9), date(2026, 8, 10)}


def at(text: str, zone: ZoneInfo = SGT) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "back", "said"),
    [
        ("2026-11-23T10:00", "2026-11-23T10:00", None),  # Monday morning: they are there
        ("2026-11-23T09:00", "2026-11-23T09:00", None),  # the first minute counts
        ("2026-11-23T18:00", "2026-11-24T09:00", "tomorrow at 9 am"),  # the last does not
        ("2026-11-23T07:30", "2026-11-23T09:00", "today at 9 am"),
        ("2026-11-23T23:59", "2026-11-24T09:00", "tomorrow at 9 am"),
        ("2026-11-21T14:00", "2026-11-23T09:00", "on Monday at 9 am"),  # Saturday afternoon, over Sunday
        ("2026-11-27T18:00", "2026-11-28T10:00", "tomorrow at 10 am"),  # Friday evening: Saturday's own hours
        ("2026-12-24T19:00", "2026-12-26T10:00", "on Saturday at 10 am"),  # Christmas in between
        ("2026-08-08T13:00", "2026-08-11T09:00", "on Tuesday at 9 am"),  # a holiday that moves to Monday
    ],
)
def test_people_are_back_when_the_week_and_the_holidays_say(now: str, back: str, said: str | None) -> None:
    found = next_open(at(now), OFFICE, HOLIDAYS)
    assert found == at(back)
    assert is_open(at(now), OFFICE, HOLIDAYS) is (said is None)
    if said is not None:
        assert said_back(found, at(now), OFFICE) == said


def test_a_return_more_than_a_week_away_is_told_with_its_date() -> None:
    closed_for = {date(2027, 2, 5) + timedelta(days=n) for n in range(10)}
    found = next_open(at("2027-02-04T20:00"), OFFICE, closed_for)
    assert found == at("2027-02-15T09:00")
    assert said_back(found, at("2027-02-04T20:00"), OFFICE) == "on Monday 15 February at 9 am"


def test_half_hours_noon_and_midnight_are_told_as_people_say_them() -> None:
    now = at("2026-11-23T00:10")
    assert said_back(at("2026-11-23T12:30"), now, OFFICE) == "today at 12:30 pm"
    assert said_back(at("2026-11-24T00:00"), now, OFFICE) == "tomorrow at 12 am"


def test_nobody_who_never_works_is_promised() -> None:
    assert next_open(at("2026-11-23T10:00"), NEVER, HOLIDAYS) is None
    assert not is_open(at("2026-11-23T10:00"), NEVER, HOLIDAYS)


def test_hours_are_those_of_the_inbox_wherever_the_clock_stands() -> None:
    utc = ZoneInfo("UTC")
    assert next_open(at("2026-11-23T00:30", utc), OFFICE, ()) == at("2026-11-23T01:00", utc)
    assert is_open(at("2026-11-23T09:59", utc), OFFICE, ())
    assert not is_open(at("2026-11-23T10:00", utc), OFFICE, ())


def test_a_change_of_summer_time_moves_no_opening_hour() -> None:
    london = Hours(week=(NINE_TO_SIX,) * 7, zone=ZoneInfo("Europe/London"))
    before = datetime(2026, 10, 24, 20, tzinfo=ZoneInfo("Europe/London"))  # clocks go back that night
    found = next_open(before, london, ())
    assert found is not None
    assert found.astimezone(ZoneInfo("UTC")).hour == 9


@pytest.mark.parametrize(
    ("start", "minutes", "until"),
    [
        ("2026-11-23T10:00", 15, "2026-11-23T10:15"),
        ("2026-11-23T17:50", 15, "2026-11-24T09:05"),  # ten minutes on Monday, five on Tuesday
        ("2026-11-23T03:00", 15, "2026-11-23T09:15"),  # the clock starts when people do
        ("2026-11-27T17:59", 200, "2026-11-30T09:19"),  # over all of Saturday's 180 minutes
        ("2026-12-24T17:50", 15, "2026-12-26T10:05"),  # Christmas does not count
        ("2026-11-23T17:45", 15, "2026-11-23T18:00"),  # to the last minute
    ],
)
def test_working_time_stands_still_while_nobody_is_there(start: str, minutes: int, until: str) -> None:
    assert after_working(at(start), timedelta(minutes=minutes), OFFICE, HOLIDAYS) == at(until)


def test_round_the_clock_is_plain_time_and_never_is_too() -> None:
    start = at("2026-11-22T23:55")  # a Sunday, over midnight
    for hours in (ALWAYS, NEVER):
        assert after_working(start, timedelta(minutes=15), hours, ()) == start + timedelta(minutes=15)
