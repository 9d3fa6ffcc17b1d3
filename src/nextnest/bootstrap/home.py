"""The home: a folder that one `up` holds at a time, with the keys that were generated for it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nextnest.settings import ChatwootSettings, Settings, SettingsError, default_home, read_settings

_RUNNING = "running.json"


class HomeError(RuntimeError):
    """The home cannot be used; the message is one line for a person."""


def prepare(home: Path) -> Path:
    """Make the home if it is missing and see that it can be written.

    Raises:
        HomeError: it cannot.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HomeError(f"cannot write to the home {home} ({reason}): set NEXTNEST_HOME or --home") from error
    return home


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the home for this process.

    Raises:
        HomeError: another `nextnest up` holds it.
    """
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeError(
                f"another `nextnest up` runs on {home}: stop it, or choose another --home"
            ) from error
        yield


@contextmanager
def announced(settings: Settings) -> Iterator[None]:
    """Leave word in the home of where this `up` runs, for the commands that need to reach it."""
    path = settings.home / _RUNNING
    desk = settings.chatwoot if settings.chatwoot is not None and settings.chatwoot.embedded else None
    where = {"public_url": settings.public_url, "desk": _plain(desk) if desk else None}
    _write_privately(path, where)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def reaching(settings: Settings) -> Settings:
    """The settings with the address, and the embedded desk, of the `up` that runs on this home."""
    if not _is_held(settings.home):  # one that was killed left its word behind
        return settings
    try:
        where = json.loads((settings.home / _RUNNING).read_text())
        public_url, desk = str(where["public_url"]), where["desk"]
        found = {"chatwoot": ChatwootSettings.model_validate(desk)} if desk and not settings.chatwoot else {}
    except (OSError, ValueError, KeyError, TypeError):
        return settings
    return settings.model_copy(update={"public_url": public_url, **found})


def _is_held(home: Path) -> bool:
    try:
        with (home / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # there is none: no `up` was here
        return False
    return False


def _plain(chatwoot: ChatwootSettings) -> dict[str, object]:
    token = chatwoot.bot_token.get_secret_value() if chatwoot.bot_token else None
    secrets = [each.get_secret_value() for each in chatwoot.webhook_secrets]
    plain = {"api_key": chatwoot.api_key.get_secret_value(), "bot_token": token, "webhook_secrets": secrets}
    return {**chatwoot.model_dump(mode="json"), **plain}


def _write_privately(path: Path, content: object) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)


def generated_keys(home: Path) -> dict[str, str]:
    """The home's own API key and signing key, made at first use and readable by their owner alone.

    Raises:
        HomeError: the file is there but broken.
    """
    path = home / "keys.json"
    if not path.exists():
        fresh = {"api_key": "nn_" + secrets.token_urlsafe(24), "secret_key": secrets.token_urlsafe(32)}
        temporary = home / f".keys-{os.getpid()}"
        _write_privately(temporary, fresh)
        try:
            os.link(temporary, path)  # fails when another process was faster; its keys count
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    try:
        keys = json.loads(path.read_text())
        return {"api_key": str(keys["api_key"]), "secret_key": str(keys["secret_key"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HomeError(f"{path} is broken: restore it, or delete it to make new keys") from error


def settings_of(env: Mapping[str, str], home: Path | None = None) -> Settings:
    """Settings from the environment and the home's keys.

    Raises:
        SettingsError: a variable is broken.
        HomeError: the home cannot be used.
    """
    chosen = prepare(home or Path(env.get("NEXTNEST_HOME", "").strip() or default_home()).expanduser())
    return read_settings(env, keys=generated_keys(chosen), home=chosen)


__all__ = ["HomeError", "SettingsError", "generated_keys", "held", "prepare", "settings_of"]
