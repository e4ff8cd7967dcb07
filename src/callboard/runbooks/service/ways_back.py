"""A way back: it is called, or proposed; others confirm it; it begins, and what it takes back stands still."""

from __future__ import annotations

from datetime import timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.timeline import BOT
from callboard.emergencies import triggers
from callboard.locks import store as locks
from callboard.plans import service as plans
from callboard.runbooks import course, notices, outline, rights, store
from callboard.runbooks.course import Course
from callboard.runbooks.models import CAUSE, RESTS, Kind, Run, RunStep, State, StepState, Verb
from callboard.runbooks.service.names import GONE, refuse_over, running
from callboard.teams.directory import Asker
from callboard.teams.old_buttons import refuse_old


def call_rollback(tx: Tx, plan_id: int, scope: str, why: str, by: Asker | None) -> Run:
    """Call a rollback; without `by` it is proposed to those who may. Raises Refused."""
    parts = outline.rollbacks(plans.live(tx, plan_id))
    if scope not in parts:
        if not parts:
            raise Refused("This plan has no rollbacks. They go into the plan file, under `rollbacks`.")
        raise unknown(f"This plan has no rollback `{m.clip(m.escape(scope), 60)}`", scope, parts)
    why = m.needed(why, f"Say why: `/run rollback {scope} because the sign-in page is empty`.")
    present = open_rollback(tx, plan_id, scope)
    if present and by is None:
        return present
    if present and by:
        when = f"{m.escape(present.name)} is {present.state} already"
        raise Refused(
            f"{when}. See it: `/run show {scope}`"
            if present.called_by
            else f"{m.escape(present.name)} is proposed already. Begin it: `/run confirm {scope}`"
        )
    of = draft(tx, plan_id, scope)
    if by:
        rights.may_order(tx, by, of.run)
    back = next((run for run in running(tx, plan_id) if run.kind == Kind.RUNBOOK and not run.drill), None)
    call(of, why, by, back)
    return of.run


def open_rollback(tx: Tx, plan_id: int, scope: str) -> Run | None:
    """The rollback of a scope that is called or under way."""
    every = store.open_runs(tx, plan_id)
    return next((run for run in every if run.kind == Kind.ROLLBACK and run.key == scope), None)


def draft(tx: Tx, plan_id: int, scope: str) -> Course:
    """A rollback that is about to be called; without steps of its own the confirmed steps are taken back in reverse."""
    part = outline.rollbacks(plans.live(tx, plan_id))[scope]
    run = _to_take_back(tx, plan_id)
    every = store.steps(tx, run.number) if run and not part.steps else []
    done = [step for step in every if step.state == StepState.DONE and not step.reserve]
    last_first = sorted(done, key=lambda step: (step.ended_at or tx.now, step.place), reverse=True)
    titles = [(f"Take back: {step.title}", step.leaders, step.team) for step in last_first]
    row, steps = outline.of_rollback(scope, part, tx.now, titles)
    row.plan_id, row.state = plan_id, State.CALLED
    return Course(tx, row, steps, new=True)


def _to_take_back(tx: Tx, plan_id: int) -> Run | None:
    """The run-book that is under way, else the one that ended last."""
    for run in running(tx, plan_id):
        if run.kind == Kind.RUNBOOK and not run.drill:
            return run
    keys = outline.runbooks(plans.live(tx, plan_id))
    over = [run for key in keys for run in store.closed(tx, plan_id, key, drill=False) if run.kind == Kind.RUNBOOK]
    return max(over, key=lambda run: run.number, default=None)


def call(of: Course, why: str, by: Asker | None, back: Run | None) -> None:
    run, tx = of.run, of.tx
    run.reason, run.called_by, run.of_run = why, by.person.key if by else "", back.number if back else None
    of.steps[:] = store.put(tx, run, of.steps)
    confirmed_by = [run.plan["confirm"], run.plan["confirmers"]]
    actor = by.person.key if by else BOT
    course.record(of, run, Verb.CALLED, actor, why, points=_points(tx, run.plan_id), confirmed_by=confirmed_by)
    if by and not _lacks(run):
        _begin_rollback(of, by.person.key)
        return
    notices.card(tx, of.directory, run)
    points = _points(tx, run.plan_id)
    notices.tell(tx, of.directory, run, Verb.CALLED, alone=not points, points=points)
    course.keep(of)


