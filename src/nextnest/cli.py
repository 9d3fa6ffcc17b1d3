"""Every command, thin."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.panel import Panel as Box
from rich.table import Table

app = typer.Typer(
    name="nextnest",
    help="An AI lead broker for Chatwoot. Start with `nextnest up`: it needs no keys and no servers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
failed_app = typer.Typer(help="What failed and waits for an operator.", no_args_is_help=True)
rates_app = typer.Typer(help="Rate sheets: the only rates that may be quoted.", no_args_is_help=True)
knowledge_app = typer.Typer(help="The entries that the broker may quote.", no_args_is_help=True)
app.add_typer(failed_app, name="failed")
app.add_typer(rates_app, name="rates")
app.add_typer(knowledge_app, name="knowledge")

out = Console()
Home = Annotated[Path | None, typer.Option(help="Folder for database, desk and keys; else NEXTNEST_HOME.")]


def _stop(problem: str, code: int = 2) -> NoReturn:
    """One clear line on standard error, and the exit code that says the settings are at fault."""
    print(f"nextnest: {problem}", file=sys.stderr)
    raise typer.Exit(code)


def _settings(home: Path | None) -> Any:
    from nextnest.bootstrap.home import HomeError, SettingsError, settings_of

    try:
        return settings_of(os.environ, home)
    except SettingsError as error:
        _stop("; ".join(error.problems))
    except HomeError as error:
        _stop(str(error))


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run to the end; a problem that a person can mend is one line, never a traceback."""
    import psycopg
    import psycopg_pool
    import uvloop

    from nextnest.adapters.chatwoot.errors import ChatwootError
    from nextnest.adapters.chatwoot.provisioning import ProvisioningRefused
    from nextnest.bootstrap.home import HomeError, SettingsError

    try:
        uvloop.run(work())
    except SettingsError as error:
        _stop("; ".join(error.problems))
    except (HomeError, ProvisioningRefused) as error:
        _stop(str(error))
    except ChatwootError as error:
        _stop(f"Chatwoot: {error}")
    except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
        _stop(f"DATABASE_URL: the database is not reachable ({str(error).splitlines()[0]})")
    except RuntimeError as error:
        _stop(str(error).splitlines()[0])
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


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
    settings = _settings(home)

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
            _run(work)
    except (PortTaken, HomeError) as error:
        _stop(str(error))


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
    settings = _settings(home)
    try:
        listener = bind(host, port, "--port")
    except PortTaken as error:
        _stop(str(error))
    _run(lambda: web_process(settings, listener))


@app.command()
def worker(home: Home = None) -> None:
    """Run a worker process: as many as you like, on any machine, on one DATABASE_URL."""
    from nextnest.bootstrap import logs
    from nextnest.bootstrap.processes import worker_process

    logs.configure()
    settings = _settings(home)
    _run(lambda: worker_process(settings))


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
    settings = _settings(home)
    try:
        listener = bind("127.0.0.1", port, "--port")
    except PortTaken as error:
        _stop(str(error))
    _run(lambda: desk_process(settings, listener, chaos=chaos, version=version))


@app.command()
def setup(
    home: Home = None,
    dry_run: Annotated[bool, typer.Option(help="Show the plan and change nothing.")] = False,
    force: Annotated[bool, typer.Option(help="Replace another bot that is attached to the inbox.")] = False,
) -> None:
    """Make or repair what nextnest needs in Chatwoot, and print the environment lines to keep."""
    from nextnest.bootstrap.provision import setup_chatwoot

    settings = _settings(home)

    async def work() -> None:
        await setup_chatwoot(settings, dry_run=dry_run, force=force, say=print)

    _run(work)


@app.command()
def check(
    home: Home = None,
    live: Annotated[bool, typer.Option(help="Also send a probe lead through the whole loop.")] = False,
) -> None:
    """Test what a person would test after setting the environment; exit code 1 on any failure."""
    from nextnest.bootstrap.checking import check_all

    settings = _settings(home)
    lines: list[Any] = []

    async def work() -> None:
        async for line in check_all(settings, live=live):
            lines.append(line)
            mark = "[green]ok[/green]" if line.ok else "[red]wrong[/red]"
            variable = f"  [dim]{line.variable}[/dim]" if line.variable and not line.ok else ""
            out.print(f"{mark:>6}  {line.name}: {line.detail}{variable}", highlight=False)

    _run(work)
    if not all(line.ok for line in lines):
        raise typer.Exit(1)


@app.command()
def score(lead: Annotated[Path, typer.Argument(help="JSON file with a lead, in the API's schema.")]) -> None:
    """Print a lead's score like a receipt: each signal, its points, and why."""
    from nextnest.bootstrap.assembly import today_in_singapore
    from nextnest.domain.lead import LeadErrors, parse_lead
    from nextnest.domain.score import score as scored

    try:
        found = scored(parse_lead(_json(lead)), today=today_in_singapore())
    except LeadErrors as error:
        _stop("; ".join(f"{field}: {problem}" for field, problem in error.problems.items()))
    print(found.receipt_text())


