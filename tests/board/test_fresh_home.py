"""How a Home stays fresh: soon, not too often, for those who looked, once, and in the end always as everything is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from callboard.core.courier import claims
from tests.world import World

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

BEGUN = "Do now: 1"


@pytest.fixture
async def world(database_url):
    async with World(database_url) as world:
        yield world


def published(world, person):
    """When each view of somebody's Home was published."""
    calls = world.slack.record.calls("views.publish")
    return [
        datetime.fromisoformat(call["at"]) for call in calls if call["arguments"]["user_id"] == f"U{person.upper()}"
    ]


async def test_a_home_shows_a_page_within_two_seconds_to_whoever_looked_and_to_nobody_else(world):
    await world.home("olga")
    await world.advance(seconds=60)
    await world.says("pa", "/blocker mongo is down")
    await world.advance(seconds=2)
    assert BEGUN in world.slack.home("olga").shown
    assert published(world, "sara") == published(world, "pb") == []


async def test_a_home_is_published_at_most_every_five_seconds_and_its_last_state_always_is(world):
    await world.home("olga")
    for n in range(12):
        await world.says("pa", f"/blocker number {n} of many things is down")
        await world.advance(seconds=1)
    at = published(world, "olga")
    assert 3 <= len(at) <= 4
    assert "Do now: 12" not in world.slack.home("olga").shown
    await world.advance(seconds=5)
    assert "Do now: 12" in world.slack.home("olga").shown
    at = published(world, "olga")
    assert all(later - before >= timedelta(seconds=5) for before, later in pairwise(at))


async def test_a_home_that_would_look_the_same_is_not_published_again(world):
    await world.home("olga")
    await world.advance(minutes=10)
    await world.says("amp", "/plan away tomorrow")
    await world.advance(minutes=10)
    await world.home("olga")
    await world.advance(seconds=10)
    assert len(published(world, "olga")) == 2  # without what to try, the second time


async def test_a_home_at_which_nobody_looks_any_more_is_left_as_it_is_until_somebody_does(world):
    await world.home("olga")
    await world.advance(minutes=31)
    await world.says("pa", "/blocker mongo is down")
    await world.advance(minutes=2)
    assert len(published(world, "olga")) == 1
    assert BEGUN in (await world.home("olga")).shown


@pytest.mark.both_databases
async def test_a_home_that_two_replicas_look_at_is_published_once(world):
    other = world.another()
    await other.start(beating=False)
    await other.settled_in.wait()
    await world.home("olga")
    await world.advance(seconds=10)
    await world.says("pa", "/blocker mongo is down")
    await world.jump(seconds=1)
    await asyncio.gather(world.app.settle(), other.settle(), world.app.settle(), other.settle())
    assert len(published(world, "olga")) == 2
    await world.advance(seconds=30)
    assert BEGUN in world.slack.home("olga").shown
    assert len(published(world, "olga")) == 2
    await other.stop()


@pytest.mark.both_databases
async def test_a_home_that_a_replica_took_and_never_published_is_published_by_another(world):
    await world.home("olga")
    await world.advance(seconds=10)
    await world.slack.command("pa", "omega", "/blocker mongo is down")
    await world.app.ticker.tick()
    taken = world.app.db.transact(claims.claim, claims.Room({"home": 40}, {}))
    assert [delivery.kind for delivery in taken] == ["home.shown"]
    await world.settled()
    assert BEGUN not in world.slack.home("olga").shown
    await world.advance(minutes=2)
    assert BEGUN in world.slack.home("olga").shown


async def test_a_home_whose_publication_was_lost_on_its_way_back_is_shown_as_it_is_in_the_end(world):
    await world.home("olga")
    await world.advance(seconds=10)
    world.slack.fault("views.publish", "lost", times=1)
    await world.says("pa", "/blocker mongo is down")
    await world.says("sara", "/blocker ack 1")
    await world.advance(seconds=20)
    assert BEGUN not in world.slack.home("olga").shown
    kept = world.slack.home("olga").hash
    await world.advance(minutes=5)
    assert world.slack.home("olga").hash == kept


async def test_a_home_is_never_refused_for_what_a_lost_answer_would_have_told(world):
    await world.home("olga")
    await world.advance(seconds=10)
    world.slack.fault("views.publish", "lost", times=1)
    world.slack.fault("views.publish", "broken", times=2)
    await world.says("pa", "/blocker mongo is down")
    await world.advance(minutes=1)
    assert BEGUN in world.slack.home("olga").shown
    answers = [call["answer"] or {} for call in world.slack.record.calls("views.publish")]
    assert "hash_conflict" not in [answer.get("error") for answer in answers]


@pytest.mark.both_databases
async def test_a_home_waits_as_long_as_slack_asks_for_and_is_then_shown(world):
    await world.home("olga")
    await world.advance(seconds=10)
    world.slack.fault("views.publish", "ratelimited", times=1, retry_after=20)
    await world.says("pa", "/blocker mongo is down")
    await world.advance(seconds=15)
    assert BEGUN not in world.slack.home("olga").shown
    await world.advance(seconds=10)
    assert BEGUN in world.slack.home("olga").shown


@pytest.mark.both_databases
async def test_a_home_that_slack_never_takes_parks_nothing_and_pages_nobody(world):
    world.slack.fault("views.publish", "error", times=3, code="not_enabled")
    await world.slack.open_home("olga")
    await world.heard("app_home_opened")
    await world.advance(minutes=2)
    assert world.dm("amp").count("could not") == 0
    assert "`/plan retry`" not in (await world.says("amp", "/plan")).text
