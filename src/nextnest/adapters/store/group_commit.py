"""Group commit: what comes while a transaction is under way goes into the next one, together.

Most of what an event costs is the same for one as for many: the round trip, the statement, the commit.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import islice
from typing import Any

import psycopg

Row = dict[str, Any]
AT_ONCE = 3  # transactions: one that waits for somebody's lock does not hold up what comes after it
MOST = 32  # rows in one


class _Entry:
    """A row, and whoever waits to hear whether it was new."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def refuse(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class GroupCommit:
    """Hands rows to `write`, of each lane one at a time and in their order; `write` says which were new.

    Whoever sends very much waits for himself alone. What nobody waits for any more is forgotten unless it is
    under way, so there is never more here than there are open requests.
    """

    def __init__(self, write: Callable[[Sequence[Row]], Awaitable[Sequence[bool]]]) -> None:
        self._write = write
        self._waiting: dict[int, OrderedDict[_Entry, None]] = {}  # by lane
        self._ready: OrderedDict[int, None] = OrderedDict()  # lanes that wait and have nothing under way
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def add(self, lane: int, row: Row) -> bool:
        """Whether it was new, once it is committed; raises what `write` raises."""
        entry = _Entry(row)
        self._waiting.setdefault(lane, OrderedDict())[entry] = None
        if lane not in self._busy:
            self._ready[lane] = None
        self._begin()
        try:
            return await entry.answer
        except asyncio.CancelledError:
            self._forget(lane, entry)
            raise

    def _begin(self) -> None:
        while self._ready and len(self._tasks) < AT_ONCE:
            lanes = list(islice(self._ready, MOST))
            entries = [next(iter(self._waiting[lane])) for lane in lanes]
            for lane, entry in zip(lanes, entries, strict=True):
                self._forget(lane, entry)
                self._ready.pop(lane, None)
            self._busy.update(lanes)
            task = asyncio.create_task(self._commit(entries))
            self._tasks.add(task)
            task.add_done_callback(partial(self._end, lanes))

    def _end(self, lanes: Sequence[int], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._busy.difference_update(lanes)
        self._ready.update((lane, None) for lane in lanes if lane in self._waiting)
        self._begin()

    def _forget(self, lane: int, entry: _Entry) -> None:
        waiting = self._waiting.get(lane)
        if waiting is None:
            return
        waiting.pop(entry, None)
        if not waiting:
            del self._waiting[lane]
            self._ready.pop(lane, None)

    async def _commit(self, entries: Sequence[_Entry]) -> None:
        """All together, and after a failure each once more alone: our connection was lost, or one of them
        cannot be stored and the others can."""
        try:
            await self._settle(entries)
        except psycopg.Error:
            await asyncio.gather(*(self._alone(entry) for entry in entries))
        except Exception as error:
            for entry in entries:
                entry.refuse(error)

    async def _alone(self, entry: _Entry) -> None:
        try:
            await self._settle([entry])
        except Exception as error:
            entry.refuse(error)

    async def _settle(self, entries: Sequence[_Entry]) -> None:
        news = await self._write([entry.row for entry in entries])
        for entry, new in zip(entries, news, strict=True):
            if not entry.answer.done():
                entry.answer.set_result(new)
