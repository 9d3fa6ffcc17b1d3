"""What every command needs: settings or one clear line, a run to the end, JSON from a file."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

out = Console()
Home = Annotated[Path | None, typer.Option(help="Folder for database, desk and keys; else NEXTNEST_HOME.")]


def stop(problem: str, code: int = 2) -> NoReturn:
    """One clear line on standard error, and the exit code that says the settings are at fault."""
    print(f"nextnest: {problem}", file=sys.stderr)
    raise typer.Exit(code)


def settings_from(home: Path | None) -> Any:
    from nextnest.bootstrap.home import HomeError, SettingsError, settings_of

    try:
        return settings_of(os.environ, home)
    except SettingsError as error:
        stop("; ".join(error.problems))
    except HomeError as error:
        stop(str(error))


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to the end; a problem that a person can mend is one line, never a traceback."""
    import psycopg
    import psycopg_pool
    import structlog
    import uvloop

    from nextnest.adapters.chatwoot.errors import ChatwootError
    from nextnest.adapters.chatwoot.provisioning import ProvisioningRefused
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.home import HomeError, SettingsError
    from nextnest.service.failures import Failure

    if not structlog.is_configured():
        logs.configure(logging.ERROR)  # a command's own words say what is wrong
    try:
        uvloop.run(work())
    except (typer.Exit, typer.Abort):  # RuntimeErrors, to Python
        raise
    except SettingsError as error:
        stop("; ".join(error.problems))
    except (HomeError, ProvisioningRefused) as error:
        stop(str(error))
    except Failure as failure:
        stop(f"Chatwoot: {failure.why}")
    except ChatwootError as error:
        stop(f"Chatwoot: {error}")
    except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
        stop(f"DATABASE_URL: the database is not reachable ({str(error).splitlines()[0]})")
    except psycopg.errors.InsufficientPrivilege as error:
        stop(f"DATABASE_URL: its user may not do what is needed ({str(error).splitlines()[0]})")
    except RuntimeError as error:
        stop(str(error).splitlines()[0])
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _not_a_number(name: str) -> Any:
    raise ValueError(name)  # NaN and Infinity: Python's own addition to JSON


def json_in(path: Path) -> Any:
    """What a JSON file holds, its fractions as exact decimals."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # with the mark that some editors put first, or without
        return json.loads(text, parse_float=Decimal, parse_constant=_not_a_number)
    except OSError as error:
        stop(f"{path}: {error.strerror or 'cannot be read'}")
    except (ValueError, RecursionError):
        stop(f"{path}: is not JSON")
