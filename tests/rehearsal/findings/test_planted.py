"""Thirty faults, planted in broken copies of four plans: each is found, at its line; the good plans have none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from callboard.rehearsal.findings import Kind
from tests.rehearsal.findings.breaks import PLANS, Break, drawn, good, replaced

SEED, DRAWN, AT_LEAST = 2026, 10, 28
TOP = "      - {level: Executive, notify: [executive], respond_within: 15m, repeat_every: 15m}\n"
FIRST = "    idle_after: 15m\n    resolve_within: 1h                 "
"""What comes after the first of two ladders in `deployment`, and not after the second."""
PLANTED = (
    # Which plan, what is wrong with it now, words of the line in which it is found, and what was written instead.
    ("deployment", "a deputy is away with whom they stand in for", "omega-lead: {name", {
        "responds_within: 5m, deputies: [omega-a]": "responds_within: 5m, away: [2025-11-14], deputies: [omega-a]",
        'focus: "MongoDB, NextAuth"': "away: [2025-11-14..2025-11-15]",
    }),
    ("deployment", "a task is longer than its day", "O-1: {title", {
        "omega-a, due: 2025-11-13 14:00, estimate: 2h-4h": "omega-a, due: 2025-11-13 14:00, estimate: 6h-8h",
    }),
    ("deployment", "the top of the ladder is on holiday", "repeat_every: 15m} # here", {
        "responds_within: 30m}": "responds_within: 30m, away: [2025-11-13..2025-11-15]}",
        f"{TOP}{FIRST}": f"{TOP.rstrip()} # here\n{FIRST}",
    }),
    ("deployment", "who signs is away on the day", "sign_off: [{lead_of: alpha}, {lead_of: beta}]", {
        "title: Leads Beta,": "title: Leads Beta, away: [2025-11-15],",
    }),
    ("deployment", "a run-book ends after its phase", "go-live:", {
        "title: Production live, lead: beta,": "title: Production live, lead: beta, takes: 2h,",
    }),
    ("deployment", "a run-book stays where it is after a NO-GO", "if_no_go:", {
        "    day: target\n": "    day: 2025-11-15\n",
    }),
    ("meschain", "a gate is due before the second attempt of the decision", "if_no_go:", {
        "    due: target + 1d 18:00\n    remind: 2h\n    needs: [delivered]\n": "    due: 2025-06-06 11:00\n",
    }),
    ("meschain", "people are asked every five minutes", "name: Atom status", {
        "name: Atom status, every: 30m": "name: Atom status, every: 5m",
    }),
    ("meschain", "there is nothing to compute a measure from", "file_conflicts: {name", {
        '    branches: ["vscode/*"]\n': "", '    branches: ["cursor/*"]\n': "", '    branches: ["musti/*"]\n': "",
    }),
    ("meschain", "somebody leads two meetings at once", "name: Evening validation", {
        'name: Joint team training, days: mon, at: "14:00"': 'name: Joint team training, days: tue, at: "16:00"',
    }),
    ("prismq", "who alone can tick it is away", "tick: Cross-module integration works", {
        "title: QA and testing specialist,": "title: QA and testing specialist, away: [2026-02-06..2026-02-20],",
    }),
    ("prismq", "an emergency calls whom the ladder called", "name: Blocking issue", {
        "tell: [coordinator, leads], channel: urgent,": "tell: [coordinator, leads],",
    }),
    ("harbor", "nothing gets into a freeze", "code: {from", {
        ",\n         exceptions: {form: [Risk of adding], sign_off: [{role: coordinator}]}}": "}",
    }),
    ("harbor", "a team ticks what it waits for", "tick: No credentials in git", {
        "{tick: No credentials in git, by: [backend]}": "{tick: No credentials in git, by: [ops]}",
    }),
    ("harbor", "an emergency freezes its own fix", "1: {name: Critical", {
        "channel: urgent, rollback: system,": "channel: urgent, freezes: [code],",
    }),
    ("harbor", "a signature is stale before its gate", "sign_off: [{lead_of: ops}, {count: 2", {
        "fresh: 24h, due: 2026-03-31 16:00": "fresh: 30m, due: 2026-03-31 16:00",
    }),
    ("harbor", "a channel that nobody reads", "on: gate missed", {
        "escalate: default}\n\n": 'escalate: default, tell: ["#war-room"]}\n\n',
    }),
    ("harbor", "test pages are too old for the decision", "preflight: within 3d", {
        "preflight: {at: 2026-03-30 10:00": "preflight: {at: 2026-03-27 10:00",
    }),
    ("harbor", "whoever leads a step is away, and so is who stands in", "id: check, title", {
        "lead: fe-1, needs: [deploy]": "lead: gone, needs: [deploy]",
        "  exec: {name": "  gone: {name: Gone one, slack: U0GONE, away: [2026-04-01]}\n  exec: {name",
        "U0CHIEF, roles": "U0CHIEF, away: [2026-04-01], roles",
    }),
    ("harbor", "turning back comes too late", "id: deploy, title", {
        "within: 2h, turn_back: 30m": "within: 50m, turn_back: 30m",
    }),
)  # fmt: skip


def by_hand() -> Iterator[Break]:
    for plan, name, where, changes in PLANTED:
        yield replaced(plan, name, where, *changes.items())


@pytest.mark.parametrize("plan", PLANS)
def test_findings_of_a_good_plan_have_no_fault(plan):
    assert [found for found in good(plan) if found.kind is Kind.FAULT] == []


def test_findings_name_the_line_of_planted_faults():
    planted = [*by_hand(), *islice(drawn(SEED), DRAWN)]
    missed = [each.name for each in planted if not each.found]
    assert len(planted) == 30
    assert len(planted) - len(missed) >= AT_LEAST, missed
