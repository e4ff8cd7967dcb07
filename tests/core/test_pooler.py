"""A database behind a real PgBouncer, which hands the server's connections from one transaction to the next."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from benchmarks.servers import free_port
from callboard.backups.postgres import Postgres
from callboard.core import schema
from callboard.core.clock import ManualClock
from callboard.core.courier.presence import Presence
from callboard.core.db import Database
from callboard.core.engine import normalised
from callboard.core.errors import Refused
from callboard.core.registry import Bus
from callboard.doctor import round as doctor
from tests.world import MORNING, World

PGBOUNCER = shutil.which("pgbouncer")
pytestmark = pytest.mark.skipif(not PGBOUNCER, reason="PgBouncer is not installed: apt-get install pgbouncer")
DATABASES = ("postgresql",)
ADVISORY = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
PEOPLE = ("pa", "pb", "olga")


@contextmanager
def pooled(url: str, folder: Path) -> Iterator[str]:
    """The address of a database behind a pooler that has few connections, and forgets nothing between transactions."""
    made, port = make_url(url), free_port()
    host = str(made.query.get("host") or made.host)
    settings = {
        "listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "any",
        "pool_mode": "transaction", "default_pool_size": 3,
    }  # fmt: skip
    if os.geteuid() == 0:
        settings["user"] = Path(host).owner() if Path(host).is_dir() else "nobody"
    lines = [f"[databases]\n* = host={host} port={made.port or 5432} user={made.username}\n[pgbouncer]"]
    (folder / "pgbouncer.ini").write_text("\n".join([*lines, *(f"{key} = {value}" for key, value in settings.items())]))
    with subprocess.Popen([str(PGBOUNCER), str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL) as pgbouncer:
        try:
            address = f"postgresql://{made.username}@127.0.0.1:{port}/{made.database}"
            answers(address)
            yield address
        finally:
            pgbouncer.terminate()


def answers(address: str) -> None:
    for _ in range(200):
        try:
            psycopg.connect(address, connect_timeout=10).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(address)


@pytest.fixture
def address(database_url, tmp_path):
    with pooled(database_url, tmp_path) as address:
        yield address


def opened(url: str) -> Database:
    return Database(url, ManualClock(MORNING), Bus())


def test_tables_are_made_behind_a_pooler_and_no_lock_and_no_setting_stays(postgres, tmp_path):
    name = f"pooled_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    with pooled(postgres, tmp_path) as address:
        database = opened(address.rpartition("/")[0] + f"/{name}")
        schema.upgrade(database)
        with database.engine.connect() as connection:
            assert connection.execute(text(ADVISORY)).scalar_one() == 0
            for setting in ("lock_timeout", "idle_in_transaction_session_timeout"):
                assert connection.execute(text(f"SHOW {setting}")).scalar_one() == "0"
        database.close()


async def test_people_work_behind_a_pooler_at_two_processes_and_blockers_climb(address):
    async with World(address) as world:
        world.another()
        for turn in range(8):
            await asyncio.gather(*(world.says(who, f"/blocker {who} waits for thing {turn}") for who in PEOPLE))
        await world.advance(minutes=6)
        assert world.dm("olga").count("Blocker") >= 2 * 8
        said = await asyncio.gather(*(world.says("olga", f"/blocker ack {number}") for number in range(1, 25)))
        assert all("You have blocker" in one.text or "already" in one.text for one in said), [one.text for one in said]


async def test_nobody_keeps_a_lock_behind_a_pooler(address):
    database = opened(address)
    presence = Presence(database)
    async with asyncio.timeout(20):
        await presence.run()
    assert presence.number is None
    with database.engine.connect() as connection:
        assert connection.execute(text(ADVISORY)).scalar_one() == 0
    database.close()


def test_backups_are_not_taken_through_a_pooler_which_would_keep_the_settings_of_pg_dump(address, tmp_path):
    with pytest.raises(Refused, match=r"A pooler stands before this database.*Set DATABASE_URL to the server"):
        Postgres(normalised(address)).save(tmp_path / "backup")


def test_the_doctor_says_what_a_pooler_needs(address):
    database = opened(address)
    told = "\n".join(finding.sentence for finding in doctor._database(database))
    assert "a pooler stands before" in told
    database.close()
