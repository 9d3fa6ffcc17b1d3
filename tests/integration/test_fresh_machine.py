"""What a fresh machine and wrong input meet: one line that says what to do, and no claim of a success."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nextnest.adapters.store.database import Database
from nextnest.bootstrap.assembly import bind
from nextnest.bootstrap.home import announced, generated_keys, held, prepare, reaching
from nextnest.bootstrap.running import repeat, stopped
from nextnest.bootstrap.serving import PortTaken
from nextnest.bootstrap.serving import bind as bound
from nextnest.bootstrap.tables import opened
from nextnest.settings import ChatwootSettings, Settings, SettingsError, read_settings

KEYS = {"api_key": "k", "secret_key": "s" * 32}
REPOSITORY = Path(__file__).parents[2]


def nextnest(*words: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nextnest.cli", *words],
        env={**os.environ, "NEXTNEST_HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_two_cannot_have_one_port_even_before_one_of_them_serves() -> None:
    first = bound("127.0.0.1", 0, "--port")
    with first, pytest.raises(PortTaken, match="choose another with --port"):
        bound("127.0.0.1", first.getsockname()[1], "--port")


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_there_is_not_is_said(port: int) -> None:
    with pytest.raises(PortTaken, match="choose another with --port"):
        bound("127.0.0.1", port, "--port")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHATWOOT_BASE_URL", "http://[bad"),
        ("CHATWOOT_BASE_URL", "http://"),
        ("CHATWOOT_BASE_URL", "http://host:99999"),
        ("CHATWOOT_API_KEY", "abc…"),
        ("CHATWOOT_BOT_TOKEN", "abc…"),
    ],
)
def test_a_broken_variable_of_chatwoot_is_named(tmp_path: Path, variable: str, value: str) -> None:
    env = {"CHATWOOT_BASE_URL": "http://host", "CHATWOOT_ACCOUNT_ID": "1", "CHATWOOT_API_KEY": "x"}
    with pytest.raises(SettingsError, match=variable):
        read_settings({**env, variable: value}, keys=KEYS, home=tmp_path)


def test_a_killed_up_leaves_no_word_that_counts(tmp_path: Path) -> None:
    home = prepare(tmp_path)
    one = Settings(home=home, public_url="http://killed", **generated_keys(home))
    other = one.model_copy(update={"public_url": "https://now"})
    with held(home), announced(one):
        assert reaching(other).public_url == "http://killed"
        word = (home / "running.json").read_text()
    (home / "running.json").write_text(word)
    assert reaching(other).public_url == "https://now"


async def test_commands_refuse_a_database_of_another_chatwoot(
    tmp_path: Path, database: Database, database_url: str
) -> None:
    """`lead erase --chatwoot` would delete whoever has the same number there."""
    ours = ChatwootSettings(base_url="http://ours", account_id=1, api_key="x")
    await bind(database, ours)
    settings = Settings(home=tmp_path, database_url=database_url, chatwoot=ours, **KEYS)
    async with opened(settings):
        pass
    theirs = ours.model_copy(update={"base_url": "http://theirs"})
    with pytest.raises(SettingsError, match="this database belongs to http://ours"):
        async with opened(settings.model_copy(update={"chatwoot": theirs})):
            pass


async def test_a_task_that_loses_a_cancellation_is_stopped() -> None:
    lost = asyncio.Event()

    async def act() -> None:
        if not lost.is_set():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                lost.set()

    task = asyncio.create_task(repeat(60, act))
    await asyncio.sleep(0)
    await asyncio.wait_for(stopped(task, within=0.05), 5)
    assert lost.is_set()
    assert task.cancelled()


@pytest.mark.parametrize("front", ["review_by: 2026-02-30", "x: " + "[" * 50_000])
def test_a_knowledge_entry_that_cannot_be_read_is_one_line(tmp_path: Path, front: str) -> None:
    entry = tmp_path / "entry.md"
    entry.write_text(f"---\n{front}\n---\nText.\n")
    done = nextnest("knowledge", "check", str(entry), home=tmp_path)
    assert (done.returncode, done.stderr) == (1, ""), done.stderr[-500:]
    assert "1 entries, 1 problems" in done.stdout


def test_a_sheet_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    good = (REPOSITORY / "tests/data/rates/good.csv").read_text()
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(good.replace("broker circular", "broker\0circular"))
    done = nextnest("rates", "import", str(sheet), home=tmp_path)
    assert (done.returncode, done.stderr) == (2, f"nextnest: {sheet}: is not text\n")
    done = nextnest("rates", "import", "nowhere.csv", home=tmp_path)
    assert (done.returncode, done.stderr) == (2, "nextnest: nowhere.csv: No such file or directory\n")


def test_the_environment_that_is_active_just_now_is_left_alone() -> None:
    install = (REPOSITORY / "scripts/install").read_text()
    assert install.count("uv pip") == install.count("--python .venv") == 2
