"""The series that charts draw: what was left, done, answered, passed and found on each day. The past never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from callboard.board.figures import values
from callboard.board.figures.history import A_DAY, Day, History
from callboard.board.figures.states import States
from callboard.board.plan import VELOCITY
from callboard.conflicts.models import WAVE
from callboard.core.ticks import MOMENT
from callboard.core.words import counted
from callboard.gates.models import SETTLED
from callboard.gates.plan.types import tasks_in
from callboard.tasks.models import SETTLED as TASK_SETTLED
from callboard.tasks.models import State
from callboard.tasks.plan import AREAS

PACE = timedelta(days=7)
"""Over how long the pace is taken by which gates are forecast."""


@dataclass(frozen=True)
class Left:
    """How many tasks there were at the end of a day, and how many of them were neither completed nor dropped."""

    day: date
    scope: int
    left: int


@dataclass(frozen=True)
class Span:
    """A week or a day of the plan: the tasks that were completed in it, and how many should be."""

    number: int
    begin: datetime
    end: datetime
    tasks: tuple[str, ...]
    target: int | None
    over: bool

    @property
    def done(self) -> int:
        return len(self.tasks)


@dataclass(frozen=True)
class Times:
    """The durations that ended on a day, in seconds: until a blocker was taken, and until it was resolved."""

    day: date
    responses: tuple[float, ...]
    resolutions: tuple[float, ...]


@dataclass(frozen=True)
class Mark:
    """A gate on its line: when it is due, what became of it, and when it is expected at the present pace."""

    key: str
    name: str
    due: datetime | None
    state: str
    settled_at: datetime | None
    missed_at: datetime | None
    expected: datetime | None
    why: str = ""
    overdue: bool = False

    @property
    def late(self) -> bool:
        """Whether it was late, is late, or will be."""
        end = self.settled_at or self.expected
        return self.overdue or self.missed_at is not None or bool(self.due and end and end > self.due)


@dataclass(frozen=True)
class Conflicts:
    """The conflicts of branches that were found on a day, by degree, without those that were there before."""

    day: date
    degrees: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.degrees)


def ends(history: History) -> Iterator[tuple[Day, datetime]]:
    """Each day that has begun, and when it ended; of today, the present moment."""
    return ((day, min(day.end - MOMENT, history.now)) for day in history.days if day.begin < history.now)


def at_each(history: History, instants: Sequence[datetime]) -> Iterator[States]:
    """How everything stood at each of these rising instants; the same object, which goes on learning."""
    states, events, place = States(history), history.events, 0
    for at in instants:
        while place < len(events) and events[place].at <= at:
            states.learn(events[place])
            place += 1
        yield states


def present(history: History) -> States:
    (states,) = at_each(history, [history.now])
    return states


def of_figure(history: History, value: Callable[[States, datetime], values.Values]) -> list[tuple[date, values.Values]]:
    """A figure at the end of each day; nothing before the plan was applied."""
    days = list(ends(history))
    every = at_each(history, [at for _, at in days])
    return [(day.date, value(states, at) if states.body else ()) for (day, at), states in zip(days, every, strict=True)]


def burndown(history: History) -> list[Left]:
    """What was left at the end of each day since the plan was applied. Areas count tasks that are not written yet."""
    days = list(ends(history))
    every = zip(days, at_each(history, [at for _, at in days]), strict=True)
    return [Left(day.date, *_left(states)) for (day, _), states in every if states.body]


def _left(states: States) -> tuple[int, int]:
    standing = list(values.tasks_of(states))
    areas = states.document.of(AREAS) or {}
    of_area = [(part.area, status) for _, part, _, status in standing]
    unwritten = sum(
        max(0, (area.planned or 0) - sum(key == own for own, _ in of_area)) for key, area in areas.items()
    )  # fmt: skip
    open_ones = sum(status not in (State.COMPLETED, State.DROPPED) for _, status in of_area)
    dropped = sum(status == State.DROPPED for _, status in of_area)
    return len(standing) - dropped + unwritten, open_ones + unwritten


def velocity(history: History) -> list[Span]:
    """Every week or day of the plan, and what was completed in each, as it stood at its end."""
    part = history.document.of(VELOCITY)
    targets = part.targets if part else ()
    bounds = list(_bounds(history, part.per if part else "week"))
    begun = [(begin, end) for begin, end in bounds if begin < history.now]
    every = at_each(history, [min(end - MOMENT, history.now) for _, end in begun])
    done = [_completed(states, begin) for (begin, _), states in zip(begun, every, strict=True)]
    return [
        Span(
            place + 1, begin, end, done[place] if place < len(done) else (),
            targets[place] if place < len(targets) else None, end <= history.now,
        ) for place, (begin, end) in enumerate(bounds)
    ]  # fmt: skip


def _completed(states: States, since: datetime) -> tuple[str, ...]:
    """The tasks that were completed since an instant, and still are."""
    return tuple(
        key for key, _, row, status in values.tasks_of(states)
        if status == State.COMPLETED and row.completed_at and row.completed_at >= since
    )  # fmt: skip


def _bounds(history: History, per: str) -> Iterator[tuple[datetime, datetime]]:
    """Weeks begin on Mondays, by the plan's own calendar."""
    first, last, step = history.header.from_.day, history.header.to.day, A_DAY
    if per == "week":
        first, step = first - timedelta(days=first.weekday()), timedelta(weeks=1)
    while first <= last:
        yield history.midnight(first), history.midnight(first + step)
        first += step


