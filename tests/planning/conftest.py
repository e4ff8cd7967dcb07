"""The plan of these stories: two teams, one of them on hold, with all that a briefing can say."""

from __future__ import annotations

import pytest

from tests.world import PLAN, World

BRIEFED = (
    PLAN.replace(
        'channel: "#omega"}', 'channel: "#omega", about: Ships Omega, brief: ["If blocked, escalate at once"]}'
    )
    .replace('channel: "#sigma"}', 'channel: "#sigma", needs: [ready], wants: [A-1]}')
    .replace(
        "slack: UAMP, roles: [coordinator]", "slack: UAMP, roles: [coordinator, keeper], timezone: America/New_York"
    )
    .replace("people:\n", "roles: {keeper: {name: Gate keeper, brief: [You sign what you have seen]}}\npeople:\n", 1)
    + """\
links: {Architecture: docs/a.md, Board: "https://example.com/board"}
zones:
  - {team: omega, paths: ["/src/**"]}
  - {joint: [omega, sigma], paths: ["/openapi/*.yml"]}
  - {team: sigma, paths: ["/web/**"]}
  - {paths: [/README.md], sections: {"Omega*": omega, "*": sigma}}
tasks:
  - for: {team: omega}
    A-1: {title: Schema validated, assignee: pa, due: 2025-11-13 14:00}
    A-2: {title: Later, due: 2025-11-14 10:00}
gates:
  ready: {name: All ready, due: 2025-11-14 12:00, criteria: [Seen], sign_off: [{lead_of: omega}, {role: coordinator}]}
checkpoints:
  - {name: First checkpoint, team: omega, at: 2025-11-13 11:00, expects: {A-1: 50%}}
"""
)


@pytest.fixture
async def stage(database_url):
    async with World(database_url, BRIEFED) as world:
        yield world
