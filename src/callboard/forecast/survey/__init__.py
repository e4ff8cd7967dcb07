"""A plan as it stands, read into the network that the runs are made of.

history: what plans that are over have shown
hours: whose working time is what, as lines
work: what tasks need, who does them, what they took so far
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from callboard.core.db import Tx
from callboard.forecast.engine.network import GATE, PHASE, TASK, TICKS, Ask, Network, Node
from callboard.forecast.engine.slip import LEAST_WORK
from callboard.forecast.survey.history import History, Took, history
from callboard.forecast.survey.hours import Clock
from callboard.forecast.survey.work import Crew, Ground, Work
from callboard.gates import store as gates
from callboard.gates.assessment import Look, looks
from callboard.gates.criteria import key_of
from callboard.gates.models import Gate
from callboard.gates.plan import poll
from callboard.gates.plan.order import order_of
from callboard.gates.plan.types import (
    AllPart,
    AnyPart,
    Asked,
    GatePassedPart,
    ItemsPart,
    PointsPart,
    TasksPart,
)  # fmt: skip
from callboard.planfile import task_sets
from callboard.planfile.sections import Document
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans import holds
from callboard.plans.models import Hold
from callboard.plans.plan import PHASES
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task
from callboard.teams import service as teams
from callboard.teams.directory import Directory

PACE = timedelta(days=7)
A_DAY = timedelta(days=1)
USUAL_ANSWER, UNBLOCKED = timedelta(minutes=30), timedelta(hours=4)
"""How long half of all answers take, and half of all blockers, in working time."""
MOST_ASKED = 8
OPEN_ENDED, FURTHEST = timedelta(days=90), timedelta(days=730)


@dataclass(frozen=True)
class Survey:
    """The network, what it rests on, and when each gate is over by the pace of the last week.

    Of `open_tasks`, `guessed` have no estimate: they are guessed from their `ground`.
    """

    network: Network
    open_tasks: int
    guessed: int
    ground: Ground
    took: Took
    history: History
    paces: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether there is anything to forecast."""
        return any(node.kind in (GATE, PHASE) for node in self.network.nodes)


