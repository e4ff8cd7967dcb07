"""What is measured of tasks: how many are done, done at once, and in time; and where teams do not meet."""

from __future__ import annotations

from sqlmodel import col, select

from callboard.core.db import Tx
from callboard.core.measures import Figure, share
from callboard.core.timeline import Entry
from callboard.core.words import few
from callboard.tasks import store
from callboard.tasks.models import KIND, State, Verb, settled
from callboard.teams import service as teams

FEW = 3


def tasks_completed(tx: Tx, plan_id: int) -> Figure:
    """How many of all tasks are completed, in percent; dropped ones do not count."""
    rows = [task for task in store.seen(tx, plan_id) if task.status != State.DROPPED]
    done = sum(task.status == State.COMPLETED for task in rows)
    return Figure((share(done, len(rows)),), f"{done} of {len(rows)}" if rows else "no task yet")


def integration_failures(tx: Tx, plan_id: int) -> Figure:
    """How many points where teams meet are blocked now."""
    points = [(task.key, point) for task in store.seen(tx, plan_id) for point in task.points]
    failed = [f"{point['name']} ({key})" for key, point in points if point["status"] == State.BLOCKED]
    return Figure((float(len(failed)),), few(failed, FEW) if failed else f"none of {len(points)} points")


def synchronisation(tx: Tx, plan_id: int) -> Figure:
    """How many teams are in step, in percent: none of their tasks is overdue."""
    everybody = teams.directory(tx, plan_id).teams
    rows = [task for task in store.seen(tx, plan_id) if task.due_at and not settled(task)]
    late = {key for task in rows if task.due_at and task.due_at <= tx.now for key in (task.team, *task.teams)}
    behind = [team.name for key, team in everybody.items() if key in late]
    says = f"behind: {few(behind, FEW)}" if behind else "no task is overdue"
    coming = (task.due_at for task in rows if task.due_at and task.due_at > tx.now)
    return Figure((share(len(everybody) - len(behind), len(everybody)),), says, min(coming, default=None))


def first_time_success(tx: Tx, plan_id: int) -> Figure:
    """How much of what is done was done once, in percent: no task reopened, no point blocked on the way."""
    rows = store.seen(tx, plan_id)
    own = [task.number for task in rows]
    wanted = select(Entry).where(
        Entry.plan_id == plan_id, Entry.subject_kind == KIND, col(Entry.verb).in_((Verb.REOPENED, Verb.POINT)),
        col(Entry.subject_id).in_(own),
    )  # fmt: skip
    again = {
        (entry.subject_id, entry.facts.get("point", ""))
        for entry in tx.session.exec(wanted)
        if entry.verb == Verb.REOPENED or entry.facts.get("stands") == State.BLOCKED
    }
    done = [(task.number, "") for task in rows if task.status == State.COMPLETED]
    done += [
        (task.number, point["name"]) for task in rows for point in task.points if point["status"] == State.COMPLETED
    ]
    twice = sum(each in again for each in done)
    return Figure((share(len(done) - twice, len(done)),), f"{twice} of {len(done)} done again" if done else "none yet")
