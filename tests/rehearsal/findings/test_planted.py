"""Thirty faults, planted in broken copies of four plans: each is found, at its line; the good plans have none."""

from __future__ import annotations

from itertools import islice

import pytest

from callboard.rehearsal.findings import Kind
from tests.rehearsal.findings.breaks import PLANS, drawn, good, replaced

SEED, DRAWN, AT_LEAST = 2026, 10, 28


def by_hand():
    d, m, p, h = PLANS
    yield replaced(
        d,
        "the deputy is away with whom they stand in for",
        "omega-lead: {name",
        (
            "responds_within: 5m, deputies: [omega-a], critical",
            "responds_within: 5m, away: [2025-11-14], deputies: [omega-a], critical",
        ),
        (
            'title: Infrastructure, focus: "MongoDB, NextAuth"',
            'away: [2025-11-14..2025-11-15], focus: "MongoDB, NextAuth"',
        ),
    )
    yield replaced(
        d,
        "a task is longer than its day",
        "O-1: {title",
        ("omega-a, due: 2025-11-13 14:00, estimate: 2h-4h", "omega-a, due: 2025-11-13 14:00, estimate: 6h-8h"),
    )
    yield replaced(
        d,
        "the top of the ladder is on holiday",
        "level: Executive, notify: [executive], respond_within: 15m, repeat_every: 15m} # here",
        ("responds_within: 30m}", "responds_within: 30m, away: [2025-11-13..2025-11-15]}"),
        (
            "      - {level: Executive, notify: [executive], respond_within: 15m, repeat_every: 15m}\n    idle_after: 15m\n    resolve_within: 1h                 ",
            "      - {level: Executive, notify: [executive], respond_within: 15m, repeat_every: 15m} # here\n    idle_after: 15m\n    resolve_within: 1h                 ",
        ),
    )
    yield replaced(
        d,
        "who signs is away on the day",
        "sign_off: [{lead_of: alpha}, {lead_of: beta}]",
        ("title: Leads Beta, responds_within: 5m,", "title: Leads Beta, responds_within: 5m, away: [2025-11-15],"),
    )
    yield replaced(
        d,
        "the run-book ends after its phase",
        "go-live:",
        (
            "title: Production live, lead: beta, starts: on_call,",
            "title: Production live, lead: beta, takes: 2h, starts: on_call,",
        ),
    )
    yield replaced(
        d,
        "a decision stays when its run-book is on a fixed day",
        "if_no_go:",
        ("    day: target\n", "    day: 2025-11-15\n"),
    )
    yield replaced(
        m,
        "the first date after a NO-GO comes after a gate that it then asks for",
        "if_no_go: {again: 1d, shift: [target]}",
        ("    due: target + 1d 18:00\n    remind: 2h\n    needs: [delivered]\n", "    due: 2025-06-06 11:00\n"),
    )
    yield replaced(
        m,
        "status requests every five minutes",
        "name: Atom status",
        ("name: Atom status, every: 30m", "name: Atom status, every: 5m"),
    )
    yield replaced(
        m,
        "nothing to compute a measure from",
        "file_conflicts: {name",
        ('    branches: ["vscode/*"]\n', ""),
        ('    branches: ["cursor/*"]\n', ""),
        ('    branches: ["musti/*"]\n', ""),
    )
    yield replaced(
        m,
        "one person leads two meetings at once",
        "name: Evening validation",
        (
            'name: Joint team training, days: mon, at: "14:00", lasts: 2h',
            'name: Joint team training, days: tue, at: "16:00", lasts: 2h',
        ),
    )
    yield replaced(
        p,
        "only one can tick it, and is away",
        "tick: Cross-module integration works",
        ("title: QA and testing specialist,", "title: QA and testing specialist, away: [2026-02-06..2026-02-20],"),
    )
    yield replaced(
        p,
        "an emergency calls whom the ladder called",
        "name: Blocking issue",
        ("tell: [coordinator, leads], channel: urgent,", "tell: [coordinator, leads],"),
    )
    yield replaced(
        h,
        "nothing gets into a freeze",
        "code: {from",
        (",\n         exceptions: {form: [Risk of adding], sign_off: [{role: coordinator}]}}", "}"),
    )
    yield replaced(
        h,
        "a team ticks what it waits for",
        "tick: No credentials in git",
        ("{tick: No credentials in git, by: [backend]}", "{tick: No credentials in git, by: [ops]}"),
    )
    yield replaced(
        h,
        "an emergency freezes its own fix",
        "  1: {name: Critical",
        ("channel: urgent, rollback: system,", "channel: urgent, freezes: [code],"),
    )
    yield replaced(
        h,
        "a signature is stale before its gate",
        "sign_off: [{lead_of: ops}, {count: 2",
        ("distinct: teams, fresh: 24h, due: 2026-03-31 16:00", "distinct: teams, fresh: 30m, due: 2026-03-31 16:00"),
    )
    yield replaced(
        h,
        "a channel nobody reads",
        "on: gate missed",
        ("escalate: default}\n\n", 'escalate: default, tell: ["#war-room"]}\n\n'),
    )
    yield replaced(
        h,
        "test pages are too old for the decision",
        "preflight: within 3d",
        ("preflight: {at: 2026-03-30 10:00", "preflight: {at: 2026-03-27 10:00"),
    )
    yield replaced(
        h,
        "a step is led by somebody who is away",
        "id: check, title",
        ("lead: fe-1, needs: [deploy]", "lead: gone, needs: [deploy]"),
        (
            "  exec: {name: Executive",
            "  gone: {name: Gone one, slack: U0GONE, away: [2026-04-01]}\n  exec: {name: Executive",
        ),
        (
            "  chief: {name: Coordinator, slack: U0CHIEF,",
            "  chief: {name: Coordinator, slack: U0CHIEF, away: [2026-04-01],",
        ),
    )
    yield replaced(
        h,
        "turning back comes too late",
        "id: deploy, title",
        ("within: 2h, turn_back: 30m", "within: 50m, turn_back: 30m"),
    )


@pytest.mark.parametrize("plan", PLANS)
def test_findings_of_a_good_plan_have_no_fault(plan):
    assert [found for found in good(plan) if found.kind is Kind.FAULT] == []


def test_findings_name_the_line_of_planted_faults():
    planted = [*by_hand(), *islice(drawn(SEED), DRAWN)]
    missed = [each.name for each in planted if not each.found]
    assert len(planted) == 30
    assert len(planted) - len(missed) >= AT_LEAST, missed
