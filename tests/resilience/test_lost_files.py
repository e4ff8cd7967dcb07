"""The files of a SQLite database are removed, replaced or closed to Callboard: it says so, and nothing is half done."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from callboard.core.file import is_sound

DATABASES = ("sqlite",)
"""PostgreSQL guards its own files."""
COUNT = 50


def file(world) -> Path:
    return Path(world.app.db.url.database)


def beside(world, name) -> Path:
    return Path(f"{file(world)}{name}")


def remove(*paths):
    for path in paths:
        path.unlink()


def block(path):
    """Make that a file can't be opened, also by root."""
    path.unlink()
    path.mkdir()


def unblock(path):
    path.rmdir()


def is_there(path):
    return path.exists()


async def why(world):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app.web), base_url="http://callboard") as http:
        world.app.slack.api.error = "asked anew"
        return (await http.get("/readyz")).json()["why"]


async def raises(world, what):
    return (await world.slack.command("pa", "omega", f"/blocker {what} is down")).text


async def works(world):
    assert "is open" in await raises(world, "mongo")
    await world.app.ticker.tick()
    assert await why(world) == ""


async def test_a_removed_wal_loses_nothing_and_is_made_anew(world):
    await works(world)
    for lost in (["-wal"], ["-shm"], ["-wal", "-shm"]):
        remove(*(beside(world, name) for name in lost))
        await works(world)
    assert len(world.entries("blocker", "raised")) == 4
    world.app.db.engine.dispose()
    world.app.db._reader.dispose()
    with sqlite3.connect(file(world)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("SELECT count(*) FROM blockers").fetchall() == [(4,)]


async def test_a_file_that_is_gone_takes_nothing_until_it_is_back(world):
    await works(world)
    moved = file(world).rename(file(world).with_suffix(".moved"))
    assert "file of my database is gone" in await raises(world, "redis")
    assert "put back the file" in await why(world)
    assert not is_there(file(world))
    moved.rename(file(world))
    await works(world)
    assert len(world.entries("blocker", "raised")) == 2


async def test_a_file_that_was_replaced_is_not_written_to_and_gets_no_wal_of_another(world, tmp_path):
    await works(world)
    backup = tmp_path / "backup.db"
    with sqlite3.connect(file(world)) as plain, sqlite3.connect(backup) as copy:
        plain.backup(copy)
    assert "is open" in await raises(world, "redis")
    kept = file(world).rename(file(world).with_suffix(".kept"))
    shutil.copy(backup, file(world))
    assert "replaced the file of my database" in await raises(world, "etcd")
    assert "restart Callboard" in await why(world)
    assert not is_there(beside(world, "-wal"))
    for path, count in ((file(world), 1), (kept, 2)):
        with sqlite3.connect(path) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert plain.execute("SELECT count(*) FROM blockers").fetchall() == [(count,)]
    remove(file(world))
    kept.rename(file(world))
    await works(world)


async def test_a_folder_that_callboard_may_not_write_to_is_said_and_passes(world):
    await works(world)
    block(beside(world, "-lock"))
    assert "may not be written to" in await raises(world, "redis")
    world.app.health.wrote_at = None  # it tries every 5 seconds
    assert "let Callboard write to the folder" in await why(world)
    unblock(beside(world, "-lock"))
    await works(world)


def test_two_processes_neither_write_nor_copy_back_at_once(database_url):
    path = Path(database_url.removeprefix("sqlite:///")).with_name("strokes.db")
    with sqlite3.connect(path) as plain:
        plain.execute("CREATE TABLE strokes (pid INTEGER)")
    order = (sys.executable, "-m", "tests.resilience.hammer", str(path), str(COUNT))
    pipe: Any = subprocess.PIPE
    hammers: list[Any] = [subprocess.Popen(order, stdin=pipe, stdout=pipe, stderr=pipe) for _ in range(2)]
    assert [hammer.stdout.readline() for hammer in hammers] == [b"ready\n"] * 2
    for hammer in hammers:
        hammer.stdin.write(b"go\n")
        hammer.stdin.flush()
    said = [hammer.communicate(timeout=60)[1] for hammer in hammers]
    assert [hammer.returncode for hammer in hammers] == [0, 0], said
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert plain.execute("SELECT count(*) FROM strokes GROUP BY pid").fetchall() == [(COUNT,), (COUNT,)]


@pytest.mark.parametrize(
    ("version", "sound"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 53, 0), True)],
)  # fmt: skip
def test_a_file_is_safe_with_some_versions_of_sqlite(version, sound):
    assert is_sound(version) is sound
