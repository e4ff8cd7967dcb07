"""`callboard serve`, as a process of its own, on a PostgreSQL that is stopped and started."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.fixtures import postgres_server
from tests.serving.house import START_WITHIN, House, plan

LADDER = plan("level: Team lead, notify: [lead]", "level: Managing engineer, notify: [coordinator], after: 3s")


@pytest.fixture
async def server():
    server = await asyncio.to_thread(postgres_server)
    yield server
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.cleanup)


async def not_ready(serve, words):
    """Wait until it is alive and says why it is not ready."""
    async with httpx.AsyncClient(base_url=serve.url) as http, asyncio.timeout(START_WITHIN):
        while True:
            assert serve.alive, serve.said
            try:
                answer = await http.get("/readyz")
                if words in answer.json()["why"]:
                    assert answer.status_code == 503
                    assert (await http.get("/healthz")).status_code == 200
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def test_the_app_waits_for_a_database_that_is_away_at_its_start_and_later_and_goes_on_by_itself(server, tmp_path):
    async with House(server.get_uri("postgres"), tmp_path, LADDER) as house:
        await house.begins()
        house.db.engine.dispose()
        await asyncio.to_thread(server.stop)
        serve = await house.process(ready=False)
        await not_ready(serve, "the database does not work")
        await asyncio.to_thread(server.start)
        await serve.ready()
        assert "is open" in (await house.slack.command("pa", "omega", "/blocker mongo refuses TLS")).text
        await house.until(lambda: house.slack.dm("olga"))

        house.db.engine.dispose()
        await asyncio.to_thread(server.stop)
        await not_ready(serve, "the database does not")
        asked = await house.slack.command("pa", "omega", "/blocker mongo is slow")
        await asyncio.to_thread(server.start)
        await serve.ready()
        told = ("is open", "nothing was changed", "can't tell whether")
        await house.until(lambda: any(words in one.shown for one in asked.messages for words in told))
        assert "is open" in (await house.slack.command("pa", "omega", "/blocker mongo is gone")).text
        await house.until(lambda: house.slack.dm("amp"))
        assert sum("mongo refuses TLS" in one.shown for one in house.slack.dm("olga")) == 1
