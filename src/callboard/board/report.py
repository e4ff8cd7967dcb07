"""What a report says: read from the state of the plan as it is, next to what it was at the report before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from callboard import blocks as b
from callboard.blockers import store as blockers
from callboard.blockers.models import Blocker
from callboard.board import store
from callboard.board.models import Report
from callboard.board.plan import NAMES
from callboard.cadences import service as cadences
from callboard.checkpoints.expectations import so_far
from callboard.conflicts import service as conflicts
from callboard.conflicts.models import Degree
from callboard.core.words import counted
from callboard.gates.models import State as GateState
from callboard.gates.service import gates
from callboard.planfile import calendar
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.tasks import service as tasks
from callboard.tasks.service import State, Task
from callboard.teams import service as teams
from callboard.teams.directory import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

ALL = 100
MOST = 25
MANY = 500
A_DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=5)
AHEAD = ("gate", "meeting", "runbook", "plan", "date", "phase")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line in plain text. `percent` draws a bar, `was` is what it was before, `at` is each reader's time."""

    text: str
    mark: str = ""
    percent: int | None = None
    was: int | None = None
    at: datetime | None = None
    until: str = ""


@dataclass(frozen=True)
class Chapter:
    """Some lines under a title."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """A whole report. `zone` is that of the plan: mail cannot show each reader's own."""

    name: str
    plan: str
    at: datetime
    zone: str
    percent: int
    was: int | None
    summary: str
    chapters: tuple[Chapter, ...]


def figures(tx: Tx, plan_id: int) -> dict[str, int]:
    """How far everything is: the whole, each phase and each task."""
    every = tasks.tasks(tx, plan_id)
    phases = dict.fromkeys(one.phase for one in every if one.phase)
    found = {"": tasks.rolled("", every, tx.now).percent}
    found |= {
        f"phase:{key}": tasks.rolled(key, [one for one in every if one.phase == key], tx.now).percent for key in phases
    }
    return found | {f"task:{one.key}": tasks.rolled("", [one], tx.now).percent for one in every}


def compose(tx: Tx, report: Report) -> ReportView:
    """A report as everything stands now."""
    live, directory = plans.live(tx, report.plan_id), teams.directory(tx, report.plan_id)
    last = store.before(tx, report.plan_id, report.name, report.at)
    was: Mapping[str, Any] = last.figures if last else {}
    every = tasks.tasks(tx, report.plan_id)
    done = [one for one in every if one.status == State.COMPLETED]
    known = list(blockers.page(tx, report.plan_id, ("open", "acknowledged", "resolved", "withdrawn"), 0, MANY))
    late = list(_late(tx, report, every))
    found = [
        Chapter("Late", tuple(late)),
        Chapter("Phases", tuple(_phases(tx, live, every, was))),
        Chapter("Gates", tuple(_gates(tx, report.plan_id))),
        Chapter("Blockers", tuple(_blockers(directory, known, report.since))),
        Chapter("Collisions", tuple(_collisions(tx, report.plan_id))),
        Chapter("Tasks", tuple(_tasks(directory, every, was, report.since))),
        Chapter("Next", tuple(_next(live, every, report.at))),
    ]
    still = sum(one.is_open for one in known)
    planned = sum(one.status != State.DROPPED for one in every)
    summary = f"{len(done)} of {planned} tasks completed, {len(late)} late, {counted(still, 'blocker')} open"
    whole = tasks.rolled("", every, tx.now).percent
    return ReportView(
        name=NAMES.get(report.name, report.name), plan=directory.plan_name, at=report.at, zone=directory.timezone,
        percent=whole, was=was.get(""), summary=summary, chapters=tuple(_short(one) for one in found if one.lines),
    )  # fmt: skip


def _short(chapter: Chapter) -> Chapter:
    return Chapter(chapter.title, chapter.lines[:MOST], max(0, len(chapter.lines) - MOST))


def _late(tx: Tx, report: Report, every: Iterable[Task]) -> Iterator[Line]:
    directory = teams.directory(tx, report.plan_id)
    stale = cadences.stale(tx, report.plan_id, report.since)
    for one in every:
        if tasks.is_overdue(one, tx.now):
            yield Line(
                text=f"{_called(one)}{_who(directory, one)}: {so_far(one)}", mark="late", at=one.due_at, until="was due"
            )
        elif one.key in stale:
            yield Line(text=f"{_called(one)}{_who(directory, one)}: asked, and nothing was heard", mark="stale")
    for gate in gates.gates(tx, report.plan_id):
        if gate.state == GateState.FAILED or (not gate.settled and gate.due_at and gate.due_at <= tx.now):
            yield Line(text=f"{gate.name}: {gate.state}", mark="late", at=gate.due_at, until="was due")


