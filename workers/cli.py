"""Rampa's commands. `./rampa` makes the Python environment and hands over to this module."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Rampa, the partner portal for distributors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Data = Annotated[Path | None, typer.Option(help="Folder of the data and the embedded servers (default: var).")]
Port = Annotated[int, typer.Option(help="Port of the web process.")]


@app.command()
def demo(
    port: Port = 8501,
    data: Data = None,
    at: Annotated[str | None, typer.Option(help="Let the clock stand still at this instant, for pictures.")] = None,
) -> None:
    """Show everything with the demo company: servers, data, web, worker and scheduler."""
    from workers.environment import installation
    from workers.starting import Choice, announce, require_free_port, run_processes

    instant = _instant(at)
    require_free_port("127.0.0.1", port)
    _say("Starting the database and the queue")
    with installation(data, demo=True, port=port, at=instant) as place:
        from core.db import migrate
        from core.demo.load import load_demo

        migrate()
        _say("Loading the demo company (the first time takes longest)")
        log_ins = load_demo()
        _exit(run_processes(place, port, Choice(), echo=False, on_ready=lambda: announce(port, place.logs, log_ins)))


@app.command()
def run(
    port: Port = 8501,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data: Data = None,
    workers: Annotated[int, typer.Option(min=1, help="Number of workers.")] = 1,
    only: Annotated[list[str] | None, typer.Option(help="Start only web, worker or scheduler (repeatable).")] = None,
) -> None:
    """Run the portal: web, worker and scheduler, and the servers no address is given for."""
    from workers.embedded import SetupError
    from workers.environment import holds_demo, installation
    from workers.starting import Choice, announce, require_free_port, run_processes

    require_free_port(host, port)
    with installation(data, port=port) as place:
        if holds_demo(place.data):
            raise SetupError(f"{place.data} holds the demo company. Give another folder with --data, or remove it")
        _migrate()
        choice, link = Choice(host, workers, only or []), _set_up_link()
        _exit(run_processes(place, port, choice, echo=True, on_ready=lambda: announce(port, place.logs, [], link)))


@app.command()
def migrate(data: Data = None) -> None:
    """Bring the database to the current schema."""
    from workers.environment import installation

    with installation(data):
        _migrate()
    _say("The database has the current schema")


@app.command("import")
def import_(
    kind: str,
    file: Path,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="What a column is called in the file, as in sku='Cod furnizor'.")
    ] = None,
    supplier: Annotated[str, typer.Option(help="Whose columns these are: taken if known, else remembered.")] = "",
    errors: Annotated[
        Path | None, typer.Option(help="Where to put an XLSX file of the rows with what is wrong beside them.")
    ] = None,
    data: Data = None,
) -> None:
    """Import a file: products, prices, price_lists, stock or partners. Exit code 0: it was loaded, or could be; 1: it
    was refused, and every fault is told; 2: the call is wrong."""
    from workers.embedded import SetupError
    from workers.environment import installation, user_path

    path = user_path(file)
    if not path.is_file():
        raise SetupError(f"There is no file {path}")
    with installation(data):
        from workers.importing import import_file

        target = user_path(errors) if errors else None
        raise typer.Exit(
            import_file(kind, path, dry_run=dry_run, columns=column or [], supplier=supplier, errors=target)
        )


@app.command("undo-import")
def undo_import(number: int, data: Data = None) -> None:
    """Undo an import, by the number that it was given: every row becomes what it was, or nothing changes."""
    from workers.environment import installation

    with installation(data):
        from workers.importing import undo_import

        raise typer.Exit(undo_import(number))


@app.command()
def reseal(data: Data = None) -> None:
    """After a change of SECRET_KEY: seal anew what the one before (in OTHER_SECRET_KEYS) has sealed."""
    from workers.environment import installation

    with installation(data):
        from core.db import transaction
        from core.principal import SYSTEM
        from core.resealing import reseal as reseal_all

        with transaction(SYSTEM, wall=False) as session:
            count = reseal_all(session)
    _say(f"Sealed with SECRET_KEY: {count}. OTHER_SECRET_KEYS is no longer needed for what is kept")


@app.command()
def check(data: Data = None) -> None:
    """Ask the live database whether every rule holds."""
    from workers.environment import installation

    with installation(data):
        from core.check import run_checks

        results = run_checks()
    for rule, violations in results.items():
        typer.echo(f"{'FAILED' if violations else 'ok'}: {rule}")
        for violation in violations:
            typer.echo(f"  {violation}")
    if any(results.values()):
        raise typer.Exit(1)


@app.command()
def user(
    email: str,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help="admin, sales, warehouse, accounting or analyst.")] = "admin",
    data: Data = None,
) -> None:
    """Create a member of staff and print the password, once."""
    from workers.environment import installation

    with installation(data):
        from core import clock
        from core.auth.passwords import generate_password
        from core.auth.users import create_user
        from core.db import transaction
        from core.principal import SYSTEM

        password = generate_password()
        with transaction(SYSTEM) as session:
            create_user(session, email, name, role, clock.real_now(), password=password)
    typer.echo(f"{email} can log in with the password {password}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the checks of the code and all tests; with arguments, only pytest with these."""
    from workers.testing import run_tests

    raise typer.Exit(run_tests(context.args))


