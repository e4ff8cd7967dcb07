"""How tasks, blockers, gates, conflicts and answers stood at an instant, learned entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from callboard.blockers import models as blockers
from callboard.board.figures.history import APPLIED, EDITED, PLAN, History
from callboard.checkpoints import models as checkpoints
from callboard.conflicts import models as conflicts
from callboard.core.timeline import Event
from callboard.gates import models as gates
from callboard.gates.plan.measures import Amount
from callboard.planfile import check
from callboard.planfile.sections import Document
from callboard.plans import evidence
from callboard.standups import models as standups
from callboard.tasks import models as tasks
from callboard.tasks.plan import TASKS
from callboard.tasks.plan.types import TaskPart

ALL = 100
AGAIN = ""
"""What stands for the whole task among the points of it that were done again."""


@dataclass
class TaskState:
    """A task by what happened to it; while nothing has, it is as the plan has it. `again`: points that failed once."""

    status: str = ""
    percent: int | None = None
    completed_at: datetime | None = None
    points: dict[str, str] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)


@dataclass
class BlockerState:
    number: int
    opened_at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    withdrawn: bool = False


@dataclass
class GateState:
    state: str = gates.State.PENDING
    settled_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass
class ConflictState:
    number: int
    found_at: datetime
    degree: str = ""
    kind: str = ""
    wave: int | None = None
    quiet: bool = False
    state: str = conflicts.State.OPEN
    answered_at: datetime | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    says: str = ""

    @property
    def settled_at(self) -> datetime | None:
        accepted = self.answered_at if self.state == conflicts.State.ACCEPTED else None
        return self.decided_at or self.ended_at or accepted


@dataclass
class AnswerState:
    """One who was asked: in a standup, or at a checkpoint. `day` is that of the round, or on which it was asked."""

    kind: str
    who: str
    day: date
    state: str = ""


@dataclass
class States:
    """All that figures are made of, as it was after the last entry that was learned."""

    history: History
    tasks: dict[str, TaskState] = field(default_factory=dict)
    blockers: dict[int, BlockerState] = field(default_factory=dict)
    gates: dict[str, GateState] = field(default_factory=dict)
    conflicts: dict[int, ConflictState] = field(default_factory=dict)
    answers: dict[tuple[str, int], AnswerState] = field(default_factory=dict)
    reports: dict[str, tuple[Amount, datetime]] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    _typed: tuple[Mapping[str, Any], Document] | None = None

    @property
    def document(self) -> Document:
        """The plan as it was."""
        if self._typed is None or self._typed[0] is not self.body:
            live = self.history.document
            same = self.body == live.body
            self._typed = self.body, live if same else check.typed(self.body, live.file, self.history.sections)
        return self._typed[1]

    def parts(self) -> Iterator[tuple[str, TaskPart, TaskState]]:
        """Each task that the plan had, and how it stood."""
        written: Mapping[str, TaskPart] = self.document.of(TASKS) or {}
        return ((key, part, self.tasks.get(key) or TaskState()) for key, part in written.items())

    def learn(self, event: Event) -> None:
        match event.kind:
            case tasks.KIND if key := event.facts.get("task"):
                _learn_task(self.tasks.setdefault(key, TaskState()), event)
            case blockers.KIND:
                self._learn_blocker(event)
            case gates.KIND:
                self._learn_gate(event)
            case conflicts.KIND:
                new = ConflictState(event.number, event.at)
                _learn_conflict(self, self.conflicts.setdefault(event.number, new), event)
            case standups.CHECK_IN | checkpoints.INQUIRY:
                self._learn_answer(event)
            case _ if event.kind == PLAN:
                self._learn_plan(event)

    def _learn_plan(self, event: Event) -> None:
        values = event.facts.get("values", ())
        if event.verb == APPLIED and event.facts.get("version") in self.history.bodies:
            self.body = evidence.remade(self.history.bodies[event.facts["version"]], values)
        elif event.verb == EDITED:
            with suppress(KeyError):
                self.body = evidence.remade(self.body, values)
        elif event.verb == gates.Verb.REPORTED:
            self._learn_report(event)

    def _learn_report(self, event: Event) -> None:
        if key := event.facts.get("key"):
            self.reports[key] = Amount(float(event.facts["value"]), event.facts["unit"]), event.at

    def _learn_blocker(self, event: Event) -> None:
        verb, row = event.verb, self.blockers.get(event.number)
        if verb == blockers.Verb.RAISED:
            self.blockers[event.number] = BlockerState(event.number, event.at)
        elif row and verb == blockers.Verb.REOPENED:
            row.closed_at, row.withdrawn = None, False
        elif row and verb == blockers.Verb.WITHDRAWN:
            row.closed_at, row.withdrawn = event.at, True
        elif row:
            row.answered_at = row.answered_at or event.at
            if verb == blockers.Verb.RESOLVED:
                row.closed_at = event.at

    def _learn_gate(self, event: Event) -> None:
        if event.verb == gates.Verb.REPORTED:
            self._learn_report(event)
            return
        row = self.gates.setdefault(self.history.gate_keys.get(event.number, ""), GateState())
        if event.verb in (gates.Verb.PASSED, gates.Verb.WAIVED):
            row.settled_at, row.state = event.at, event.verb
        elif event.verb == gates.Verb.WAIVER_ENDED:
            row.settled_at, row.state = None, gates.State.PENDING
        else:
            row.missed_at, row.state = event.at, gates.State.FAILED

    def _learn_answer(self, event: Event) -> None:
        facts, key = event.facts, (event.kind, event.number)
        who = str(facts.get("person") or ", ".join(facts.get("people", ())))
        day = date.fromisoformat(facts["day"]) if "day" in facts else event.at.date()
        row = self.answers.setdefault(key, AnswerState(event.kind, who, day))
        if event.kind == checkpoints.INQUIRY:
            row.state = event.verb if event.verb != checkpoints.Verb.REMINDED else row.state
        elif event.verb not in (standups.Verb.CHANGED, standups.Verb.RAISED):
            unfair = event.verb == standups.Verb.MISSED and facts.get("fair") == "no"
            row.state = standups.Verb.EXCUSED if unfair else event.verb


def _learn_task(row: TaskState, event: Event) -> None:
    verb, facts = event.verb, event.facts
    if verb == tasks.Verb.POINT:
        row.points[facts["point"]] = facts["stands"]
        if facts["stands"] == tasks.State.BLOCKED:
            row.again.add(facts["point"])
    was, row.status = row.status, facts.get("status", row.status)
    if verb == tasks.Verb.REOPENED:
        row.again.add(AGAIN)
        row.percent = 0 if row.percent == ALL else row.percent
    elif row.status == tasks.State.COMPLETED:
        row.percent = ALL
    elif "percent" in facts:
        row.percent = facts["percent"]
    if row.status != tasks.State.COMPLETED:
        row.completed_at = None
    elif was != row.status:
        row.completed_at = event.at


def _learn_conflict(states: States, row: ConflictState, event: Event) -> None:
    facts, verbs = event.facts, conflicts.Verb
    row.degree, row.kind = facts.get("degree", row.degree), facts.get("kind", row.kind)
    row.wave, row.quiet = facts.get("wave", row.wave), facts.get("quiet", row.quiet)
    row.says = f"{facts.get('one')} and {facts['other']}" if facts.get("other") else str(facts.get("one", ""))
    parts = [states.conflicts[number] for number in facts.get("parts", ()) if number in states.conflicts]
    match event.verb:
        case verbs.TALK | verbs.REBASE | verbs.MERGE | verbs.DECIDED:
            row.state, row.answered_at = conflicts.State.ANSWERED, row.answered_at or event.at
            row.decided_at = row.decided_at or (event.at if event.verb == verbs.DECIDED else None)
        case verbs.ACCEPTED | verbs.MERGED:
            for each in (row, *parts):
                each.state, each.answered_at = conflicts.State.ACCEPTED, each.answered_at or event.at
        case verbs.REOPENED | verbs.WORSE:
            for each in (row, *parts):
                each.state, each.answered_at, each.decided_at = conflicts.State.OPEN, None, None
        case verbs.NOT_MERGED:
            row.state, row.answered_at = conflicts.State.OPEN, None
        case verbs.GONE:
            row.state, row.ended_at = conflicts.State.OVER, event.at
