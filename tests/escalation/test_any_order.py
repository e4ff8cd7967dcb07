"""Climbs of blockers, whatever people do in whatever order: whom they page, and when, as counted by a stopwatch."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from callboard.app import sections
from callboard.blockers import evidence
from callboard.blockers import service as blockers
from callboard.blockers.service import Raised
from callboard.core.deliveries import DELIVERIES
from callboard.escalation.models import Climb
from callboard.plans import service as plans
from tests.escalation.stopwatch import A_DAY, Page, Stopwatch
from tests.stateful import Machine, anew, applied, copies
from tests.world import MORNING, PLAN

MINUTE = timedelta(minutes=1)
STEADY = PLAN.replace("idle_after: 15m", "idle_after: 16m").replace("to: 2025-11-15 18:00", "to: 2027-11-15 18:00")
QUICK = "{level: Managing engineer, notify: [coordinator], respond_within: 5m}"
PLANS = {
    "steady": (STEADY, (0, 5, 10), "olga"),
    "slower": (STEADY.replace(QUICK, QUICK.replace("5m", "20m")), (0, 5, 25), "olga"),
    "new lead": (STEADY.replace("lead: olga, members: [pa, pb]", "lead: pb, members: [pa, olga]"), (0, 5, 10), "pb"),
}
ABLE = st.sampled_from(["pa", "pb", "olga", "amp"])
SPANS = st.sampled_from([1, 4, 5, 8, 15, 16, 25, 61])


class Matter(Machine):
    """One blocker after the other, or the same again, and a plan that changes."""

    capabilities = ("escalation",)
    watch: Stopwatch

    def __init__(self):
        super().__init__()
        self.number = 0
        self.plan = "steady"

    def minute(self):
        return (self.clock.now() - MORNING) // MINUTE

    def starts(self, reporter):
        _, after, lead = PLANS[self.plan]
        self.watch = Stopwatch(after, (lead, "amp", "exec"), reporter, self.minute())
        self.watch.begins()
        self.reporter = reporter

    @initialize(reporter=st.sampled_from(["pa", "sc", "olga", "amp", "exec"]))
    def is_raised(self, reporter):
        assert self.does(blockers.raise_blocker, Raised(what="mongo is down", team="omega"), by=reporter)
        self.number += 1
        self.starts(reporter)

    @rule(reporter=st.sampled_from(["pa", "amp"]))
    def is_raised_anew(self, reporter):
        if self.watch.over:
            self.is_raised(reporter)

    @rule(by=st.sampled_from(["pa", "pb", "olga", "amp", "exec"]))
    def is_acknowledged(self, by):
        free = not self.watch.over and not self.watch.holder
        assert self.does(blockers.acknowledge, self.number, by=by) == free
        if free:
            self.watch.has(by)

    @rule(by=ABLE)
    def is_handed_back(self, by):
        had = not self.watch.over and bool(self.watch.holder)
        assert self.does(blockers.unacknowledge, self.number, by=by) == had
        if had:
            self.is_nobodys()

    @rule(by=ABLE, to=ABLE)
    def is_reassigned(self, by, to):
        """Whoever hands it to themselves takes it over."""
        if self.watch.over:
            return

        def reassign(tx, asker):
            blockers.reassign(tx, asker, self.number, asker.directory.people[to])

        done, had = self.does(reassign, by=by), self.watch.holder
        if to == by and had != to:
            assert done
            self.watch.has(to)
        elif done and had:
            self.is_nobodys()

    def is_nobodys(self):
        """What is due at once is left to the tick."""
        self.db.transact(self.comes_due)
        self.watch.has("")

    @rule(by=ABLE, other=ABLE, minutes=SPANS, snoozed=st.booleans())
    def is_had_for_a_while(self, by, other, minutes, snoozed):
        """Somebody has it, perhaps snoozes it, perhaps another takes it over, and then nobody has it."""
        self.is_acknowledged(by)
        if snoozed:
            self.is_snoozed(other, minutes)
        self.time_passes(4)
        self.is_reassigned(other, other)
        self.time_passes(minutes)
        self.is_handed_back(by)
        self.time_passes(8)

    @rule(by=ABLE, minutes=SPANS)
    def is_snoozed(self, by, minutes):
        done = self.does(blockers.snooze, self.number, self.clock.now() + minutes * MINUTE, by=by)
        assert done != self.watch.over
        if done:
            self.watch.asleep = minutes

    @rule(by=ABLE)
    def is_escalated(self, by):
        possible = not self.watch.over and self.watch.asks()
        assert self.does(blockers.escalate, self.number, by=by) == possible

    @rule(by=ABLE)
    def is_talked_about(self, by):
        if self.does(blockers.note, self.number, "the vendor knows", by=by):
            self.watch.stirs()

    @rule(by=ABLE, verb=st.sampled_from([blockers.resolve, blockers.withdraw]))
    def is_over(self, by, verb):
        if self.does(verb, self.number, by=by):
            self.watch.over = True

    @rule(by=ABLE)
    def is_back(self, by):
        """A new climb begins, by the plan as it is now."""
        over = self.watch.over
        assert self.does(blockers.reopen, self.number, by=by) == over
        if over:
            self.starts(self.reporter)

    @rule(plan=st.sampled_from(sorted(PLANS)))
    def is_planned_anew(self, plan):
        """What has begun keeps its steps; who is on them is looked up when they are paged."""
        self.plan = plan
        checked = plans.check(PLANS[plan][0], "plan.yml", sections())
        assert self.does(plans.apply, checked, author="test")
        self.watch.crew = (PLANS[plan][2], "amp", "exec")

    @rule(minutes=SPANS)
    def time_passes(self, minutes):
        """The tick looks whenever something is due."""
        end = self.clock.now() + minutes * MINUTE
        while (due := self.db.transact(self.next_due)) and due <= end:
            self.clock.advance(due - self.clock.now())
            self.db.transact(self.comes_due)
        self.clock.advance(end - self.clock.now())
        for _ in range(minutes):
            self.watch.passes()

    @rule()
    def a_day_passes(self):
        self.time_passes(A_DAY + 60)

    @staticmethod
    def next_due(tx):
        return tx.session.exec(select(Climb.due_at).where(col(Climb.due_at).is_not(None))).first()

    @invariant()
    def is_as_counted(self):
        if self.number:
            self.db.transact(self.compares)

    def compares(self, tx):
        climb = tx.session.exec(select(Climb).order_by(col(Climb.id).desc())).first()
        assert self.paged(climb) == self.watch.pages
        assert (climb.due_at is None) == self.watch.over
        assert climb.due_at is None or climb.due_at > tx.now
        keys = tx.connection.execute(
            select(DELIVERIES.c.key).where(DELIVERIES.c.key.startswith(f"page:{climb.id}:"))
        ).scalars().all()  # fmt: skip
        people = [person for entry in climb.trail for person in entry["people"]]
        assert len(keys) == len(people), "somebody was paged twice, or not at all"

    def paged(self, climb):
        """A page that is for no step of the ladder names nobody here, unless it is for whoever has it."""
        return [
            Page(
                entry["why"], entry["step"],
                "" if entry["why"] in ("exhausted", "snooze over") else "".join(entry["people"]),
                (datetime.fromisoformat(entry["due"]) - MORNING) // MINUTE,
            )
            for entry in climb.trail
        ]  # fmt: skip

    def teardown(self):
        try:
            assert list(self.db.transact(lambda tx: list(evidence.differences(tx, 1)))) == []
        finally:
            super().teardown()


def prepared(url):
    return applied(url, STEADY)


def begins(url):
    Matter.begun = copies(prepared(url))
    return Matter


def test_climbs_page_whom_a_stopwatch_says_and_when_whatever_people_do(sqlite_template, tmp_path):
    matter = begins(f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}")
    run_state_machine_as_test(matter, settings=settings(max_examples=8, stateful_step_count=25))


def test_climbs_page_whom_a_stopwatch_says_on_postgresql_as_well(postgres_database):
    Matter.begun = anew(postgres_database, prepared)
    run_state_machine_as_test(Matter, settings=settings(max_examples=2, stateful_step_count=20))
    postgres_database.empty()
