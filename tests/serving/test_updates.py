"""Versions and processes come and go while people work: nobody notices."""

from __future__ import annotations

import pytest

from callboard.core import schema
from tests.serving.house import House
from tests.serving.updates import DOES, LADDER, next_version, nothing_is_lost, update

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
