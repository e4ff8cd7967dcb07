"""`callboard backup` and `restore`: a copy is whole and for its owner alone, and comes back where nothing is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat

import pytest

from callboard.backups import drill
from callboard.settings import Settings
from tests.backups.conftest import lived_in
from tests.world import World

pytestmark = pytest.mark.usefixtures("with_programs")


async def test_a_drill_under_load_restores_a_database_whose_timelines_are_the_same(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.advance(minutes=1)
        held = asyncio.create_task(asyncio.to_thread(drill.run, Settings(database_url=database_url)))
        raised = 0
        while not held.done():
            raised += (await world.says("pa", f"/blocker the disk of host {raised} is full")).ok
        done = await held
    assert done.wrong == []
    assert raised > 1
    assert done.saved.heads[1].seq > 1
    assert sorted(done.seconds) == ["backup", "check", "restore"]


async def test_a_drill_finds_a_backup_that_is_not_what_the_database_holds(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        await world.advance(minutes=1)
        world.app.db.transact(
            lambda tx: tx.connection.exec_driver_sql("UPDATE timeline SET actor = 'amp' WHERE verb = 'raised'")
        )
        done = await asyncio.to_thread(drill.run, Settings(database_url=database_url))
    assert any("was changed after it was sealed" in wrong for wrong in done.wrong)


async def test_a_backup_is_for_its_owner_alone_and_says_how_far_each_timeline_goes(callboard, database_url, tmp_path):
    await lived_in(database_url, "/blocker mongo refuses TLS")
    file = tmp_path / "saved"
    said = callboard(database_url, "backup", str(file))
    assert said.exit_code == 0, said.output
    assert "Saved and verified" in said.output
    assert "the last of 2025-11-13 09:0" in said.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".saved")] == []
    held = json.loads(callboard(database_url, "backup", str(file), "--json").output)
    assert f"head {held['heads']['1']['seq']}:{held['heads']['1']['hash'][:16]}" in said.output


async def test_a_backup_is_restored_into_an_empty_database_and_never_over_what_is_newer(
    callboard, database_url, empty, tmp_path
):
    first, present = str(tmp_path / "first"), empty()
    await lived_in(database_url, "/blocker mongo refuses TLS")
    assert callboard(database_url, "backup", first).exit_code == 0
    restored = callboard(present, "restore", first)
    assert restored.exit_code == 0, restored.output
    assert "Start Callboard" in restored.output
    assert callboard(present, "audit", "verify").exit_code == 0
    await lived_in(present, "/blocker the disk is full")
    refused = callboard(present, "restore", first)
    assert refused.exit_code == 1
    assert "release has" in refused.output
    assert "--force loses that" in refused.output
    assert callboard(present, "restore", first, "--force").exit_code == 0
    assert callboard(present, "restore", first).exit_code == 0  # nothing is newer any more


async def test_a_restore_waits_until_nobody_uses_the_database(callboard, database_url, empty, tmp_path):
    file, present = str(tmp_path / "saved"), empty()
    await lived_in(database_url)
    assert callboard(database_url, "backup", file).exit_code == 0
    assert callboard(present, "restore", file).exit_code == 0
    async with World(present, plan=""):
        refused = await asyncio.to_thread(callboard, present, "restore", file)
    assert refused.exit_code == 1
    assert "stop Callboard first" in refused.output


async def test_a_backup_that_was_cut_short_is_refused_and_changes_nothing(callboard, database_url, empty, tmp_path):
    file, present = tmp_path / "saved", empty()
    await lived_in(database_url, "/blocker mongo refuses TLS")
    assert callboard(database_url, "backup", str(file)).exit_code == 0
    assert callboard(present, "restore", str(file)).exit_code == 0
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    refused = callboard(present, "restore", str(file), "--force")
    assert refused.exit_code == 1
    assert refused.output
    assert "Traceback" not in refused.output
    assert callboard(present, "audit", "verify").exit_code == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_backup_without_postgresqls_programs_or_with_old_ones_says_what_to_install(
    callboard, database_url, tmp_path
):
    await lived_in(database_url)
    file = str(tmp_path / "saved")
    assert "Install PostgreSQL's client" in callboard(database_url, "backup", file, path=str(tmp_path)).output
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    said = callboard(database_url, "backup", file, path=str(tmp_path)).output
    assert "pg_dump on the PATH is of PostgreSQL 9" in said
    assert [path.name for path in tmp_path.iterdir()] == ["pg_dump"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_restore_drops_no_table_that_it_does_not_know(callboard, database_url, empty, tmp_path):
    file, present = str(tmp_path / "saved"), empty()
    await lived_in(database_url)
    callboard(database_url, "backup", file)
    assert callboard(present, "restore", file).exit_code == 0
    async with World(present, plan="") as world:
        world.app.db.transact(lambda tx: tx.connection.exec_driver_sql("CREATE TABLE guests (name text)"))
    refused = callboard(present, "restore", file)
    assert "does not know (guests)" in refused.output
    assert callboard(present, "audit", "verify").exit_code == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_backup_is_written_over_no_file_but_another_backup(callboard, database_url, tmp_path):
    path = database_url.removeprefix("sqlite:///")
    assert "the database itself" in callboard(database_url, "backup", path).output
    notes = tmp_path / "notes.txt"
    notes.write_text("what I must not lose")
    assert "is no backup of SQLite" in callboard(database_url, "backup", str(notes)).output
    assert "can't be written" in callboard(database_url, "backup", str(tmp_path / "none" / "saved")).output
    assert "There is no database" in callboard(f"sqlite:///{tmp_path}/none.db", "backup", str(tmp_path / "a")).output
    assert "Write `callboard backup FILE`" in callboard(database_url, "backup").output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_restore_refuses_what_is_no_backup_of_this_version(callboard, database_url, tmp_path):
    file, target = tmp_path / "saved", f"sqlite:///{tmp_path}/new.db"
    assert "There is no file" in callboard(target, "restore", str(file)).output
    file.write_text("what I must not lose")
    assert "is no backup" in callboard(target, "restore", str(file)).output
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE guests (name text)")
    assert "holds no database of Callboard" in callboard(target, "restore", str(tmp_path / "other.db")).output
    file.unlink()
    assert callboard(database_url, "backup", str(file)).exit_code == 0
    with sqlite3.connect(file) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "A newer Callboard wrote this backup (schema 9999)" in callboard(target, "restore", str(file)).output
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_restore_puts_a_whole_database_in_the_place_of_a_damaged_one(callboard, database_url, tmp_path):
    file, broken = str(tmp_path / "saved"), tmp_path / "broken.db"
    await lived_in(database_url, "/blocker mongo refuses TLS")
    assert callboard(database_url, "backup", file).exit_code == 0
    broken.write_bytes(b"SQLite format 3\0" + b"?" * 4000)
    assert "can't be read" in callboard(f"sqlite:///{broken}", "restore", file).output
    assert callboard(f"sqlite:///{broken}", "restore", file, "--force").exit_code == 0
    assert callboard(f"sqlite:///{broken}", "audit", "verify").exit_code == 0
