"""Commands as a person runs them: one clear line for what is wrong, exit codes, no traceback."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from typer.testing import CliRunner, Result

from nextnest.cli import app
from nextnest.desk import Desk
from tests.integration.serving import serving

DATA = Path(__file__).parents[1] / "data"
LEAD = {
    "purpose": "new_purchase",
    "name": "Or Wei Ling",
    "email": "or@example.com",
    "phone": "+6591234567",
    "property_price": 1_200_000,
    "loan_amount": 800_000,
    "monthly_income": 12_000,
}
FOREIGN = ("CHATWOOT_", "LANGFUSE_", "NEXTNEST_", "DATABASE_URL")

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on a home of its own; keyword arguments are environment variables."""
    for name in os.environ:
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)

    def invoke(*arguments: object, **env: str) -> Result:
        env = {"NEXTNEST_HOME": str(tmp_path / "home"), "COLUMNS": "200", **env}
        return CliRunner().invoke(app, [str(each) for each in arguments], env=env)

    yield invoke
    structlog.reset_defaults()  # a command sets its own way of logging


def refused(result: Result, *words: str, code: int = 2) -> None:
    """It ended with one line on standard error that holds these words."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("nextnest: ")
    for word in words:
        assert word in lines[0]


def written(tmp_path: Path, name: str, content: object) -> Path:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


# -- score and calc


def test_score_prints_a_receipt(run: Run, tmp_path: Path) -> None:
    result = run("score", written(tmp_path, "lead.json", LEAD))
    assert result.exit_code == 0
    assert "Lead score" in result.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["is not JSON"]),
        ("[" * 5000, ["is not JSON"]),  # deep enough to break a parser
        ([1], ["one JSON object"]),
        ({**LEAD, "purpose": "gamble"}, ["purpose"]),
        ({**LEAD, "loan_amount": -5, "email": "x"}, ["loan_amount", "email"]),  # all of them at once
    ],
)
def test_score_says_what_is_wrong_with_a_lead(
    run: Run, tmp_path: Path, content: object, words: list[str]
) -> None:
    refused(run("score", written(tmp_path, "lead.json", content)), *words)


def test_score_of_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    refused(run("score", tmp_path / "no.json"), "no.json", "No such file")
    refused(run("score", tmp_path), "Is a directory")


def test_calc_shows_figure_working_and_source(run: Run) -> None:
    result = run("calc", "bsd", "price=1200000", "as_of=2026-11-22")
    assert result.exit_code == 0
    # IRAS: 1 % of 180,000, 2 % of 180,000, 3 % of 640,000, 4 % of the remaining 200,000
    assert "S$32,600" in result.stdout
    assert "Working" in result.stdout
    assert "Sources" in result.stdout


def test_calc_without_a_name_lists_the_calculators(run: Run) -> None:
    result = run("calc")
    assert result.exit_code == 0
    assert "affordability" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nope"], 2, ["no calculator", "'nope'"]),
        (["bsd", "1200000"], 2, ["key=value", "price"]),  # names the inputs that it takes
        (["bsd", "price=abc", "as_of=2026-11-22"], 2, ["price"]),
        (["bsd", "price=1200000", "as_of=2026-11-22", "colour=red"], 2, ["colour"]),
        (
            ["bsd", "price=1200000"],
            1,
            ["needs as_of"],
        ),  # a missing fact is not a mistake, but no figure either
    ],
)
def test_calc_says_why_it_does_not_compute(
    run: Run, arguments: list[str], code: int, words: list[str]
) -> None:
    refused(run("calc", *arguments), *words, code=code)


def test_calc_batch_answers_each_item_by_its_id(run: Run, tmp_path: Path) -> None:
    items: list[Any] = [
        {"id": "a", "kind": "bsd", "inputs": {"price": 1_200_000, "as_of": "2026-11-22"}},
        {"id": "b", "kind": "nope", "inputs": {}},
        7,
    ]
    result = run("calc", "--batch", written(tmp_path, "batch.json", items))
    assert result.exit_code == 0
    answers = json.loads(result.stdout)
    assert [each["id"] for each in answers] == ["a", "b", None]
    assert "32600" in json.dumps(answers[0]["result"])
    assert "error" in answers[1]
    assert "error" in answers[2]


def test_calc_batch_of_something_else(run: Run, tmp_path: Path) -> None:
    refused(run("calc", "--batch", written(tmp_path, "batch.json", {"a": 1})), "must hold a list")
    refused(run("calc", "--batch", tmp_path / "no.json"), "No such file")


# -- what may be quoted


def test_rates_import_keeps_a_sheet_and_says_which(run: Run, database_url: str) -> None:
    result = run("rates", "import", DATA / "rates" / "good.csv", DATABASE_URL=database_url)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("version 1: ")
    again = run("rates", "import", DATA / "rates" / "good.csv", DATABASE_URL=database_url)
    assert again.stdout.startswith("version 2: ")


def test_rates_import_refuses_a_broken_sheet(run: Run, database_url: str, tmp_path: Path) -> None:
    refused(run("rates", "import", DATA / "rates" / "broken.csv", DATABASE_URL=database_url), "broken.csv")
    (tmp_path / "image.csv").write_bytes(b"\xff\xfe\x00\x01")
    refused(run("rates", "import", tmp_path / "image.csv", DATABASE_URL=database_url), "UTF-8")
    refused(run("rates", "import", tmp_path / "no.csv", DATABASE_URL=database_url), "no.csv")
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM rate_sheets").fetchone() == (0,)


def test_the_knowledge_that_is_shipped_is_whole(run: Run) -> None:
    result = run("knowledge", "check")
    assert result.exit_code == 0, result.output
    assert "0 problems" in result.stdout


def test_a_broken_a_stale_and_a_contradicting_entry_are_found(run: Run, tmp_path: Path) -> None:
    entry = """---
