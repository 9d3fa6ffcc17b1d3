"""`nextnest`: every command."""

from __future__ import annotations

import typer

from nextnest.commands import chatwoot, doctor, evaluation, failed, figures, lead, running, sources

app = typer.Typer(
    name="nextnest",
    help="An AI lead broker for Chatwoot. Start with `nextnest up`: it needs no keys and no servers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for each in (running, chatwoot, doctor, figures, evaluation):
    app.add_typer(each.app)
app.add_typer(sources.rates, name="rates")
app.add_typer(sources.knowledge, name="knowledge")
app.add_typer(failed.app, name="failed")
app.add_typer(lead.app, name="lead")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
