"""What the tasks of a plan need, who does them, and what they took so far."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import chain

from callboard.forecast.engine.network import TASK, Node, Sample, Worker
from callboard.forecast.engine.slip import LEAST_WORK, middle
from callboard.forecast.survey.history import History, Took
from callboard.forecast.survey.hours import Clock
from callboard.planfile.sections import Document
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans.plan import PHASES
from callboard.tasks.models import State, Task, settled
from callboard.tasks.plan import TASKS
from callboard.teams.directory import OBSERVER, Directory, Person
from callboard.teams.plan.people import PEOPLE

NO_TIME, A_DAY = timedelta(), timedelta(days=1)
UNSURE = 0.5
"""The scale of what nobody estimated: one in ten takes three times as long as it was guessed."""
TWICE, FEW = 2.0, 3
FILLED, HOURS, PARTS = 0.6, 8, 0.25
"""What is guessed fills three fifths of the time there is, an eighth of a day at least; what has parts, a quarter."""


@dataclass
class Crew:
    """Everybody who works in a team of the plan, one thing after the other."""

    document: Document
    directory: Directory
    clock: Clock

    @cached_property
    def teams(self) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.directory.teams)}

    @cached_property
    def people(self) -> dict[str, int]:
        """The number of each worker, by the key of the person."""
        working = (person for person in self.directory.people.values() if self._works(person))
        return {person.key: number for number, person in enumerate(working)}

    def _works(self, person: Person) -> bool:
        return not person.vacant and OBSERVER not in person.roles and bool(self.directory.teams_of(person))

    @cached_property
    def workers(self) -> tuple[Worker, ...]:
        found = (self.directory.people[key] for key in self.people)
        return tuple(
            Worker(person.key, self.clock.of(person, self._share(person)), self._team(person)) for person in found
        )

    def _share(self, person: Person) -> float:
        part = (self.document.of(PEOPLE) or {}).get(person.key)
        return max(int(part.capacity.rstrip("%")), 1) / 100 if part and part.capacity else 1.0

    def _team(self, person: Person) -> int:
        return self.teams[self.directory.teams_of(person)[0].key]

    def of(self, task: Task) -> tuple[int, ...]:
        """Who can do a task: whoever has it, else those of its team, its leads where it has no others."""
        own = [self.people[key] for key in task.assignees if key in self.people]
        members = [person.key for person in self.directory.members_of(task.team)]
        leads = [person.key for person in self.directory.leads_of(task.team)]
        return tuple(own or [self.people[key] for key in members or leads if key in self.people])


Span3 = tuple[float, float, float]
"""Work at least, at most, and most likely; 0 where nobody says what is likely."""


class Ground(StrEnum):
    """What the work of tasks is guessed from that nobody estimated."""

    DONE = "done"
    ESTIMATES = "estimates"
    HISTORY = "history"
    ROOM = "room"


MEASURED = (Ground.DONE, Ground.HISTORY)


@dataclass
class Work:
    """The tasks: what is open, and what was done as far as it tells something, here and in plans before."""

    tasks: Sequence[Task]
    crew: Crew
    now: datetime
    history: History

    @cached_property
    def open(self) -> list[Task]:
        return [task for task in self.tasks if not settled(task)]

    @property
    def guessed(self) -> int:
        """How many open tasks nobody estimated."""
        return sum(task.most is None for task in self.open)

    def node(self, task: Task) -> Node:
        low, high, likely = self.estimate(task) or self.guess(task)
        workers = self.crew.of(task)
        return Node(
            task.key, TASK, low=low, high=high, likely=likely, spread=0.0 if task.most else UNSURE,
            measured=not task.most and self.ground in MEASURED, begun=task.started_at is not None,
            worked=self._worked(task, self.now), percent=float(task.percent), workers=workers,
            hours=self.crew.clock.plan, team=self.crew.teams.get(task.team, -1),
        )  # fmt: skip

    def estimate(self, task: Task) -> Span3 | None:
        """The work of a task in seconds, by its estimate."""
        part = (self.crew.document.of(TASKS) or {}).get(task.key)
        if part is None or part.estimate is None:
            return None
        work = part.estimate.work(self.crew.directory.calendar)
        low, high, likely = ((span or NO_TIME).total_seconds() for span in (work.low, work.high, work.likely))
        return low, high, likely

    def guess(self, task: Task) -> Span3:
        """The work of a task without an estimate: as others of these took, as most were estimated, else what fits."""
        work = self.usual or self._room(task)
        return work / TWICE, work * TWICE, 0.0

    @property
    def usual(self) -> float | None:
        return self._usual[1]

    @property
    def ground(self) -> Ground:
        return self._usual[0]

    @cached_property
    def _usual(self) -> tuple[Ground, float | None]:
        """How long a task without an estimate takes, by what tells most of it; None for a part of the time there is."""
        took = self._took(task for task in self._done if task.most is None)
        if len(took) >= FEW:
            return Ground.DONE, statistics.median(took)
        estimates = [middle(*each) for task in self.tasks if (each := self.estimate(task))]
        if estimates and len(estimates) >= len(self.tasks) / 2:
            return Ground.ESTIMATES, statistics.median(estimates)
        return (Ground.HISTORY, self.history.usual) if self.history.usual else (Ground.ROOM, None)

    @property
    def took(self) -> Took:
        """What the done tasks of this plan took, for the plans that come after it."""
        took = self._took(self._done)
        return Took(len(took), statistics.median(took) if took else 0.0)

    def _took(self, tasks: Iterable[Task]) -> list[float]:
        return [took for task in tasks if (took := self._worked(task, task.completed_at)) >= LEAST_WORK]

    def _room(self, task: Task) -> float:
        """A part of the time that the plan has for all such tasks of its people, as if it had been made to fit."""
        parts, table = self.crew.document.of(PHASES) or {}, timetable(self.crew.document)
        phase = parts.get(task.phase)
        opens = instant_of(table, phase.from_, opening=True) if phase else None
        ends = instant_of(table, phase.to) if phase else None
        begin = max(self.now, task.from_at or self.now, opens or self.now)
        end = task.due_at or ends or self.crew.directory.ends_at or self.now
        workers, clock = self.crew.of(task), self.crew.clock
        hours = [(clock.plan, 1.0)] if not workers else [
            (self.crew.workers[each].hours, self._loads[task.phase, each]) for each in workers
        ]  # fmt: skip
        room = statistics.mean(clock.between(each, begin, end) / max(load, self._weight(task)) for each, load in hours)
        return max(
            room * FILLED * self._weight(task), self.crew.directory.calendar.in_days(A_DAY).total_seconds() / HOURS
        )

    @cached_property
    def _loads(self) -> Mapping[tuple[str, int], float]:
        """How many tasks without an estimate each worker has in each phase; of a task of several, a part."""
        found = defaultdict[tuple[str, int], float](float)
        for task in self.open:
            workers = self.crew.of(task) if task.most is None else ()
            for worker in workers:
                found[task.phase, worker] += self._weight(task) / len(workers)
        return found

    def _weight(self, task: Task) -> float:
        """What consists of other tasks is mostly done when these are."""
        return PARTS if task.components else 1.0

    @property
    def _done(self) -> Iterator[Task]:
        return (task for task in self.tasks if task.status == State.COMPLETED)

    @cached_property
    def samples(self) -> list[Sample]:
        """What was done, oldest first, and what is being done."""
        done = sorted((task for task in self._done if task.completed_at), key=lambda task: str(task.completed_at))
        begun = (task for task in self.open if task.started_at)
        return [sample for task in chain(done, begun) if (sample := self._sample(task))]

    def _sample(self, task: Task) -> Sample | None:
        estimate = self.estimate(task)
        if estimate is None:
            return None
        done = task.status == State.COMPLETED
        worked = self._worked(task, task.completed_at if done else self.now)
        workers = self.crew.of(task)
        worker = workers[0] if len(workers) == 1 else -1
        low, high, likely = estimate
        return Sample(low, high, worked, done, self.crew.teams.get(task.team, -1), worker, likely)

    def _worked(self, task: Task, until: datetime | None) -> float:
        """What a task took of its people's time so far, or as somebody said."""
        if task.spent is not None and settled(task):
            return float(task.spent)
        if task.started_at is None or until is None:
            return 0.0
        workers = self.crew.of(task)
        hours = self.crew.workers[workers[0]].hours if len(workers) == 1 else self.crew.clock.plan
        return self.crew.clock.between(hours, task.started_at, until)
