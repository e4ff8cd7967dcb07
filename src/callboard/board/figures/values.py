"""Each figure at an instant, from how everything stood; as gates and triggers compute it from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median_low

from callboard.board.figures.states import AGAIN, BlockerState, ConflictState, GateState, States, TaskState
from callboard.checkpoints import models as checkpoints
from callboard.conflicts.models import GOING, GRAVE, WAVE
from callboard.core.measures import share
from callboard.core.words import lasted
from callboard.gates.models import BETWEEN, SETTLED
from callboard.gates.plan.items import gates_of
from callboard.gates.plan.measures import READINESS
from callboard.gates.plan.types import GatePart
from callboard.planfile.timetable import instant_of, timetable
from callboard.risks.plan import RISKS
from callboard.standups import models as standups
from callboard.tasks.models import ALL, State
from callboard.tasks.plan.types import TaskPart

LATELY = timedelta(days=30)
Values = tuple[float, ...]
"""One number, or a duration in seconds for each case; nothing while nobody can tell."""
Value = Callable[[States, datetime], Values]
Standing = tuple[str, TaskPart, TaskState, str]


def tasks_of(states: States) -> Iterator[Standing]:
    """Each task with its status."""
    return ((key, part, row, row.status or part.status) for key, part, row in states.parts())


def tasks_completed(states: States, _at: datetime) -> Values:
    every = [status for *_, status in tasks_of(states) if status != State.DROPPED]
    return (share(every.count(State.COMPLETED), len(every)),)


def integration_failures(states: States, _at: datetime) -> Values:
    return (float(sum(stands == State.BLOCKED for *_, stands in points(states))),)


def points(states: States) -> Iterator[tuple[str, str, str]]:
    """Where teams meet: the task, the point, how it stands."""
    for key, part, row, _ in tasks_of(states):
        yield from ((key, name, row.points.get(name, part.point_status)) for name in part.points)


def usual(spans: Mapping[str, Sequence[timedelta]], count: int) -> str:
    """`half were answered within 4 min and resolved within 1 h`, of `count`; empty where nothing tells it."""
    said = [f"{word} within {lasted(median_low(took))}" for word, took in spans.items() if took]
    return f"{'half were ' if count > 1 and said else ''}{' and '.join(said)}"


def synchronisation(states: States, at: datetime) -> Values:
    teams = states.document.values.get("teams") or {}
    behind = {team for _, part, _, _ in overdue(states, at) for team in part.teams} & set(teams)
    return (share(len(teams) - len(behind), len(teams)),)


def overdue(states: States, at: datetime) -> Iterator[Standing]:
    table = timetable(states.document)
    for standing in tasks_of(states):
        due = instant_of(table, standing[1].due)
        if due and due <= at and standing[3] not in (State.COMPLETED, State.DROPPED):
            yield standing


def first_time_success(states: States, _at: datetime) -> Values:
    done = [(row, AGAIN) for _, _, row, status in tasks_of(states) if status == State.COMPLETED]
    for _, part, row, _ in tasks_of(states):
        done += [(row, name) for name in part.points if row.points.get(name) == State.COMPLETED]
    twice = sum(name in row.again for row, name in done)
    return (share(len(done) - twice, len(done)),)


def real_blockers(states: States) -> list[BlockerState]:
    """Those that were not raised by mistake."""
    return [row for row in states.blockers.values() if not row.withdrawn]


def response_time(states: States, at: datetime) -> Values:
    return _spans(((row.opened_at, row.answered_at) for row in real_blockers(states)), at)


def resolution_time(states: States, at: datetime) -> Values:
    return _spans(((row.opened_at, row.closed_at) for row in real_blockers(states)), at)


def closed_blockers(states: States, _at: datetime) -> Values:
    every = real_blockers(states)
    return (share(sum(row.closed_at is not None for row in every), len(every)),)


def decision_time(states: States, at: datetime) -> Values:
    return _spans(((row.found_at, row.settled_at) for row in grave_conflicts(states)), at)


def grave_conflicts(states: States) -> list[ConflictState]:
    """Those that somebody must decide; those that are told as one are decided as one."""
    return [row for row in states.conflicts.values() if row.degree in GRAVE and not row.wave]


def open_conflicts(states: States) -> list[ConflictState]:
    return [row for row in states.conflicts.values() if row.state in GOING and row.kind != WAVE]


def _spans(spans: Iterator[tuple[datetime, datetime | None]], at: datetime) -> Values:
    return tuple(((end or at) - begin).total_seconds() for begin, end in spans) or (0.0,)


def file_conflicts(states: States, _at: datetime) -> Values:
    return (float(len(open_conflicts(states))),)


def standup_rate(states: States, at: datetime) -> Values:
    return (share(*_answered(states, at, standups.CHECK_IN)),)


def answer_rate(states: States, at: datetime) -> Values:
    both = [_answered(states, at, kind) for kind in (standups.CHECK_IN, checkpoints.INQUIRY)]
    return (share(sum(part for part, _ in both), sum(whole for _, whole in both)),)


YES = (standups.Verb.SUBMITTED, standups.Verb.LATE, checkpoints.Verb.ANSWERED)
NO = (standups.Verb.MISSED, checkpoints.Verb.NOT_ANSWERED, checkpoints.Verb.CLOSED)


def _answered(states: States, at: datetime, kind: str) -> tuple[int, int]:
    """How many answered, of how many who were asked in the last thirty days."""
    first = (at - LATELY).date()
    lately = [row.state for row in states.answers.values() if row.kind == kind and row.day >= first]
    yes = sum(state in YES for state in lately)
    return yes, yes + sum(state in NO for state in lately)


def gates_now(states: States) -> Iterator[tuple[str, GatePart, GateState, datetime | None]]:
    """The gates of the file: what the plan said of each, how it stood, and when it was due."""
    table = timetable(states.document)
    for key, part in gates_of(states.document).items():
        if BETWEEN not in key:
            yield key, part, states.gates.get(key) or GateState(), instant_of(table, part.due)


def gates_on_time(states: States, at: datetime) -> Values:
    due = [row for _, _, row, due in gates_now(states) if row.state in SETTLED or (due and due <= at)]
    late = sum(row.missed_at is not None or row.state not in SETTLED for row in due)
    return (share(len(due) - late, len(due)),)


def readiness(states: States, at: datetime, weights: Mapping[str, float]) -> Values:
    used = {word: weight for word, weight in (weights or dict.fromkeys(READINESS, 1.0)).items() if weight}
    return (sum(PARTS[word](states, at)[0] * weight for word, weight in used.items()) / sum(used.values()),)


def _settled_gates(states: States, _at: datetime) -> Values:
    every = [row.state in SETTLED for _, _, row, _ in gates_now(states)]
    return (share(sum(every), len(every)),)


def _calm_risks(states: States, _at: datetime) -> Values:
    every = [risk.probability == risk.impact == "high" for risk in states.document.of(RISKS) or ()]
    return (share(len(every) - sum(every), len(every)),)


PARTS: Mapping[str, Value] = {
    "gates": _settled_gates, "tasks": tasks_completed, "blockers": closed_blockers, "risks": _calm_risks,
}  # fmt: skip
VALUES: Mapping[str, Value] = {
    value.__name__: value for value in (
        file_conflicts, integration_failures, response_time, resolution_time, decision_time, standup_rate, answer_rate,
        synchronisation, first_time_success, tasks_completed, gates_on_time,
    )
}  # fmt: skip


def progress(standing: Sequence[Standing]) -> int:
    """How far some tasks are in percent, each as much as any other; dropped ones do not count."""
    counted = [
        ALL if status == State.COMPLETED else int((row.percent if row.percent is not None else part.percent) or 0)
        for _, part, row, status in standing if status != State.DROPPED
    ]  # fmt: skip
    return sum(counted) // len(counted) if counted else 0
