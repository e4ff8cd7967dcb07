"""`callboard backup` and `restore`: the database in a file, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callboard.cli.installation import AsJson
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from callboard.backups.contents import Contents

commands = typer.Typer()
AFTERWARDS = (
    "Start Callboard. What it did after the backup it does not know: some of it may be said again. "
    "Texts that were erased since are back: erase them again."
)


@commands.command()
def backup(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Replaced once the backup is verified.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Restore a backup elsewhere, and compare.")] = False,
    into: Annotated[str, typer.Option(help="For the drill: the address of an empty database.")] = "",
    as_json: AsJson = False,
) -> None:
    """Save the database while Callboard runs: SQLite's own backup, or pg_dump. Mirrors and settings are not in it."""
    from callboard.backups import keeper
    from callboard.core import engine
    from callboard.settings import load

    if (file is None) is not drill or (into and not drill):
        raise Refused("Write `callboard backup FILE`, or `callboard backup --drill [--into URL]`.")
    settings = load()
    if file is None:
        _drill(into, as_json=as_json)
        return
    held = keeper(engine.normalised(settings.database_url)).save(file)
    _print(held, f"Saved and verified: {file}, {_size(file.stat().st_size)}, schema {held.schema}.", as_json=as_json)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `callboard backup` has written.")],
    force: Annotated[
        bool, typer.Option("--force", help="Lose what the database holds and the backup does not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the database what a backup holds. Stop Callboard first. Refused where anything newer would be lost."""
    from callboard.backups import contents, keeper
    from callboard.core import engine
    from callboard.settings import load

    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    keeps = keeper(engine.normalised(load().database_url))
    held = keeps.read(file)
    contents.refuse_newer(held)
    if not force and (present := keeps.held()) and (lost := list(present.beyond(held))):
        raise Refused("\n".join([f"The database holds what {file} does not:", *lost, "--force loses that."]))
    keeps.restore(file)
    if keeps.held() != held:
        raise Refused(f"The database does not hold what {file} does. Restore again, and report this.")
    _print(held, f"Restored: {file}, schema {held.schema}.", AFTERWARDS, as_json=as_json)


def _drill(into: str, *, as_json: bool) -> None:
    from callboard.backups import drill
    from callboard.core import logs
    from callboard.settings import load

    logs.configure(as_json=False, level="WARNING")
    done = drill.run(load(), into)
    if as_json:
        typer.echo(json.dumps(asdict(done) | {"hash": done.saved.hash}, indent=2, default=str))
    else:
        took = ", ".join(f"{what} {seconds:g} s" for what, seconds in done.seconds.items())
        same = f"The drill held: all timelines are the same, hash {done.saved.hash[:16]}."
        _print(done.saved, f"{_size(done.bytes)}: {took}.", *(done.wrong or [same]), as_json=False)
    if done.wrong:
        raise typer.Exit(1)


def _print(held: Contents, before: str, *after: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(held) | {"hash": held.hash}, indent=2, default=str))
        return
    now = _now()
    typer.echo("\n".join([before, *(head.line(now) for head in held.heads.values()), *after]))


def _now() -> datetime:
    from callboard.core.clock import SystemClock

    return SystemClock().now()


def _size(number: int) -> str:
    return f"{number / 1e6:.1f} MB"
