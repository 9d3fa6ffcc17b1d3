"""What goes into a transaction together, what does not, and what becomes of it when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import psycopg
import pytest

from nextnest.adapters.store.group_commit import AT_ONCE, MOST, GroupCommit, Row


class Tables:
    """Stands for the statement: notes what it is given, and answers when it may."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.stored: list[str] = []
        self.broken: dict[str, Exception] = {}  # by row; a connection that is lost is there again afterwards
        self.held: dict[str, asyncio.Event] = {}  # by row: until then its transaction waits

    async def write(self, rows: Sequence[Row]) -> list[bool]:
        names = [str(row["name"]) for row in rows]
        self.written.append(names)
        for name in names:
            await self.held.get(name, _OPEN).wait()
            if name in self.broken:
                error = self.broken[name]
                if isinstance(error, psycopg.OperationalError):
                    del self.broken[name]
                raise error
        new = [name not in self.stored for name in names]
        self.stored += names
        return new

    def hold(self, *names: str) -> asyncio.Event:
        self.held |= dict.fromkeys(names, asyncio.Event())
        return self.held[names[0]]


_OPEN = asyncio.Event()
_OPEN.set()


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def commit(tables: Tables) -> GroupCommit:
    return GroupCommit(tables.write)


def adding(commit: GroupCommit, *names: str) -> list[asyncio.Task[bool]]:
    """Each row's lane is its first letters, its number its last: `a1` and `a2` are of lane `a`."""
    return [asyncio.create_task(commit.add(hash(name[:-1]), {"name": name})) for name in names]


def lanes(count: int) -> list[str]:
    return [f"lane-{number}-0" for number in range(count)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_comes_while_all_are_under_way_is_written_together(
    tables: Tables, commit: GroupCommit
) -> None:
    names = lanes(AT_ONCE + MOST + 5)
    go = tables.hold(*names[:AT_ONCE])
    tasks = adding(commit, *names)
    await settled()
    assert tables.written == [[name] for name in names[:AT_ONCE]]
    go.set()
    assert all(await asyncio.gather(*tasks))
    assert tables.written[AT_ONCE:] == [names[AT_ONCE : AT_ONCE + MOST], names[AT_ONCE + MOST :]]


async def test_a_lane_is_written_one_at_a_time_and_in_order(tables: Tables, commit: GroupCommit) -> None:
    go = tables.hold("a1")
    tasks = adding(commit, "a1", "a2", "b1", "a3")
    await settled()
    assert tables.written == [["a1"], ["b1"]]
    go.set()
    await asyncio.gather(*tasks)
    assert tables.written == [["a1"], ["b1"], ["a2"], ["a3"]]


async def test_a_transaction_that_waits_does_not_hold_up_others(tables: Tables, commit: GroupCommit) -> None:
    go = tables.hold("a1")
    (stuck,) = adding(commit, "a1")
    names = lanes(200)
    assert all(await asyncio.gather(*adding(commit, *names)))
    assert not stuck.done()
    go.set()
    assert await stuck


async def test_what_was_there_before_is_not_new(commit: GroupCommit) -> None:
    assert await commit.add(1, {"name": "a1"})
    assert not await commit.add(1, {"name": "a1"})


async def test_one_that_cannot_be_stored_does_not_keep_others_out(
    tables: Tables, commit: GroupCommit
) -> None:
    blocking = [f"first-{number}-0" for number in range(AT_ONCE)]
    go = tables.hold(*blocking)
    before = adding(commit, *blocking)
    tables.broken["b1"] = psycopg.DataError("what PostgreSQL does not store")
    good, bad, fine = adding(commit, "a1", "b1", "c1")
    await settled()
    go.set()
    await asyncio.gather(*before)
    with pytest.raises(psycopg.DataError):
        await bad
    assert await good
    assert await fine
    assert ["a1", "b1", "c1"] in tables.written


async def test_a_connection_that_was_lost_costs_nobody_his_event(tables: Tables, commit: GroupCommit) -> None:
    tables.broken["a1"] = psycopg.OperationalError("server closed the connection")
    assert await commit.add(1, {"name": "a1"})


async def test_what_is_no_fault_of_the_database_is_told_to_everybody(
    tables: Tables, commit: GroupCommit
) -> None:
    tables.broken["a1"] = TimeoutError()
    with pytest.raises(TimeoutError):
        await commit.add(1, {"name": "a1"})
    assert tables.written == [["a1"]], "and is not tried again: the time is up"


async def test_what_nobody_waits_for_any_more_is_forgotten(tables: Tables, commit: GroupCommit) -> None:
    go = tables.hold("a1")
    first, second, third, gone = adding(commit, "a1", "a2", "a3", "a4")
    await settled()
    for task in (second, gone):
        task.cancel()
    await settled()
    go.set()
    assert await first
    assert await third
    assert tables.written == [["a1"], ["a3"]]


async def test_whoever_gives_up_while_it_is_under_way_disturbs_nobody(
    tables: Tables, commit: GroupCommit
) -> None:
    go = tables.hold("a1")
    (first,) = adding(commit, "a1")
    await settled()
    first.cancel()
    (second,) = adding(commit, "a2")
    await settled()
    go.set()
    assert await second
    assert tables.stored == ["a1", "a2"], "what was under way is stored all the same"
