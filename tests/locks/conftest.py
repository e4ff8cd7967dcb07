"""A release whose files belong to two teams: alone, jointly and by section."""

from __future__ import annotations

import re

import pytest

from callboard.locks import store
from callboard.locks.models import LIVE
from tests.world import PLAN, World

FILES = (
    PLAN
    + """\
repositories:
  harbor: https://git.example.com/harbor.git
zones:
  - {team: sigma, paths: ["/web/**", "*.css"]}
  - {team: omega, paths: ["/src/api/**", "/db/*.sql"], about: Ask before you touch the schema}
  - {joint: [omega, sigma], paths: ["/openapi/*.yml"]}
  - {paths: [/README.md], sections: {"Backend*": omega, "Frontend*": sigma}}
locks: {expire_after: 8h}
"""
)


@pytest.fixture
async def files(database_url):
    async with World(database_url, FILES) as world:
        yield world


async def git_token(world, person):
    """Have Slack make somebody's token for git."""
    return re.findall(r"callboard_[\w-]+", (await world.says(person, "/lock token")).text)[0]


def live(world):
    """What is locked, asked for, offered and waited for, by number."""
    found = world.app.db.transact(store.live, 1, LIVE)
    return {one.number: (one.state, one.holder, *one.targets) for one in found}
