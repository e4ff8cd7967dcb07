"""PostgreSQL is another server after a failover: for a while one that only reads may answer at its address."""

from __future__ import annotations

import psycopg
import pytest

from tests.world import World

DATABASES = ("postgresql",)
SETTING = "default_transaction_read_only"


@pytest.fixture
def server(database_url):
    """Whoever looks after the database; it can be written to afterwards."""
    with psycopg.connect(database_url, autocommit=True) as server:
        name = server.info.dbname
        yield lambda state: server.execute(f"ALTER DATABASE {name} SET {SETTING} = {state}")
        server.execute(f"ALTER DATABASE {name} RESET {SETTING}")


async def test_the_app_leaves_a_server_that_only_reads_as_soon_as_another_one_writes(database_url, server):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo refuses TLS")
        server("on")
        world.app.db.engine.dispose()
        refused = await world.says("pa", "/blocker the registry is down")
        assert "My database may not be written to; nothing was changed." in refused.text
        server("off")
        done = await world.says("pa", "/blocker the registry is down")
        assert "Blocker 2 is open" in done.text
        await world.advance(minutes=11)
        world.dm("exec").expect("the registry is down")
        world.dm("exec").expect("mongo refuses TLS")
