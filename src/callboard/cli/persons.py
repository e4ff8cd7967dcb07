"""`callboard person`: what is stored of somebody, written out or erased."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from callboard.cli.installation import Author, PlanKey, Yes, database
from callboard.core.errors import Refused
from callboard.core.words import counted

if TYPE_CHECKING:
    from callboard.core.db import Tx

commands = typer.Typer()
person = typer.Typer(help="What is stored of a person.", no_args_is_help=True)
commands.add_typer(person, name="person")
LEFT = """\
Not in this database, so still there: messages in Slack, mail that was sent, backups, your plan files, and what running
servers remember until they are started anew."""
Handle = Annotated[str, typer.Argument(metavar="HANDLE", help="Their id in the plan, now or at last.")]


class Tried(Exception):
    """All that was done is undone; and how much it was."""

    def __init__(self, done: Counter[str]) -> None:
        super().__init__()
        self.done = done


@person.command()
def export(handle: Handle, key: PlanKey) -> None:
    """Print everything that is stored of a person as JSON, in all plans of the same Slack account or mail address."""
    from callboard.app import erasure

    with database() as db:
        found = db.transact(lambda tx: erasure.export(tx, erasure.find(tx, key, handle)))
    typer.echo(json.dumps(found, indent=2, ensure_ascii=False, default=str))


@person.command()
def erase(
    handle: Handle,
    key: PlanKey,
    author: Author,
    reason: Annotated[str, typer.Option(help="Why: it is recorded.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say where something would be erased.")] = False,
    yes: Yes = False,
) -> None:
    """Erase who somebody was and what they typed, in all plans; the seal holds. Their handle stays."""
    from callboard.app import erasure

    if not dry_run and not reason.strip():
        raise Refused("Say why, for the record: --reason.")
    if not (dry_run or yes):
        typer.confirm(f"Erase everything personal of {handle}? Nobody can undo that.", abort=True)

    def erased(tx: Tx) -> Counter[str]:
        done = erasure.erase(tx, erasure.find(tx, key, handle), actor=author, reason=reason.strip())
        if dry_run:
            raise Tried(done)
        return done

    with database() as db:
        try:
            done = db.transact(erased)
        except Tried as tried:
            done = tried.done
    places = "\n".join(f"{place}: {count}" for place, count in sorted(done.items()))
    count = counted(sum(done.values()), "place")
    typer.echo(f"{places}\n{count} {'would be' if dry_run else 'were'} erased.".lstrip())
    if not dry_run:
        typer.echo(LEFT)
