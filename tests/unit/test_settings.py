"""Settings: read once, every problem named, secrets never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from nextnest.settings import (
    CHATWOOT_VARIABLES,
    LANGFUSE_VARIABLES,
    VARIABLES,
    Settings,
    SettingsError,
    read_settings,
)

KEYS = {"api_key": "the-api-key", "secret_key": "the-secret-key"}
CHATWOOT = {
    "CHATWOOT_BASE_URL": "https://chat.example.com/",
    "CHATWOOT_ACCOUNT_ID": "3",
    "CHATWOOT_API_KEY": "token-of-the-administrator",
}


def read(**env: str) -> Settings:
    return read_settings(env, keys=KEYS, home=Path("/home/of/test"))


def test_with_nothing_set_everything_has_a_default() -> None:
    settings = read()
    assert settings.chatwoot is None
    assert settings.langfuse is None
    assert settings.model is None
    assert settings.quiet_seconds == 1.5


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"NEXTNEST_PUBLIC_URL": "chat.example.com"}, "NEXTNEST_PUBLIC_URL"),  # no scheme
        ({"NEXTNEST_QUIET_SECONDS": "soon"}, "NEXTNEST_QUIET_SECONDS"),  # not a number
        ({"NEXTNEST_QUIET_SECONDS": "-1"}, "NEXTNEST_QUIET_SECONDS"),  # time does not run backwards
        ({"NEXTNEST_MODEL_BASE_URL": "http://127.0.0.1:1"}, "NEXTNEST_MODEL_BASE_URL"),  # and no model
        ({"CHATWOOT_BASE_URL": "https://chat.example.com"}, "CHATWOOT_ACCOUNT_ID"),  # half a group
        ({**CHATWOOT, "CHATWOOT_BASE_URL": "chat.example.com"}, "CHATWOOT_BASE_URL"),  # no scheme
        ({**CHATWOOT, "CHATWOOT_ACCOUNT_ID": "three"}, "CHATWOOT_ACCOUNT_ID"),  # not a number
        ({"NEXTNEST_TRUSTED_PROXIES": "10.0.0.1,proxy"}, "NEXTNEST_TRUSTED_PROXIES"),  # a name is no address
        ({"LANGFUSE_PUBLIC_KEY": "pk-lf-1"}, "LANGFUSE_SECRET_KEY"),  # half a group
    ],
)
def test_a_broken_variable_is_named(env: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**env)
    assert any(problem.startswith(named) for problem in caught.value.problems), caught.value.problems


def test_no_secret_is_shown() -> None:
    shown = repr(read(**CHATWOOT, CHATWOOT_WEBHOOK_SECRET="hush", DATABASE_URL="postgresql://u:pw@h/d"))
    for secret in ("the-api-key", "the-secret-key", "token-of-the-administrator", "hush", "pw@"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("variable", "route", "secrets"),
    [
        ("one", "bot", ("one",)),  # without a name it counts for every route
        ("one", "account", ("one",)),
        ("old,new", "bot", ("old", "new")),  # while a secret is rotated
        ("bot:a,account:b,inbox:c", "account", ("b",)),  # three sources, three secrets
        ("bot:a,account:b", "inbox", ()),  # nothing signs what comes by this route
    ],
)
def test_each_route_has_its_secrets(variable: str, route: str, secrets: tuple[str, ...]) -> None:
    chatwoot = read(**CHATWOOT, CHATWOOT_WEBHOOK_SECRET=variable).chatwoot
    assert chatwoot is not None
    assert chatwoot.secrets_of(route) == secrets


def test_every_variable_stands_in_the_example_and_nothing_else() -> None:
    lines = (Path(__file__).parents[2] / ".env.example").read_text().splitlines()
    named = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert named == {*VARIABLES, *CHATWOOT_VARIABLES, *LANGFUSE_VARIABLES}
