"""failed list, show, retry: what waits for an operator."""

from __future__ import annotations

import typer
from rich.table import Table

from nextnest.commands.terminal import Home, out, run, settings_from, stop

app = typer.Typer(help="What failed and waits for an operator.", no_args_is_help=True)


@app.command("list")
def failed_list(home: Home = None) -> None:
    """Everything that failed for good and waits for an operator."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(settings_from(home)) as operations:
            failures = (await operations.overview()).failures
        table = Table(box=None)
        for column in ("id", "what", "conversation", "attempts", "reason"):
            table.add_column(column)
        for each in failures:
            place = str(each.conversation_id or each.lead_id or "")
            table.add_row(each.id, f"{each.kind} {each.what}", place, str(each.attempts), each.reason)
        out.print(table if failures else "Nothing has failed.")

    run(work)


@app.command("show")
def failed_show(failure: str, home: Home = None) -> None:
    """One failure, whole."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(settings_from(home)) as operations:
            found = [f for f in (await operations.overview()).failures if f.id == failure]
        if not found:
            stop(f"there is no failure {failure!r}; `nextnest failed list` shows them", code=1)
        for key, value in vars(found[0]).items():
            print(f"{key}: {value}")

    run(work)


@app.command("retry")
def failed_retry(failure: str, home: Home = None) -> None:
    """Try a failure again."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(settings_from(home)) as operations:
            try:
                await operations.retry(failure)
            except LookupError:
                stop(f"there is no failure {failure!r}; `nextnest failed list` shows them", code=1)
        print(f"{failure} is queued again")

    run(work)
