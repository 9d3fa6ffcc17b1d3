"""README and docs, tried: commands exist and run, files are there, lists are those of the tree."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx2
import pytest

from nextnest.settings import CHATWOOT_VARIABLES, LANGFUSE_VARIABLES, VARIABLES, LangfuseSettings, Settings
from tests.e2e.running import up

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ALL_VARIABLES = {**VARIABLES, **CHATWOOT_VARIABLES, **LANGFUSE_VARIABLES}
# What can be run anywhere, at once, and changes nothing.
HARMLESS = ("nextnest calc ", "nextnest knowledge check")

pytestmark = pytest.mark.e2e


def _shell(text: str) -> list[str]:
    """The commands in a page's shell blocks, without their remarks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]


COMMANDS = [line for line in _shell(README) if line.startswith(("nextnest ", "scripts/"))]


def _nextnest(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nextnest.cli", *arguments]
    env = {**os.environ, "COLUMNS": "200", "TERM": "dumb"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=env)


def test_both_commands_of_a_newcomer_are_in_the_readme_as_they_are() -> None:
    assert {"scripts/up", "scripts/test"} <= set(COMMANDS)


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("scripts/")])
def test_a_script_that_is_named_is_there_and_runs(command: str) -> None:
    assert os.access(ROOT / shlex.split(command)[0], os.X_OK)


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("nextnest ")])
def test_a_command_that_is_named_takes_what_is_given_to_it(command: str) -> None:
    words = shlex.split(command)[1:]
    place = [word for word in words if re.fullmatch("[a-z]+", word)]
    shown = _nextnest(*place, "--help")
    if shown.returncode and len(place) > 1:  # the last one is an argument, such as a calculator
        shown = _nextnest(*place[:-1], "--help")
    assert shown.returncode == 0, shown.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.stdout, f"{command}: no {option}"


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith(HARMLESS)])
def test_a_command_that_changes_nothing_runs(command: str) -> None:
    done = _nextnest(*shlex.split(command)[1:])
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(120)
def test_the_lead_of_the_readme_is_taken(home: Path) -> None:
    found = re.search(r"^curl .*?}'$", README, re.DOTALL | re.MULTILINE)
    assert found
    _, address, *_, body = shlex.split(found[0])
    with up(home) as nextnest:
        key = {"Authorization": f"Bearer {nextnest.ready['api_key']}"}
        url = address.replace("http://127.0.0.1:8080", nextnest.api)
        answer = httpx2.post(url, json=json.loads(body), headers=key)
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == {
        "success", "lead_id", "leadScore", "brokerPersona", "conversationUrl", "chatUrl"
    }  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_to_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert not missing


@pytest.mark.parametrize("text", [README, ARCHITECTURE], ids=["README", "architecture"])
def test_every_path_that_is_named_is_there(text: str) -> None:
    named = set(re.findall(r"`((?:src|tests|docs|scripts|bench)/[\w./-]+)", text))
    assert named
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]


def _rows(text: str, heading: str) -> dict[str, str]:
    """A table's rows below a heading: the name in its first column, and its second column."""
    below = text.partition(heading)[2].partition("\n\n|")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\|? ?`([\w.-]+)` \| ([^|]*?) *\|", below, re.MULTILINE))


def test_the_settings_table_is_true_to_the_settings() -> None:
    shown = _rows(README, "## Settings")
    assert set(shown) == set(ALL_VARIABLES)
    fields = {**Settings.model_fields, "langfuse_url": LangfuseSettings.model_fields["base_url"]}
    names = {**{v: field for v, (field, _) in VARIABLES.items()}, "LANGFUSE_BASE_URL": "langfuse_url"}
    for variable, field in names.items():
        default = fields[field].get_default()
        if shown[variable].startswith("`"):
            assert shown[variable] == f"`{default}`".replace(".0`", "`")
        else:  # words: generated, embedded, none
            assert default is None or not isinstance(default, str | int | float)


def test_the_example_of_an_environment_shows_every_variable() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert {line.partition("=")[0] for line in lines if "=" in line} == set(ALL_VARIABLES)


def test_the_rooms_are_those_of_the_tree() -> None:
    tree = (ROOT / "src" / "nextnest").iterdir()
    rooms = {each.stem for each in tree if each.suffix == ".py" or (each / "__init__.py").exists()}
    assert set(_rows(ARCHITECTURE, "## Rooms")) == rooms - {"__init__"}


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "## Parts, and why": project["project"]["dependencies"],
        "For development only:": project["dependency-groups"]["dev"],
    }
    for heading, requirements in wanted.items():
        names = {re.split(r"[\[=<>]", requirement)[0] for requirement in requirements}
        assert set(_rows(ARCHITECTURE, heading)) == names


def test_every_table_of_the_database_is_explained() -> None:
    versions = (ROOT / "src/nextnest/adapters/store/migrations/versions").glob("*.py")
    made = {t for file in versions for t in re.findall(r"CREATE TABLE (\w+)", file.read_text("utf-8"))}
    told = ARCHITECTURE.partition("## State")[2].partition("\n## ")[0]
    assert not {table for table in made if f"`{table}`" not in told}
