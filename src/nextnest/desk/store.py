"""Records in memory, every one of them also on disk before the request that changed it is answered.

One SQLite file (WAL) holds each record as a JSON document. All reads are from memory, so a request
costs one write transaction and no query. A request that fails leaves no trace: `rollback` puts back
what it had changed. Not a database for a product; exactly enough for a stand-in that must survive
`kill -9` at any point.
"""

from __future__ import annotations

import json
import sqlite3
from bisect import insort
from collections import defaultdict
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from nextnest.desk.models import KINDS, Contact, ContactInbox, Message, Record

R = TypeVar("R", bound=Record)
Changes = dict[str, tuple[Any, Any]]
"""What an update changed: column -> (before, after)."""

# The look-ups that must not scan: kind -> columns that have an index.
INDEXED: dict[str, tuple[str, ...]] = {
    Message.kind: ("conversation_id",),
    Contact.kind: ("email", "phone_number", "identifier"),
    ContactInbox.kind: ("source_id", "contact_id"),
}


class Store:
    """All records of one desk. Not thread-safe: it lives on the event loop."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")  # a killed process loses nothing; a power cut might
        self._db.execute(
            "create table if not exists records (kind text, id integer, body text, primary key (kind, id)) "
            "without rowid"
        )
        self._db.execute(
            "create table if not exists sequences (kind text primary key, last integer not null)"
        )
        self._rows: dict[str, dict[int, Record]] = {kind: {} for kind in KINDS}
        self._sequences: dict[str, int] = defaultdict(int)
        self._index: dict[tuple[str, str], dict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._undo: list[tuple[Record, dict[str, Any] | None]] = []
        self._dirty: dict[tuple[str, int], Record | None] = {}
        self._load()

    def _load(self) -> None:
        self._sequences.update(self._db.execute("select kind, last from sequences").fetchall())
        for kind, number, body in self._db.execute("select kind, id, body from records order by kind, id"):
            record = KINDS[kind](**json.loads(body))
            self._rows[kind][number] = record
            self._into_index(record)

    def close(self) -> None:
        self._db.close()

    # -- reading

    def get(self, cls: type[R], number: int | None) -> R | None:
        return self._rows[cls.kind].get(number) if number is not None else None  # type: ignore[return-value]

    def all(self, cls: type[R]) -> list[R]:
        """All records of a kind, oldest first."""
        return list(self._rows[cls.kind].values())  # type: ignore[arg-type]

    def where(self, cls: type[R], column: str, value: Hashable) -> list[R]:
        """Records whose indexed column has this value, oldest first."""
        rows = self._rows[cls.kind]
        return [rows[number] for number in self._index[cls.kind, column].get(value, ())]  # type: ignore[misc]

    def last_where(self, cls: type[R], column: str, value: Hashable) -> Iterator[R]:
        """The same, newest first, without making the whole list."""
        rows = self._rows[cls.kind]
        for number in reversed(self._index[cls.kind, column].get(value, ())):
            yield rows[number]  # type: ignore[misc]

    def find(self, cls: type[R], **columns: Any) -> R | None:
        """The oldest record whose columns have these values."""
        for record in self._rows[cls.kind].values():
            if all(getattr(record, column) == value for column, value in columns.items()):
                return record  # type: ignore[return-value]
        return None

    # -- writing

    def add(self, record: R, now: float) -> R:
        """Gives the record its id and its times (seconds since 1970)."""
        self._sequences[record.kind] += 1
        record.id = self._sequences[record.kind]
        record.created_at = record.created_at or now
        record.updated_at = record.updated_at or now
        self._rows[record.kind][record.id] = record
        self._into_index(record)
        self._undo.append((record, None))
        self._dirty[record.kind, record.id] = record
        return record

    def update(self, record: Record, now: float | None = None, **columns: Any) -> Changes:
        """Sets columns and answers what changed. `now` also moves `updated_at`, if anything changed."""
        before = vars(record).copy()
        changes = {name: (before[name], value) for name, value in columns.items() if before[name] != value}
        if not changes:
            return {}
        if now is not None:
            changes["updated_at"] = (record.updated_at, now)
        self._undo.append((record, before))
        self._set(record, {name: after for name, (_, after) in changes.items()})
        self._dirty[record.kind, record.id] = record
        return changes

    def touch(self, record: Record, now: float) -> None:
        """Only moves `updated_at`."""
        self.update(record, updated_at=now)

    def delete(self, record: Record) -> None:
        del self._rows[record.kind][record.id]
        self._out_of_index(record)
        self._undo.append((record, {}))
        self._dirty[record.kind, record.id] = None

    @property
    def changed(self) -> bool:
        """Has anything changed since the last commit?"""
        return bool(self._dirty)

    def commit(self) -> None:
        """Writes everything that changed since the last commit, in one transaction."""
        if self._dirty:
            self._db.execute("begin immediate")
            for (kind, number), record in self._dirty.items():
                if record is None:
                    self._db.execute("delete from records where kind = ? and id = ?", (kind, number))
                else:
                    body = json.dumps(vars(record), ensure_ascii=False, separators=(",", ":"))
                    self._db.execute("insert or replace into records values (?, ?, ?)", (kind, number, body))
            for kind in {kind for kind, _ in self._dirty}:
                last = self._sequences[kind]
                self._db.execute("insert or replace into sequences values (?, ?)", (kind, last))
            self._db.execute("commit")
        self._dirty.clear()
        self._undo.clear()

    def rollback(self) -> None:
        """Puts memory back to the last commit. Ids that were given out stay used, as in PostgreSQL."""
        for record, before in reversed(self._undo):
            if before is None:
                self._rows[record.kind].pop(record.id)
                self._out_of_index(record)
            elif not before:
                self._rows[record.kind][record.id] = record
                self._into_index(record)
            else:
                self._set(record, before)
        self._dirty.clear()
        self._undo.clear()

    def _set(self, record: Record, columns: dict[str, Any]) -> None:
        moves = not columns.keys().isdisjoint(INDEXED.get(record.kind, ()))
        if moves:
            self._out_of_index(record)
        vars(record).update(columns)
        if moves:
            self._into_index(record)

    def _into_index(self, record: Record) -> None:
        for column in INDEXED.get(record.kind, ()):
            if (value := getattr(record, column)) is not None:
                insort(self._index[record.kind, column][value], record.id)

    def _out_of_index(self, record: Record) -> None:
        for column in INDEXED.get(record.kind, ()):
            if (value := getattr(record, column)) is not None:
                self._index[record.kind, column][value].remove(record.id)
