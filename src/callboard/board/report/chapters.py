"""What a report says, chapter by chapter: the plan as it stands, next to the figures of the report before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from callboard.blockers import store as blockers
from callboard.blockers.models import Blocker
from callboard.blocks import markup as m
from callboard.board.plan import A_DAY, NAMES
from callboard.board.report import store
from callboard.board.report.messages import Chapter, Line, Mark, ReportView
from callboard.board.report.models import Report
from callboard.board.report.percentages import ALL, in_area
from callboard.cadences import service as cadences
from callboard.checkpoints.expectations import so_far
from callboard.conflicts import service as conflicts
from callboard.conflicts.models import Degree
from callboard.core.db import Tx
from callboard.core.words import counted, few, joined, waits_wait
from callboard.gates import store as gates
from callboard.gates.models import Gate
from callboard.gates.models import State as GateState
from callboard.meetings import store as meetings
from callboard.meetings.models import Award, Kudos
from callboard.planfile import calendar
from callboard.planfile.names import name_of
from callboard.planfile.sections import Document
from callboard.planfile.task_sets import in_ranges
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans import store as plan_rows
from callboard.runbooks import outline
from callboard.runbooks import store as run_books
from callboard.runbooks.models import State as Running
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task, completed_since, is_overdue
from callboard.tasks.plan import AREAS
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.web import plain

MOST, MOST_DUE, MOST_FILES = 25, 20, 3
A_WEEK, LOOK_AHEAD = timedelta(weeks=1), timedelta(days=5)
AHEAD = ("gate", "meeting", "runbook", "plan", "date", "phase", "freeze")


def compose(tx: Tx, report: Report) -> ReportView:
    """A report as everything stands now."""
    live, directory = plans.live(tx, report.plan_id), teams.directory(tx, report.plan_id)
    last, rows = store.before(tx, report.plan_id, report.name, report.at), tasks.seen(tx, report.plan_id)
    was: Mapping[str, Any] = last.figures if last else {}
    opened, closed = blockers.open_in(tx, report.plan_id), blockers.closed_since(tx, report.plan_id, report.since)
    waits = tasks.late_waiting(tx, report.plan_id, rows)
    late = list(_late(tx, directory, report, rows, frozenset(chain.from_iterable(waits.values()))))
    chapters: Sequence[tuple[str, str, Iterable[Line]]] = (
        ("Late", "`/task list overdue`", [*late, *(_together(live, by, keys) for by, keys in waits.items())]),
        ("Phases", "`/plan`", _phases(tx, live, rows, was)),
        ("Areas", "`/task list by area`", _areas(live, rows, was)),
        ("Gates", "`/gate`", _gates(tx, report.plan_id)),
        ("Run-books", "`/run list`", _runs(tx, report.plan_id, report.since)),
        ("Blockers", "`/blocker list`", _blockers(directory, (*opened, *closed), report.since)),
        ("Conflicts", "`/lock conflicts`", _conflicts(tx, report.plan_id)),
        ("Tasks", "`/task list`", _tasks(tx, directory, report, rows, was)),
        ("Awards", "`/plan award`", _awards(tx, directory, report)),
        ("Kudos", "`/plan kudos`", _kudos(tx, directory, report)),
        ("What comes next", "`/plan calendar`", _next(tx, live, rows, report)),
    )
    done = sum(row.status == State.COMPLETED for row in rows)
    planned = sum(row.status != State.DROPPED for row in rows)
    behind = sum(is_overdue(row, tx.now) for row in rows)
    missed = sum(map(partial(_is_missed, tx), gates.listed(tx, report.plan_id)))
    overdue = f"{counted(missed, 'gate')} overdue, " if missed else ""
    return ReportView(
        name=NAMES.get(report.name, report.name), plan=directory.plan_name, at=report.at, zone=directory.timezone,
        percent=tasks.rolled("", rows, tx.now).percent, was=was.get(""),
        summary=f"{done} of {planned} tasks completed, {behind} late, "
        f"{overdue}{counted(len(opened), 'blocker')} open",
        chapters=tuple(
            Chapter(title, every[:MOST], max(0, len(every) - MOST), see)
            for title, see, lines in chapters if (every := tuple(lines))
        ),
    )  # fmt: skip


def _late(
    tx: Tx, directory: Directory, report: Report, rows: Iterable[Task], waiting: frozenset[str]
) -> Iterator[Line]:  # fmt: skip
    """What is late by itself; what is `waiting` is told together."""
    stale = cadences.stale(tx, report.plan_id, report.since)
    for task in rows:
        if task.key in waiting:
            continue
        if is_overdue(task, tx.now):
            text = f"{_called(directory, task)}: {so_far(task)}"
            yield Line(text=text, mark=Mark.LATE, at=task.due_at, until="was due")
        elif task.key in stale:
            yield Line(text=f"{_called(directory, task)}: no answer when asked", mark=Mark.STALE)
    for gate in gates.listed(tx, report.plan_id):
        if _is_missed(tx, gate):
            yield Line(text=f"{gate.name}: {gate.word}", mark=Mark.LATE, at=gate.due_at, until="was due")


def _is_missed(tx: Tx, gate: Gate) -> bool:
    return gate.state == GateState.FAILED or (not gate.settled and gate.due_at is not None and gate.due_at <= tx.now)


def _together(live: Document, by: str, keys: Sequence[str]) -> Line:
    """What follows from one cause is told as one."""
    wait = f"{counted(len(keys), 'task')} {waits_wait(keys)}"
    return Line(text=f"{wait} for {name_of(live, by)}: {few(keys, MOST_DUE)}", mark=Mark.LATE)


def _phases(tx: Tx, live: Document, rows: Iterable[Task], was: Mapping[str, Any]) -> Iterator[Line]:
    table = timetable(live)
    for key, part in (live.values.get("phases") or {}).items():
        own = [task for task in rows if task.phase == key]
        whole = tasks.rolled(key, own, tx.now)
        if own:
            done, end = whole.percent == ALL, instant_of(table, part.to)
            late = not done and end is not None and end <= tx.now
            yield Line(
                text=f"{part.name}: {whole.completed} of {whole.total} completed", percent=whole.percent,
                was=was.get(f"phase:{key}"), mark=Mark.DONE if done else Mark.LATE if late else Mark.NONE,
                at=None if done else end, until="was to end" if late else "until",
            )  # fmt: skip


def _areas(live: Document, rows: Sequence[Task], was: Mapping[str, Any]) -> Iterator[Line]:
    """How many tasks of each area are completed, of those that it has or will have."""
    for key, area in (live.of(AREAS) or {}).items():
        done, total = in_area(live, rows, key)
        if total:
            yield Line(text=f"{area.name or key}: {done} of {total} completed", percent=ALL * done // total,
                       was=was.get(f"area:{key}"), mark=Mark.DONE if done == total else Mark.NONE)  # fmt: skip


def _gates(tx: Tx, plan_id: int) -> Iterator[Line]:
    for gate in gates.listed(tx, plan_id):
        if gate.settled:
            yield Line(text=f"{gate.name}: {gate.word}", mark=Mark.DONE, at=gate.settled_at)
        else:
            late = _is_missed(tx, gate)
            until = "was due" if late else "due"
            yield Line(
                text=f"{gate.name}: {gate.word}", mark=Mark.LATE if late else Mark.NONE, at=gate.due_at, until=until
            )


def _runs(tx: Tx, plan_id: int, since: datetime) -> Iterator[Line]:
    """Run-books and rollbacks that have begun, those that ended since the last report, and what was stopped."""
    live, opened = plans.live(tx, plan_id), run_books.open_runs(tx, plan_id)
    for run in opened:
        if run.state == Running.RUNNING and not run.drill:
            steps = [step for step in run_books.steps(tx, run.number) if not step.reserve]
            done = sum(step.settled for step in steps)
            held = ", on hold" if run.held else ""
            yield Line(text=f"{run.name}: {done} of {counted(len(steps), 'step')} done{held}")
    begun = {run.key for run in opened if run.state == Running.RUNNING and not run.drill}
    for key in [*outline.runbooks(live), *outline.rollbacks(live)]:
        last = next(iter(run_books.closed(tx, plan_id, key, drill=False)), None)
        if key in begun or last is None or last.begun_at is None:
            continue
        done = last.state == Running.DONE
        if not done or (last.ended_at and last.ended_at > since):
            why = f", {m.unescape(last.reason)}" if last.reason and not done else ""
            mark = Mark.DONE if done else Mark.BLOCKED
            yield Line(
                text=f"{last.name}: {last.state}{why}", mark=mark, at=last.ended_at, until="" if done else "since"
            )


def _blockers(directory: Directory, known: Iterable[Blocker], since: datetime) -> Iterator[Line]:
    for blocker in sorted(known, key=lambda row: row.number):
        team = f" ({directory.spoken_of(blocker.team or '')})" if blocker.team in directory.teams else ""
        what = m.clip(plain(directory, blocker.what).split("\n")[0], 120)
        head = f"{blocker.number} {what}{team}"
        if blocker.is_open:
            state = "new" if blocker.opened_at > since else "still open"
            yield Line(text=f"{head}: {state}", mark=Mark.BLOCKED, at=blocker.opened_at, until="since")
        else:
            yield Line(text=f"{head}: {blocker.state}", mark=Mark.DONE)


def _conflicts(tx: Tx, plan_id: int) -> Iterator[Line]:
    """The branches that collide, the worst first, and how many of those that people judged were useful to them."""
    for conflict in sorted(conflicts.going(tx, plan_id), key=lambda row: -Degree(row.degree).rank):
        if conflict.degree != Degree.SIMPLE:
            one, other = conflict.one, conflict.other
            met = f"{one} and {other} collide" if other else f"{one} is in another team's zone"
            text = f"{conflict.number} {met}, {conflict.degree}: {few(conflict.files, MOST_FILES)}"
            yield Line(text=text, mark=Mark.BLOCKED, at=conflict.found_at, until="since")
    worth = conflicts.precision(tx, plan_id)
    if worth.share is not None:
        yield Line(text=f"Judged useful by their teams: {worth.useful} of {worth.judged}, {worth.share:.0%}")


def _tasks(
    tx: Tx, directory: Directory, report: Report, rows: Iterable[Task], was: Mapping[str, Any]
) -> Iterator[Line]:  # fmt: skip
    """The tasks that people worked on, the furthest first."""
    applied_at = plan_rows.applied_at(tx, report.plan_id)
    moved = [task for task in rows if tasks.begun(task) or completed_since(task, report.since, applied_at)]
    for task in sorted(moved, key=lambda row: (row.status != State.COMPLETED, -row.percent)):
        state = task.status if task.status in (State.COMPLETED, State.DROPPED) else so_far(task)
        blocked = Mark.BLOCKED if task.status == State.BLOCKED else Mark.NONE
        yield Line(
            text=f"{_called(directory, task)}: {state}", mark=Mark.DONE if tasks.settled(task) else blocked,
            percent=None if task.status == State.DROPPED else task.percent, was=was.get(f"task:{task.key}"),
        )  # fmt: skip


def _kudos(tx: Tx, directory: Directory, report: Report) -> Iterator[Line]:
    """Who was thanked since the report before, by whom and for what."""
    for row in meetings.remarks(tx, Kudos, report.plan_id, report.since):
        to, by = directory.spoken_of(row.to), directory.spoken_of(row.by)
        yield Line(text=f"{to}: {plain(directory, row.text)} ({by})")


def _awards(tx: Tx, directory: Directory, report: Report) -> Iterator[Line]:
    """The titles that teams got since the report before."""
    for row in meetings.remarks(tx, Award, report.plan_id, report.since):
        why = f" for {plain(directory, row.text)}" if row.text else ""
        yield Line(text=f"{directory.spoken_of(row.to)}: {row.title}{why} ({directory.spoken_of(row.by)})")


def _next(tx: Tx, live: Document, rows: Iterable[Task], report: Report) -> Iterator[Line]:
    """What comes until the next working day is over, or in a week, and what will not come because it is on hold."""
    table, at = timetable(live), report.at
    if table is None:
        return
    opening = next((begin for begin, _ in table.calendar.shifts(at) if begin > at), at)
    midnight = opening.astimezone(table.calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = at + A_WEEK if report.name == "weekly" else min(midnight + A_DAY, at + LOOK_AHEAD)
    ahead = [event for event in calendar.happenings(live, (at, last)) if event.at > at]
    held: set[str] = set()
    for event in ahead:
        if event.kind in AHEAD and not (event.part == "ends" and event.key in held):
            named = event.name.lower().startswith(event.kind)
            text = event.name if named else f"{event.kind.capitalize()} {event.name}"
            if by := [name_of(live, hold.by) for hold in holds.standing(tx, report.plan_id, event.key)]:
                held.add(event.key)
                waits = " is to end, and still waits" if event.part == "ends" else " waits"
                text = f"{text.removesuffix(f' {event.part}')}{waits} for {joined(by)}"
            yield Line(text=text, mark=Mark.LATE if by else Mark.NONE, at=event.at, until="planned for" if by else "")
    unfinished = {task.key for task in rows if not tasks.settled(task)}
    ending = (event.key for event in ahead if event.kind == "task" and not event.name.endswith(" begins"))
    due = [key for key in ending if key in unfinished]
    if due:
        yield Line(text=f"{counted(len(due), 'task')} due: {joined(in_ranges(due, MOST_DUE))}")


def _called(directory: Directory, task: Task) -> str:
    names = directory.names_of(task.assignees)
    return f"{task.key} {task.title}{f' ({names})' if names else ''}"
