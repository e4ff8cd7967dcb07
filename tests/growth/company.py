"""The company of the growth tests: a plan with a bit of everything, as large as wanted, and what its people do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.api.desk import PLAN, Desk
from tests.gates.company import PEOPLE
from tests.world import World

MORE = """\
standups:
  - {name: Daily, at: "09:30", who: [omega], window: 2h, remind_after: 1h, questions: [Yesterday, Today, Blockers]}
checkpoints:
  - {name: Noon, teams: [omega], at: 2025-11-13 12:00, expects: {O-1: 40%}, ask: [Will it hold?]}
cadences:
  - {name: Tasks, every: 3h, about: {kind: atom}, who: [assignees]}
meetings:
  - {name: Sync, days: mon-fri, at: "10:00", lasts: 30m, who: [all leads], agenda: [{Where we are: 10m}]}
repositories: {harbor: "https://git.example.com/harbor.git"}
zones:
  - {team: omega, paths: ["/src/**"]}
  - {team: sigma, paths: ["/web/**"]}
reports: {daily: {at: "17:45", to: ["#release"]}}
"""


def plan(*, tasks: int = 2, gates: int = 1) -> str:
    """The plan with so many tasks that wait for a gate, and so many gates besides its own."""
    held = "".join(f"    H-{n}: {{title: Held {n}, assignee: sc, needs: [validated]}}\n" for n in range(1, tasks + 1))
    more = "".join(
        f"  more-{n}:\n    name: Gate {n}\n    due: 2025-11-14 {12 + n % 6}:00\n"
        f"    criteria: [Seen, {{tasks: [O-1..O-2], are: completed}}]\n    sign_off: [{{lead_of: sigma}}]\n"
        for n in range(1, gates + 1)
    )
    return (
        PLAN.replace("    S-1: {title", held + "    S-1: {title").replace("freezes:\n", more + "freezes:\n")
        .replace("blockers:\n", "blockers:\n  classes: {leak: {gate: tested, accept: {count: 1, of: [coordinator]}}}\n")
        + MORE
    )  # fmt: skip


@asynccontextmanager
async def growing(database_url: str, **size: int) -> AsyncIterator[Desk]:
    """A world with that plan, and a program at its desk there."""
    async with World(database_url, plan(**size), people=PEOPLE) as world:
        asgi = httpx.ASGITransport(world.app.web)
        async with httpx.AsyncClient(transport=asgi, base_url="http://callboard") as http:
            yield Desk(world, http)
