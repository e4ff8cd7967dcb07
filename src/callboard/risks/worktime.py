"""What part of people's working time of the last seven days went into meetings, and into an area of the tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.words import few, joined
from callboard.meetings import store as meetings
from callboard.planfile.paths import slug
from callboard.plans import service as plans
from callboard.risks.models import Reading
from callboard.risks.plan import SharePart
from callboard.tasks.models import State, Task
from callboard.tasks.plan import TASKS
from callboard.teams.directory import Directory
from callboard.teams.plan.people import PEOPLE
from callboard.teams.recipients import Concern, seats

A_WEEK, FEW = timedelta(days=7), 5


def read(tx: Tx, directory: Directory, part: SharePart, tasks: Iterable[Task]) -> Reading:
    """Meetings count from beginning to end; of a completed task its actual time, or its estimate where nobody said."""
    people = {person.key for person in seats(directory, part.of, Concern(), tx.now)}
    since = tx.now - A_WEEK
    worked = sum((_worked(tx, directory, person, since) for person in people), timedelta())
    if not worked:
        return Reading(None, f"{_named(directory, part)}: nobody works there")
    went = sum(_met(tx, directory.plan_id, part, people), timedelta())
    went += sum((_spent(tx, directory, task, people) for task in tasks if _counts(task, part, since)), timedelta())
    share = 100 * went / worked
    figures = f"{share:.0f} % of the working time of 7 days ({_hours(went)} of {_hours(worked)} h)"
    return Reading(share > part.more_than, f"{_named(directory, part)}: {figures}, {part.more_than:g} % allowed")


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.1f}".removesuffix(".0")


def _named(directory: Directory, part: SharePart) -> str:
    whose = few([m.escape(directory.spoken_of(word)) for word in part.of], FEW)
    return f"{joined(map(m.escape, filter(None, (*part.meetings, part.area))), FEW)} of {whose}"


def _worked(tx: Tx, directory: Directory, person: str, since: datetime) -> timedelta:
    """The hours of somebody's calendar, as much of them as they have for the plan."""
    written = (plans.live(tx, directory.plan_id).of(PEOPLE) or {}).get(person)
    capacity = int(written.capacity.removesuffix("%")) if written and written.capacity else 100
    return directory.working(directory.people[person]).between(since, tx.now) * capacity / 100


def _met(tx: Tx, plan_id: int, part: SharePart, people: set[str]) -> Iterator[timedelta]:
    keys = {*part.meetings, *map(slug, part.meetings)}
    for meeting in meetings.since(tx, plan_id, keys, tx.now - A_WEEK):
        if meeting.ends_at <= tx.now:
            yield (meeting.ends_at - meeting.at) * len(people & {*meeting.people, *meeting.leads})


def _counts(task: Task, part: SharePart, since: datetime) -> bool:
    done = task.status == State.COMPLETED and task.completed_at is not None and task.completed_at >= since
    return done and bool(part.area) and task.area == part.area


def _spent(tx: Tx, directory: Directory, task: Task, people: set[str]) -> timedelta:
    """What is theirs of a task: those who do it together share it."""
    spent = _usual(tx, directory, task) if task.spent is None else timedelta(seconds=task.spent)
    return spent * len(people & {*task.assignees}) / max(len(task.assignees), 1)


def _usual(tx: Tx, directory: Directory, task: Task) -> timedelta:
    """The middle of an estimate; nothing without one."""
    written = (plans.live(tx, directory.plan_id).of(TASKS) or {}).get(task.key)
    if written is None or written.estimate is None:
        return timedelta()
    work = written.estimate.work(directory.calendar)
    return work.likely or (work.low + work.high) / 2
