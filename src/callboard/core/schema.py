"""Brings a database to the schema of this version, one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from callboard.core.db import Database
from callboard.core.errors import Refused

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

# Any constant will do, as long as no other program locks the same one in this database.
ADVISORY_LOCK = 0x0CA11B0A2D
MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(db: Database) -> None:
    """Run what is missing, in one transaction and under a lock. Refused when the database is newer than we are."""
    if _is_newest(db):
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    with db.engine.begin() as connection:
        if not db.on_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})
        here, newest, config = current(connection), head(), _config()
        if here == newest:
            return
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if here is not None and here not in known:
            raise Refused(
                f"A newer Callboard wrote this database (schema {here}): start that version, or restore a backup."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        log.info("schema.upgraded", before=here, now=newest)


def create(db: Database) -> None:
    """Make all tables at once in an empty database, as the models describe them: for one that lasts a moment."""
    with db.engine.begin() as connection:
        SQLModel.metadata.create_all(connection, checkfirst=False)
        key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
        connection.execute(text(f"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, {key})"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head()})


def _is_newest(db: Database) -> bool:
    """Asked in one query: Alembic takes as long to import as all capabilities."""
    try:
        with db.engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [head()]
    except DBAPIError:
        return False


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
