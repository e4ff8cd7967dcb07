"""Tasks as they stood: their rows, how far many of them are, and phases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from callboard.board.picture.counts import Count, Row, Tally
from callboard.board.picture.parts import Phase, PhaseState
from callboard.board.picture.scene import Scene
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
    return {key: _work(scene, key, part, known.get(key, {})) for key, part in (scene.document.of(TASKS) or {}).items()}


def _work(scene: Scene, key: str, part: TaskPart, columns: Columns) -> Work:
    status = str(columns.get("status", part.status))
    percent = ALL if status == State.COMPLETED else int(columns.get("percent", part.percent or 0))
    points, due = columns.get("points", {}), scene.placed(part.due)
    late = status not in SETTLED and due is not None and due <= scene.at
    words = f"{status}, {percent}%" if status == State.IN_PROGRESS and percent else status
    return Work(
        key=key, part=part, kind=task_sets.kind(scene.document, key), status=status, percent=percent,
        people=tuple(columns.get("people", part.people)), due=due, late=late,
        points=tuple(
            (name, team or part.owner, points.get(name, State.NOT_STARTED.value)) for name, team in part.points.items()
        ),
        row=Row(kind="task", key=key, name=part.title, team=part.owner, at=due,
                state=f"{words}, late" if late else words),
    )  # fmt: skip


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
