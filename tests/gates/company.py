"""The company of the gates' stories: a plan with an ordinary gate, one that counts, and a go or no-go."""

from __future__ import annotations

from tests.world import PLAN, World

GATES = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 18:00}
tasks:
  - for: {team: omega, phase: build}
    O-1: {title: Database validated, assignee: pb}
    O-2: {title: Sign-in validated, assignee: pb}
  - for: {team: sigma}
    S-1: {title: Sign-in tested, needs: [validated]}
measures:
  tests_passed: {name: Tests passed, of: 72, by: [sigma, api]}
  vulnerabilities: {at_most: 0, by: [api]}
gates:
  validated:
    name: Omega signs off
    due: 2025-11-13 17:00
    remind: 2h
    criteria:
      - {tick: No credentials in git, by: [omega], evidence: docs/SECRETS.md}
      - {tasks: [O-1..O-2], are: completed}
    sign_off: [{lead_of: omega}]
    if_missed: {say: Sigma cannot start, escalate: default, tell: [exec]}
  tested:
    name: Sigma signs off
    due: 2025-11-14 18:00
    needs: [validated]
    criteria:
      - {measure: tests_passed, at_least: 68}
      - {blockers: none, severity: critical}
      - Performance baseline documented
    sign_off: [{count: 2, of: [all leads], not: [assignees]}]
  go:
    name: Go or no-go
    decision: true
    due: 2025-11-15 12:00
    needs: [validated, tested]
    criteria: [{tick: Deployment window confirmed, by: [coordinator]}]
    sign_off: [{role: coordinator}, {role: stakeholder, count: all}]
    if_no_go: {again: 4h, say: The window after lunch}
    announce: {to: ["#urgent", exec], mail: [board@example.com], before: 1h, say: Thank you all}
freezes:
  code: {name: Code freeze, from: 2025-11-14 09:00, to: 2025-11-15 12:00,
         exceptions: {ask_within: 1d, form: [Time needed, Risk of adding, Risk of cutting],
                      sign_off: [{role: coordinator}]}}
"""
PLAN_WITH_GATES = (
    PLAN.replace("teams:\n", "  obi: {name: Observer, slack: UOBI, roles: [observer]}\nteams:\n").replace(
        "lead: sara, members: [sc]", "lead: sara, members: [sc], needs: [validated]"
    )
    + GATES
)
PEOPLE = ("olga", "pa", "pb", "sara", "sc", "amp", "exec", "stan", "obi")


def company(database_url: str, plan: str = PLAN_WITH_GATES) -> World:
    return World(database_url, plan, people=PEOPLE)


async def validated(world: World) -> None:
    """The first gate passes."""
    await world.says("pa", "/gate tick validated 1", channel="release")
    await world.completes("pb", "O-1", "O-2")
    await world.signs("olga", "validated")


async def tested(world: World) -> None:
    """Everything that the second gate asks for holds, once the first has passed."""
    await world.says("sc", "/gate report tested tests_passed 70", channel="release")
    await world.says("sc", "/gate tick tested 1", channel="release")
