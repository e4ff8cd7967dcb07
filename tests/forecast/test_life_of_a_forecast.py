"""A forecast, from the question to the score."""

from __future__ import annotations

from tests.forecast.company import RELEASE
from tests.world import World


async def test_forecasts_are_asked_for_explained_told_and_scored(database_url):
    async with World(database_url, RELEASE) as world:
        first = await world.says("amp", "/plan forecast", "release")
        print(first.text)
        both = await world.says("amp", "/plan forecast", "release")
        print(both.text)
        one = await world.says("pa", "/plan forecast validated", "release")
        print(one.text)
