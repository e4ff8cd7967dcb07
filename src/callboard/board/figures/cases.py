"""What a figure counts, one by one: those that count against it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from callboard.board.figures import days, values
from callboard.board.figures.history import History
from callboard.board.figures.states import AGAIN, States
from callboard.gates.models import SETTLED
from callboard.gates.plan.measures import TIME, Amount
from callboard.standups.models import CHECK_IN
from callboard.tasks.models import State

PHASE = "phase:"
"""How the keys of figures begin that tell how far a phase is."""


@dataclass(frozen=True)
class Case:
    """One of those that a figure counts: what it is, how it stands, and whether that is good."""

    name: str
    stands: str
    good: bool


def cases(history: History, key: str) -> list[Case]:
    """Those of now; of velocity, the tasks that were completed in the present stretch."""
    states = days.present(history)
    if key.startswith(PHASE):
        found = _tasks(states, history.now, key.removeprefix(PHASE))
    elif key == "velocity":
        begun = [span for span in days.velocity(history) if span.begin <= history.now]
        found = (Case(task, "completed", good=True) for span in begun[-1:] for task in span.tasks)
    else:
        found = CASES[key](states, history.now) if key in CASES else iter(())
    return sorted(found, key=lambda case: case.good)


def _waits(name: str, begin: datetime, end: datetime | None, now: datetime) -> Case:
    took = Amount(int(((end or now) - begin).total_seconds()), TIME)
    return Case(name, str(took) if end else f"{took} so far", end is not None)


def _responses(states: States, now: datetime) -> Iterator[Case]:
    for row in values.real_blockers(states):
        yield _waits(f"Blocker {row.number}", row.opened_at, row.answered_at, now)


def _resolutions(states: States, now: datetime) -> Iterator[Case]:
    for row in values.real_blockers(states):
        yield _waits(f"Blocker {row.number}", row.opened_at, row.closed_at, now)


def _decisions(states: States, now: datetime) -> Iterator[Case]:
    for row in values.grave_conflicts(states):
        yield _waits(f"Conflict {row.number}, {row.says}", row.found_at, row.settled_at, now)


def _conflicts(states: States, _now: datetime) -> Iterator[Case]:
    for row in values.open_conflicts(states):
        yield Case(f"Conflict {row.number}, {row.says}", row.degree, good=False)


def _points(states: States, _now: datetime) -> Iterator[Case]:
    for task, point, stands in values.points(states):
        yield Case(f"{task} {point}", stands, stands != State.BLOCKED)


def _standups(states: States, now: datetime) -> Iterator[Case]:
    return (case for kind, case in _asked(states, now) if kind == CHECK_IN)


def _answers(states: States, now: datetime) -> Iterator[Case]:
    return (case for _, case in _asked(states, now))


def _asked(states: States, now: datetime) -> Iterator[tuple[str, Case]]:
    first = (now - values.LATELY).date()
    for (kind, number), row in states.answers.items():
        if row.day >= first and row.state in (*values.YES, *values.NO):
            name = f"{row.who}, {row.day:%d %b} ({kind} {number})"
            yield kind, Case(name, row.state, row.state in values.YES)


def _gates(states: States, now: datetime) -> Iterator[Case]:
    for _, part, row, due in values.gates_now(states):
        if row.state in SETTLED or (due and due <= now):
            stands = f"{row.state}, after its time" if row.missed_at and row.state in SETTLED else row.state
            yield Case(part.name, stands, row.missed_at is None and row.state in SETTLED)


def _overdue(states: States, now: datetime) -> Iterator[Case]:
    for task, part, _, status in values.overdue(states, now):
        yield Case(f"{task} {part.title}", f"{status}, overdue", good=False)


def _repeats(states: States, _now: datetime) -> Iterator[Case]:
    for task, part, row, status in values.tasks_of(states):
        if status == State.COMPLETED:
            again = AGAIN in row.again
            yield Case(f"{task} {part.title}", "done again" if again else "done once", not again)
        done = [name for name in part.points if row.points.get(name) == State.COMPLETED]
        yield from (Case(f"{task} {name}", "done again" if name in row.again else "done once", name not in row.again)
                    for name in done)  # fmt: skip


def _tasks(states: States, _now: datetime, phase: str = "") -> Iterator[Case]:
    for task, part, _, status in values.tasks_of(states):
        if status != State.DROPPED and part.phase == (phase or part.phase):
            yield Case(f"{task} {part.title}", status, status == State.COMPLETED)


CASES: Mapping[str, Callable[[States, datetime], Iterator[Case]]] = {
    "response_time": _responses, "resolution_time": _resolutions, "decision_time": _decisions,
    "file_conflicts": _conflicts, "integration_failures": _points, "standup_rate": _standups, "answer_rate": _answers,
    "gates_on_time": _gates, "synchronisation": _overdue, "first_time_success": _repeats, "tasks_completed": _tasks,
}  # fmt: skip
