"""A full disk is said to whoever types, in readiness, figures and the doctor; nothing is half done, and it passes."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from callboard.doctor.round import examine
from tests.world import World, keys

TABLES = ("blockers", "timeline", "deliveries", "receipts", "troubles", "climbs")


@pytest.fixture
async def world(database_url):
    """At the machine's time: the clock is compared with Slack's."""
    async with World(database_url, at=datetime.now(UTC)) as world:
        yield world


@contextmanager
def full_sqlite(world):
    """No connection may make the file any larger."""

    def limit(connection, _record):
        connection.execute("PRAGMA max_page_count = 1")  # as many as there are

    event.listen(Engine, "connect", limit)
    world.app.db.engine.dispose()
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)
        world.app.db.engine.dispose()


@contextmanager
def full_postgresql(world):
    """Every insert fails as it does when a file can't grow."""

    def run(*statements):
        with world.app.db.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    run(
        "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION "
        "'could not extend file \"base/5/16389\": No space left on device' USING ERRCODE = '53100'; END $$ "
        "LANGUAGE plpgsql",
        *(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()" for table in TABLES),
    )
    yield
    run("DROP FUNCTION full_disk CASCADE")


def disk(world):
    return full_sqlite(world) if world.app.db.on_sqlite else full_postgresql(world)


async def looked(world):
    """Readiness in words, and whether the figures say that the database works."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app.web), base_url="http://callboard") as http:
        world.app.slack.api.error = "asked anew"
        why, figures = (await http.get("/readyz")).json()["why"], (await http.get("/metrics")).text
    return why, "callboard_database_up 1.0" in figures


async def raised(world, token):
    """What a program is answered that raises a blocker."""
    blocker = {"what": "mongo refuses TLS " + "x" * 2900}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app.web), base_url="http://callboard") as http:
        address, headers = "/api/v1/plans/release/blockers", {"Authorization": f"Bearer {token}"}
        return await http.post(address, json=blocker, headers=headers)


async def test_the_database_whose_disk_is_full_is_said_by_all_and_undoes_what_it_refuses(world):
    done, said, token = 0, "", world.token("pa")
    with disk(world):
        while "disk of my database is full" not in said:
            said = (await world.slack.command("pa", "omega", f"/blocker mongo {done} refuses TLS {'x' * 3000}")).text
            done += "is open" in said
            assert done < 60
            assert "Something went wrong" not in said
        why, up = await looked(world)
        assert "free some space on its disk" in why
        assert not up
        lines = [one.line() for one in await examine(world.settings())]
        assert any("takes no changes" in line and "free some space" in line for line in lines), lines
        assert len(world.entries("blocker", "raised")) == done
        assert "mongo" in (await world.slack.command("pa", "omega", "/blocker list")).text or not done
        answer = await raised(world, token)
        assert (answer.status_code, "free some space" in answer.json()["detail"]) == (503, True), answer.text
    assert await looked(world) == ("", True)
    await world.advance(seconds=30)
    assert "is open" in (await world.says("pa", "/blocker mongo refuses TLS again")).text
    await world.advance(seconds=30)
    assert len(world.entries("blocker", "raised")) == done + 1
    assert max(keys(world.slack).values()) == 1
    assert world.channel("omega").count("*Blocker ") == done + 1
