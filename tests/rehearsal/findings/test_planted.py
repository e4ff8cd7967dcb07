"""Thirty faults, planted in broken copies of four plans: each is found, at its line; the good plans have none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from callboard.rehearsal.findings import Kind
from tests.rehearsal.findings.breaks import PLANS, Break, drawn, good, planted

SEED, DRAWN, AT_LEAST = 2026, 10, 28
PLANTED = (
    # Which plan, what is wrong with it now, the place where that is found, and what was put where.
    ("deployment", "a deputy is away with whom they stand in for", "people/omega-lead", {
        "people/omega-lead/away": ["2025-11-14"], "people/omega-a/away": ["2025-11-14..2025-11-15"],
    }),
    ("deployment", "a task is longer than its day", "tasks/O-1", {"tasks/O-1/estimate": "6h-8h"}),
    ("deployment", "the top of the ladder is on holiday", "escalation/default/steps/2", {
        "people/exec/away": ["2025-11-13..2025-11-15"],
    }),
    ("deployment", "who signs is away on the day", "gates/operable/sign_off/1", {
        "people/beta-lead/away": ["2025-11-15"],
    }),
    ("deployment", "a run-book ends after its phase", "runbooks/go-live", {
        "runbooks/go-live/steps/production-live/takes": "2h",
    }),
    ("deployment", "a run-book stays where it is after a NO-GO", "gates/go/if_no_go", {
        "runbooks/go-live/day": "2025-11-15",
    }),
    ("meschain", "a gate is due before the second attempt of the decision", "gates/live/if_no_go", {
        "gates/confirmed/due": "2025-06-06 11:00", "gates/confirmed/needs": None,
    }),
    ("meschain", "people are asked every five minutes", "cadences/atom-status/every", {
        "cadences/atom-status/every": "5m",
    }),
    ("meschain", "there is nothing to compute a measure from", "measures/file_conflicts", {
        "teams/vscode/branches": None, "teams/cursor/branches": None, "teams/musti/branches": None,
    }),
    ("meschain", "somebody leads two meetings at once", "meetings/evening-validation", {
        "meetings/joint-team-training/days": "tue", "meetings/joint-team-training/at": "16:00",
    }),
    ("prismq", "who alone can tick it is away", "gates/all-modules/criteria/cross-module-integration-works", {
        "people/dev-04/away": ["2026-02-06..2026-02-20"],
    }),
    ("prismq", "an emergency calls whom the ladder called", "emergencies/1/tell", {"emergencies/1/channel": None}),
    ("harbor", "nothing gets into a freeze", "freezes/code", {"freezes/code/exceptions": None}),
    ("harbor", "a team ticks what it waits for", "gates/prepared/criteria/0", {
        "gates/prepared/criteria/0/by": ["ops"],
    }),
    ("harbor", "an emergency freezes its own fix", "emergencies/1/freezes", {
        "emergencies/1/freezes": ["code"], "emergencies/1/rollback": None,
    }),
    ("harbor", "a signature is stale before its gate", "gates/tested/sign_off/1", {
        "gates/tested/sign_off/1/fresh": "30m",
    }),
    ("harbor", "a channel that nobody reads", "triggers/0/tell", {"triggers/0/tell": ["#war-room"]}),
    ("harbor", "test pages are too old for the decision", "gates/go/criteria/1", {
        "preflight/at": "2026-03-27 10:00",
    }),
    ("harbor", "whoever leads a step is away, and so is who stands in", "runbooks/go-live/steps/check/lead", {
        "people/gone": {"name": "Gone one", "slack": "U0GONE", "away": ["2026-04-01"]},
        "people/chief/away": ["2026-04-01"], "runbooks/go-live/steps/check/lead": "gone",
    }),
    ("harbor", "turning back takes longer than it says", "runbooks/go-live/steps/deploy/turn_back", {
        "runbooks/go-live/steps/deploy/turn_back": "10m",
    }),
)  # fmt: skip


def by_hand() -> Iterator[Break]:
    for plan, name, where, changes in PLANTED:
        yield planted(plan, name, where, changes)


@pytest.mark.parametrize("plan", PLANS)
def test_findings_of_a_good_plan_have_no_fault(plan):
    assert [found for found in good(plan) if found.kind is Kind.FAULT] == []


def test_findings_name_the_line_of_planted_faults():
    every = [*by_hand(), *islice(drawn(SEED), DRAWN)]
    missed = [each.name for each in every if not each.found]
    assert len(every) == 30
    assert len(every) - len(missed) >= AT_LEAST, missed
