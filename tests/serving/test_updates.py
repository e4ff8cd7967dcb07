"""Versions and processes come and go while people work: nobody notices."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from callboard.core import schema
from tests.serving.house import House
from tests.serving.updates import DOES, LADDER, People, next_version, nothing_is_lost, update

DATABASES = ("postgresql",)  # on SQLite there is one process at a time


@pytest.fixture
async def house(database_url, tmp_path):
    async with House(database_url, tmp_path, LADDER) as house:
        await house.begins()
        yield house


async def test_the_next_version_migrates_beside_this_one_which_goes_on_serves_again_and_then_goes(house, tmp_path):
    people, newer = await update(house, await house.process(), next_version(tmp_path), again=True)
    with house.db.engine.connect() as connection:
        assert schema.current(connection) == f"{int(schema.head()) + len(DOES):04}"
    assert any(entry["event"] == "schema.upgraded" for entry in newer.logs)
    assert any(entry["event"] == "schema.newer" for entry in house.processes[0].logs)
    await nothing_is_lost(house, people)


async def in_slacks_hands(house, blockers):
    """Wait until a page is under way that Slack has, and does not say so for longer than anybody waits."""
    await house.until(lambda: len(house.at("chat.postMessage", "UOLGA")) == blockers)


async def test_a_process_that_is_asked_to_stop_answers_what_came_and_leaves_the_rest_to_another_at_once(house):
    going, staying = await house.process(), await house.process(aimed=False)
    people = People(house)
    async with people.at_work():
        await house.until(lambda: len(people.seconds) > 5)
        house.slack.fault("chat.postMessage", "lost", channel="olga", delay=20, times=2)
        await in_slacks_hands(house, len(people.raised) + 1)
        house.aim(staying)
        began = time.monotonic()
        assert await going.stop() == 0
        assert time.monotonic() - began < 10  # after that, Docker kills
    assert not any(entry["event"] == "web.not_stopped" for entry in going.logs)
    await nothing_is_lost(house, people)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_process_that_is_asked_to_stop_twice_ends_at_once(house):
    going, people = await house.process(), People(house)
    house.slack.fault("chat.postMessage", "lost", channel="olga", delay=20)
    await people.raises()
    await in_slacks_hands(house, 1)
    going.send(signal.SIGTERM)
    while "Shutting down" not in going.said:  # noqa: ASYNC110 - another process says nothing
        await asyncio.sleep(0.02)
    assert await going.stop() == -signal.SIGTERM
