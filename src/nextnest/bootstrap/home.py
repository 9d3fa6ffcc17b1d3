"""The home: a folder that one `up` holds at a time, with the keys that were generated for it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nextnest.settings import Settings, SettingsError, default_home, read_settings


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


def generated_keys(home: Path) -> dict[str, str]:
    """The home's own API key and signing key, made at first use and readable by their owner alone.

    Raises:
        HomeError: the file is there but broken.
    """
    path = home / "keys.json"
    if not path.exists():
        fresh = {"api_key": "nn_" + secrets.token_urlsafe(24), "secret_key": secrets.token_urlsafe(32)}
        temporary = home / f".keys-{os.getpid()}"
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(fresh, file)
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