id: {name}
title: Seeded
source: A source
date: 2026-11-01
review_by: {review_by}
keywords: [seeded]
typed: {typed}
---
{body}
"""
    seeds = {
        "broken": {"review_by": "2099-01-01", "typed": "{}", "body": "At most {{rule:no_such_table.pct}}."},
        "stale": {"review_by": "2026-11-01", "typed": "{}", "body": "Nothing has changed."},
        "contradiction": {"review_by": "2099-01-01", "typed": "{60%: hearsay}", "body": "TDSR is 60%."},
    }
    for name, facts in seeds.items():
        (tmp_path / f"{name}.md").write_text(entry.format(name=name, **facts), "utf-8")
    result = run("knowledge", "check", *(tmp_path / f"{name}.md" for name in seeds))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "broken.md: broken: {{rule:no_such_table.pct}} cannot be resolved ('no_such_table')",
        "stale.md: stale: its review was due on 2026-11-01",
        "contradiction.md: contradiction: '60%' is at odds with tdsr_limit",
        "3 entries, 3 problems",
    ]
    refused(run("knowledge", "check", tmp_path / "no.md"), "no.md")


# -- what failed


def test_failures_are_listed_shown_and_retried(run: Run, database_url: str) -> None:
    empty = run("failed", "list", DATABASE_URL=database_url)
    assert empty.exit_code == 0, empty.output
    assert "Nothing has failed" in empty.stdout
    with psycopg.connect(database_url) as connection:
        connection.execute(
            """INSERT INTO leads (id, data, purpose, score, receipt, persona, sync, sync_error, sync_attempts)
               VALUES ('ld_1', '{}', 'new_purchase', 50, '{}', 'balanced', 'failed', 'Email is refused', 3)"""
        )
    listed = run("failed", "list", DATABASE_URL=database_url)
    assert "lead:ld_1" in listed.stdout
    assert "Email is refused" in listed.stdout
    shown = run("failed", "show", "lead:ld_1", DATABASE_URL=database_url)
    assert "attempts: 3" in shown.stdout
    retried = run("failed", "retry", "lead:ld_1", DATABASE_URL=database_url)
    assert retried.exit_code == 0, retried.output
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT sync::text FROM leads").fetchone() == ("pending",)
        jobs = connection.execute("SELECT task_name FROM procrastinate_jobs").fetchall()
    assert jobs == [("sync",)]


@pytest.mark.parametrize("command", ["show", "retry"])
@pytest.mark.parametrize("failure", ["lead:ld_9", "outbox:9", "turn:9-9", "nonsense", "outbox:x", ":"])
def test_a_failure_that_is_not_there(run: Run, database_url: str, command: str, failure: str) -> None:
    result = run("failed", command, failure, DATABASE_URL=database_url)
    refused(result, "there is no failure", failure, code=1)


# -- the environment


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"DATABASE_URL": "mysql://a:secret@b/c"}, ["DATABASE_URL", "PostgreSQL address"]),
        ({"DATABASE_URL": "nonsense"}, ["DATABASE_URL", "PostgreSQL address"]),
        ({"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, ["DATABASE_URL", "not reachable"]),
        ({"NEXTNEST_QUIET_SECONDS": "soon"}, ["NEXTNEST_QUIET_SECONDS"]),
        ({"NEXTNEST_PUBLIC_URL": "example.com"}, ["NEXTNEST_PUBLIC_URL", "http"]),
        ({"NEXTNEST_DRAFT_FOR": "some"}, ["NEXTNEST_DRAFT_FOR", "some"]),
        ({"CHATWOOT_API_KEY": "secret"}, ["CHATWOOT_BASE_URL", "CHATWOOT_ACCOUNT_ID"]),
        ({"NEXTNEST_HOME": "/proc/nowhere"}, ["home", "NEXTNEST_HOME"]),
    ],
)
def test_a_broken_environment_is_one_line_that_names_the_variable(
    run: Run, env: dict[str, str], words: list[str]
) -> None:
    result = run("failed", "list", **env)
    refused(result, *words)
    assert "secret" not in result.output


@pytest.mark.parametrize("command", ["worker", "web"])
def test_separate_processes_ask_for_the_database_they_share(run: Run, command: str) -> None:
    chatwoot = {
        "CHATWOOT_BASE_URL": "http://127.0.0.1:9",
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_API_KEY": "x",
        "CHATWOOT_INBOX_ID": "1",
        "CHATWOOT_BOT_TOKEN": "x",
    }
    more = ["--port", "0"] if command == "web" else []
    refused(run(command, *more, **chatwoot), "DATABASE_URL")


def test_a_desk_whose_chaos_cannot_be_read(run: Run, tmp_path: Path) -> None:
    refused(run("desk", "--port", "0", "--chaos", tmp_path / "no.json"), "--chaos")
    refused(run("desk", "--port", "0", "--chaos", written(tmp_path, "c.json", '{"x": }')), "--chaos")


# -- setup


def test_setup_without_chatwoot(run: Run) -> None:
    refused(run("setup"), "CHATWOOT_BASE_URL")


def test_setup_of_a_chatwoot_that_is_not_there(run: Run) -> None:
    env = {
        "CHATWOOT_BASE_URL": "http://127.0.0.1:9",
        "CHATWOOT_ACCOUNT_ID": "1",
        "CHATWOOT_API_KEY": "secret",
    }
    result = run("setup", **env)
    refused(result, "Chatwoot")
    assert "secret" not in result.output


async def test_setup_shows_its_plan_first_then_works_and_then_has_nothing_to_do(
    run: Run, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "desk", base_url="http://desk.test")
    async with serving(desk.app) as url:
        env = {
            "CHATWOOT_BASE_URL": url,
            "CHATWOOT_ACCOUNT_ID": "1",
            "CHATWOOT_API_KEY": desk.admin_token,
            "NEXTNEST_PUBLIC_URL": "https://nextnest.example.com",
        }
        plan = await asyncio.to_thread(run, "setup", "--dry-run", **env)
        assert plan.exit_code == 0, plan.output
        assert "API inbox" in plan.stdout
        assert "CHATWOOT_BOT_TOKEN" not in plan.stdout
        again = await asyncio.to_thread(run, "setup", "--dry-run", **env)
        assert again.stdout == plan.stdout  # the plan changed nothing
        done = await asyncio.to_thread(run, "setup", **env)
        assert done.exit_code == 0, done.output
        keep = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("CHATWOOT_"))
        assert {"CHATWOOT_INBOX_ID", "CHATWOOT_BOT_TOKEN", "CHATWOOT_WEBHOOK_SECRET"} <= keep.keys()
        second = await asyncio.to_thread(run, "setup", "--dry-run", **env, **keep)
        assert "nothing to do" in second.stdout


async def test_check_tells_what_is_right_and_fails_on_what_is_not(
    run: Run, tmp_path: Path, database_url: str
) -> None:
    desk = Desk(tmp_path / "desk", base_url="http://desk.test")
    async with serving(desk.app) as url:
        env = {
            "CHATWOOT_BASE_URL": url,
            "CHATWOOT_ACCOUNT_ID": "1",
            "CHATWOOT_API_KEY": "wrong-token",
            "DATABASE_URL": database_url,
        }
        result = await asyncio.to_thread(run, "check", **env)
    assert result.exit_code == 1
    assert "ok  database: PostgreSQL" in result.stdout
    assert "CHATWOOT_API_KEY" in result.stdout
    assert "wrong-token" not in result.output
    assert "Traceback" not in result.output
