"""A release with work in it: tasks that wait for each other, of one team and of several."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

WORK = (
    PLAN.replace('channel: "#sigma"}', 'channel: "#sigma", needs: [A-1]}')
    + """\
phases:
  prepare: {name: Preparation, from: 2025-11-13 09:00, to: 2025-11-14 12:00}
  stage: {name: Staging, from: 2025-11-14 12:00, to: 2025-11-15 18:00, brief: [Mind the load]}
areas: {API: {planned: 4}}
priorities: [critical, high, low]
tasks:
  - for: {team: omega, phase: prepare, area: API}
    A-1: {title: Schema validated, assignee: pa, priority: critical, due: 2025-11-13 14:00, estimate: 2h-4h,
          criteria: [Schema matches the model, "Indexes checked, both ways"], files: [/db/0042.sql]}
    A-2: {title: API under load, needs: [A-1], brief: [Use the big machine], due: 2025-11-13 17:00}
    A-3: Monitoring on
  - S-1: {title: Dashboard final, team: sigma, assignee: sc, phase: prepare, wants: [A-3]}
    S-2: {title: Staging deployed, team: omega, phase: stage, needs: [stage]}
    MOLECULE-1: {title: Dashboard meets API, lead_team: omega, support_teams: [sigma], phase: prepare, assignee: pb,
                 components: [A-1, S-1], points: {Connectivity: omega, Sign-in: sigma}}
"""
)


@pytest.fixture
async def work(database_url):
    async with World(database_url, WORK) as world:
        yield world
