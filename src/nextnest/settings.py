"""Settings: the environment, read once at start, validated, printable without secrets."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_validator, model_validator

_DRAFT_RULE = re.compile(
    r"all|inbox:[0-9]{1,18}|persona:(aggressive|balanced|conservative)|score:[0-9]{1,3}-[0-9]{1,3}"
)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that is left open, a port beyond 65535
        return False


class SettingsError(ValueError):
    """A setting is broken; each problem is one line that names the variable and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class ChatwootSettings(BaseModel):
    model_config = ConfigDict(frozen=True)

    base_url: str
    account_id: int
    api_key: SecretStr
    inbox_id: int | None = None
    bot_token: SecretStr | None = None
    # Several may be set, with commas: the old and the new one while a secret is rotated, and one for each
    # route as bot:…, account:… or inbox:…; without a name it counts for all three.
    webhook_secrets: tuple[SecretStr, ...] = ()
    embedded: bool = False  # the desk of `nextnest up`, whatever port it got this time

    @field_validator("api_key", "bot_token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().isascii():
            raise ValueError("holds characters that no token has: copy it again")
        return value

    def secrets_of(self, route: str) -> tuple[str, ...]:
        """The secrets that sign what comes by a route: bot, account or inbox."""
        named = [each.get_secret_value().rpartition(":") for each in self.webhook_secrets]
        return tuple(secret for name, _, secret in named if name in ("", route))

    @property
    def origin(self) -> str:
        return f"{'the embedded desk' if self.embedded else self.base_url}#{self.account_id}"

    @property
    def hosted_nearby(self) -> bool:
        return urlsplit(self.base_url).hostname in {"localhost", "127.0.0.1", "::1"}


class LangfuseSettings(BaseModel):
    model_config = ConfigDict(frozen=True)

    base_url: str = "https://cloud.langfuse.com"
    public_key: str
    secret_key: SecretStr


class Settings(BaseModel):
    """Everything that can be set. Times are seconds, money is S$ unless it says US$."""

    model_config = ConfigDict(frozen=True)

    home: Path
    database_url: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8080"
    api_key: SecretStr
    secret_key: SecretStr
    brokerage: str = "NextNest"
    chatwoot: ChatwootSettings | None = None
    langfuse: LangfuseSettings | None = None
    model: str | None = None
    model_base_url: str | None = None
    model_seconds: float = 20.0
    model_usd_per_day: Decimal = Decimal(20)
    model_usd_per_conversation: Decimal = Decimal(1)
    quiet_seconds: float = 1.5
    quiet_cap_seconds: float = 8.0
    acceptance_minutes: float = 15.0
    high_value_from: Decimal | None = None
    draft_for: frozenset[str] = frozenset()
    trusted_proxies: tuple[str, ...] = ()

    @field_validator("public_url", "model_base_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _is_address(value):
            raise ValueError("must be an address that starts with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            whole = value.get_secret_value().replace("postgres://", "postgresql://", 1)
            if urlsplit(whole).scheme == "postgresql" and conninfo_to_dict(whole):
                return value
        except (ValueError, psycopg.ProgrammingError):
            pass  # without the reason, which may quote the password
        raise ValueError("must be a PostgreSQL address, like postgresql://user:password@host:5432/name")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each, strict=False)
            except ValueError:
                raise ValueError(f"{each!r} is no address or network, such as 10.0.0.0/8") from None
        return value

    @field_validator("quiet_seconds", "quiet_cap_seconds")
    @classmethod
    def _is_short(cls, value: float) -> float:
        if not 0 <= value <= 60:
            raise ValueError("must be between 0 and 60 seconds")
        return value

    @field_validator("acceptance_minutes")
    @classmethod
    def _is_a_time_to_wait(cls, value: float) -> float:
        if not 1 <= value <= 7 * 24 * 60:
            raise ValueError("must be between 1 minute and a week of working time, in minutes")
        return value

    @field_validator("draft_for")
    @classmethod
    def _are_draft_rules(cls, value: frozenset[str]) -> frozenset[str]:
        wrong = sorted(rule for rule in value if not _DRAFT_RULE.fullmatch(rule))
        if wrong:
            raise ValueError(
                f"{wrong[0]!r} is none of: all, inbox:ID, persona:NAME "
                "(aggressive, balanced, conservative), score:LOW-HIGH"
            )
        return value

    @model_validator(mode="after")
    def _model_has_a_name(self) -> Settings:
        if self.model_base_url and not self.model:
            raise ValueError("NEXTNEST_MODEL_BASE_URL is set without NEXTNEST_MODEL: name the model too")
        return self

    def key_for(self, purpose: str) -> bytes:
        """A key of its own for each purpose (chat tokens, panel links, pseudonyms)."""
        return hashlib.sha256(f"{purpose}:{self.secret_key.get_secret_value()}".encode()).digest()


VARIABLES: Mapping[str, tuple[str, str]] = {
    # variable: (field, what it is)
    "DATABASE_URL": ("database_url", "PostgreSQL to use; empty: an embedded server under NEXTNEST_HOME"),
    "NEXTNEST_HOME": ("home", "folder for the embedded database, the desk and generated keys"),
    "NEXTNEST_PUBLIC_URL": ("public_url", "address at which customers and Chatwoot reach nextnest"),
    "NEXTNEST_API_KEY": ("api_key", "key for the API, the panel and the ops page"),
    "NEXTNEST_SECRET_KEY": (
        "secret_key",
        "key that signs chat links; generated under NEXTNEST_HOME if empty",
    ),
    "NEXTNEST_BROKERAGE": ("brokerage", "the brokerage's name, as customers read it"),
    "NEXTNEST_MODEL": ("model", "model of the broker, e.g. openai:gpt-5; empty: the playbook answers"),
    "NEXTNEST_MODEL_BASE_URL": ("model_base_url", "an OpenAI-compatible server for NEXTNEST_MODEL"),
    "NEXTNEST_MODEL_SECONDS": ("model_seconds", "longest time one turn may spend at the model, seconds"),
    "NEXTNEST_MODEL_USD_PER_DAY": (
        "model_usd_per_day",
        "most US$ a day at the model; then the playbook answers",
    ),
    "NEXTNEST_MODEL_USD_PER_CONVERSATION": (
        "model_usd_per_conversation",
        "most US$ a conversation at the model",
    ),
    "NEXTNEST_QUIET_SECONDS": (
        "quiet_seconds",
        "how long a customer must be quiet before the broker answers, seconds",
    ),
    "NEXTNEST_QUIET_CAP_SECONDS": (
        "quiet_cap_seconds",
        "longest wait for a customer who keeps typing, seconds",
    ),
    "NEXTNEST_ACCEPTANCE_MINUTES": (
        "acceptance_minutes",
        "a hand-off nobody takes in this time is escalated, minutes",
    ),
    "NEXTNEST_HIGH_VALUE_FROM": ("high_value_from", "loans from this amount go to a person at once, S$"),
    "NEXTNEST_DRAFT_FOR": (
        "draft_for",
        "draft instead of send, comma list: all, inbox:ID, persona:NAME, score:75-100",
    ),
    "NEXTNEST_TRUSTED_PROXIES": ("trusted_proxies", "addresses of proxies whose X-Forwarded-For is believed"),
}
CHATWOOT_VARIABLES: Mapping[str, tuple[str, str]] = {
    "CHATWOOT_BASE_URL": ("base_url", "address of Chatwoot; empty: the embedded desk"),
    "CHATWOOT_ACCOUNT_ID": ("account_id", "account number, from the address bar of Chatwoot"),
    "CHATWOOT_API_KEY": ("api_key", "an administrator's access token, from Profile settings"),
    "CHATWOOT_INBOX_ID": ("inbox_id", "the API inbox for leads; `nextnest setup` makes it"),
    "CHATWOOT_BOT_TOKEN": ("bot_token", "the agent bot's access token; `nextnest setup` prints it"),
    "CHATWOOT_WEBHOOK_SECRET": (
        "webhook_secrets",
        "webhook secrets, with commas; bot:…, account:…, inbox:… where the routes differ",
    ),
}
LANGFUSE_VARIABLES: Mapping[str, tuple[str, str]] = {
    "LANGFUSE_BASE_URL": ("base_url", "address of Langfuse"),
    "LANGFUSE_PUBLIC_KEY": ("public_key", "public key of the project"),
    "LANGFUSE_SECRET_KEY": ("secret_key", "secret key of the project"),
}
_LISTS = {"webhook_secrets", "draft_for", "trusted_proxies"}


def default_home() -> Path:
    """Where data lives when NEXTNEST_HOME is unset: root's folder must have public parents (PostgreSQL)."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/nextnest")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "nextnest"


def _read(variables: Mapping[str, tuple[str, str]], env: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, (field, _) in variables.items():
        value = env.get(variable, "").strip()
        if value:
            found[field] = [part.strip() for part in value.split(",")] if field in _LISTS else value
    return found


def _problems(error: ValidationError, variables: Mapping[str, tuple[str, str]]) -> list[str]:
    names = {field: variable for variable, (field, _) in variables.items()}
    lines = []
    for item in error.errors(include_input=False, include_url=False):
        field = str(item["loc"][0]) if item["loc"] else ""
        what = item["msg"].removeprefix("Value error, ")
        if item["type"] == "missing":
            what = "is not set, but is needed with the other variables of its group"
        lines.append(f"{names[field]}: {what}" if field in names else what)
    return lines


def read_settings(env: Mapping[str, str], *, keys: Mapping[str, str], home: Path | None = None) -> Settings:
    """Read and validate the environment.

    `keys` are the generated `api_key` and `secret_key` of the home, used where the environment sets none.

    Raises:
        SettingsError: with every problem, each naming its variable.
    """
    values = {**keys, **_read(VARIABLES, env)}
    values["home"] = home or Path(values.get("home", default_home())).expanduser()
    problems: list[str] = []
    chatwoot = _read(CHATWOOT_VARIABLES, env)
    langfuse = _read(LANGFUSE_VARIABLES, env)
    if "base_url" in chatwoot or "api_key" in chatwoot:
        chatwoot["base_url"] = str(chatwoot.get("base_url", "")).rstrip("/")
        try:
            values["chatwoot"] = ChatwootSettings.model_validate(chatwoot)
        except ValidationError as error:
            problems += _problems(error, CHATWOOT_VARIABLES)
        if not _is_address(chatwoot["base_url"]):
            problems.append("CHATWOOT_BASE_URL: must be an address that starts with http:// or https://")
    if "public_key" in langfuse or "secret_key" in langfuse:
        try:
            values["langfuse"] = LangfuseSettings.model_validate(langfuse)
        except ValidationError as error:
            problems += _problems(error, LANGFUSE_VARIABLES)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += _problems(error, VARIABLES)
    if problems:
        raise SettingsError(problems)
    return settings
