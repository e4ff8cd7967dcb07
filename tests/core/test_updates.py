"""A new version migrates while older ones serve the same database: they must find and may write what they know."""

from __future__ import annotations

import asyncio
import re
import uuid

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, event, make_url, text

from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database
from callboard.core.engine import normalised
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from tests.core.schemas import migrate, missed, rules, tables, write_and_read
from tests.growth.history import OVER
from tests.world import MORNING

FIRST = "0032"
"""From here on, each migration is one that the versions before it can live with, or says so."""
INDEX = re.compile(r"CREATE (UNIQUE )?INDEX (?P<beside>CONCURRENTLY )?.* ON (?P<table>\w+)")


@pytest.fixture
def empty(database_url, tmp_path):
    """A database without any table."""
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        name = f"updates_{uuid.uuid4().hex[:8]}"
        url = str(make_url(database_url).set(database=name))
        _server(database_url, f"CREATE DATABASE {name} STRATEGY file_copy")
    database = Database(url, ManualClock(MORNING), Bus())
    yield database
    database.close()
    if not database.on_sqlite:
        _server(database_url, f"DROP DATABASE {name} WITH (FORCE)")


def _server(url, *statements):
    server = create_engine(normalised(url), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    server.dispose()


def declared():
    """Migrations with which only newer versions can live, by revision."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    scripts = reversed(list(ScriptDirectory.from_config(config).walk_revisions()))
    return {
        script.revision: script.down_revision
        for script in scripts
        if script.revision > FIRST and getattr(script.module, "lives_with", None)
    }


def test_what_older_versions_read_and_write_is_there_after_every_migration_and_none_keeps_them_waiting(empty):
    begins, ends, made = [FIRST, *declared()], [*declared().values(), schema.head()], []
    for begin, end in zip(begins, ends, strict=True):
        with empty.engine.connect() as connection:
            migrate(connection, begin)
            before, ruled = tables(connection), rules(connection)
            event.listen(connection, "before_cursor_execute", lambda *heard: made.append(heard[2]))
            migrate(connection, end)
            assert list(missed(before, tables(connection))) == []
            assert {rule for rule in rules(connection) - ruled if rule.partition(":")[0] in before} == set()
            assert write_and_read(connection, before) > 60
            grown = OVER.keys() & before.keys()
            slow = [one[0] for one in map(INDEX.match, made) if one and one["table"] in grown and not one["beside"]]
            assert empty.on_sqlite or slow == []


def table(*columns):
    made = MetaData()
    Table("things", made, *(Column(name, kind, nullable=free, **how) for name, kind, free, how in columns))
    return dict(made.tables)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ([("id", Integer, False, {}), ("name", String, True, {}), ("more", String, True, {})], []),
        ([("id", Integer, False, {}), ("name", String, True, {}), ("n", Integer, False, {"server_default": "0"})], []),
        ([("id", Integer, False, {}), ("name", String, True, {}), ("n", Integer, False, {})], ["has to be given"]),
        ([("id", Integer, False, {})], ["name is gone"]),
        ([("id", Integer, False, {}), ("named", String, True, {})], ["name is gone"]),
        ([("id", Integer, False, {}), ("name", Integer, True, {})], ["was VARCHAR, and is INTEGER"]),
        ([("id", Integer, False, {}), ("name", String, False, {})], ["not nullable now"]),
    ],
    ids=["may be left out", "has a default", "has to be given", "dropped", "renamed", "another type", "required"],
)
def test_a_migration_that_older_versions_can_not_live_with_is_found(now, words):
    before = table(("id", Integer, False, {}), ("name", String, True, {}))
    found = list(missed(before, table(*now)))
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
    assert list(missed(before, {})) == ["table things is gone"]


@pytest.fixture
def newer(db):
    """Say that a newer version wrote this database, and which is the oldest that can live with it."""
    own = schema.head()
    yield lambda oldest: db.transact(_stands, "9999", oldest)
    db.transact(_stands, own, own)


def _stands(tx, here, oldest):
    tx.connection.execute(
        text("UPDATE alembic_version SET version_num = :here, lives_with = :oldest"), {"here": here, "oldest": oldest}
    )


def test_a_version_that_starts_again_lives_with_a_newer_schema_that_says_so(db, newer):
    newer(schema.head())
    schema.upgrade(db)
    with db.engine.connect() as connection:
        assert schema.current(connection) == "9999"


@pytest.mark.parametrize("oldest", ["9998", None])
def test_a_newer_schema_that_this_version_can_not_live_with_is_refused_in_a_sentence(db, newer, oldest):
    newer(oldest)
    with pytest.raises(Refused, match=r"A newer Callboard wrote this database \(schema 9999\)"):
        schema.upgrade(db)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_migration_waits_for_no_table_for_so_long_that_others_wait_behind_it(empty):
    with empty.engine.connect() as connection:
        migrate(connection, FIRST)
    with empty.engine.begin() as busy:
        busy.execute(READING)
        upgrading = asyncio.create_task(asyncio.to_thread(schema.upgrade, empty))
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(_asked, empty, WAITS):  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.02)
            await asyncio.to_thread(_asked, empty, READING)
        assert not upgrading.done()
    await upgrading
    with empty.engine.connect() as connection:
        assert schema.current(connection) == schema.head()


READING = text("SELECT version_num FROM alembic_version")
WAITS = text("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted")


def _asked(db, query):
    with db.engine.connect() as connection:
        return connection.execute(query).scalar()
