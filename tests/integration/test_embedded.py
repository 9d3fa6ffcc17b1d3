"""The embedded PostgreSQL after whatever its last user died of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from nextnest.adapters.store.embedded import EmbeddedPostgres


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="nextnest-embedded-") as parent:
        Path(parent).chmod(0o755)
        yield Path(parent) / "postgres"


def answers(server: EmbeddedPostgres) -> bool:
    with psycopg.connect(server.start()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def runs(folder: Path) -> bool:
    return (folder / "postmaster.pid").exists()


def test_whoever_stops_last_stops_it(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    try:
        assert answers(first)
        assert answers(second)
        first.stop()
        assert runs(folder)
    finally:
        first.stop()
        second.stop()
    assert not runs(folder)


def test_a_user_that_was_killed_does_not_keep_it_up(folder: Path) -> None:
    """Whatever lives under the number of the killed process by now."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from nextnest.adapters.store.embedded import EmbeddedPostgres\n"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    (folder / ".handle_pids.json").write_text("[1]")
    assert runs(folder)
    server = EmbeddedPostgres(folder)
    assert answers(server)
    server.stop()
    assert not runs(folder)


@pytest.mark.parametrize(
    "left",
    [
        pytest.param("", id="nothing"),
        pytest.param("999999\n", id="cut short"),
        pytest.param(
            "{mine}\n/elsewhere\n1700000000\n5432\n/elsewhere\n\n  1 2\nready\n", id="a number given anew"
        ),
    ],
)
def test_what_a_power_cut_leaves_is_no_server(folder: Path, left: str) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    (folder / "postmaster.pid").write_text(left.format(mine=os.getpid()))
    try:
        assert answers(server)
    finally:
        server.stop()


def test_a_first_start_that_was_killed_begins_anew(folder: Path) -> None:
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    folder.with_name(".postgres.unfinished").touch()
    server = EmbeddedPostgres(folder)
    try:
        assert answers(server)
    finally:
        server.stop()


def test_a_folder_that_no_command_line_can_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="set NEXTNEST_HOME or --home"):
        EmbeddedPostgres(tmp_path / "my files" / "postgres").start()
