"""rates, knowledge: what the broker may quote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nextnest.commands.terminal import Home, run, settings_from, stop

rates = typer.Typer(help="Rate sheets: the only rates that may be quoted.", no_args_is_help=True)
knowledge = typer.Typer(help="The entries that the broker may quote.", no_args_is_help=True)


@rates.command("import")
def rates_import(sheet: Annotated[Path, typer.Argument(help="CSV file.")], home: Home = None) -> None:
    """Import a rate sheet as the newest version; only sheets that are valid on the day are quoted."""
    from nextnest.bootstrap.tables import import_rates

    settings = settings_from(home)
    text = _text(sheet)

    async def work() -> None:
        print(await import_rates(settings, sheet.name.encode(errors="replace").decode(), text))

    run(work)


@knowledge.command("check")
def knowledge_check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Entries to check; none: those that ship with nextnest.")
    ] = None,
) -> None:
    """Find entries that are broken, past their review date, or contradict the rule tables."""
    from nextnest.bootstrap.assembly import today_in_singapore
    from nextnest.broker.knowledge import sources
    from nextnest.broker.knowledge_check import check_knowledge

    entries = tuple((file.name, _text(file)) for file in files) if files else sources()
    problems = check_knowledge(entries, today_in_singapore())
    for problem in problems:
        print(problem)
    print(f"{len(entries)} entries, {len(problems)} problems")
    if problems:
        raise typer.Exit(1)


def _text(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        stop(f"{file}: {error.strerror or 'cannot be read'}")
    except UnicodeDecodeError:
        stop(f"{file}: cannot be read as UTF-8 text")
    if "\0" in text:  # PostgreSQL keeps none
        stop(f"{file}: is not text")
    return text
