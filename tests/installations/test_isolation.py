"""Two workspaces on one database see nothing of each other, tried by everything that people and Slack can send."""

from __future__ import annotations

import pytest

from tests.installations.two import EAST, WEST, Two

DATABASES = ("sqlite",)


@pytest.fixture
async def two(database_url):
    async with Two(database_url) as two:
        yield two


async def test_each_workspace_sees_its_own_plan_where_all_ids_and_keys_are_the_same(two):
    await two.east.says("pa", "/blocker mongo is down in the east")
    await two.west.says("pa", "/blocker redis is down in the west")
    for side, own, other in ((two.east, "mongo", "redis"), (two.west, "redis", "mongo")):
        side.channel("omega").expect("Blocker", own)
        side.channel("omega").expect_nothing(other)
        side.dm("olga").expect("paged", own)
        side.dm("olga").expect_nothing(other)
        shown = (await side.says("pa", "/blocker list")).text
        assert own in shown
        assert other not in shown
        assert side.slack.spec.name in (await side.says("pa", "/plan")).text
    assert two.east.slack.spec.bot_token != two.west.slack.spec.bot_token
    assert {EAST, WEST} == set(two.app.slack.clients.every())