class Scene:
    """A plan as it stands, read once."""

    def __init__(self, tx: Tx, plan_id: int) -> None:
        self.tx, self.plan_id, self.now = tx, plan_id, tx.now
        self.directory: Directory = teams.directory(tx, plan_id)
        self.document: Document = teams.document(tx, plan_id)
        self.tasks: Sequence[Task] = tasks.seen(tx, plan_id)
        self.gates: list[Gate] = [gate for gate in gates.gates(tx, plan_id) if not gate.settled]
        self.clock = Clock(self.directory, self.now, self.until)
        self.crew = Crew(self.document, self.directory, self.clock)
        self.history = history(tx, plan_id)
        self.work = Work(self.tasks, self.crew, self.now, self.history)

    @cached_property
    def until(self) -> datetime:
        """How far calendars are looked at: three times as far as the plan goes, and two years at most."""
        last = max([gate.due_at for gate in self.gates if gate.due_at] + [self.directory.ends_at or self.now])
        return self.now + min(max(3 * min(last - self.now, FURTHEST), OPEN_ENDED), FURTHEST)

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each node is, by the id of its task, gate or phase."""
        names = [task.key for task in self.work.open]
        names += [name for gate in self.gates for name in (f"{TICKS}:{gate.key}", gate.key)]
        return {name: number for number, name in enumerate([*names, *(f"{PHASE}:{key}" for key in self.phases)])}

    @cached_property
    def phases(self) -> list[str]:
        """The phases that have tasks which are open."""
        return [key for key in self.document.of(PHASES) or {} if any(task.phase == key for task in self.work.open)]

    @cached_property
    def held(self) -> Mapping[str, list[Hold]]:
        found: dict[str, list[Hold]] = {}
        for hold in holds.standing(self.tx, self.plan_id):
            found.setdefault(hold.target, []).append(hold)
        return found

    def after(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({self.places[name] for name in names if name in self.places}))

    def seconds(self, at: datetime | None) -> float | None:
        return None if at is None else (at - self.now).total_seconds()


def survey(tx: Tx, plan_id: int) -> Survey:
    """The plan as a network."""
    scene = Scene(tx, plan_id)
    work = scene.work
    nodes = [*(_task(scene, task) for task in scene.work.open), *_gates(scene), *_phases(scene)]
    network = Network(
        nodes=tuple(nodes), workers=scene.crew.workers, hours=scene.clock.lines, teams=tuple(scene.crew.teams),
        samples=tuple(scene.work.samples), seed=zlib.crc32(scene.directory.plan_key.encode()),
        prior=scene.history.prior,
    )  # fmt: skip
    return Survey(
        network, len(work.open), work.guessed, work.ground, work.took, scene.history, _paces(scene, network),
    )  # fmt: skip


def _task(scene: Scene, task: Task) -> Node:
    opens, after = _waits(scene, task)
    node = scene.work.node(task)
    blocked = UNBLOCKED.total_seconds() if task.status == State.BLOCKED else 0.0
    return replace(node, after=after, opens=opens, blocked=blocked)


def _waits(scene: Scene, task: Task) -> tuple[float, tuple[int, ...]]:
    """From when on a task may be worked at, and the nodes that it waits for."""
    names = {key for key in (*task.needs, *task.components) if key not in task.overridden}
    opens = [0.0]
    if task.started_at is None:
        opens.append(scene.seconds(task.from_at) or 0.0)
        for target in filter(None, (task.key, task.phase, task.team)):
            for by, at in _holders(scene, target, set()):
                if by not in task.overridden:
                    names.add(by)
                    opens.append(scene.seconds(at) or 0.0)
    return max(opens), scene.after(names - {task.key})


def _holders(scene: Scene, target: str, seen: set[str]) -> Iterator[tuple[str, datetime | None]]:
    """What holds a target, and until when; of a phase that is held itself, what holds that."""
    if target not in seen:
        seen.add(target)
        for hold in scene.held.get(target, ()):
            yield hold.by, hold.due_at
            yield from _holders(scene, hold.by, seen)


def _gates(scene: Scene) -> Iterator[Node]:
    """Each gate, and before it what must be ticked and reported for it."""
    within = _usual_answer(scene)
    for look in looks(scene.tx, scene.gates):
        gate = look.gate
        names = _awaited(scene, look)
        opens = poll.opens(scene.document, look.written.poll) if look.written.poll else None
        yield Node(
            f"{TICKS}:{gate.key}", TICKS, scene.after(names - {gate.key}), hours=scene.clock.plan,
            asks=_ticks(scene, look, within),
            blocked=UNBLOCKED.total_seconds() if look.facts.blockers else 0.0,
        )  # fmt: skip
        yield Node(
            gate.key, GATE, scene.after([f"{TICKS}:{gate.key}"]), hours=scene.clock.plan,
            due=scene.seconds(gate.due_at),
            opens=max(scene.seconds(opens[0]) or 0.0, 0.0) if opens else 0.0,
            asks=tuple(_asks(scene, look, within)),
        )  # fmt: skip


def _awaited(scene: Scene, look: Look) -> set[str]:
    names = {name for part in look.part.criteria for name in _named(scene, part)}
    names |= {*task_sets.texts(look.part.needs), *task_sets.members(scene.document, look.part.needs)}
    names |= set(order_of(scene.document).before.get(look.gate.key, ()))
    return names | {by for by, _ in _holders(scene, look.gate.key, set())}


def _named(scene: Scene, part: Asked) -> set[str]:
    """The tasks and gates that a criterion waits for; of several ways, the one with least to do."""
    match part:
        case TasksPart(tasks=named) | PointsPart(points=named):
            return set(task_sets.members(scene.document, named))
        case GatePassedPart():
            return {part.gate}
        case ItemsPart():
            return set(part.items)
        case AllPart():
            return {name for each in part.all for name in _named(scene, each)}
        case AnyPart():
            return min((_named(scene, each) for each in part.any), key=lambda names: len(scene.after(names)))
    return set()


def _ticks(scene: Scene, look: Look, within: float) -> tuple[Ask, ...]:
    """Whatever is open and no task of the plan: somebody has to look at it, tick or report it."""
    lacking = {reading.key for reading in look.lacking}
    parts = [part for part in look.part.criteria if not _named(scene, part)]
    return (Ask(1, (scene.clock.plan,), within),) if any(key_of(part) in lacking for part in parts) else ()


def _asks(scene: Scene, look: Look, within: float) -> Iterator[Ask]:
    """Who must still sign. Whoever has deputies is never away."""
    for slot in look.tally.slots:
        people = [person for person in slot.missing if not person.vacant][:MOST_ASKED]
        lacks = slot.count - len(slot.given)
        if not slot.met and people and lacks > 0:
            own = [person.responds_within.total_seconds() for person in people if person.responds_within]
            hours = tuple(scene.clock.of(person, stood_in_for=bool(person.deputies)) for person in people)
            yield Ask(min(lacks, len(people)), hours, min([within, *own]))


def _usual_answer(scene: Scene) -> float:
    """How long half of all answers take: as they took in this plan, weighed against what is usual."""
    ready = {gate.number: gate.ready_at for gate in gates.gates(scene.tx, scene.plan_id) if gate.settled}
    signed = [(ready[number], row.at) for number, rows in gates.standing.of(scene.tx, ready).items() for row in rows]
    took = [scene.directory.calendar.between(begin, end).total_seconds() for begin, end in signed if begin]
    usual = math.log(USUAL_ANSWER.total_seconds())
    logs = [math.log(max(each, LEAST_WORK)) for each in took]
    return math.exp((2 * usual + sum(logs)) / (2 + len(logs)))


def _phases(scene: Scene) -> Iterator[Node]:
    """The end of each phase: when its tasks are done."""
    table, parts = timetable(scene.document), scene.document.of(PHASES) or {}
    for key in scene.phases:
        end = instant_of(table, parts[key].to)
        names = [task.key for task in scene.work.open if task.phase == key]
        yield Node(key, PHASE, scene.after(names), hours=scene.clock.plan, due=scene.seconds(end) if end else None)


def _paces(scene: Scene, network: Network) -> dict[str, datetime | None]:
    """When each gate is over at the pace of the last week: what is open before it, one by one."""
    done = [task.completed_at for task in scene.tasks if task.status == State.COMPLETED and task.completed_at]
    begin = min(done, default=scene.now)
    span = max(min(PACE, scene.now - begin), A_DAY)
    pace = sum(at > scene.now - PACE for at in done) / (span / A_DAY)
    found: dict[str, datetime | None] = {}
    for number, node in enumerate(network.nodes):
        if node.kind == GATE:
            left = _before(network, number)
            found[node.key] = scene.now if not left else scene.now + left / pace * A_DAY if pace else None
    return found


def _before(network: Network, number: int) -> int:
    """How many tasks a node waits for, directly and through others."""
    seen, waiting = {number}, [number]
    while waiting:
        for before in network.nodes[waiting.pop()].after:
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    return sum(network.nodes[each].kind == TASK for each in seen)
