"""A limit is one for all replicas: what was taken at one counts at the others a second later."""

from __future__ import annotations

import pytest
from sqlmodel import select

from callboard.web.limits import GUESSES, Buckets
from callboard.web.spent import Spent
from tests.web.strangers import asks
from tests.world import World

DATABASES = ("postgresql",)  # where there are replicas
HERE, GUESSED = "192.0.2.1", [("Authorization", "Bearer callboard_guessed")]


@pytest.fixture
async def replicas(database_url):
    async with World(database_url) as world:
        other = world.another()
        yield world, world.app, other
        other.db.close()


async def guesses(app, client=HERE):
    return (await asks(app.web, "GET", "/api/v1/plans/release/tasks", GUESSED, client=client)).status


async def test_limits_of_wrong_tokens_hold_at_a_replica_that_was_asked_at_another_before(replicas):
    _, one, other = replicas
    assert await guesses(other) == 401
    await other.exchange.turn()
    for _ in range(GUESSES - 1):
        await guesses(one)
    await one.exchange.turn()
    assert await guesses(other) == 401
    await other.exchange.turn()
    assert await guesses(other) == 429
    assert await guesses(other, "192.0.2.2") == 401


async def test_limits_of_a_token_are_one_for_all_replicas_and_cost_one_statement_a_second(replicas):
    world, one, other = replicas
    token = [("Authorization", f"Bearer {world.token('amp', 'tasks')}")]
    for app in (one, other):
        app.limits.rate, app.limits.most = 0.001, 6.0
    turns = one.db.turns
    for app in (one, one, one, one, other):
        assert (await asks(app.web, "GET", "/api/v1/plans/release/tasks", token)).status == 200
    await one.exchange.turn()
    await other.exchange.turn()
    assert one.db.turns == turns + 1
    rows = world.app.db.transact(lambda tx: [row.count for row in tx.session.exec(select(Spent))])
    assert rows == [5]
    assert (await asks(other.web, "GET", "/api/v1/plans/release/tasks", token)).status == 200
    assert (await asks(other.web, "GET", "/api/v1/plans/release/tasks", token)).status == 429


async def test_limits_that_nobody_takes_from_are_not_told_and_old_ones_are_forgotten(replicas):
    world, one, _ = replicas
    await guesses(one)
    await one.exchange.turn()
    await world.jump(minutes=5)
    turns = one.db.turns
    await one.exchange.turn()
    assert one.db.turns == turns
    await guesses(one, "192.0.2.9")
    await one.exchange.turn()
    keys = world.app.db.transact(lambda tx: [row.key for row in tx.session.exec(select(Spent))])
    assert keys == ["wrong:192.0.2.9"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_limits_of_one_process_are_told_to_nobody(world):
    assert world.app.exchange is None


def test_limits_are_charged_no_more_than_there_is_left():
    buckets = Buckets(60, 10, lambda: 0.0)
    buckets.charge("one", 100)
    assert buckets.wait("one") == 1
