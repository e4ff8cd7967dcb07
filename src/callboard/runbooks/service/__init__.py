"""The verbs of runs: start, drill, stop; those of their steps and of rollbacks.

review: what was planned and what it took, and the edit of the plan that this proposes
names: which run or step somebody means
steps: the verbs of steps
ways_back: rollbacks: called, proposed, confirmed
evidence: what the timeline has of runs and steps, against their rows
"""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.planfile.timetable import timetable
from callboard.plans import service as plans
from callboard.runbooks import course, outline, readiness, rights, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import State, Verb
from callboard.runbooks.plan import in_window
from callboard.runbooks.service.names import (
    GONE,
    known_runbook,
    make,
    named_run,
    named_scope,
    named_step,
    of_step,
    refuse_over,
    refuse_several,
    running,
    the_step,
)
from callboard.runbooks.service.steps import (
    MINUTE,
    acknowledge,
    back,
    confirm,
    delay,
    fail,
    hand,
    may_change,
    skip,
    start,
    tick,
)
from callboard.runbooks.service.ways_back import agree, call_rollback
from callboard.teams.directory import Asker
from callboard.teams.old_buttons import refuse_old

__all__ = [
    "GONE", "MINUTE", "acknowledge", "agree", "back", "call_rollback", "confirm", "delay", "fail", "hand",
    "known_runbook", "make", "may_change", "named_run", "named_scope", "named_step", "of_step", "refuse_several",
    "running", "skip", "start", "the_step", "tick",
]  # fmt: skip


def start_run(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Course:
    """Begin a run-book now, or go on with one that a rollback has on hold. Raises Refused while its gates are shut."""
    plan_id = asker.directory.plan_id
    row = next((run for run in store.open_runs(tx, plan_id) if run.key == key and not run.drill), None)
    of = course.course(tx, row.number) if row else None
    of = of or make(tx, plan_id, key, start=True)
    run = of.run
    rights.may_start(tx, asker, run, of.first)
    if row is not None:
        refuse_old(tx, asker, run, m.escape(run.name), expected)
    if run.state == State.RUNNING and run.held:
        return _resume(of, asker)
    if run.state == State.RUNNING:
        raise Refused(f"{m.escape(run.name)} has been running since {m.date(run.begun_at or tx.now, 'both')}.")
    if lacking := readiness.missing(tx, plan_id, run.plan["needs"]):
        raise Refused(f"{m.escape(run.name)} can't begin: {'; '.join(lacking)}. I'll offer it when it can.")
    document = plans.live(tx, plan_id)
    table, part = timetable(document), outline.runbooks(document).get(key)
    if part and table and part.windows and not in_window(table, part, tx.now):
        who = asker.directory.one_of(asker.directory.coordinators)
        raise Refused(f"{m.escape(run.name)} can't begin now, outside its windows. {who} can change them: `/plan set`.")
    course.begin(of, asker.person.key)
    return of


def _resume(of: Course, asker: Asker) -> Course:
    rights.may_run(of.tx, asker, of.run, "go on with")
    going = [run for run in store.open_runs(of.tx, of.run.plan_id) if run.of_run == of.run.number]
    if going:
        raise Refused(f"{m.escape(of.run.name)} waits: {of.run.held} is {going[0].state}.")
    of.run.held = ""
    of.run.changes += 1
    course.record(of, of.run, Verb.STARTED, asker.person.key)
    course.go_on(of)
    return of


def begin_on(tx: Tx, plan_id: int, word: str, name: str) -> None:
    """Something happened with which run-books begin: `gate`, `no_go` or `emergency`, and which one."""
    for key, part in outline.runbooks(plans.live(tx, plan_id)).items():
        begins = part.starts and part.starts.on and (word, name) in part.starts.on.written
        if begins and all(run.key != key or run.drill for run in store.open_runs(tx, plan_id)):
            course.come(make(tx, plan_id, key))


def drill(tx: Tx, asker: Asker, key: str) -> Course:
    """Begin a drill: the same in a channel of its own, and nothing outside of it is touched."""
    rights.may_drill(tx, asker)
    plan_id = asker.directory.plan_id
    part = outline.runbooks(plans.live(tx, plan_id))[key]
    name = m.escape(part.name or outline.spoken(key))
    if part.drill is None or not part.drill.channel:
        raise Refused(f"A drill needs a channel of its own. Write `drill: {{channel: ...}}` for {name}.")
    if any(run.key == key and run.drill for run in store.open_runs(tx, plan_id)):
        raise Refused(f"A drill of {name} is under way. Stop it first: `/run stop drill because ...`")
    of = make(tx, plan_id, key, drill=True)
    course.begin(of, asker.person.key)
    return of


def may_stop(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Course:
    """A run that somebody may end before its end; whoever called a rollback can withdraw it while it waits."""
    of = course.course(tx, number)
    if of is None or of.run.plan_id != asker.directory.plan_id:
        raise Refused(GONE)
    refuse_over(of)
    own = of.run.state == State.CALLED and of.run.called_by == asker.person.key
    if not own and not of.run.drill:
        rights.may_run(tx, asker, of.run, "stop")
    elif of.run.drill:
        rights.may_drill(tx, asker)
    refuse_old(tx, asker, of.run, m.escape(of.run.name), expected)
    return of


def stop(tx: Tx, asker: Asker, number: int, reason: str, expected: int | None = None) -> Course:
    """End a run before its end, and say why."""
    of = may_stop(tx, asker, number, expected)
    reason = m.needed(reason, f"Say why: `/run stop {of.run.key} because the database is gone`.")
    course.finish(of, State.STOPPED, asker.person.key, reason)
    course.keep(of)
    return of
