"""Tasks as they stood: their rows, how far many of them are, and phases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from callboard.board.picture.counts import Count, Row, Tally
from callboard.board.picture.parts import Phase, PhaseState
from callboard.board.picture.scene import NOTHING, Scene
from callboard.board.picture.state import Columns
from callboard.planfile import task_sets
from callboard.plans.plan import PHASES
from callboard.tasks.models import ALL, SETTLED, State
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import TaskPart


@dataclass(frozen=True)
class Work:
    """A task at an instant. `points` are where teams meet, each with its team and how it stands."""

    key: str
    part: TaskPart
    kind: str
    status: str
    percent: int
    people: tuple[str, ...]
    points: tuple[tuple[str, str, str], ...]
    due: datetime | None
    row: Row
    late: bool


def works(scene: Scene) -> dict[str, Work]:
    """Every task of the plan of then, in its order."""
    known = {columns["key"]: columns for _, columns in scene.rows("task") if "key" in columns}
    written: Mapping[str, TaskPart] = scene.document.of(TASKS) or {}
    return {
        key: scene.same("task", key, columns, partial(_work, scene, key, part, columns))
        for key, part in written.items() for columns in (known.get(key, NOTHING),)
    }  # fmt: skip


def _work(scene: Scene, key: str, part: TaskPart, columns: Columns) -> tuple[Work, datetime | None]:
    status = str(columns.get("status", part.status))
    percent = ALL if status == State.COMPLETED else int(columns.get("percent", part.percent or 0))
    points, due = columns.get("points", {}), scene.placed(part.due)
    late_from = None if status in SETTLED else due
    late = scene.is_past(late_from)
    words = f"{status}, {percent}%" if status == State.IN_PROGRESS and percent else status
    made = Work(
        key=key, part=part, kind=task_sets.kind(scene.document, key), status=status, percent=percent,
        people=tuple(columns.get("people", part.people)), due=due, late=late,
        points=tuple(
            (name, team or part.owner, points.get(name, part.point_status)) for name, team in part.points.items()
        ),
        row=Row(kind="task", key=key, name=part.title, team=part.owner, at=due,
                state=f"{words}, late" if late else words),
    )  # fmt: skip
    return made, late_from


def tally(works: Iterable[Work]) -> Tally:
    several = [work for work in works if work.status != State.DROPPED]

    def count(*states: State) -> Count:
        return Count(tuple(work.row for work in several if work.status in states))

    done = sum(work.percent for work in several)
    return Tally(
        total=Count(tuple(work.row for work in several)), completed=count(State.COMPLETED),
        in_progress=count(State.IN_PROGRESS), blocked=count(State.BLOCKED), not_started=count(State.NOT_STARTED),
        late=Count(tuple(work.row for work in several if work.late)), percent=done // len(several) if several else 0,
    )  # fmt: skip


def phases(scene: Scene, works: Iterable[Work]) -> Iterator[Phase]:
    """Each phase with its tasks, in the order of the plan."""
    own: dict[str, list[Work]] = {}
    for work in works:
        own.setdefault(work.part.phase, []).append(work)
    for key, part in (scene.document.of(PHASES) or {}).items():
        begins, ends = scene.placed(part.from_, opening=True), scene.placed(part.to)
        held = tuple(dict.fromkeys(hold["by"] for _, hold in scene.rows("hold") if hold["target"] == key))
        yield Phase(
            key=key,
            name=part.name,
            state=_state(scene.at, begins, ends, held=bool(held)),
            begins=begins,
            ends=ends,
            held_by=tuple(map(scene.name, held)),
            tasks=tally(own.get(key, ())),
        )


def _state(at: datetime, begins: datetime | None, ends: datetime | None, *, held: bool) -> PhaseState:
    if begins is None or at < begins:
        return PhaseState.AHEAD
    if held:
        return PhaseState.HELD
    return PhaseState.OVER if ends is not None and ends <= at else PhaseState.RUNNING
