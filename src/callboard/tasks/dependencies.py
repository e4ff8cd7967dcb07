"""What keeps tasks from starting or from being complete: other tasks, gates, phases and teams on hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.core.registry import Key
from callboard.core.words import has_have, joined
from callboard.planfile.names import named
from callboard.planfile.sections import Document, whole_of
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.plans.models import Hold
from callboard.tasks import store
from callboard.tasks.models import State, Task, settled
from callboard.teams import service as teams
from callboard.teams.service import Directory

FEW = 5


@dataclass(frozen=True)
class GateState:
    """How a gate stands, in words that follow its name: "is pending: @a and @b can sign", or once it is `passed`."""

    words: str = "has not passed"
    passed: bool = False


def _unknown(_tx: Tx, _plan_id: int, keys: Collection[str]) -> Mapping[str, GateState]:
    return dict.fromkeys(keys, GateState())


GATES: Key[Callable[[Tx, int, Collection[str]], Mapping[str, GateState]]] = Key("how gates of a plan stand", _unknown)
"""Filled with what knows gates, which are above tasks."""


@dataclass(frozen=True)
class Holding:
    """One reason why a task cannot start; `sentence` needs no subject before it.

    `by` is the id of what holds it, and `called` what people read for that: a task's key, all else by its name too.
    """

    by: str
    sentence: str
    called: str


@dataclass(frozen=True)
class Scene:
    """All tasks of a plan, its people and its holds, looked up once for many questions."""

    tx: Tx
    plan_id: int

    @cached_property
    def _gates(self) -> dict[str, GateState]:
        return {}

    @cached_property
    def tasks(self) -> dict[str, Task]:
        return {task.key: task for task in store.seen(self.tx, self.plan_id)}

    @cached_property
    def directory(self) -> Directory:
        return teams.directory(self.tx, self.plan_id)

    @cached_property
    def document(self) -> Document:
        return plans.live(self.tx, self.plan_id)

    @cached_property
    def _holds(self) -> Mapping[str, Sequence[Hold]]:
        """What holds each target."""
        found = defaultdict[str, list[Hold]](list)
        for hold in holds.standing(self.tx, self.plan_id):
            found[hold.target].append(hold)
        return found

    @cached_property
    def _behind(self) -> Mapping[str, Sequence[Task]]:
        """The tasks that need each."""
        found = defaultdict[str, list[Task]](list)
        for task in self.tasks.values():
            for key in dict.fromkeys(task.needs):
                found[key].append(task)
        return found

    def read_ahead(self, tasks: Iterable[Task]) -> None:
        """Look at the gates that many tasks wait for, all at once."""
        open_ones = [task for task in tasks if not settled(task)]
        keys = {hold.by for task in open_ones if not task.started_at for hold in self._held(task)}
        keys |= {key for task in open_ones for key in task.wants}
        gates = {key for key in keys - self._gates.keys() if whole_of(key) in self.document.keys("gates")}
        self._gates.update(self.tx.of(GATES)(self.tx, self.plan_id, gates) if gates else {})

    def waits(self, task: Task) -> list[str]:
        return [*(awaited.key for awaited in self._tasks(task)), *(hold.by for hold in self._held(task))]

    def holding(self, task: Task) -> list[Holding]:
        tasks = (Holding(awaited.key, self._task_sentence(awaited), awaited.key) for awaited in self._tasks(task))
        return [*tasks, *(self._hold(task, hold) for hold in self._held(task))]

    def wanting(self, task: Task) -> list[str]:
        """What a task wants, can start without, and does not have yet: `Load tested (`S-4`) is not started, ...`."""
        return [f"{named(self.document, key)} {how}" for key in task.wants if (how := self._not_ready(key))]

    def waiting(self, key: str) -> list[Task]:
        return [task for task in self._behind.get(key, ()) if not settled(task) and not task.started_at]

    def people(self, task: Task) -> str:
        """`@Ann has it`; where nobody does, who can assign it."""
        if own := self.directory.named(task.assignees):
            return f"{joined(map(self.directory.called, own))} {has_have(own)} it"
        leads = self.directory.one_of(self.directory.leads_of(task.team))
        return f"nobody has it yet, {leads} can assign it" if leads else "nobody has it yet"

    def _tasks(self, task: Task) -> Iterator[Task]:
        for key in task.needs:
            awaited = self.tasks.get(key)
            if key not in task.overridden and awaited is not None and not settled(awaited):
                yield awaited

    def _held(self, task: Task) -> Iterator[Hold]:
        """What is on hold, each `by` once: the task itself before its phase, and that before its team."""
        known = {*task.overridden, *(awaited.key for awaited in self._tasks(task))}
        for target in filter(None, (task.key, task.phase, task.team)):
            for hold in self._holds.get(target, ()):
                if hold.by not in known:
                    known.add(hold.by)
                    yield hold

    def gate(self, key: str) -> GateState:
        """How a gate stands; many tasks wait for one, and to look at it costs."""
        if key not in self._gates:
            self._gates.update(self.tx.of(GATES)(self.tx, self.plan_id, [key]))
        return self._gates[key]

    def _not_ready(self, key: str) -> str:
        """How a task or gate stands that is not over yet; empty for phases, which say when they begin."""
        if (task := self.tasks.get(key)) is not None:
            return "" if settled(task) else f"is {task.status}, {self.people(task)}"
        if whole_of(key) not in self.document.keys("gates"):
            return ""
        gate = self.gate(key)
        return "" if gate.passed else gate.words

    def _task_sentence(self, task: Task) -> str:
        percent = f" ({task.percent}%)" if task.status == State.IN_PROGRESS else ""
        due = f", due {m.date(task.due_at, 'both')}" if task.due_at else ""
        return f"{task.key} ({m.escape(task.title)}) is {task.status}{percent}{due}, {self.people(task)}"

    def _hold(self, task: Task, hold: Hold) -> Holding:
        document = self.document
        by = whole_of(hold.by)
        kind = next((section.one for section in document.with_ids if by in document.keys(section.name)), "")
        name, how = named(document, hold.by), self._how(kind, hold)
        what = f"the {kind} {name}" if kind and not name.lower().startswith(kind) else name
        why = f": {m.escape(hold.reason)}" if hold.reason else ""
        whole = f" with all of {named(document, hold.target)}" if hold.target not in (task.key, hold.by) else ""
        return Holding(hold.by, f"{what} {how or f'holds it{whole}'}{why}", name)

    def _how(self, kind: str, hold: Hold) -> str:
        if kind in ("gate", "task"):
            return self._not_ready(hold.by)
        return f"begins {m.date(hold.due_at, 'both')}" if hold.due_at else ""


def refuse_waiting(tx: Tx, task: Task) -> None:
    """Refuse to begin what waits for something, with all that it waits for."""
    held = Scene(tx, task.plan_id).holding(task)
    if held:
        more = f" And {len(held) - FEW} more." if len(held) > FEW else ""
        raise Refused(
            f"{task.key} can't start: {'; '.join(reason.sentence for reason in held[:FEW])}.{more} I'll tell you when "
            f"it can. A coordinator can let it start now: `/task override {task.key} because ...`."
        )


def refuse_incomplete(tx: Tx, task: Task) -> None:
    """Refuse while a criterion is not ticked, a part not settled, or a point where teams meet not completed."""
    tasks, missing = Scene(tx, task.plan_id).tasks, []
    if task.open_criteria:
        unticked = joined(f"“{m.escape(text)}”" for text in task.open_criteria)
        missing.append(f"Tick {unticked} (`/task tick {task.key} 1`, or *Complete* on its card).")
    parts = [f"{key} ({tasks[key].status})" for key in task.components if key in tasks and not settled(tasks[key])]
    if parts:
        missing.append(f"Complete its parts: {joined(parts)}.")
    if task.open_points:
        points = joined(map(m.escape, task.open_points))
        missing.append(f"Teams must still meet: {points} (`/task point {task.key} {task.open_points[0]} completed`).")
    if missing:
        raise Refused(f"{task.key} can't be completed yet. {' '.join(missing)}")
