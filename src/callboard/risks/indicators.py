"""Indicators: how each one is now, with the figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.measures import Figure
from callboard.core.registry import Key
from callboard.core.words import counted, exact, few, lasted
from callboard.gates import store as gates
from callboard.gates.criteria import computation, shortfall, shown
from callboard.gates.plan.measures import MEASURES, Amount, summed_up
from callboard.planfile.sections import Document
from callboard.plans import service as plans
from callboard.risks import register, store, worktime
from callboard.risks.models import Reading, Risk, Said
from callboard.risks.plan import (
    AgePart,
    AskPart,
    BlockedPart,
    CountPart,
    ForecastPart,
    InProgressPart,
    LateTasksPart,
    MeasuredPart,
    MissedRoundsPart,
    ReopenedPart,
    StuckPart,
    TimeSharePart,
    WatchPart,
)
from callboard.risks.register import Kept
from callboard.standups import models as standups
from callboard.standups import store as check_ins
from callboard.tasks import service as tasks
from callboard.tasks.models import State, Task, is_overdue
from callboard.teams import service as teams
from callboard.teams.recipients import Concern, seats

FEW = 5
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Forecast:
    """When a gate or a phase is to be reached by the pace of the work, and when it is due."""

    at: datetime
    due_at: datetime


FORECAST: Key[Callable[[Tx, int, str, str], Forecast | None]] = Key(
    "when `gate` or `phase` of a key is reached; None while nobody can tell", lambda *_: None
)


class Scene:
    """A plan as it stands, read once for all its indicators."""

    def __init__(self, tx: Tx, plan_id: int) -> None:
        self.tx, self.plan_id = tx, plan_id
        self.directory = teams.directory(tx, plan_id)

    @cached_property
    def document(self) -> Document:
        return teams.document(self.tx, self.plan_id)

    @cached_property
    def tasks(self) -> Sequence[Task]:
        return tasks.seen(self.tx, self.plan_id)

    def people(self, of: Collection[str]) -> set[str]:
        return {person.key for person in seats(self.directory, of, Concern(), self.tx.now)}

    def whose(self, of: Collection[str]) -> str:
        return f" of {few([m.escape(self.directory.spoken_of(word)) for word in of], FEW)}" if of else ""

    def of(self, of: Collection[str], is_one: Callable[[Task], bool]) -> list[str]:
        """Which tasks of some people or teams, or of all, are such ones; by their keys, in Slack's markup."""
        found = [task for task in self.tasks if is_one(task)]
        if of and found:
            people = self.people(of)
            found = [task for task in found if people.intersection(task.assignees) or task.team in of]
        return [m.escape(task.key) for task in found]


@lru_cache(1024)
def name_of(part: Any) -> str:
    """What an indicator is known by when the plan changes: its key, else what it says."""
    return part.key or hashlib.sha256(part.model_dump_json().encode()).hexdigest()[:12]


def readings(scene: Scene, kept: Kept) -> dict[str, Reading]:
    """Every indicator of a risk but the signs that only its owner can see, by name."""
    parts = [part for part in kept.part.indicators if not isinstance(part, WatchPart)]
    return {name_of(part): _read(scene, kept.row, part) for part in parts}


def _read(scene: Scene, risk: Risk, part: Any) -> Reading:
    if isinstance(part, AskPart):
        return _asked(scene, risk, part)
    return READERS[type(part)](scene, part)


def _reopened(scene: Scene, part: ReopenedPart) -> Reading:
    again = store.reopened(scene.tx, [task.number for task in scene.tasks])
    return _many(scene, part.reopened, "reopened", lambda task: task.number in again)


def _many(scene: Scene, count: CountPart, what: str, is_one: Callable[[Task], bool]) -> Reading:
    keys = scene.of(count.of, is_one)
    have = f"{counted(len(keys), 'task')}{scene.whose(count.of)} {what}"
    return Reading(len(keys) > count.more_than, f"{have}, {count.more_than} allowed{_named(keys)}")


def _named(keys: Collection[str]) -> str:
    return f": {few(keys, FEW)}" if keys else ""


