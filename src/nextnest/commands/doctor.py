"""doctor: what is wrong between nextnest and Chatwoot, and what to do about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from nextnest.commands.terminal import Home, out, run, settings_from

app = typer.Typer()


@app.command()
def doctor(
    home: Home = None,
    hours: Annotated[int, typer.Option(min=1, max=720, help="Look at conversations active so lately.")] = 24,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Look at so many of them at most.")] = 50,
) -> None:
    """Compare our record with Chatwoot and say what is wrong, without changing it; exit code 1 if any."""
    from nextnest.bootstrap.examining import examine
    from nextnest.service.drift import Drift

    settings = settings_from(home)
    found: list[Drift] = []

    async def work() -> None:
        found.extend(await examine(settings, within=timedelta(hours=hours), limit=limit))

    run(work)
    if not found:
        out.print("Nothing is wrong.")
        return
    table = Table(box=None)
    for column in ("what", "conversation", "seen", "what to do"):
        table.add_column(column, overflow="fold")
    for drift in found:
        where = str(drift.conversation_id) if drift.conversation_id is not None else ""
        table.add_row(drift.kind.replace("_", " "), where, drift.what, drift.remedy)
    out.print(table)
    raise typer.Exit(1)
