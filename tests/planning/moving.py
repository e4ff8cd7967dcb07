"""A morning with all under way: blockers climb, a gate is half signed, a run-book runs, a lock is held."""

from __future__ import annotations

from tests.world import PEOPLE, PLAN, World

MOVING = (
    PLAN.replace("teams:\n", "  lone: {name: Lone signer, slack: ULONE}\nteams:\n")
    + """\
on_call: {omega: {rotation: [pb, pa], every: 1d, from: 2025-11-13 08:00}}
zones:
  - {team: omega, paths: ["src/**"]}
  - {team: sigma, paths: ["web/**"]}
tasks:
  - for: {team: omega}
    O-1: {title: Database validated, assignee: pb, due: 2025-11-13 16:00}
    O-2: {title: Sign-in validated, due: 2025-11-14 12:00}
gates:
  ready:
    name: All ready
    due: 2025-11-13 15:00
    criteria: [Seen, {tick: Tested, by: [omega]}]
    sign_off: [{lead_of: omega}, {person: lone}]
checkpoints:
  - {name: Noon, team: omega, at: 2025-11-13 12:00, expects: {O-1: 50%}}
standups:
  - {name: Daily, days: mon-fri, at: "09:30", who: [everyone], window: 60m, channel: coordination}
meetings:
  - {name: Sync, days: mon-fri, at: "11:00", lasts: 30m, lead: pa, who: [all leads, pa], agenda: [Where we are]}
runbooks:
  cast-off:
    day: 2025-11-13
    steps:
      - {at: "09:10", title: Copy the database, lead: omega, within: 1h}
      - {at: "09:15", title: Open the gate, lead: pb, within: 30m}
      - {at: "10:40", title: Tell people, lead: sigma}
emergencies:
  1: {name: Down, when: [The shop is shut], respond_within: 6m, tell: [all leads], roles: [commander, scribe]}
"""
)
WITHOUT_PB = (
    ("  pb: {name: Person B, slack: UPB}\n", ""), ("members: [pa, pb]", "members: [pa]"),
    ("rotation: [pb, pa]", "rotation: [pa]"), ("assignee: pb", "assignee: pa"), ("lead: pb", "lead: omega"),
)  # fmt: skip


def changed(*parts: tuple[str, str]) -> str:
    """The plan with some texts replaced, each of which stands there."""
    text = MOVING
    for old, new in parts:
        assert old in text, old
        text = text.replace(old, new)
    return text


async def under_way(world: World) -> None:
    """Half an hour of it."""
    await world.says("sc", "/blocker mongo refuses TLS connections", "sigma")
    await world.says("pa", "/blocker cannot deploy because the runner is stuck")
    await world.says("pb", "/blocker take 2")
    await world.says("pb", "/lock src/auth/** because the sign-in moves")
    for number in (1, 2):
        await world.says("pa", f"/gate tick ready {number}", "release")
    await world.signs("olga", "ready")
    await world.says("pb", "/task start O-1")
    await world.advance(minutes=11)
    await world.says("olga", "/run done copy-the-database", "release")
    await world.advance(minutes=7)


def moving(database_url: str) -> World:
    return World(database_url, MOVING, people=(*PEOPLE, "lone"))