def _missed(scene: Scene, count: CountPart) -> Reading:
    people, day = scene.people(count.of), (scene.tx.now - A_WEEK).date()
    rows = [
        row for row in check_ins.every(scene.tx, scene.plan_id, day)
        if row.state == standups.State.MISSED and (not count.of or row.person in people)
    ]  # fmt: skip
    who = f": {m.escape(scene.directory.names_of(dict.fromkeys(row.person for row in rows)))}" if rows else ""
    says = f"{counted(len(rows), 'standup')}{scene.whose(count.of)} missed in 7 days, {count.more_than} allowed{who}"
    return Reading(len(rows) > count.more_than, says)


def _stuck(scene: Scene, age: AgePart) -> Reading:
    work = age.work(scene.directory.calendar)
    keys = scene.of(age.of, lambda task: _has_stood(scene, task, work))
    says = f"{counted(len(keys), 'task')}{scene.whose(age.of)} without news for {exact(age.for_)}{_named(keys)}"
    return Reading(bool(keys), says)


def _has_stood(scene: Scene, task: Task, span: timedelta) -> bool:
    at = task.moved_at or task.started_at
    silent = scene.directory.calendar.after(at, span) if at and task.status == State.IN_PROGRESS else None
    return silent is not None and silent <= scene.tx.now


def _forecast(scene: Scene, part: ForecastPart) -> Reading:
    kind, key = ("gate", part.forecast.gate) if part.forecast.gate else ("phase", part.forecast.phase)
    forecast, name = scene.tx.of(FORECAST)(scene.tx, scene.plan_id, kind, key), f"Forecast of {kind} {m.escape(key)}"
    if forecast is None:
        return Reading(None, f"{name}: not known yet")
    late = max(forecast.at - forecast.due_at, timedelta())
    by = f", {lasted(late)} late" if late else ", in time"
    return Reading(late > part.forecast.later_than, f"{name}: {m.date(forecast.at, 'both')}{by}")


def _measured(scene: Scene, part: MeasuredPart) -> Reading:
    name = part.measure
    measure = (plans.live(scene.tx, scene.plan_id).of(MEASURES) or {})[name]
    called, about = m.escape(measure.name or name), ""
    if measure.computed:
        figure = computation.figures(scene.tx, scene.plan_id, [name]).get(name) or Figure(())
        amount, about = summed_up(name, measure, figure), f" ({m.escape(figure.says)})" if figure.says else ""
    else:
        report = gates.measurements(scene.tx, scene.plan_id, [name]).get(name)
        amount = Amount(report.value, report.unit) if report else None
    if amount is None:
        return Reading(None, f"{called}: not known yet")
    own = part.below or part.above
    low, high = (part.below, part.above) if own else (measure.at_least, measure.at_most)
    over = shortfall(amount, low, high, measure)
    return Reading(bool(over), f"{called}: {shown(amount, measure)}{about}{f', {over}' if over else ''}")


def _asked(scene: Scene, risk: Risk, part: AskPart) -> Reading:
    """Somebody whom the plan asks said yes when they answered last."""
    last: Mapping[str, Any] = risk.answers.get(name_of(part), {})
    answers, question = (
        {person: each["said"] for person, each in last.items() if each.get("said")},
        m.escape(part.question),
    )
    asked = register.asked(scene.tx, scene.directory, part) if answers else ()
    said = {person: answers.get(person.key, "") for person in asked}
    yes = [m.escape(person.name) for person, answer in said.items() if answer == Said.YES]
    if yes:
        return Reading(trips=True, says=f"{few(yes, FEW)} said yes: {question}")
    spoken = any(said.values())
    return Reading(False if spoken else None, f"{question} {'No' if spoken else 'No answer yet'}")


READERS: Mapping[type, Callable[[Scene, Any], Reading]] = {
    InProgressPart: lambda scene, part: _many(
        scene, part.in_progress, "in progress", lambda task: task.status == State.IN_PROGRESS
    ),
    BlockedPart: lambda scene, part: _many(scene, part.blocked, "blocked", lambda task: task.status == State.BLOCKED),
    LateTasksPart: lambda scene, part: _many(
        scene, part.late_tasks, "late", lambda task: is_overdue(task, scene.tx.now)
    ),
    ReopenedPart: _reopened,
    MissedRoundsPart: lambda scene, part: _missed(scene, part.missed_rounds),
    StuckPart: lambda scene, part: _stuck(scene, part.stuck),
    ForecastPart: _forecast,
    MeasuredPart: _measured,
    TimeSharePart: lambda scene, part: worktime.read(scene.tx, scene.directory, part.share, scene.tasks),
}
