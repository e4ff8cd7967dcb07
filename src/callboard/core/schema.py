"""Brings a database to the schema of this version, one process at a time."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from callboard.core.db import Database
from callboard.core.errors import Refused

log = structlog.get_logger()

# Any constant will do, as long as no other program locks the same one in this database.
ADVISORY_LOCK = 0x0CA11B0A2D


def upgrade(db: Database) -> None:
    """Run what is missing, in one transaction and under a lock. Refused when the database is newer than we are."""
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


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
