"""What keeps tasks from starting, or from being complete: other tasks, gates, phases and teams on hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from callboard import blocks as b
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.core.words import joined
from callboard.planfile.sections import Document
from callboard.planning.duties import named
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.models import Hold
from callboard.tasks import models, store
from callboard.tasks.models import State, Task, settled
from callboard.teams import service as teams
from callboard.teams.service import Directory

if TYPE_CHECKING:
    from callboard.core.db import Tx

KINDS = (("gate", "gates"), ("task", "tasks"), ("phase", "phases"), ("run-book", "runbooks"))
FEW = 5


@dataclass(frozen=True)
class GateState:
    """How a gate stands, in words that follow its name: "is pending: @a and @b can sign", or once it is `passed`."""

    words: str = "has not passed"
    passed: bool = False


GATE: Key[Callable[[Tx, int, str], GateState]] = Key("how a gate of a plan stands", lambda *_: GateState())
"""Filled with what knows gates, which are above tasks."""


@dataclass(frozen=True)
class Holding:
    """One reason why a task cannot start: `by` is a task, gate, phase or whatever else holds; `sentence` says all."""

    by: str
    kind: str
    sentence: str
    since: datetime | None = None


@dataclass(frozen=True)
class Scene:
    """All tasks of a plan, who is in it and what is on hold, looked up once for many questions."""

    tx: Tx
    plan_id: int

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """The tasks by their keys, in the order of the file."""
        return {task.key: task for task in store.every(self.tx, self.plan_id)}

    @cached_property
    def directory(self) -> Directory:
        """The people and teams."""
        return teams.directory(self.tx, self.plan_id)

    @cached_property
    def document(self) -> Document:
        """The plan as it stands."""
        return plans.live(self.tx, self.plan_id)

    @cached_property
    def _holds(self) -> Sequence[Hold]:
        return holds.standing(self.tx, self.plan_id)

    def waits(self, task: Task) -> list[str]:
        """The ids of what keeps a task from starting."""
        return [*(one.key for one in self._tasks(task)), *(hold.by for hold in self._held(task))]

    def holding(self, task: Task) -> list[Holding]:
        """What keeps a task from starting, in sentences."""
        found = [Holding(one.key, "task", self._task_sentence(task, one)) for one in self._tasks(task)]
        return [*found, *(self._hold(task, hold) for hold in self._held(task))]

    def wanting(self, task: Task) -> list[str]:
        """What a task may start without, wants all the same, and that is not there yet: each with how it stands."""
        return [f"{named(self.document, key)}{how}" for key in task.wants if (how := self._not_there(key))]

    def waiting(self, key: str) -> list[Task]:
        """The tasks that wait for one."""
        return [one for one in self.tasks.values() if not settled(one) and key in one.needs and not one.started_at]

    def people(self, task: Task) -> str:
        """Who has a task; where nobody does, who leads its team."""
        own = [self.directory.called(person) for person in self.directory.named(task.assignees)]
        if own:
            return joined(own)
        leads = joined(self.directory.called(person) for person in self.directory.leads_of(task.team))
        return f"nobody yet; {leads} {'leads' if ' and ' not in leads else 'lead'} its team" if leads else "nobody yet"

    def _tasks(self, task: Task) -> Iterator[Task]:
        awaited = (self.tasks.get(key) for key in task.needs if key not in task.overridden)
        return (one for one in awaited if one is not None and not settled(one))

    def _held(self, task: Task) -> Iterator[Hold]:
        """What is on hold, each `by` once: the task itself before its phase, and that before its team."""
        seen = {*task.overridden, *(one.key for one in self._tasks(task))}
        for target in filter(None, (task.key, task.phase, task.team)):
            for hold in self._holds:
                if hold.target == target and hold.by not in seen:
                    seen.add(hold.by)
                    yield hold

    def gate(self, key: str) -> GateState:
        """How a gate stands."""
        return self.tx.of(GATE)(self.tx, self.plan_id, key)

    def _not_there(self, key: str) -> str:
        """How something stands that is not there yet; empty where it is, and for a phase, which says when it begins."""
        if (one := self.tasks.get(key)) is not None:
            return "" if settled(one) else f", which is {one.status}: with {self.people(one)}"
        if key not in self.document.keys("gates"):
            return ""
        gate = self.gate(key)
        return "" if gate.passed else f", which {gate.words}"

    def _task_sentence(self, task: Task, awaited: Task) -> str:
        how = f"{awaited.status}, {awaited.percent}%" if awaited.status == State.IN_PROGRESS else awaited.status
        due = f", due {b.date(awaited.due_at, 'both')}" if awaited.due_at else ""
        title = b.escape(awaited.title)
        return f"{task.key} waits for {awaited.key} ({title}), which is {how}{due}: with {self.people(awaited)}"

    def _hold(self, task: Task, hold: Hold) -> Holding:
        known = [(kind, section) for kind, section in KINDS if hold.by in self.document.keys(section)]
        kind = known[0][0] if known else ""
        also = "" if hold.target == task.key else f", as all of {named(self.document, hold.target)} does,"
        what = named(self.document, hold.by)
        what = f"the {kind} {what}" if kind and not what.lower().startswith(kind) else what
        why = f": {b.escape(hold.reason)}" if hold.reason else ""
        said = f"{task.key} waits{also} for {what}{self._how(kind, hold)}{why}"
        return Holding(hold.by, kind or "hold", said, hold.placed_at)

    def _how(self, kind: str, hold: Hold) -> str:
        if kind == "gate":
            return f", which {self.gate(hold.by).words}"
        if kind == "task" and hold.by in self.tasks:
            one = self.tasks[hold.by]
            return f", which is {one.status}: with {self.people(one)}"
        return f", which begins {b.date(hold.due_at, 'both')}" if hold.due_at else ""


def refuse_waiting(tx: Tx, task: Task) -> None:
    """Refuse to begin what waits for something, with all that it waits for."""
    held = Scene(tx, task.plan_id).holding(task)
    if held:
        more = f" And {len(held) - FEW} more." if len(held) > FEW else ""
        raise Refused(
            f"{'. '.join(one.sentence for one in held[:FEW])}.{more} You hear at once when it may start; the "
            f"coordinator can overrule that: `/task override {task.key} because ...`."
        )


def refuse_incomplete(tx: Tx, task: Task) -> None:
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