@app.command()
def calc(
    name: Annotated[str | None, typer.Argument(help="Calculator; leave out for the list.")] = None,
    inputs: Annotated[list[str] | None, typer.Argument(help="key=value, values as JSON or plain.")] = None,
    batch: Annotated[Path | None, typer.Option(help="JSON list of {id, kind, inputs}.")] = None,
) -> None:
    """Compute a figure, with its working and its sources: `nextnest calc bsd price=1200000`."""
    from nextnest.mortgage import run_batch

    if batch is not None:
        items = _json(batch)
        if not isinstance(items, list):
            _stop(f"{batch}: must hold a list of objects with id, kind and inputs")
        print(json.dumps(run_batch(items), indent=1, ensure_ascii=False))
    elif name is None:
        _list_calculators()
    else:
        _calculate(name, inputs or [])


def _list_calculators() -> None:
    from nextnest.mortgage import CALCULATORS

    table = Table(box=None)
    table.add_column("calculator", style="bold")
    table.add_column("what it gives")
    for name, spec in sorted(CALCULATORS.items()):
        table.add_row(name, spec.summary)
    out.print(table)


def _calculate(name: str, inputs: list[str]) -> None:
    from nextnest.mortgage import CALCULATORS, CannotCompute, InvalidInput, calculate

    if name not in CALCULATORS:
        _stop(f"no calculator {name!r}; `nextnest calc` lists them")
    wrong = [each for each in inputs if "=" not in each]
    if wrong:
        keys = ", ".join(CALCULATORS[name].json_schema["properties"])
        _stop(f"{wrong[0]!r} is not key=value; {name} takes {keys}")
    try:
        found = calculate(name, {key: _value(value) for key, _, value in (i.partition("=") for i in inputs)})
    except CannotCompute as error:
        _stop(str(error), code=1)
    except InvalidInput as error:
        _stop("; ".join(error.problems))
    table = Table(box=None, show_header=False)
    for key in found.values:
        table.add_row(key.replace("_", " "), f"[bold]{found.text(key)}[/bold]")
    out.print(table)
    sources = [f"{r.table}: {r.row}, from {r.effective} ({r.source}; {r.confidence})" for r in found.rules]
    shown = {"Working": found.working, "Assumptions": found.assumptions, "Sources": sources}
    for heading, lines in shown.items():
        if lines:
            out.print(f"\n[bold]{heading}[/bold]")
            for line in lines:
                out.print(f"  {line}", highlight=False, markup=False)


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str)
    except ValueError:
        return text


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except OSError as error:
        _stop(f"{path}: {error.strerror or 'cannot be read'}")
    except (ValueError, RecursionError):
        _stop(f"{path}: is not JSON")


@rates_app.command("import")
def rates_import(sheet: Annotated[Path, typer.Argument(help="CSV file.")], home: Home = None) -> None:
    """Import a rate sheet as the newest version; only sheets that are valid on the day are quoted."""
    from nextnest.bootstrap.tables import import_rates

    settings = _settings(home)
    try:
        text = sheet.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        _stop(f"{sheet}: cannot be read as UTF-8 text")

    async def work() -> None:
        print(await import_rates(settings, sheet.name, text))

    _run(work)


@knowledge_app.command("check")
def knowledge_check() -> None:
    """Find entries that are broken, past their review date, or contradict the rule tables."""
    from nextnest.bootstrap.assembly import today_in_singapore
    from nextnest.broker.knowledge import check_knowledge, sources

    entries = sources()
    problems = check_knowledge(entries, today_in_singapore())
    for problem in problems:
        print(problem)
    print(f"{len(entries)} entries, {len(problems)} problems")
    if problems:
        raise typer.Exit(1)


@failed_app.command("list")
def failed_list(home: Home = None) -> None:
    """Everything that failed for good and waits for an operator."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(_settings(home)) as operations:
            failures = (await operations.overview()).failures
        table = Table(box=None)
        for column in ("id", "what", "conversation", "attempts", "reason"):
            table.add_column(column)
        for each in failures:
            place = str(each.conversation_id or each.lead_id or "")
            table.add_row(each.id, f"{each.kind} {each.what}", place, str(each.attempts), each.reason)
        out.print(table if failures else "Nothing has failed.")

    _run(work)


@failed_app.command("show")
def failed_show(failure: str, home: Home = None) -> None:
    """One failure, whole."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(_settings(home)) as operations:
            found = [f for f in (await operations.overview()).failures if f.id == failure]
        if not found:
            _stop(f"there is no failure {failure!r}; `nextnest failed list` shows them", code=1)
        for key, value in vars(found[0]).items():
            print(f"{key}: {value}")

    _run(work)


@failed_app.command("retry")
def failed_retry(failure: str, home: Home = None) -> None:
    """Try a failure again."""
    from nextnest.bootstrap.tables import with_operations

    async def work() -> None:
        async with with_operations(_settings(home)) as operations:
            try:
                await operations.retry(failure)
            except LookupError:
                _stop(f"there is no failure {failure!r}; `nextnest failed list` shows them", code=1)
        print(f"{failure} is queued again")

    _run(work)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
