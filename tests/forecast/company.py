"""A plan with estimates, a gate after another, and people of whom one has too much."""

from __future__ import annotations

from tests.world import PLAN

TASKS = """\
phases:
  build: {name: Build, from: 2025-11-13 09:00, to: 2025-11-14 17:00}
tasks:
  O-1: {title: Database, team: omega, assignee: pa, phase: build, estimate: 2h-4h}
  O-2: {title: Queue, team: omega, assignee: pa, phase: build, estimate: 3h-5h, needs: [O-1]}
  O-3: {title: Mail, team: omega, assignee: pb, phase: build, estimate: 1h-2h}
  S-1: {title: Sign-in, team: sigma, assignee: sc, estimate: 4h-8h, needs: [validated]}
gates:
  validated:
    name: "Gate 1: Omega"
    due: 2025-11-14 13:00
    criteria: [{tasks: [O-1..O-3]}]
    sign_off: [{lead_of: omega}]
  go:
    name: Go or no-go
    due: 2025-11-15 15:00
    decision: true
    criteria: [{tasks: [S-1]}]
    sign_off: [{role: coordinator}]
"""
RELEASE = PLAN + TASKS
