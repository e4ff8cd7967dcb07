"""Two teams with checkpoints: what is expected of them at eleven, and questions at one."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

CHECKPOINTS = """\
tasks:
  - for: {team: omega}
    O-1: {title: Database, assignee: pa}
    O-2: {title: Sign-in, assignee: pb}
    O-3: {title: Mail, assignee: pb}
measures:
  tests_passed: {name: Tests passed, of: 72, by: [sigma, api]}
checkpoints:
  - {name: First, team: omega, at: 2025-11-13 11:00, expects: {O-1: completed, O-2: 50%}}
  - {name: Second, team: omega, at: 2025-11-13 13:00, expects: {O-1: completed, O-2: 75%, O-3: in progress}}
  - {name: Sync, teams: [omega, sigma], at: 2025-11-13 14:00, window: 10m, ask: [Any help needed?]}
  - {name: Tests, team: sigma, at: 2025-11-13 15:00,
     expects: [{measure: tests_passed, at_least: 30}, {tasks: ["O-*"], at_least: 60%}]}
"""
WITH_CHECKPOINTS = PLAN + CHECKPOINTS


@pytest.fixture
async def checked(database_url):
    """Nine o'clock; the first checkpoint is at eleven."""
    async with World(database_url, WITH_CHECKPOINTS) as world:
        yield world
