"""The schema that migrations make is the one the models describe."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select
from sqlalchemy import table as named
from sqlmodel import SQLModel

from callboard import app  # noqa: F401 - every table is declared once it is imported
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from callboard.installations import models  # noqa: F401 - imported where several workspaces are served
from tests.world import MORNING


def test_the_first_schema_that_migrations_make_is_what_the_models_describe(db):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_database_schema_upgraded_twice_stays_as_it_is(db):
    schema.upgrade(db)
    with db.engine.connect() as connection:
        assert schema.current(connection) == schema.head()


def test_the_database_engine_refuses_a_url_that_is_no_database_in_a_sentence():
    with pytest.raises(Refused, match="write sqlite:///path/to/file"):
        Database("mysql://somewhere/callboard", ManualClock(MORNING), Bus())


def test_the_schema_of_a_database_that_lasts_a_moment_is_the_one_that_migrations_make(tmp_path):
    made, migrated = (Database(f"sqlite:///{tmp_path}/{name}.db", ManualClock(MORNING), Bus()) for name in "ab")
    schema.create(made)
    schema.upgrade(migrated)
    assert _tables(made) == _tables(migrated)
    with made.engine.connect() as connection:
        assert schema.current(connection) == schema.head()


def _tables(database):
    """What each table has, in whatever order: columns, indexes with their conditions, keys, and how many rows."""
    found = {}
    with database.engine.connect() as connection:
        looks = inspect(connection)
        for table in looks.get_table_names():
            columns = [(each["name"], str(each["type"]), each["nullable"]) for each in looks.get_columns(table)]
            keys = [looks.get_pk_constraint(table), *looks.get_unique_constraints(table)]
            count = connection.execute(select(func.count()).select_from(named(table))).scalar()
            found[table] = [sorted(columns), sorted(map(_shown, (*looks.get_indexes(table), *keys))), count]
    return found


def _shown(index):
    condition = " ".join(str(index.get("dialect_options", {}).get("sqlite_where", "")).split())
    names = index.get("column_names") or index.get("constrained_columns")
    return (str(index["name"]), tuple(names), bool(index.get("unique")), condition)
