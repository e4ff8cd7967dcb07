"""The work in a rehearsal: tasks that slip, steps that fail, and what gates ask somebody to tick and to report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from callboard.gates.plan.items import gates_of
from callboard.gates.plan.measures import MEASURES
from callboard.gates.plan.types import MeasuredPart, TickPart, walk
from callboard.planfile.timetable import instant_of, timetable
from callboard.plans.plan import PHASES
from callboard.rehearsal.script import LinePart
from callboard.runbooks.plan import RUNBOOKS
from callboard.runbooks.plan.steps import StepPart
from callboard.tasks.models import State
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import Estimate
from callboard.teams.recipients import Concern, seats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from callboard.core.calendar import Calendar
    from callboard.planfile.sections import Document
    from callboard.preflight.plan import WorkPart
    from callboard.tasks.models import Task
    from callboard.tasks.plan.types import TaskPart
    from callboard.teams.directory import Directory

USUAL = Estimate(low=timedelta(hours=1), high=timedelta(hours=3))
"""How long a task takes of which no estimate says so, and how long before a gate is due people tick and report."""
A_STEP = timedelta(minutes=15)
HUNDRED = 100


@dataclass(frozen=True)
class Will:
    """What somebody is going to do: when, who, what, and the task that must be in this state then."""

    at: datetime
    who: str
    part: LinePart
    task: str = ""
    state: State | None = None
    since: datetime | None = None

    def holds(self, tasks: Mapping[str, Task]) -> bool:
        """Whether it is still to be done."""
        row = tasks.get(self.task)
        if not self.task or row is None:
            return not self.task
        return row.status == self.state and (self.since is None or (row.started_at or self.at) <= self.since)


Chance = Callable[..., Random]
AnswersAt = Callable[..., datetime]


class Work:
    """What there is to do in a plan."""

    def __init__(self, document: Document, directory: Directory, part: WorkPart, chance: Chance) -> None:
        self._document, self._directory, self._part, self._chance = document, directory, part, chance
        self._table = timetable(document)
        self._tasks: Mapping[str, TaskPart] = document.of(TASKS) or {}

    def wills(self, now: datetime, answers_at: AnswersAt) -> Iterator[Will]:
        """Tasks are started and completed, criteria ticked, points met, measures reported."""
        for key in self._tasks:
            if who := self._doer(key):
                begins = max(self._begins(key) or now, now)
                yield from self._tries(key, who, begins, answers_at)
        for key, gate in gates_of(self._document).items():
            due = instant_of(self._table, gate.due)
            if due is not None:
                yield from self._gate(key, gate.criteria, due, now)

    def anew(self, text: str, now: datetime) -> Iterator[Will]:
        """What the decision that a NO-GO names asks for at its next attempt."""
        for key, gate in gates_of(self._document).items():
            due, again = instant_of(self._table, gate.due), gate.if_no_go and gate.if_no_go.again
            if due is None or not again or f" {gate.name}." not in text:
                continue
            attempts = (now - due) // again + 1
            yield from self._gate(key, gate.criteria, due + attempts * again, now, attempts)

    def named(self, text: str) -> Iterator[tuple[str, str]]:
        """The tasks that a message names, each with whoever does it."""
        for key in self._tasks:
            if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text) and (who := self._doer(key)):
                yield key, who

    def step_ends(self, text: str, at: datetime, chance: Random) -> datetime:
        part = self._step(text)
        takes = part.takes if part is not None and part.takes else None
        span = takes.least + chance.random() * (takes.most - takes.least) if takes else A_STEP * (0.5 + chance.random())
        return at + timedelta(seconds=int(span.total_seconds()))

    def step_fails(self, text: str, chance: Random) -> bool:
        part = self._step(text)
        return part is not None and chance.random() * HUNDRED < self._part.fails.get(part.id, 0)

    def reports(self, text: str, at: datetime) -> Iterator[Will]:
        """What a step wants measured is reported before it is done."""
        part = self._step(text)
        for key in part.measures if part is not None else ():
            if report := self._measured(key):
                yield from self._says(*report, at)

    def _step(self, text: str) -> StepPart | None:
        """The step that a message is about: the one with the longest title of those that it names."""
        books, first = (self._document.of(RUNBOOKS) or {}).values(), text.partition("\n")[0]
        named = [step for book in books for step in book.steps if step.title in first]
        return max(named, key=lambda step: len(step.title), default=None)

    def _tries(self, key: str, who: str, begins: datetime, answers_at: AnswersAt) -> Iterator[Will]:
        """On the day on which it begins, and on each of the next mornings while it has to wait."""
        ends_at = self._directory.ends_at or begins
        for begin, _ in self._calendar(who).stretches(begins):
            if begin > max(ends_at, begins):
                return
            yield from self.done(key, who, answers_at(who, begin, self._chance("task", key, begin)))

    def done(self, key: str, who: str, at: datetime) -> Iterator[Will]:
        """Start a task, and complete it when its time is over, or say that it is blocked first."""
        part, chance = self._tasks[key], self._chance("work", key)
        free = [] if part.people else [f"/task claim {key}"]
        yield Will(at, who, LinePart(who=(who,), says=(*free, f"/task start {key}")), key, State.NOT_STARTED)
        slip = self._part.slip.low + chance.random() * (self._part.slip.high - self._part.slip.low)
        usual = (part.estimate or USUAL).work(self._directory.calendar)
        takes = usual.at(chance.random()) * (1 + slip / HUNDRED)
        span = timedelta(seconds=int(takes.total_seconds()))
        calendar, soon = self._calendar(who), at + timedelta(minutes=1)
        ends = calendar.add(at, span)
        if chance.random() * HUNDRED < self._part.fails.get(key, 0):
            says = LinePart(who=(who,), says=(f"/task block {key} it fails",))
            yield Will(ends, who, says, key, State.IN_PROGRESS, soon)
            ends = calendar.add(ends, span)
        ticked = [f"/task tick {key} all"] if part.criteria else []
        if met := tuple(f"/task point {key} {point} completed" for point in part.points):
            lead = next((person.key for person in self._directory.leads_of(part.owner) if not person.vacant), who)
            yield Will(ends, lead, LinePart(who=(lead,), says=met), key, State.IN_PROGRESS, soon)
        says = LinePart(who=(who,), says=(*ticked, f"/task complete {key}"))
        yield Will(ends, who, says, key, State.IN_PROGRESS, soon)

    def _gate(
        self, key: str, criteria: tuple[object, ...], due: datetime, now: datetime, *attempt: int
    ) -> Iterator[Will]:
        for _, part in walk(criteria):  # type: ignore[arg-type]
            chance = self._chance("gate", key, str(part), *attempt)
            at = max(due - USUAL.at(1 - chance.random()), now)
            if isinstance(part, TickPart):
                yield from self._says(f"/gate tick {key} {part.tick}", part.by, at, due)
            elif isinstance(part, MeasuredPart) and (
                report := self._measured(part.measure, part.at_least or part.at_most, f"{key} ")
            ):
                yield from self._says(*report, at, due)

    def _measured(self, key: str, amount: object = None, gate: str = "") -> tuple[str, Sequence[str]] | None:
        """The words that report a measure, and who may say them; None where it is not for people to report."""
        measure = (self._document.of(MEASURES) or {})[key]
        amount = amount or measure.at_least or measure.at_most or 0
        return (f"/gate report {gate}{key} {amount}", measure.by) if measure.by else None

    def _says(self, words: str, by: Sequence[str], at: datetime, due: datetime | None = None) -> Iterator[Will]:
        """The first of those who may say it does, in their working hours where it is `due` later."""
        whom = [word for word in by if word != "api"] or ["coordinator"]
        for person in seats(self._directory, whom, Concern(), at)[:1]:
            moment = at.replace(microsecond=0)
            moment = self._in_hours(person.key, moment, due) if due else moment
            yield Will(moment, person.key, LinePart(who=(person.key,), says=(words,)))

    def _calendar(self, who: str) -> Calendar:
        return self._directory.working(self._directory.people[who])

    def _in_hours(self, who: str, at: datetime, due: datetime) -> datetime:
        """The next moment in somebody's working hours, unless it would be too late then."""
        works = next((begin for begin, _ in self._calendar(who).stretches(at)), due)
        return works if works < due else at

    def poll_allows(self, text: str) -> timedelta:
        """How long the poll gives that a message names first."""
        gates = gates_of(self._document).values()
        return next((gate.poll.answer_within for gate in gates if gate.poll and f"{gate.name}: GO" in text), A_STEP)

    def _doer(self, key: str) -> str:
        """Whoever does a task: its assignee, or whoever leads its team."""
        part = self._tasks[key]
        leads = [person.key for person in self._directory.leads_of(part.owner) if not person.vacant]
        if State(part.status) is State.COMPLETED:
            return ""
        return next((key for key in (*part.people, *leads) if key in self._directory.people), "")

    def _begins(self, key: str) -> datetime | None:
        part = self._tasks[key]
        phase = (self._document.of(PHASES) or {}).get(part.phase)
        own = instant_of(self._table, part.begins, opening=True)
        return own or (instant_of(self._table, phase.from_, opening=True) if phase else None)
