"""The verbs of work on a task, from claiming to dropping it. What is `said` and a `reason` are in Slack's markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused
from callboard.core.words import joined
from callboard.tasks import models, news, rights
from callboard.tasks.changing import changed
from callboard.tasks.holding import Scene
from callboard.tasks.models import ALL, State, Task
from callboard.teams.service import Asker, Person

if TYPE_CHECKING:
    from callboard.core.db import Tx

FEW = 5


def claim(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Take a task that nobody has."""
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key in task.assignees:
        raise Refused(f"You have {task.key} already. `/task start {task.key}` begins it.")
    if task.assignees:
        has = f"{rights.named(asker, task.assignees)} {'has' if len(task.assignees) == 1 else 'have'} {task.key}"
        raise Refused(f"{has}. {rights.who_leads(asker, task)} can give it to you: `/task assign {task.key} @you`.")
    rights.needs_team(asker, task, "claim it")
    task.assignees = [asker.person.key]
    return changed(tx, task, asker.person.key, "claimed", task.status)


def release(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Give a task back: somebody else may claim it."""
    task = rights.unsettled(tx, asker, key, expected)
    if asker.person.key not in task.assignees:
        raise Refused(
            f"You don't have {task.key}, so there is nothing to give back: {Scene(tx, task.plan_id).people(task)}."
        )
    task.assignees = [one for one in task.assignees if one != asker.person.key]
    return changed(tx, task, asker.person.key, "given back", task.status)


def assign(tx: Tx, asker: Asker, key: str, people: Sequence[Person], expected: int | None = None) -> Task:
    """Give a task to somebody, who is told; whoever has it may hand it on."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_lead(asker, task, f"say who does {task.key}", *task.assignees)
    keys = list(dict.fromkeys(person.key for person in people))
    if keys == task.assignees:
        raise Refused(f"{rights.named(asker, keys)} {'has' if len(keys) == 1 else 'have'} {task.key} already.")
    seats = [person.name for person in people if person.vacant]
    if seats:
        raise Refused(f"The seat {joined(map(b.escape, seats))} is vacant: name somebody who is there.")
    new = [person for person in people if person.key not in (*task.assignees, asker.person.key)]
    task.assignees = keys
    changed(tx, task, asker.person.key, "assigned", task.status, to=keys)
    news.assigned(tx, asker, task, new)
    return task


def start(tx: Tx, asker: Asker, key: str, expected: int | None = None) -> Task:
    """Begin a task, unless it waits for something; one that nobody has becomes the asker's."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, "start it")
    if task.status == State.BLOCKED:
        raise Refused(_blocked(task))
    if task.status == State.IN_PROGRESS:
        since = f", since {b.date(task.started_at, 'both')}" if task.started_at else ""
        raise Refused(f"{task.key} is in progress already{since}. `/task progress {task.key} 50%` says how far it is.")
    may_begin(tx, task)
    was = task.status
    _take(asker, task)
    models.start(task, tx.now)
    return changed(tx, task, asker.person.key, "started", was)


def progress(tx: Tx, asker: Asker, key: str, percent: int, said: str = "", expected: int | None = None) -> Task:
    """Say how far a task is; at 100% it is completed, and one that was not started begins."""
    task = rights.unsettled(tx, asker, key, expected)
    if percent >= ALL:
        return complete(tx, asker, task.key, said)
    rights.needs_worker(asker, task, "say how far it is")
    was, before = task.status, task.percent
    if not models.begun(task):
        may_begin(tx, task)
        _take(asker, task)
        models.start(task, tx.now)
    task.percent = percent
    return changed(tx, task, asker.person.key, "progressed", was, said=said, percent=percent, before=before)


def complete(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """All of it is done: its criteria are ticked, its parts completed, its teams have met."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_worker(asker, task, "complete it")
    if task.status == State.BLOCKED:
        raise Refused(_blocked(task))
    if not models.begun(task):
        may_begin(tx, task)
    _all_there(tx, task)
    was = task.status
    _take(asker, task)
    models.complete(task, asker.person.key, tx.now)
    return changed(tx, task, asker.person.key, "completed", was, said=said)


def reopen(tx: Tx, asker: Asker, key: str, said: str = "", expected: int | None = None) -> Task:
    """It is not settled after all; who began behind it is told."""
    task = rights.asked(tx, asker, key, expected)
    if not models.settled(task):
        raise Refused(f"{task.key} is {task.status}; there is nothing to reopen.")
    rights.needs_worker(asker, task, "reopen it", task.completed_by)
    was = task.status
    models.reopen(task)
    return changed(tx, task, asker.person.key, "reopened", was, said=said)


def drop(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """It will not be done: settled, not completed. Refused without a reason."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_lead(asker, task, f"drop {task.key}")
    if not reason.strip():
        raise Refused(f"Say why, it is recorded and told: `/task drop {task.key} because ...`")
    was = task.status
    models.drop(task, asker.person.key, tx.now, reason.strip())
    return changed(tx, task, asker.person.key, "dropped", was, said=reason.strip())


def override(tx: Tx, asker: Asker, key: str, reason: str, expected: int | None = None) -> Task:
    """Let a task start whatever holds it. For coordinators, with a reason that is announced."""
    task = rights.unsettled(tx, asker, key, expected)
    rights.needs_coordinator(asker, f"let {task.key} start before its time")
    held = Scene(tx, task.plan_id).holding(task)
    if not held:
        raise Refused(f"Nothing holds {task.key}: `/task start {task.key}` begins it.")
    if not reason.strip():
        raise Refused(f"Say why, it is recorded and announced: `/task override {task.key} because ...`")
    by = list(dict.fromkeys(one.by for one in held))
    task.overridden = [*task.overridden, *by]
    changed(tx, task, asker.person.key, "overridden", task.status, said=reason.strip(), by=by)
    news.overridden(tx, asker, task, by, reason.strip())
    return task


def may_begin(tx: Tx, task: Task) -> None:
    """Refuse to begin what waits for something, with all that it waits for."""
    held = Scene(tx, task.plan_id).holding(task)
    if held:
        more = f" And {len(held) - FEW} more." if len(held) > FEW else ""
        raise Refused(
            f"{'. '.join(one.sentence for one in held[:FEW])}.{more} You hear at once when it may start; the "
            f"coordinator can overrule that: `/task override {task.key} because ...`."
        )


def _take(asker: Asker, task: Task) -> None:
    """Whoever begins what nobody has, has it; leads and coordinators of other teams only say so for its team."""
    if not task.assignees and rights.in_team(asker, task):
        task.assignees = [asker.person.key]


def _blocked(task: Task) -> str:
    blocker = task.blocker
    how = f"`/blocker resolve {blocker} what helped` unblocks it" if blocker else "its blocker is gone"
    return f"{task.key} is blocked by blocker {blocker or ''}: {how}, `/blocker show {blocker or ''}` says who has it."


def _all_there(tx: Tx, task: Task) -> None:
    """Refuse while a criterion is not ticked, a part not settled, or a point where teams meet not completed."""
    scene, missing = Scene(tx, task.plan_id), []
    if task.open_criteria:
        unticked = joined(f"“{b.escape(text)}”" for text in task.open_criteria)
        missing.append(f"not ticked: {unticked} (`/task tick {task.key} 1`, or *Complete* on its card)")
    parts = [scene.tasks[key] for key in task.components if key in scene.tasks and not models.settled(scene.tasks[key])]
    if parts:
        missing.append(f"parts not completed: {joined(f'{one.key} ({one.status})' for one in parts)}")
    if task.open_points:
        points = joined(b.escape(name) for name in task.open_points)
        missing.append(f"teams have yet to meet: {points} (`/task point {task.key} {task.open_points[0]} completed`)")
    if missing:
        raise Refused(f"{task.key} is not complete yet; {'; '.join(missing)}.")
