"""The programs of the PostgreSQL that tests bring along, and databases that nobody is connected to."""

from __future__ import annotations

import asyncio
import uuid

import psycopg
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from callboard.cli.main import main
from tests.backups import programs
from tests.world import World


@pytest.fixture
def callboard():
    """Type a command that works on a database."""

    def run(url, *words, path=None):
        environment = {"DATABASE_URL": url, "PATH": programs.path() if path is None else path}
        return CliRunner().invoke(main, words, env=environment)

    return run


@pytest.fixture
def with_programs(monkeypatch):
    monkeypatch.setenv("PATH", programs.path())


@pytest.fixture
def empty(request, tmp_path):
    """Make an empty database of the kind that the story runs on."""
    if request.node.callspec.params["database_url"] == "sqlite":
        yield lambda: f"sqlite:///{tmp_path}/{uuid.uuid4().hex}.db"
        return
    server, made = request.getfixturevalue("postgres"), []

    def make():
        made.append(f"empty_{uuid.uuid4().hex[:12]}")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {made[-1]} STRATEGY file_copy")
        return make_url(server).set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def lived_in(url, *said):
    """Let somebody type something on a database, and everything be sent and sealed."""
    async with World(url) as world:
        for text in said:
            await world.says("pa", text)
        await world.advance(minutes=1)
        return await asyncio.to_thread(world.app.db.transact, lambda tx: tx.now)