def times(history: History) -> list[Times]:
    """How long it took until blockers were taken and resolved, by the day on which that happened."""
    found: dict[date, tuple[list[float], list[float]]] = {day.date: ([], []) for day, _ in ends(history)}
    states = States(history)
    for event in history.events:
        row = states.blockers.get(event.number) if event.kind == "blocker" else None
        before = (row.answered_at, row.closed_at) if row else (None, None)
        states.learn(event)
        day = history.day_of(event.at)
        if row and not row.withdrawn and day in found:
            took = (event.at - row.opened_at).total_seconds()
            found[day][0].extend([took] * (before[0] is None and row.answered_at is not None))
            found[day][1].extend([took] * (before[1] is None and row.closed_at is not None))
    return [Times(day, tuple(responses), tuple(resolutions)) for day, (responses, resolutions) in found.items()]


def conflicts(history: History) -> list[Conflicts]:
    """The conflicts that were found on each day, by the degree that they had then."""
    found: dict[date, dict[str, int]] = {day.date: {} for day, _ in ends(history)}
    for event in history.events:
        new = event.kind == "conflict" and event.verb == "found" and event.facts.get("kind") != WAVE
        day = history.day_of(event.at)
        if new and not event.facts.get("quiet") and day in found:
            degree = event.facts["degree"]
            found[day][degree] = found[day].get(degree, 0) + 1
    return [Conflicts(day, tuple(sorted(degrees.items()))) for day, degrees in found.items()]


def gates(history: History, states: States | None = None) -> list[Mark]:
    """The gates, in the order in which they are due, with what the present pace makes of those that are open."""
    states = states or present(history)
    pace = _pace(history, states)
    open_tasks = {key for key, *_, status in values.tasks_of(states) if status not in TASK_SETTLED}
    marks = []
    for key, part, row, due in values.gates_now(states):
        needs = sorted(open_tasks.intersection(tasks_in(states.document, part.criteria, part.needs)))
        expected = None
        if row.state not in SETTLED and needs and pace:
            expected = history.now + len(needs) / pace * A_DAY
        late = row.state not in SETTLED and due is not None and due <= history.now
        why = f"{counted(len(needs), 'task')} open" if needs else ""
        marks.append(Mark(key, part.name, due, row.state, row.settled_at, row.missed_at, expected, why, late))
    return sorted(marks, key=lambda mark: (mark.due is None, mark.due))


def _pace(history: History, states: States) -> float:
    """Tasks completed a day over the last week, or since the plan was applied where that is less."""
    first = next((event.at for event in history.events if event.verb == "applied"), history.now)
    span = max(min(PACE, history.now - first), A_DAY)
    return len(_completed(states, history.now - PACE)) / (span / A_DAY)
