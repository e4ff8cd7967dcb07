"""The settings, the database and the plan files that commands work on, and the options that several commands take."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from callboard.core.errors import Refused
from callboard.core.words import counted

if TYPE_CHECKING:
    from callboard.core.db import Database, Tx
    from callboard.planfile.report import Checked

T = TypeVar("T")
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.")]
PlanKey = Annotated[str, typer.Option("--plan", help="The key of the plan.")]
EveryPlan = Annotated[str, typer.Option("--plan", help="The key of one plan; all plans without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]
Author = Annotated[str, typer.Option(default_factory=getpass.getuser, show_default="you", help="Who does this.")]


@contextmanager
def database() -> Iterator[Database]:
    """The database, brought to this version's schema and closed afterwards."""
    from sqlalchemy.exc import OperationalError

    from callboard import app, settings
    from callboard.core import logs, schema

    logs.configure(as_json=False, level="WARNING")  # what is printed may be read by a program
    db = app.database(settings.load())
    try:
        schema.upgrade(db)
        yield db
    except OperationalError as error:
        raise Refused(f"The database does not work: {error.orig}") from error
    finally:
        db.close()


def read(file: Path, most: int = -1) -> bytes:
    """What is in a file, or so much of it. Raises Refused where it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error


def check(file: Path) -> Checked:
    """A plan file with all its problems."""
    from callboard.app import sections
    from callboard.plans import service as plans

    return plans.check(read(file), str(file), sections())


def sound(file: Path) -> Checked:
    """A plan file without errors. Raises Refused with every error there is."""
    checked = check(file)
    if checked.errors:
        raise Refused("\n".join([*checked.report(), f"{file}: fix {counted(len(checked.errors), 'error')} first."]))
    return checked


def of_plan(key: str, read: Callable[[Tx, int], T]) -> T:
    """What is read of a plan by its key. Raises Refused for no such plan."""
    from callboard.plans import service as plans

    with database() as db:
        return db.transact(lambda tx: read(tx, plans.called(tx, key).id or 0))
