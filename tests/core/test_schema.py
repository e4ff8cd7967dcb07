"""The schema that migrations make is the one the models describe."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
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


def test_the_database_engine_refuses_a_url_that_is_no_database_in_a_sentence():
    with pytest.raises(Refused, match="write sqlite:///path/to/file"):
        Database("mysql://somewhere/callboard", ManualClock(MORNING), Bus())
