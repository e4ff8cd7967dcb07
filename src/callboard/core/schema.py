"""Brings a database to the schema of this version, one process at a time, while older versions go on serving it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlmodel import SQLModel

from callboard.core.db import Database
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

# Any constant will do, as long as no other program locks the same one in this database.
ADVISORY_LOCK = 0x0CA11B0A2D
STANDS = text("SELECT version_num, lives_with FROM alembic_version")
ALONE = text("SELECT pg_try_advisory_xact_lock(:lock)")
LOCKED_WITHIN, PAUSE, TRIES = "2s", 0.2, 60
"""While a migration waits for a table, all others wait behind it: it gives up soon, and tries again."""
IN_THE_WAY = {"40P01", "55P03"}
"""What PostgreSQL calls a deadlock, and a lock that was not had in time."""
MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(db: Database) -> None:
    """Run what is missing, one process at a time, beside others that serve.

    Refused where a newer version left a schema that this one can't live with.
    """
    tries = 0
    while not is_served(db):
        try:
            if _upgraded(db):
                return
        except DBAPIError as error:
            tries += 1
            if tries == TRIES or getattr(error.orig, "sqlstate", None) not in IN_THE_WAY:
                raise
            log.info("schema.waits", why=str(error.orig), tries=tries)
        time.sleep(PAUSE)


def create(db: Database) -> None:
    """Make all tables at once in an empty database, as the models describe them: for one that lasts a moment."""
    with db.engine.begin() as connection:
        SQLModel.metadata.create_all(connection, checkfirst=False)
        key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
        columns = f"version_num VARCHAR(32) NOT NULL, lives_with VARCHAR(32), {key}"
        connection.execute(text(f"CREATE TABLE alembic_version ({columns})"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head, :head)"), {"head": head()})


def is_served(db: Database) -> bool:
    """Whether this version serves it as it is. Asked in one query: Alembic takes as long to import as capabilities."""
    try:
        with db.engine.connect() as connection:
            here, oldest = connection.execute(STANDS).one()
    except (DBAPIError, NoResultFound):  # not there, or of before it said which versions live with it
        return False
    if here > head():
        if not oldest or oldest > head():
            raise Refused(
                f"A newer Callboard wrote this database (schema {here}), and this one can't serve it: "
                "start that version, or restore a backup."
            )
        log.info("schema.newer", here=here, ours=head())
    return bool(here >= head())


def _upgraded(db: Database) -> bool:
    """Do it, unless another process does."""
    if db.on_sqlite:
        with db.engine.begin() as connection:
            _run(connection)
        return True
    with db.engine.connect() as guard, db.engine.connect() as connection:  # the lock goes with the guard's transaction
        alone = bool(guard.execute(ALONE, {"lock": ADVISORY_LOCK}).scalar_one())
        if alone:
            guard.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            event.listen(connection, "begin", _soon_gives_up)
            _run(connection)
        return alone


def _soon_gives_up(connection: Connection) -> None:
    raw: Any = connection.connection.driver_connection
    raw.execute(f"SET LOCAL lock_timeout = '{LOCKED_WITHIN}'")


def _run(connection: Connection) -> None:
    """Migrate: on PostgreSQL in a transaction each, so that no table is locked for longer than one takes."""
    from alembic import command

    before = current(connection)
    if before == head():
        return
    if connection.dialect.name == "postgresql":
        connection.rollback()  # else all would be one
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    log.info("schema.upgraded", before=before, now=head())


def add_index(name: str, table: str, columns: Sequence[str], *, only: str = "") -> None:
    """Make an index in a migration of its own, while others write: `op.create_index` keeps them waiting.

    `only` is the condition of a partial one.
    """
    from alembic import op

    where = text(only) if only else None
    how: dict[str, Any] = {"sqlite_where": where, "postgresql_where": where, "postgresql_concurrently": True}
    context = op.get_context()
    with context.autocommit_block() if context.dialect.name == "postgresql" else nullcontext():
        op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)  # what a try left that was cut short
        op.create_index(name, table, list(columns), **how)


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision: files of migrations begin with theirs."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