@app.command()
def screenshots(
    only: Annotated[str | None, typer.Option(help="Only the pictures whose names begin so.")] = None,
    looks: Annotated[Path | None, typer.Option(help="Instead every page in every look, into this folder.")] = None,
) -> None:
    """Take the pictures of docs/screenshots and of the guides anew, from a demo of their own."""
    from workers.environment import user_path
    from workers.screenshots.running import take

    made, failed = take(only, user_path(looks) if looks else None)
    typer.echo("\n".join([f"Pictures made: {made}", *(f"FAILED: {name}: {why}" for name, why in failed.items())]))
    if failed or not made:
        raise typer.Exit(1)


@app.command()
def bench(name: str, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Measure one thing (benchmarks/NAME.py) on a scratch database."""
    from workers.benching import run_benchmark, table

    rows = run_benchmark(name)
    typer.echo("\n".join(json.dumps(row, default=str) for row in rows) if as_json else table(rows))


@app.command()
def soak(
    minutes: Annotated[float, typer.Option(help="How long things break.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed breaks the same things in the same order.")] = 1,
) -> None:
    """Work on a portal of its own while all that can break does so at random; exit code 1 if anything was lost."""
    from benchmarks.soak.running import soak as run_soak
    from workers.benching import table

    rows, broken = run_soak(minutes, seed)
    typer.echo("\n".join([table(rows), *(f"BROKEN: {sentence}" for sentence in broken)]))
    if broken:
        raise typer.Exit(1)


def _migrate() -> None:
    from core.db import is_ahead
    from core.db import migrate as migrate_database
    from core.demo.visiting import leave_before_upgrade
    from workers.embedded import SetupError

    if is_ahead():
        raise SetupError("The database was migrated by a newer version of Rampa. Start that one, or restore a backup")
    if leave_before_upgrade():
        _say("The demo company was removed: this version changes the database")
    migrate_database()


def _instant(text: str | None) -> datetime | None:
    from workers.embedded import SetupError

    try:
        instant = datetime.fromisoformat(text) if text else None
    except ValueError:
        instant = None
    if text and (instant is None or instant.tzinfo is None):
        raise SetupError("--at takes an instant with its offset, as in 2026-11-24T10:30:00+02:00")
    return instant


def _set_up_link() -> str | None:
    from core.auth.setting_up import new_set_up_link
    from core.db import transaction
    from core.principal import SYSTEM

    with transaction(SYSTEM) as session:
        return new_set_up_link(session)


NO_CONNECTION = (None, "57P03")
"""What psycopg says when nobody is there, and PostgreSQL while it starts."""


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def main() -> None:
    """Entry point: what the user can mend is told in a line, everything else shows where it happened."""
    from sqlalchemy.exc import OperationalError

    from core.errors import Refusal
    from workers.embedded import SetupError

    try:
        app(prog_name="./rampa")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) not in NO_CONNECTION:
            raise
        _say(f"The database does not answer; try again once it does. It said: {str(error.orig).splitlines()[0]}")
        sys.exit(1)
    except Refusal as refusal:
        _say(str(refusal))  # in English; an import's names every fault with its line and column
        sys.exit(1)
    except SetupError as error:
        _say(str(error))
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
