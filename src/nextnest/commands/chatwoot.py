"""setup, check: Chatwoot made ready, and tried."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from nextnest.commands.terminal import Home, out, run, settings_from

app = typer.Typer()


@app.command()
def setup(
    home: Home = None,
    dry_run: Annotated[bool, typer.Option(help="Show the plan and change nothing.")] = False,
    force: Annotated[bool, typer.Option(help="Replace another bot that is attached to the inbox.")] = False,
) -> None:
    """Make or repair what nextnest needs in Chatwoot, and print the environment lines to keep."""
    from nextnest.bootstrap.provision import setup_chatwoot

    settings = settings_from(home)

    async def work() -> None:
        await setup_chatwoot(settings, dry_run=dry_run, force=force, say=print)

    run(work)


@app.command()
def check(
    home: Home = None,
    live: Annotated[bool, typer.Option(help="Also send a probe lead through the whole loop.")] = False,
) -> None:
    """Test what a person would test after setting the environment; exit code 1 on any failure."""
    from nextnest.bootstrap.checking import check_all

    settings = settings_from(home)
    lines: list[Any] = []

    async def work() -> None:
        async for line in check_all(settings, live=live):
            lines.append(line)
            mark = "[green]ok[/green]" if line.ok else "[red]wrong[/red]"
            variable = f"  [dim]{line.variable}[/dim]" if line.variable and not line.ok else ""
            out.print(f"{mark:>6}  {line.name}: {line.detail}{variable}", highlight=False)

    run(work)
    if not all(line.ok for line in lines):
        raise typer.Exit(1)