def _phases(tx: Tx, live: Document, every: Iterable[Task], was: Mapping[str, Any]) -> Iterator[Line]:
    several = list(every)
    table = timetable(live)
    for key, part in (live.values.get("phases") or {}).items():
        own = [one for one in several if one.phase == key]
        found = tasks.rolled(key, own, tx.now)
        end = placed(table, part.to) if table else None
        if own:
            yield Line(
                text=f"{part.name}: {found.completed} of {found.total} completed", percent=found.percent,
                was=was.get(f"phase:{key}"), mark="done" if found.percent == ALL else "", at=end and end[0],
                until="until",
            )  # fmt: skip


def _gates(tx: Tx, plan_id: int) -> Iterator[Line]:
    for gate in gates.gates(tx, plan_id):
        if gate.settled:
            yield Line(text=f"{gate.name}: {gate.state}", mark="done", at=gate.settled_at, until="since")
        else:
            yield Line(text=f"{gate.name}: {gate.state}", at=gate.due_at, until="due")


def _blockers(directory: Directory, known: Iterable[Blocker], since: datetime) -> Iterator[Line]:
    for one in known:
        team = directory.teams[one.team].name if one.team and one.team in directory.teams else ""
        what = b.clip(b.unescape(one.what).split("\n")[0], 120)
        said = f"{one.number} {what}{f' ({team})' if team else ''}"
        if one.is_open and one.opened_at > since:
            yield Line(text=f"{said}: found, not resolved yet", mark="blocked", at=one.opened_at, until="since")
        elif one.is_open:
            yield Line(text=f"{said}: still open", mark="blocked", at=one.opened_at, until="since")
        elif one.closed_at and one.closed_at > since:
            yield Line(text=f"{said}: {one.state}", mark="done")


def _collisions(tx: Tx, plan_id: int) -> Iterator[Line]:
    """The branches that collide, the worst first, and how many of all that were told and judged were worth telling."""
    for one in sorted(conflicts.going(tx, plan_id), key=lambda conflict: -Degree(conflict.degree).rank):
        if one.degree != Degree.SIMPLE:
            met = f"{one.one} and {one.other} collide" if one.other else f"{one.one} is in another team's zone"
            said = f"{one.number} {met}, {one.degree}: {b.clip(', '.join(one.files), 120)}"
            yield Line(text=said, mark="blocked", at=one.found_at, until="since")
    worth = conflicts.precision(tx, plan_id)
    if worth.share is not None:
        yield Line(text=f"Precision {worth.share:.0%}: {worth.useful} of {worth.judged} judged were worth telling")


def _tasks(directory: Directory, every: Iterable[Task], was: Mapping[str, Any], since: datetime) -> Iterator[Line]:
    """What was worked on, the furthest first; what has not begun is in `Next` when its time comes."""
    moved = [one for one in every if tasks.begun(one) or (one.completed_at and one.completed_at > since)]
    for one in sorted(moved, key=lambda task: (task.status != State.COMPLETED, -task.percent)):
        state = (
            "completed" if one.status == State.COMPLETED else "dropped" if one.status == State.DROPPED else so_far(one)
        )
        percent = None if one.status == State.DROPPED else one.percent
        yield Line(
            text=f"{_called(one)}{_who(directory, one)}: {state}", percent=percent, was=was.get(f"task:{one.key}"),
            mark="done" if tasks.settled(one) else "blocked" if one.status == State.BLOCKED else "",
        )  # fmt: skip


def _next(live: Document, every: Iterable[Task], at: datetime) -> Iterator[Line]:
    """What the next working day brings."""
    table = timetable(live)
    if table is None:
        return
    zone = table.calendar.zone
    opening = next((begin for begin, _ in table.calendar.shifts(at) if begin > at), None)
    if opening is None or opening > at + LOOK_AHEAD:
        return
    first = opening.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    ahead = calendar.happenings(live, (first, first + A_DAY))
    for one in ahead:
        if one.kind in AHEAD:
            said = one.name if one.name.lower().startswith(one.kind) else f"{one.kind.capitalize()} {one.name}"
            yield Line(text=said, at=one.at)
    open_ones = {one.key for one in every if not tasks.settled(one)}
    due = [one.key for one in ahead if one.kind == "task" and one.key in open_ones and not one.name.endswith(" begins")]
    if due:
        yield Line(text=f"{'1 task is' if len(due) == 1 else f'{len(due)} tasks are'} due: {', '.join(due)}")


def _called(task: Task) -> str:
    return f"{task.key} {task.title}"


def _who(directory: Directory, task: Task) -> str:
    names = ", ".join(person.name for person in directory.named(task.assignees))
    return f" ({names})" if names else ""
