"""A drill: the database is backed up, restored elsewhere, and its timelines are compared and verified."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from callboard import app
from callboard.backups import keeper
from callboard.backups.contents import Contents
from callboard.backups.postgres import Postgres
from callboard.core import engine, schema, seal
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.planning import audit
from callboard.settings import Settings


@dataclass
class Drill:
    """What a drill found; `wrong` is empty where it held. `seconds` by what was done."""

    saved: Contents
    bytes: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def run(settings: Settings, into: str = "") -> Drill:
    """Back up, restore into a new database (or an empty one that is named), and compare. Changes nothing else."""
    source = engine.normalised(settings.database_url)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="callboard-drill-") as folder, _place(source, into, Path(folder)) as place:
        file = Path(folder) / "backup"
        with _timed(seconds, "backup"):
            drill = Drill(keeper(source).save(file), file.stat().st_size, seconds)
        with _timed(seconds, "restore"):
            keeper(place).restore(file)
        with _timed(seconds, "check"):
            drill.wrong += _compared(drill.saved, settings, place)
    return drill


def _compared(saved: Contents, settings: Settings, place: URL) -> Iterator[str]:
    """What the restored database lacks, what is broken in it, and what the database has otherwise."""
    restored = keeper(place).held()
    if restored is None or restored.hash != saved.hash or restored.entries != saved.entries:
        yield "The restored database does not hold what was saved."
    with _database(settings, place) as copy:
        schema.upgrade(copy)
        yield from (f"restored {each.plan}: {wrong}" for each in copy.transact(audit.verify) for wrong in each.wrong)
    with _database(settings, engine.normalised(settings.database_url)) as present:
        for number, head in saved.heads.items():
            if present.transact(_hash_at, number, head.seq) != head.hash:
                yield f"{head.plan}: entry {head.seq} is another one in the database than in the backup."


def _hash_at(tx: Any, plan_id: int, seq: int) -> str | None:
    entry = seal.ENTRIES.c
    found: str | None = tx.connection.execute(
        seal.ENTRIES.select().with_only_columns(entry.hash).where(entry.plan_id == plan_id, entry.seq == seq)
    ).scalar()
    return found


@contextmanager
def _database(settings: Settings, url: URL) -> Iterator[Database]:
    address = url.render_as_string(hide_password=False).replace("+psycopg", "", 1)
    db = app.database(settings.model_copy(update={"database_url": address}))
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _place(source: URL, into: str, folder: Path) -> Iterator[URL]:
    """Where it is restored: an empty database that was named, or one that is made and removed."""
    if into:
        place = engine.normalised(into)
        if keeper(place).held() is not None:
            raise Refused("The database that --into names is not empty: a drill overwrites nothing.")
        yield place
    elif source.get_backend_name() == "sqlite":
        yield source.set(database=str(folder / "restored.db"))
    else:
        name = f"callboard_drill_{secrets.token_hex(4)}"
        _administer(source, f'CREATE DATABASE "{name}"')
        try:
            yield source.set(database=name)
        finally:
            _administer(source, f'DROP DATABASE "{name}" WITH (FORCE)')


def _administer(url: URL, statement: str) -> None:
    with Postgres(url).connected() as connection:
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text(statement))
        except ProgrammingError as error:
            raise Refused(
                f"The drill needs a database to restore into ({error.orig}): name an empty one with --into, or have an "
                "administrator say ALTER ROLE ... CREATEDB."
            ) from error


@contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[what] = round(time.monotonic() - began, 2)