def proposed(of: Course, step: RunStep) -> list[Course]:
    """The rollbacks that were proposed because a step failed, and that nobody has called yet."""
    every = [run for run in store.open_runs(of.tx, of.run.plan_id) if run.plan.get(CAUSE) == step.number]
    found = [course.course(of.tx, run.number) for run in every if not run.called_by]
    return [asked for asked in found if asked is not None]


def rest(of: Course, why: str) -> None:
    """Nobody is asked about a proposal any more, for a reason that its message gives; it can still be called."""
    of.run.plan = {**of.run.plan, RESTS: why, "asked_again": True, "unanswered": True}
    of.run.changes += 1
    course.keep(of)


def propose_again(of: Course, why: str) -> None:
    """What was tried again failed again: whoever can call the rollback is asked anew."""
    asked = {"asked_at": of.tx.now.timestamp(), "asked_again": False, "unanswered": False, RESTS: ""}
    of.run.plan, of.run.reason = {**of.run.plan, **asked}, why
    of.run.changes += 1
    notices.tell(of.tx, of.directory, of.run, Verb.CALLED)
    course.keep(of)


def _lacks(run: Run) -> bool:
    """Whether others must still confirm a rollback."""
    wanted: int = max(run.plan["confirm"], 2 if run.plan["confirmers"] else 1)
    return len(run.agreed) + bool(run.called_by) < wanted


def _points(tx: Tx, plan_id: int) -> list[str]:
    """Where each repository was when the locks began that are held now."""
    return list(dict.fromkeys(
        f"{m.escape(repository)} `{point[:12]}` (lock {lock.number})"
        for lock in locks.live(tx, plan_id) for repository, point in lock.points.items()
    ))  # fmt: skip


def agree(tx: Tx, asker: Asker, number: int, expected: int | None = None) -> Course:
    """Confirm a rollback that somebody else called, or call one that was proposed; with the last word it begins."""
    of = course.course(tx, number)
    if of is None or of.run.plan_id != asker.directory.plan_id:
        raise Refused(GONE)
    run = of.run
    if run.state != State.CALLED:
        refuse_over(of)
        by = asker.directory.called([run.called_by, *run.agreed][-1])
        raise Refused(f"{m.escape(run.name)} has begun {m.date(run.begun_at or tx.now)}, confirmed by {by}. "
                      f"See it: `/run show {run.key}`")  # fmt: skip
    if run.called_by:
        rights.may_agree(tx, asker, run)
        run.agreed = [*run.agreed, asker.person.key]
    else:
        rights.may_order(tx, asker, run)
        run.called_by = asker.person.key
    refuse_old(tx, asker, run, m.escape(run.name), expected)
    run.changes += 1
    course.record(of, run, Verb.AGREED, asker.person.key)
    if _lacks(run):
        run.plan = {**run.plan, "asked_at": tx.now.timestamp(), "asked_again": False, "unanswered": False}
        notices.tell(tx, of.directory, run, Verb.CALLED)
        course.keep(of)
    else:
        _begin_rollback(of, asker.person.key)
    return of


def _begin_rollback(of: Course, by: str) -> None:
    """It begins, and what it takes back stands still meanwhile."""
    behind = course.course(of.tx, of.run.of_run) if of.run.of_run else None
    if behind and behind.run.state == State.RUNNING:
        behind.run.held = of.run.name
        behind.run.changes += 1
        course.keep(behind)
    name, reason = m.bold(m.escape(of.run.name)), m.sentence(m.clip(of.run.reason, 500))
    until = m.date(of.tx.now + timedelta(seconds=of.run.plan["within"]))
    triggers.fire(
        of.tx, of.run.plan_id, course.ROLLBACK, subject=m.escape(of.run.name),
        said=f"{name} begins: {reason} It must be over by {until}.", key=f"{course.ROLLBACK}:{of.run.number}",
    )  # fmt: skip
    course.begin(of, by, of.run.reason)
