"""The earliest moment at which a task or a gate can be done: by estimates, what each needs, and people's calendars.

With `high` the longest estimates and people's `capacity` count; without, everything that can go well goes well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from callboard.core.calendar import Calendar
from callboard.gates.plan.types import AllPart, Criterion, GatePart, GatePassedPart, PointsPart, TasksPart
from callboard.planfile import task_sets
from callboard.planfile.sections import whole_of
from callboard.plans.plan import PHASES
from callboard.rehearsal.findings.scene import FURTHEST, Scene
from callboard.tasks.plan.types import TaskPart

NO_TIME = timedelta()
MOST_PEOPLE = 12


@dataclass
class Schedule:
    """When things can be done at the earliest. None: never within ten years, or nobody can tell."""

    scene: Scene
    high: bool = False
    _done: dict[str, datetime] = field(default_factory=dict)

    def done(self, key: str) -> datetime:
        """When a task or a gate can be done; when a phase begins. What is over is done from the beginning."""
        if key not in self._done:
            self._done[key] = self.scene.begin  # whatever comes back to it finds this, and no circle
            self._done[key] = self._reckoned(whole_of(key))
        return self._done[key]

    def _reckoned(self, key: str) -> datetime:
        if part := self.scene.tasks.get(key):
            return self._finished(part, self.start(key))
        if gate := self.scene.gates.get(key):
            return self._passed(key, gate)
        phase = (self.scene.document.of(PHASES) or {}).get(key)
        own = self.scene.instant(phase.from_, opening=True) if phase else None
        return self._latest(own, *map(self.done, self.scene.awaited(key)))

    def start(self, key: str) -> datetime:
        """When a task can begin: after its own moment, its phase, and all that it and its team need."""
        part = self.scene.tasks[key]
        awaited = [*self.scene.awaited(key), *filter(None, (part.phase,))]
        awaited += self.scene.awaited(part.owner) if part.owner else []
        return self._latest(self.scene.instant(part.begins, opening=True), *map(self.done, awaited))

    def _passed(self, key: str, gate: GatePart) -> datetime:
        return self._latest(*(self.done(each) for each in asked_of(self.scene, key, gate)))

    def _latest(self, *moments: datetime | None) -> datetime:
        return max((self.scene.begin, *filter(None, moments)))

    def length(self, part: TaskPart, person: str = "") -> timedelta:
        """How much working time a task takes somebody; nothing where the plan says nothing."""
        if part.estimate is None:
            return NO_TIME
        estimate = part.estimate.work(self.scene.directory.calendar)
        if not self.high:
            return estimate.low
        written = self.scene.people[person].capacity if person in self.scene.people else ""
        share = int(written.removesuffix("%") or 100) / 100
        return estimate.high / share if share else estimate.high

    def _finished(self, part: TaskPart, start: datetime) -> datetime:
        """By whichever of its people has it first; one without people, or that takes no time, as it begins."""
        people = workers(self.scene, part)
        ends = [self.end(self.scene.calendar(each), start, self.length(part, each)) for each in people]
        return min(ends, default=start)

    def end(self, calendar: Calendar, start: datetime, length: timedelta) -> datetime:
        """When so much working time has passed."""
        if not length:
            return start
        try:
            return calendar.add(start, length)
        except (ValueError, OverflowError):
            return max(start, self.scene.end) + FURTHEST


def workers(scene: Scene, part: TaskPart) -> list[str]:
    """Who can do a task: the people whom it names, else its team."""
    named = [person.key for person in scene.directory.named(part.people) if not person.vacant]
    own = scene.seats([part.owner]) if part.owner in scene.directory.teams else ()
    return named or [person.key for person in islice(own, MOST_PEOPLE)]


def asked_of(scene: Scene, key: str, gate: GatePart) -> list[str]:
    """The tasks and gates without which a gate can't pass; of what may be instead of each other, none."""
    found = [*scene.awaited(whole_of(key)), *_sure(scene, gate.criteria)]
    return [each for each in dict.fromkeys(found) if each != key]


def _sure(scene: Scene, criteria: Iterable[Criterion]) -> Iterator[str]:
    for part in criteria:
        match part:
            case TasksPart(at_least=None) if part.are in (None, "completed"):
                yield from task_sets.members(scene.document, part.tasks)
            case PointsPart():
                yield from task_sets.members(scene.document, part.points)
            case GatePassedPart():
                yield part.gate
            case AllPart():
                yield from _sure(scene, part.all)
            case _:
                pass
