"""up, web, worker, desk: what runs until it is stopped."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel as Box
from rich.table import Table

from nextnest.commands.terminal import Home, out, run, settings_from, stop

app = typer.Typer()


@app.command()
def up(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of form, chat and API; 0 takes any free one.")] = 8080,
    desk_port: Annotated[int, typer.Option(help="Port of the embedded desk; 0 takes any free one.")] = 3000,
    as_json: Annotated[bool, typer.Option("--json", help="When ready, print one JSON line.")] = False,
) -> None:
    """Start everything: database, desk (unless Chatwoot is set), web app and worker. Ctrl-C stops it."""
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.home import HomeError, held
    from nextnest.bootstrap.serving import PortTaken
    from nextnest.bootstrap.up import Ready, running, sockets, told_to_stop

    logs.configure()
    settings = settings_from(home)

    def tell(ready: Ready) -> None:
        if as_json:
            print(json.dumps({"ready": True, **vars(ready)}), flush=True)
        else:
            out.print(_where(ready))

    async def work() -> None:
        async with running(settings, listening) as (ready, worker):
            tell(ready)
            await told_to_stop(worker)

    try:
        with held(settings.home):
            listening = sockets(settings, host=host, port=port, desk_port=desk_port)
            run(work)
    except (PortTaken, HomeError) as error:
        stop(str(error))


def _where(ready: Any) -> Box:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")  # an address that is cut is no use
    table.add_row("Form", f"[link={ready.form}]{ready.form}[/link]")
    if ready.desk:
        table.add_row("Desk", f"[link={ready.desk_login}]{ready.desk_login}[/link]")
        table.add_row("Desk token", f"{ready.desk_token}  [dim]for the desk, once that link is used[/dim]")
    table.add_row("Operations", f"[link={ready.api}/ops]{ready.api}/ops[/link]")
    table.add_row("API key", f"{ready.api_key}  [dim]for operations, API, panel[/dim]")
    return Box(table, title="nextnest is up", subtitle="Ctrl-C stops everything", border_style="green")


@app.command()
def web(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
) -> None:
    """Run a web process: form, chat, API, webhooks. Needs DATABASE_URL and the CHATWOOT_ variables."""
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.processes import web_process
    from nextnest.bootstrap.serving import PortTaken, bind

    logs.configure()
    settings = settings_from(home)
    try:
        listener = bind(host, port, "--port")
    except PortTaken as error:
        stop(str(error))
    with listener:
        run(lambda: web_process(settings, listener))


@app.command()
def worker(home: Home = None) -> None:
    """Run a worker process: as many as you like, on any machine, on one DATABASE_URL."""
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.processes import worker_process

    logs.configure()
    settings = settings_from(home)
    run(lambda: worker_process(settings))


@app.command()
def desk(
    home: Home = None,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
    chaos: Annotated[Path | None, typer.Option(help="JSON file with what should go wrong.")] = None,
    version: Annotated[str, typer.Option(help="The Chatwoot whose behaviour it plays.")] = "4.14.2",
) -> None:
    """Run the desk alone: a small stand-in for Chatwoot that speaks its API and sends its webhooks."""
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.processes import desk_process
    from nextnest.bootstrap.serving import PortTaken, bind

    logs.configure()
    settings = settings_from(home)
    try:
        listener = bind("127.0.0.1", port, "--port")
    except PortTaken as error:
        stop(str(error))
    with listener:
        run(
            lambda: desk_process(
                settings, listener, chaos=chaos, version=version, say=partial(print, flush=True)
            )
        )
