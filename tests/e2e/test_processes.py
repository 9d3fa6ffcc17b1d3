"""Web and worker as separate processes, several of each, on one PostgreSQL: killed, stopped, cut off."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from pydantic import SecretStr

from nextnest.adapters.store.embedded import EmbeddedPostgres
from nextnest.bootstrap.provision import provision
from nextnest.desk import Desk
from nextnest.settings import ChatwootSettings, Settings
from tests.e2e.running import LEAD, command, environment, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

API_KEY = "processes-" + "k" * 24
FORM = {"purpose": "new_purchase", "name": "Tan Mei", "email": "tan@example.com", "consent.contact": "yes"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SlowModel:
    """A model that answers when it is told to. `asked` counts its calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                model.asked += 1
                model.may_answer.wait(60)
                text = json.dumps({"text": "Thank you, noted. When would you like to decide?"})
                body = json.dumps(_completion(text)).encode()
                try:
                    self.send_response(200)
                    self.send_header("content-type", "application/json")
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # who asked is gone

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()


def _completion(text: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_334_400,
        "model": "slow",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
    }


@dataclass
class Site:
    folder: Path
    postgres: EmbeddedPostgres
    database_url: str
    desk_url: str
    desk_token: str
    env: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *line: str, log: str, **env: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as file:
            process = subprocess.Popen(
                command(*line), stdout=file, stderr=file, env={**self.env, **env}, cwd=self.folder
            )
        self.processes.append(process)
        return process

    def worker(self, name: str = "worker", **env: str) -> subprocess.Popen[bytes]:
        before = self.workers()
        process = self.start("worker", log=f"{name}.log", **env)
        until(lambda: self.workers() > before, 60)
        return process

    def web(self, name: str = "web", port: int | None = None, **env: str) -> str:
        chosen = port or int(self.env["NEXTNEST_PUBLIC_URL"].rsplit(":", 1)[1])
        self.start("web", "--port", str(chosen), log=f"{name}.log", **env)
        address = f"http://127.0.0.1:{chosen}"
        until(lambda: _answers(address), 60)
        return address

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(query)
            return list(cursor.fetchall()) if cursor.description else []

    def workers(self) -> int:
        made = "SELECT to_regclass('procrastinate_workers') IS NOT NULL"
        if not self.sql(made)[0][0]:
            return 0
        return int(self.sql("SELECT count(*) FROM procrastinate_workers")[0][0])

    def desk(self, method: str, path: str, **body: Any) -> Any:
        answer = httpx2.request(
            method,
            f"{self.desk_url}/api/v1/accounts/1{path}",
            headers={"Api-Access-Token": self.desk_token},
            json=body or None,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def submit(self, web: str) -> int:
        """A lead, synchronised and greeted; its conversation."""
        answer = post_lead(web)
        assert answer.status_code in (201, 202), answer.text
        lead = answer.json()["lead_id"]
        query = f"SELECT conversation_id FROM leads WHERE id = '{lead}' AND sync = 'synced'"
        conversation = int(until(lambda: self.sql(query))[0][0])
        until(lambda: self.bot_lines(conversation))
        return conversation

    def says(self, conversation: int, text: str) -> None:
        path = f"/conversations/{conversation}/messages"
        self.desk("POST", path, content=text, message_type="incoming")

    def bot_lines(self, conversation: int) -> list[str]:
        thread = self.desk("GET", f"/conversations/{conversation}/messages?after=0")["payload"]
        return [
            m["content"]
            for m in thread
            if not m["private"] and m.get("sender", {}).get("type") == "agent_bot"
        ]

    def kill_from(self, first: int) -> None:
        """All processes but the first so many."""
        for process in self.processes[first:]:
            process.kill()
            process.wait()
        del self.processes[first:]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz", timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


def post_lead(web: str, **more: Any) -> httpx2.Response:
    return httpx2.post(
        f"{web}/api/leads",
        json={**LEAD, "email": f"c{time.time_ns()}@example.com", "phone": None, **more},
        headers={"Authorization": f"Bearer {API_KEY}"},
        timeout=30,
    )


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    folder.mkdir()
    folder.chmod(0o755)
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    web_url, desk_port = f"http://127.0.0.1:{free_port()}", free_port()
    desk_url = f"http://127.0.0.1:{desk_port}"
    desk = Desk(folder / "desk", base_url=desk_url)
    token = desk.admin_token
    desk.store.close()
    env = environment(
        NEXTNEST_HOME=str(folder),
        NEXTNEST_API_KEY=API_KEY,
        NEXTNEST_SECRET_KEY="s" * 32,
        NEXTNEST_PUBLIC_URL=web_url,
        DATABASE_URL=postgres.database("processes"),
    )
    made = Site(folder, postgres, env["DATABASE_URL"], desk_url, token, env)
    try:
        made.start("desk", "--port", str(desk_port), log="desk.log")
        until(lambda: _desk_answers(made), 60)
        bare = ChatwootSettings(base_url=desk_url, account_id=1, api_key=SecretStr(token))
        settings = Settings(
            home=folder, api_key=SecretStr(API_KEY), secret_key=SecretStr("s" * 32), public_url=web_url
        )
        chatwoot = asyncio.run(provision(bare, settings))
        made.env |= {
            "CHATWOOT_BASE_URL": desk_url,
            "CHATWOOT_ACCOUNT_ID": "1",
            "CHATWOOT_API_KEY": token,
            "CHATWOOT_INBOX_ID": str(chatwoot.inbox_id),
            "CHATWOOT_BOT_TOKEN": chatwoot.bot_token.get_secret_value() if chatwoot.bot_token else "",
            "CHATWOOT_WEBHOOK_SECRET": ",".join(s.get_secret_value() for s in chatwoot.webhook_secrets),
        }
        yield made
    finally:
        made.kill_from(0)
        postgres.stop()


def _desk_answers(made: Site) -> bool:
    try:
        made.desk("GET", "/inboxes")
    except httpx2.HTTPError:
        return False
    return True


@pytest.fixture(scope="module")
def ground() -> Iterator[Site]:
    """PostgreSQL and the desk, which outlive each test's processes."""
    with tempfile.TemporaryDirectory(prefix="nextnest-processes-") as folder:
        Path(folder).chmod(0o755)
        with site(Path(folder) / "home") as made:
            yield made


@pytest.fixture
def here(ground: Site) -> Iterator[Site]:
    yield ground
    ground.kill_from(1)
    ground.sql("DROP FUNCTION IF EXISTS no_room CASCADE; DELETE FROM procrastinate_workers")


def restart(postgres: EmbeddedPostgres, folder: Path) -> None:
    """PostgreSQL down at once, as in a power cut, and up again."""
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGQUIT)
    until(lambda: not Path(f"/proc/{postmaster}").exists())
    postgres._server.ensure_postgres_running()


