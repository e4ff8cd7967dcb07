"""An agenda made of the state of the plan: beside each point what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.checkpoints.expectations import so_far
from callboard.core.words import few, few_lines
from callboard.gates.service import gates
from callboard.meetings import store
from callboard.meetings.models import Meeting
from callboard.meetings.plan import MeetingPart
from callboard.planfile.times import show_span
from callboard.tasks import service as tasks
from callboard.tasks.service import Task
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

FEW = 6
A_WEEK = timedelta(days=7)
ABOUT = {
    "progress": re.compile(r"progress|status|review|demo|completed|day|metrics|wins|phases|coordinated", re.IGNORECASE),
    "late": re.compile(r"late|priorit|tasks|week|adjust|timeline", re.IGNORECASE),
    "blockers": re.compile(r"block|dependenc|risk|issue|conflict|critical|help|integration", re.IGNORECASE),
    "gates": re.compile(r"gate|go.?/?.?(or )?no-?go|readiness|window|deploy|sign-?off", re.IGNORECASE),
    "lessons": re.compile(r"retrospective|lessons|went well|improve|learned", re.IGNORECASE),
}


@dataclass(frozen=True)
class Point:
    """A point of an agenda, how long it may take, and what there is to say about it; all Slack's text."""

    title: str
    lasts: str
    lines: tuple[str, ...]


def compose(tx: Tx, one: Meeting, part: MeetingPart) -> list[Point]:
    """The points that the plan names, each with what it is about; what nobody named and is in trouble comes last."""
    state = {name: tuple(lines) for name, lines in _state(tx, one).items()}
    used: set[str] = set()
    found = []
    for point in part.agenda:
        about = [name for name, words in ABOUT.items() if words.search(point.title) and name not in used][:1]
        used.update(about)
        lasts = show_span(point.lasts) if point.lasts else ""
        found.append(Point(b.escape(point.title), lasts, tuple(line for name in about for line in state[name])))
    for name, title in (("late", "Late"), ("blockers", "Open blockers")):
        if name not in used and state[name]:
            found.append(Point(title, "", state[name]))
    if not part.agenda:
        found = [Point("Progress", "", state["progress"]), *found]
    return found


def _state(tx: Tx, one: Meeting) -> dict[str, list[str]]:
    last = store.before(tx, one)
    since = last.at if last else one.at - A_WEEK
    return {
        "progress": list(_progress(tx, one.plan_id, since)),
        "late": list(_late(tx, one.plan_id, one.at)),
        "blockers": few_lines([_blocker(tx, one.plan_id, each) for each in blockers.open_ones(tx, one.plan_id)], FEW),
        "gates": list(_gates(tx, one.plan_id)),
        "lessons": few_lines([text for other in store.meetings(tx, one.plan_id) for text in other.lessons], FEW),
    }


def _progress(tx: Tx, plan_id: int, since: datetime) -> Iterator[str]:
    every = tasks.tasks(tx, plan_id)
    whole = tasks.rolled("", every, tx.now)
    done = [one.key for one in every if one.completed_at and one.completed_at > since and one.status == "completed"]
    if whole.total:
        lately = f"; {len(done)} since the last time: {few(done, FEW)}" if done else "; none since the last time"
        yield f"{whole.percent}%, {whole.completed} of {whole.total} tasks completed{lately}"


def _late(tx: Tx, plan_id: int, at: datetime) -> Iterator[str]:
    directory = teams.directory(tx, plan_id)
    every = tasks.tasks(tx, plan_id)
    late = [one for one in every if tasks.is_overdue(one, tx.now)]
    yield from few_lines([_late_line(directory, one) for one in late], FEW)
    coming = [one.key for one in every if not tasks.settled(one) and one.due_at and tx.now < one.due_at <= at + A_WEEK]
    if coming:
        yield f"due within a week: {few(coming, FEW)}"


def _late_line(directory: Directory, one: Task) -> str:
    names = ", ".join(b.escape(person.name) for person in directory.named(one.assignees)) or "nobody"
    return f":warning: {one.key} {b.escape(one.title)} ({names}): {so_far(one)}"


def _blocker(tx: Tx, plan_id: int, one: Blocker) -> str:
    directory = teams.directory(tx, plan_id)
    owner = directory.people.get(one.owner or "")
    who = f"{b.escape(owner.name)} has it" if owner else "nobody has it"
    return f":octagonal_sign: blocker {one.number}: {b.clip(one.what, 150)} ({who})"


def _gates(tx: Tx, plan_id: int) -> Iterator[str]:
    ahead = [one for one in gates.gates(tx, plan_id) if not one.settled]
    yield from few_lines([f"{b.escape(one.name)}: {one.state}{_due(one.due_at)}" for one in ahead], FEW)


def _due(at: datetime | None) -> str:
    return f", due {b.date(at, 'both')}" if at else ""
