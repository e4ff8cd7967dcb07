"""The Home tab as people open it, and how it stays fresh."""

from __future__ import annotations

from tests.world import World


async def test_the_home_of_a_lead_shows_a_page_with_its_buttons(database_url):
    async with World(database_url) as world:
        await world.says("pa", "/blocker mongo is down")
        home = await world.home("olga")
        print(home.shown)
        assert "mongo is down" in home.shown
