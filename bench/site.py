"""The ground that the benches stand on: PostgreSQL, and the desk with nextnest's things set up in it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from bench.processes import Process, command, free_port, wait_until_answers
from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.bootstrap.provision import provision
from nextnest.desk import Desk
from nextnest.settings import ChatwootSettings, Settings

API_KEY = "bench-api-key-bench-api-key"
SECRET_KEY = "bench-secret-key-bench-secret-key"  # it signs links of a database that lives for minutes


class Postgres:
    """The embedded server; `crash` ends it as a power cut would and starts it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = EmbeddedPostgres(folder)
        self._server.start()
        self.url = self._server.database("nextnest_bench")

    def crash(self) -> None:
        postmaster = int((self._folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGQUIT)  # nothing is written back; the next start recovers from the log
        for _ in range(500):
            if not (self._folder / "postmaster.pid").exists() or not Path(f"/proc/{postmaster}").exists():
                break
            time.sleep(0.02)
        self._server._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.stop()


@dataclass(frozen=True)
class Site:
    folder: Path
    postgres: Postgres
    web_url: str
    web_port: int
    desk_url: str
    admin_token: str
    agent_token: str
    inbox_identifier: str
    chatwoot: ChatwootSettings
    env: dict[str, str]
    desk_pid: int = 0

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@contextmanager
def site(**variables: str) -> Iterator[Site]:
    """A fresh site, gone afterwards, on SIGTERM too. `variables` are further settings of nextnest."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="nextnest-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, PostgreSQL runs as a user of its own and must get through
        postgres = Postgres(folder / "postgres")
        try:
            web_port, desk_port = free_port(), free_port()
            made = _with_desk(folder, postgres, web_port, desk_port, variables)
            desk = Process(
                "desk", command, ["desk", "--port", str(desk_port)], env=made.env, log=made.log("desk")
            )
            try:
                wait_until_answers(f"{made.desk_url}/api/v1/accounts/1/inboxes")
                yield replace(_provisioned(made), desk_pid=desk.pid)
            finally:
                desk.stop(5)
        finally:
            postgres.stop()


def _with_desk(
    folder: Path, postgres: Postgres, web_port: int, desk_port: int, variables: dict[str, str]
) -> Site:
    web_url, desk_url = f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{desk_port}"
    desk = Desk(folder / "desk", base_url=desk_url)
    admin, agent = desk.admin_token, desk.agent_token
    desk.store.close()
    env = {
        "PATH": os.environ["PATH"],
        "NEXTNEST_HOME": str(folder),
        "NEXTNEST_API_KEY": API_KEY,
        "NEXTNEST_SECRET_KEY": SECRET_KEY,
        "NEXTNEST_PUBLIC_URL": web_url,
        "DATABASE_URL": postgres.url,
        **variables,
    }
    chatwoot = ChatwootSettings(base_url=desk_url, account_id=1, api_key=SecretStr(admin))
    return Site(folder, postgres, web_url, web_port, desk_url, admin, agent, "", chatwoot, env)


def _provisioned(bare: Site) -> Site:
    """What `nextnest setup` does, with its environment lines put where the processes find them."""
    import httpx2

    settings = Settings(
        home=bare.folder,
        api_key=SecretStr(API_KEY),
        secret_key=SecretStr(SECRET_KEY),
        public_url=bare.web_url,
    )
    chatwoot = asyncio.run(provision(bare.chatwoot, settings))
    headers = {"Api-Access-Token": bare.admin_token}
    with httpx2.Client(base_url=f"{bare.desk_url}/api/v1/accounts/1", headers=headers) as http:
        answer = http.get(f"/inboxes/{chatwoot.inbox_id}").json()
        # Whoever answers is in the team: Chatwoot takes a conversation away from others when it gets one.
        people = [agent["id"] for agent in http.get("/agents").json()]
        for team in http.get("/teams").json():
            http.post(f"/teams/{team['id']}/team_members", json={"user_ids": people}).raise_for_status()
    env = {
        **bare.env,
        "CHATWOOT_BASE_URL": bare.desk_url,
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_API_KEY": bare.admin_token,
        "CHATWOOT_INBOX_ID": str(chatwoot.inbox_id),
        "CHATWOOT_BOT_TOKEN": chatwoot.bot_token.get_secret_value() if chatwoot.bot_token else "",
        "CHATWOOT_WEBHOOK_SECRET": ",".join(s.get_secret_value() for s in chatwoot.webhook_secrets),
    }
    identifier = str(answer["inbox_identifier"])
    return replace(bare, inbox_identifier=identifier, chatwoot=chatwoot, env=env)


def git_version() -> str:
    """The commit that was measured, for the table of runs."""
    line = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(line, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
