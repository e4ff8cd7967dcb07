"""What comes due with runs: they begin at their hour, steps at their minute; what is late is asked about and paged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from callboard.core import ticks
from callboard.core.db import Tx
from callboard.core.ticks import rows_due
from callboard.plans import service as plans
from callboard.runbooks import course, failures, notices, outline, service, store
from callboard.runbooks.course import SOON, Course
from callboard.runbooks.models import Run, State, StepState, Verb
from callboard.runbooks.notices import steps as step_notices
from callboard.teams import service as teams


def _look_ahead(tx: Tx, plan_id: int, since: datetime) -> datetime | None:
    """Make the run of each run-book ten minutes before its hour; one that has not begun follows the plan."""
    document, ahead = plans.live(tx, plan_id), list[datetime]()
    for key, part in outline.runbooks(document).items():
        hour = outline.begins(document, part)
        if hour is None:
            continue
        row = store.latest(tx, plan_id, key)
        if row is not None and row.ready:
            _follow_plan(tx, row.number, hour)
        elif hour > since and (row is None or (row.over and row.plan.get("hour") != hour.isoformat())):
            if hour - SOON <= tx.now:
                _plan(service.make(tx, plan_id, key))
            else:
                ahead.append(hour - SOON)
        if part.drill and part.drill.before:
            at = hour - part.drill.before
            if since < at <= tx.now and not store.closed(tx, plan_id, key, drill=True):
                notices.remind_of_drill(tx, teams.directory(tx, plan_id), plan_id, key, hour)
            ahead += [at] if at > tx.now else []
    _forget(tx, plan_id, outline.runbooks(document))
    return min(ahead, default=None)


def _forget(tx: Tx, plan_id: int, known: Collection[str]) -> None:
    """A run-book that has left the plan does not begin any more."""
    for run in store.open_runs(tx, plan_id):
        of = course.course(tx, run.number) if run.ready and run.key not in known else None
        if of and of.run.ready:
            course.finish(of, State.STOPPED, reason="the plan no longer has it")
            course.keep(of)


def _plan(of: Course) -> None:
    course.record(of, of.run, Verb.PLANNED)
    if of.run.planned_at <= of.tx.now:
        course.come(of)
    else:
        notices.card(of.tx, of.directory, of.run)
        course.keep(of)


def _follow_plan(tx: Tx, number: int, hour: datetime) -> None:
    """A run that has not begun is what the plan says now; one that was blocked and is moved waits for its new hour."""
    of = course.course(tx, number)
    if of is None or not of.run.ready:
        return
    moved, state, blocked = of.run.planned_at != hour, of.run.state, of.run.blocked
    told, was = {step.key: step.told_at for step in of.steps}, [course.content(step) for step in of.steps]
    drafted = outline.of_runbook(plans.live(tx, of.run.plan_id), of.run.key, hour)
    if (of.run.plan, was) == (drafted[0].plan, [course.content(step) for step in drafted[1]]) and not moved:
        return
    of = course.plan_anew(tx, of.run, hour)
    if not moved:
        of.run.state, of.run.blocked = state, blocked
        for step in of.steps:
            step.told_at = told.get(step.key)
    course.keep(of)


def _attend(tx: Tx, numbers: Sequence[int]) -> None:
    for number in numbers:
        of = course.course(tx, number)
        if of is None or of.run.over or of.run.wake_at is None or of.run.wake_at > tx.now:
            continue
        if of.run.state == State.CALLED:
            _ask_again(of)
            course.keep(of)
            continue
        if of.run.ready:
            if of.run.planned_at <= tx.now:
                course.come(of)
            else:
                course.keep(of)
            continue
        _look_at(of)
        course.go_on(of)


def _ask_again(of: Course) -> None:
    """A rollback that waits is asked about once more; then whoever called it hears that nobody gave their word."""
    tx, run = of.tx, of.run
    if run.plan.get("asked_again"):
        run.plan = {**run.plan, "unanswered": True}
        course.record(of, run, Verb.LATE)
        notices.unanswered(tx, of.directory, run)
    else:
        run.plan = {**run.plan, "asked_again": True}
        notices.tell(tx, of.directory, run, Verb.CALLED, key=f"again {run.changes}", again=True)


def _look_at(of: Course) -> None:
    """Ask about steps that should be done, and page for those over their limit, each once."""
    tx, run, now = of.tx, of.run, of.tx.now
    for step in of.steps if run.state == State.RUNNING else ():
        if step.state != StepState.RUNNING or step.reserve:
            continue
        if step.overdue_at and step.overdue_at <= now and step.paged_at is None:
            step.paged_at = step.asked_at = now
            course.record(of, step, Verb.OVERDUE)
            tx.session.flush()
            failures.overdue(of, step)
            failures.late(of, step)
        elif step.ask_at and step.ask_at <= now:
            step.asked_at = now
            course.record(of, step, Verb.LATE)
            tx.session.flush()
            step_notices.ask(tx, of.directory, run, step)
            failures.late(of, step)
    if run.limit_at and run.limit_at <= now and not run.plan.get("limit_told"):
        run.plan = {**run.plan, "limit_told": True}
        course.record(of, run, Verb.OVERDUE)
        notices.tell(tx, of.directory, run, Verb.OVERDUE)


starts = ticks.watch(store.STARTS, _look_ahead)
runs = rows_due("runs", _attend, Run.id, Run.wake_at)
