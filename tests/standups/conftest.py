"""A team that has a standup every morning, each by their own clock, and leads who have three minutes each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.world import PLAN, World

EIGHT = datetime(2025, 11, 13, 8, 0, tzinfo=UTC)
STANDUPS = """\
tasks:
  - for: {team: omega}
    A-1: {title: Schema validated, assignee: pa}
    A-2: {title: API under load, assignee: pa, needs: [A-1]}
standups:
  - {name: Daily, at: "09:00", clock: person, who: [omega], window: 2h, remind_after: 1h,
     questions: [Yesterday, Today, Blockers]}
"""
DAILY = (
    PLAN.replace("from: 2025-11-13 09:00", "from: 2025-11-12 09:00")
    .replace("to: 2025-11-15 18:00", "to: 2025-12-15 18:00")
    .replace("slack: UPB}", "slack: UPB, timezone: Europe/Berlin}")
    .replace("members: [pa, pb]", "members: [pa, pb, obi]")
    .replace("teams:\n", "  obi: {name: Observer, slack: UOBI, roles: [observer]}\nteams:\n")
    + STANDUPS
)
PEOPLE = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan", "obi")


def standing_up(database_url: str, plan: str = DAILY, at: datetime = EIGHT) -> World:
    return World(database_url, plan, at=at, people=PEOPLE)


async def fills_in(
    world: World, person: str, values: dict[str, Any] | None = None, typed: str = "/standup", channel: str = "omega"
) -> Any:
    """Type the command, fill in the form, submit it; what came of it."""
    await world.says(person, typed, channel)
    await world.opened(person)
    outcome = await world.slack.submit(person, {"Today": "Indexes"} if values is None else values)
    await world.settled()
    return outcome


@pytest.fixture
async def daily(database_url):
    """Eight o'clock in London, nine in Berlin."""
    async with standing_up(database_url) as world:
        yield world
