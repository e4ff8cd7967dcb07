"""The schema that migrations make is the one the models describe."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from callboard import app  # noqa: F401 - every table is declared once it is imported
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from tests.world import MORNING


def test_the_first_schema_that_migrations_make_is_what_the_models_describe(db):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_database_schema_upgraded_twice_stays_as_it_is(db):
    schema.upgrade(db)
    with db.engine.connect() as connection:
        assert schema.current(connection) == schema.head()


def test_a_database_schema_of_a_newer_version_is_refused_in_a_sentence(db):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="A newer Callboard wrote this database"):
        schema.upgrade(db)


def test_the_database_engine_refuses_a_url_that_is_no_database_in_a_sentence():
    with pytest.raises(Refused, match="write sqlite:///path/to/file"):
        Database("mysql://somewhere/callboard", ManualClock(MORNING), Bus())


def test_a_database_that_is_made_at_once_has_the_schema_that_migrations_make(tmp_path):
    quick, slow = (Database(f"sqlite:///{tmp_path}/{name}", ManualClock(MORNING), Bus()) for name in "ab")
    schema.create(quick)
    schema.upgrade(slow)
    assert _columns_and_indexes(quick) == _columns_and_indexes(slow)
    with quick.engine.connect() as connection:
        assert schema.current(connection) == schema.head()
    schema.create(quick)


def _columns_and_indexes(db):
    tables = inspect(db.engine)
    columns = {
        (name, column["name"], str(column["type"]), column["nullable"])
        for name in tables.get_table_names()
        for column in tables.get_columns(name)
        if name != "alembic_version"
    }
    with db.engine.connect() as connection:
        indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name != 'alembic_version'"
        return columns, set(map(tuple, connection.execute(text(indexes))))
