"""What waits for something is on hold until that is there, or until somebody who may says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callboard.core import timeline
from callboard.core.errors import Refused
from callboard.core.ticks import Ticker
from callboard.core.timeline import Subject
from callboard.plans import holds
from callboard.plans.models import HoldLifted
from tests.planfile.sample import GOOD, apply

DATABASES = ("sqlite",)  # PostgreSQL gets every statement of these from those that are marked, or from another file

WAITING = (
    GOOD.replace('channel: "#harbor-backend"\n', 'channel: "#harbor-backend"\n    needs: [ready, A-1..A-2]\n')
    .replace("from: 2026-03-25 08:00", "from: 2025-11-01 08:00")
    .replace("escalation:\n", '  frontend: {name: Frontend, lead: one, channel: "#harbor"}\nescalation:\n')
    + """\
phases:
  prepare: {name: Preparation, from: 2025-11-01 08:00, to: 2025-11-20 17:00}
  stage: {name: Staging, from: 2025-11-20 09:00, to: 2026-03-31 17:00, needs: [ready]}
tasks:
  - {for: {team: frontend}, A-1: One, A-2: {title: Two, status: completed}, A-3: Three}
gates:
  ready: {name: All ready, due: 2025-11-20 09:00, criteria: [Seen], sign_off: [{lead_of: backend}]}
"""
)


@pytest.fixture
def heard(db):
    told = []
    db.bus.subscribe(HoldLifted, lambda _tx, event: told.append(event))
    return told


def standing(db, plan_id=1, target=""):
    return [(hold.target, hold.by) for hold in db.transact(holds.standing, plan_id, target)]


def test_a_hold_is_placed_for_what_the_plan_needs_and_does_not_have(db):
    apply(db, WAITING)
    assert sorted(standing(db)) == [("backend", "A-1"), ("backend", "ready"), ("stage", "ready")]


def test_all_holds_of_a_gate_are_lifted_when_it_passes_and_say_who_is_free(db, heard):
    plan_id = apply(db, WAITING).plan_id
    db.transact(holds.lift, plan_id, by="ready", reason="passed")
    assert standing(db) == [("backend", "A-1")]
    assert {(event.target, event.free) for event in heard} == {("stage", True), ("backend", False)}
    db.transact(holds.lift, plan_id, by="A-1")
    assert (heard[-1].target, heard[-1].free) == ("backend", True)


def test_a_lifted_hold_stays_lifted_when_the_plan_is_applied_again(db):
    plan_id = apply(db, WAITING).plan_id
    db.transact(holds.lift, plan_id, target="backend")
    apply(db, WAITING.replace("name: Harbor 2.0", "name: Harbor 3"))
    assert standing(db) == [("stage", "ready")]


def test_a_hold_that_the_plan_no_longer_says_is_lifted_and_comes_back_with_it(db, heard):
    apply(db, WAITING)
    apply(db, WAITING.replace("needs: [ready, A-1..A-2]", "needs: [A-1]"))
    assert sorted(standing(db)) == [("backend", "A-1"), ("stage", "ready")]
    assert [event.by_plan for event in heard] == [True]
    apply(db, WAITING)
    assert ("backend", "ready") in standing(db)


def test_a_hold_is_overruled_by_the_coordinator_with_a_reason_that_is_recorded(db):
    plan_id = apply(db, WAITING).plan_id
    hold = db.transact(holds.standing, plan_id, "stage")[0]
    db.transact(holds.overrule, plan_id, "stage", "chief", "the gate is only paperwork")
    assert standing(db, target="stage") == []
    entry = db.transact(timeline.history, Subject("hold", hold.id))[-1]
    assert (entry.verb, entry.actor, entry.said) == ("lifted", "chief", "the gate is only paperwork")


@pytest.mark.parametrize(
    ("target", "reason", "words"),
    [("stage", "", "Say why"), ("stge", "so", "did you mean `stage`"), ("A-3", "so", "is not on hold")],
)
def test_a_hold_that_cannot_be_overruled_is_refused_in_a_sentence(db, target, reason, words):
    plan_id = apply(db, WAITING).plan_id
    with pytest.raises(Refused, match=words):
        db.transact(holds.overrule, plan_id, target, "chief", reason)


def test_a_hold_is_placed_once_by_whomever(db):
    plan_id = apply(db, WAITING).plan_id
    for _ in range(2):
        db.transact(holds.place, plan_id, "team", "backend", "emergency-2", "the database is gone", actor="chief")
    assert standing(db, target="backend").count(("backend", "emergency-2")) == 1


@pytest.mark.both_databases
async def test_a_hold_by_a_phase_is_lifted_when_it_begins_but_not_while_the_phase_is_held(db, clock, heard):
    plan_id = apply(db, WAITING.replace("needs: [ready, A-1..A-2]", "needs: [stage]")).plan_id
    ticker = Ticker(db, [holds.phases_begin])
    clock.advance(timedelta(days=10))
    await ticker.tick()
    assert standing(db, target="backend") == [("backend", "stage")]
    db.transact(holds.lift, plan_id, by="ready")
    await ticker.tick()
    assert standing(db) == []
    assert heard[-1].target == "backend"
    assert await ticker.look() == [None]