def test_a_worker_killed_in_the_middle_of_a_turn_is_replaced_within_30_s(here: Site) -> None:
    model = SlowModel()
    with_model = {
        "NEXTNEST_MODEL": "slow",
        "NEXTNEST_MODEL_BASE_URL": model.url,
        "OPENAI_API_KEY": "none",
    }
    try:
        web = here.web()
        first = here.worker("first", **with_model)
        conversation = here.submit(web)
        here.says(conversation, "I am thinking about a loan, what do you need from me?")
        until(lambda: model.asked)
        second = here.worker("second", **with_model)
        first.kill()
        killed = time.monotonic()
        model.may_answer.set()
        until(lambda: len(here.bot_lines(conversation)) > 1, 45)
        assert time.monotonic() - killed < 30
        assert len(here.bot_lines(conversation)) == 2, "the greeting and one answer"
        _stops_with_nothing_left_undone(here, second)
    finally:
        model.close()


def _stops_with_nothing_left_undone(here: Site, worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert here.sql("SELECT count(*) FROM outbox WHERE state IN ('intended', 'unknown', 'failed')") == [(0,)]


def test_a_worker_told_to_stop_ends_its_turn_and_goes(here: Site) -> None:
    model = SlowModel()
    try:
        web = here.web(
            "light", PYTHONPROFILEIMPORTTIME="1", NEXTNEST_MODEL="slow", NEXTNEST_MODEL_BASE_URL=model.url
        )
        worker = here.worker(NEXTNEST_MODEL="slow", NEXTNEST_MODEL_BASE_URL=model.url, OPENAI_API_KEY="none")
        conversation = here.submit(web)
        here.says(conversation, "I am thinking about a loan, what do you need from me?")
        until(lambda: model.asked)
        worker.send_signal(signal.SIGTERM)
        model.may_answer.set()
        assert worker.wait(20) == 0
        here.worker("next")
        until(lambda: len(here.bot_lines(conversation)) > 1)
        assert len(here.bot_lines(conversation)) == 2
        assert model.asked == 1, "the answer that was paid for is the answer that is sent"
        assert "pydantic_ai" not in here.log("light"), "a web process needs no model"
        assert "nextnest.web.app" in here.log("light"), "or the line above proves nothing"
    finally:
        model.close()


def test_web_and_workers_outlive_a_restart_of_postgresql(here: Site) -> None:
    webs = [here.web("one"), here.web("two", port=free_port())]
    workers = [here.worker("first"), here.worker("second")]
    conversation = here.submit(webs[0])
    here.says(conversation, "what is the monthly instalment for 800k over 25 years at 3%?")
    until(lambda: len(here.bot_lines(conversation)) > 1)

    restart(here.postgres, here.folder / "postgres")
    for web in webs:
        until(lambda web=web: httpx2.get(f"{web}/readyz", timeout=10).status_code == 200, 30)  # type: ignore[misc]
    here.says(conversation, "and over 30 years?")
    until(lambda: len(here.bot_lines(conversation)) > 2, 30)
    assert here.submit(webs[1]) != conversation
    assert [process.poll() for process in workers] == [None, None]
    assert len(here.bot_lines(conversation)) == 3
    for name in ("one", "two", "first", "second"):
        assert "Traceback" not in here.log(name)


def test_a_disk_without_room_is_told_in_words_and_nothing_is_thrown_away(here: Site) -> None:
    """PostgreSQL's own error 53100, raised where the rows would be written."""
    web = here.web()
    here.worker()
    conversation = here.submit(web)
    here.sql(
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
           END $$;
           CREATE TRIGGER no_room BEFORE INSERT ON leads EXECUTE FUNCTION no_room();
           CREATE TRIGGER no_room BEFORE INSERT ON webhook_events EXECUTE FUNCTION no_room()"""
    )
    answer = post_lead(web)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "not stored" in answer.json()["error"]
    page = httpx2.post(f"{web}/", data=FORM, headers={"accept": "text/html"})
    assert page.status_code == 503
    assert "not stored" in page.text
    assert page.headers["content-type"].startswith("text/html")
    here.says(conversation, "are you there?")
    until(lambda: "webhook not stored" in here.log("web"))

    here.sql("DROP FUNCTION no_room CASCADE")
    assert post_lead(web).status_code in (201, 202)
    until(lambda: len(here.bot_lines(conversation)) > 1, 60)
    assert "Traceback" not in here.log("web")


def test_without_its_database_a_process_says_so_and_ends_with_2(home: Path) -> None:
    chatwoot = {
        "CHATWOOT_BASE_URL": "http://127.0.0.1:9",
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_API_KEY": "key",
        "CHATWOOT_INBOX_ID": "1",
        "CHATWOOT_BOT_TOKEN": "token",
    }
    away = environment(
        NEXTNEST_HOME=str(home), DATABASE_URL="postgresql://nobody@127.0.0.1:9/nothing", **chatwoot
    )
    for line in (["worker"], ["web", "--port", "0"]):
        done = subprocess.run(
            command(*line), capture_output=True, text=True, env=away, timeout=60, check=False
        )
        assert done.returncode == 2
        assert "DATABASE_URL" in done.stderr
        assert "Traceback" not in done.stderr
