"""The store: what is committed is on disk, what is rolled back never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from nextnest.desk.models import Contact, Label, Message
from nextnest.desk.store import Store

Open = Callable[[], Store]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    """Opens the same file again and again; what a test leaves open is closed after it."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Store(tmp_path / "desk.sqlite3")))


def test_what_is_committed_is_there_for_the_next_process(open_store: Open) -> None:
    store = open_store()
    jane = store.add(Contact(name="Jane", email="jane@example.com", custom_attributes={"a": [1]}), 10.5)
    store.commit()

    again = open_store()  # the first one was never closed: that is a crash

    assert again.get(Contact, jane.id) == jane
    assert again.where(Contact, "email", "jane@example.com") == [jane]


def test_what_is_not_committed_is_not(open_store: Open) -> None:
    store = open_store()
    store.add(Label("kept"), 1)
    store.commit()
    store.add(Label("lost"), 2)

    assert [label.title for label in open_store().all(Label)] == ["kept"]


def test_rollback_undoes_additions_changes_and_deletions(open_store: Open) -> None:
    store = open_store()
    jane = store.add(Contact(name="Jane", email="jane@example.com"), 1)
    john = store.add(Contact(name="John", email="john@example.com"), 1)
    store.commit()

    store.update(jane, now=2, name="Janet", email="janet@example.com")
    store.update(jane, now=3, name="Jeanette")
    store.delete(john)
    store.add(Contact(name="New", email="new@example.com"), 4)
    store.rollback()

    assert [(c.name, c.email, c.updated_at) for c in store.all(Contact)] == [
        ("Jane", "jane@example.com", 1),
        ("John", "john@example.com", 1),
    ]
    assert store.where(Contact, "email", "jane@example.com") == [jane]
    assert store.where(Contact, "email", "new@example.com") == []
    store.commit()
    assert len(open_store().all(Contact)) == 2


def test_ids_are_never_given_twice(open_store: Open) -> None:
    store = open_store()
    first = store.add(Label("first"), 1)
    store.commit()
    store.delete(first)
    store.commit()

    assert open_store().add(Label("second"), 2).id == first.id + 1


def test_an_update_names_what_changed_and_only_that(open_store: Open) -> None:
    store = open_store()
    label = store.add(Label("one", color="#fff"), 1)

    assert store.update(label, now=2, title="one", color="#000") == {
        "color": ("#fff", "#000"),
        "updated_at": (1, 2),
    }
    assert store.update(label, now=3, title="one") == {}
    assert label.updated_at == 2


def test_an_index_follows_a_change(open_store: Open) -> None:
    store = open_store()
    messages = [store.add(Message(1, 1, 0, text), 1) for text in ("a", "b", "c")]
    store.update(messages[1], conversation_id=2)

    assert [m.content for m in store.where(Message, "conversation_id", 1)] == ["a", "c"]
    assert [m.content for m in store.last_where(Message, "conversation_id", 1)] == ["c", "a"]
    assert [m.content for m in store.where(Message, "conversation_id", 2)] == ["b"]
