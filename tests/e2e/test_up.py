"""The whole main job as processes: form to greeting, question to figure, hand-off and back, restart."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from nextnest.mortgage import calculate
from tests.e2e.running import Up, command, conversation_of, environment, until, up

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


def test_from_form_to_greeting_to_figure_to_person_and_back_with_a_restart_in_between(home: Path) -> None:
    with up(home) as first:
        lead = first.submit()
        assert 0 <= lead["leadScore"] <= 100
        conversation = conversation_of(lead)
        greeting = first.greeted(conversation)
        assert "AI assistant" in greeting
        assert "S$1,200,000" in greeting
        _asks_and_hears_the_right_figures(first, lead["chatUrl"], conversation)
        assert first.stop() < 5
    _nothing_is_left_of(home)
    with up(home) as second:
        assert second.greeted(conversation) == greeting, "the second start finds what the first one left"
        chat = f"{second.api}/chat/{lead['chatUrl'].rsplit('/', 1)[1]}"
        _goes_to_a_person_and_comes_back(second, chat, conversation)


def _asks_and_hears_the_right_figures(nextnest: Up, chat: str, conversation: int) -> None:
    answer = nextnest.ask(chat, "what is the monthly instalment for 800k over 25 years at 3%?", conversation)
    expected = calculate("instalment", {"principal": 800_000, "rate_pct": 3, "months": 300})
    assert expected.text("monthly") in answer
    answer = nextnest.ask(chat, "and how much is the stamp duty?", conversation)
    assert calculate("bsd", {"price": 1_200_000, "as_of": "2026-11-22"}).text("bsd") in answer


def _goes_to_a_person_and_comes_back(nextnest: Up, chat: str, conversation: int) -> None:
    farewell = nextnest.ask(chat, "I want to talk to a human", conversation)
    assert "colleague" in farewell
    until(lambda: nextnest.status(conversation) == "open")
    shown = nextnest.desk("GET", f"/conversations/{conversation}")
    assert shown["priority"]
    assert shown["meta"]["team"]["name"] == "mortgage brokers"
    assert any("Hand-off" in m["content"] for m in nextnest.thread(conversation) if m["private"])
    nextnest.desk("POST", f"/conversations/{conversation}/messages", content="Hi, Mei here.")
    said = httpx2.post(
        f"{chat}/messages", json={"text": "thanks Mei, what about grants?", "client_id": "client-grants-1"}
    )
    assert said.is_success
    until(lambda: any("grants" in m["content"] for m in nextnest.thread(conversation)))
    nextnest.desk("POST", f"/conversations/{conversation}/messages", content="I will look it up.")
    assert nextnest.bot_lines(conversation)[-1] == farewell, "the bot is silent while a person has it"
    nextnest.desk("POST", f"/conversations/{conversation}/toggle_status", status="pending")
    answer = nextnest.ask(chat, "who pays you?", conversation)
    assert "commission" in answer


def _nothing_is_left_of(home: Path) -> None:
    left = subprocess.run(["pgrep", "-f", str(home)], capture_output=True, text=True, check=False)
    assert left.stdout == "", "a process was left behind"


def test_a_person_who_answers_silences_the_bot(home: Path) -> None:
    with up(home) as nextnest:
        lead = nextnest.submit()
        conversation = conversation_of(lead)
        nextnest.greeted(conversation)
        nextnest.desk("POST", f"/conversations/{conversation}/messages", content="I take this one myself.")
        until(lambda: nextnest.status(conversation) == "open")
        httpx2.post(
            f"{lead['chatUrl']}/messages",
            json={"text": "how much can I borrow?", "client_id": "client-borrow-1"},
        )
        metrics = {"Authorization": f"Bearer {nextnest.ready['api_key']}"}
        until(lambda: "human_owns" in httpx2.get(f"{nextnest.api}/ops/data", headers=metrics).text)
        assert len(nextnest.bot_lines(conversation)) == 1


def test_a_taken_port_is_one_clear_line(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = _fails("up", "--home", str(home), "--port", port, "--desk-port", "0")
    assert port in done
    assert "--port" in done


def test_an_unwritable_home_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "NEXTNEST_HOME" in _fails("up", "--home", str(tmp_path / "file" / "home"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEXTNEST_PUBLIC_URL", "localhost:8080"),  # no scheme
        ("NEXTNEST_QUIET_SECONDS", "soon"),  # no number
        ("CHATWOOT_BASE_URL", "https://chat.example.com"),  # without the others of its group
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing"),  # nobody listens there
    ],
)
def test_a_broken_setting_is_one_clear_line_that_names_it(home: Path, variable: str, value: str) -> None:
    line = _fails("up", "--home", str(home), "--port", "0", "--desk-port", "0", **{variable: value})
    assert variable in line or "CHATWOOT_" in line


def _fails(*arguments: str, **env: str) -> str:
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, env=environment(**env), timeout=60, check=False
    )
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
