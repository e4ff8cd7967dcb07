"""When the steps of a run-book are, in which order, and who leads them then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from zoneinfo import ZoneInfo

from callboard.core.calendar import Calendar, DayTime, Wall
from callboard.gates.plan import GATES
from callboard.planfile.paths import keyed, slug
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.timetable import Timetable, Unknown, placed, timetable
from callboard.runbooks.plan.steps import Later, LeaderPart, RunbookPart, StepPart
from callboard.teams.plan import on_call
from callboard.teams.plan.directory import meant


@dataclass(frozen=True)
class Timed:
    """A step and when it is; None where that is not known."""

    step: StepPart
    at: datetime | None
    zone: ZoneInfo

    @property
    def until(self) -> datetime | None:
        return self.at + self.step.lasts if self.at and self.step.lasts else None


def timed(
    table: Timetable, part: RunbookPart, begun: Mapping[int, datetime] | None = None, start: datetime | None = None,
    dues: Mapping[str, datetime] | None = None,
) -> tuple[Timed, ...]:  # fmt: skip
    """Every step with its moment. `begun` is when steps, by number, did begin: later ones are counted from there.

    A step without a time comes when all that it waits for must be done, the first at the run-book's own moment, or at
    `start`. One that follows others does not come before its gate is due, by `dues`.
    """
    waits, steps = waits_for(part.steps), dict[int, Timed]()
    for number in in_order(waits):
        step = part.steps[number]
        zone = step.at.zone if isinstance(step.at, DayTime) and step.at.zone else table.calendar.zone
        try:
            moment = _moment(table, part, step, [steps[n] for n in waits[number]], steps.get(number - 1), start)
            if moment and dues and waits[number] and not step.at:
                moment = max(moment, dues.get(step.gate, moment))
            at = begun[number] if begun and number in begun else moment
        except (Unknown, OverflowError):
            at = None
        steps[number] = Timed(step, at, zone)
    return tuple(steps[number] for number in range(len(part.steps)))


def step_key(step: StepPart) -> str:
    """The key of a step."""
    return step.key or step.id or slug(step.title)


def waits_for(steps: Sequence[StepPart]) -> list[tuple[int, ...]]:
    """The numbers of the steps that each step waits for: those it `needs`, else the one before it.

    Of a circle of needs only those that look back are left.
    """
    numbers = {step_key(step): number for number, step in enumerate(steps)}
    waits = [
        (number - 1,) * bool(number) if step.needs is None
        else tuple(dict.fromkeys(numbers[key] for key in step.needs if numbers.get(key, number) != number))
        for number, step in enumerate(steps)
    ]  # fmt: skip
    if circle(waits):
        return [tuple(other for other in each if other < number) for number, each in enumerate(waits)]
    return waits


def circle(waits: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of steps that each wait for the next, the last being the first again; empty without a circle."""
    try:
        TopologicalSorter(dict(enumerate(waits))).prepare()
    except CycleError as found:
        return list(reversed(found.args[1]))
    return []


def in_order(waits: Sequence[Sequence[int]]) -> list[int]:
    """The numbers of all steps, each after those that it waits for and after the one that its time may count from."""
    order: dict[int, None] = {}

    def add(number: int) -> None:
        for other in waits[number]:
            if other not in order:
                add(other)
        order.setdefault(number)

    for number in range(len(waits)):
        add(number)
    return list(order)


def own_day(table: Timetable, part: RunbookPart) -> Wall | None:
    """The day of a run-book; None where it has none or it is not known."""
    try:
        return table.wall(part.begins) if part.begins else None
    except (Unknown, OverflowError):
        return None


def happens(document: Document, parts: Mapping[str, RunbookPart], window: Window) -> Iterator[Happening]:
    """Each step at its time, with those who lead it: the people of a team, or whoever has a role or is on call then."""
    table = timetable(document)
    if table is None:
        return
    moments = {key: placed(table, gate.due) for key, gate in (document.of(GATES) or {}).items()}
    dues = {key: at[0] for key, at in moments.items() if at}
    for name, part in parts.items():
        with suppress(OverflowError):
            keys = keyed(document.body["runbooks"][name]["steps"])
            for key, one in zip(keys, timed(table, part, dues=dues), strict=True):
                if one.at and window[0] <= one.at < window[1] and not one.step.reserve:
                    yield Happening(
                        at=one.at, until=one.until, zone=one.zone.key, kind="step", name=one.step.title,
                        key=f"{name}.{key}", who=leaders(document, one.step, one.at),
                        team=lead_team(document, one.step),
                    )  # fmt: skip


def leaders(document: Document, step: StepPart, at: datetime) -> tuple[str, ...]:
    """The ids of the people who lead a step at a moment, in the order of the file."""
    words = [_word(document, leader, at) for leader in step.lead]
    return meant(document, filter(None, words))


def _word(document: Document, leader: str | LeaderPart, at: datetime) -> str:
    """The who-expression for a leader at a moment; empty while nobody is on call."""
    if isinstance(leader, str):
        return leader
    turn = on_call.turn(document, leader.on_call, at) if leader.on_call else None
    return turn.person if turn else leader.role


def lead_team(document: Document, step: StepPart) -> str:
    """The team that leads a step, or whose people on call do; empty for people and roles."""
    first = next(iter(step.lead), "")
    team = first if isinstance(first, str) else first.on_call
    return team if team in document.keys("teams") else ""


def _moment(
    table: Timetable, part: RunbookPart, step: StepPart, needs: Sequence[Timed], before: Timed | None,
    start: datetime | None,
) -> datetime | None:  # fmt: skip
    first = start or _beginning(table, part)
    if isinstance(step.at, DayTime):
        zone = step.at.zone or table.calendar.zone
        own = own_day(table, part)
        day = own.day if own else start.astimezone(zone).date() if start else None
        return Wall(day, step.at.clock, step.at.zone).instant(table.calendar) if day else None
    if isinstance(step.at, Later):
        begin = before.at if before else first
        return _later(table.calendar, begin, step.at) if begin else None
    if step.at:
        return table.instant(step.at)
    ends = [other.until or other.at for other in needs]
    return max((end for end in ends if end), default=None) if ends else first


def _beginning(table: Timetable, part: RunbookPart) -> datetime | None:
    day = own_day(table, part)
    return day.instant(table.calendar, opening=True) if day else None


def _later(calendar: Calendar, start: datetime, later: Later) -> datetime:
    if not later.days:
        return start + later.span
    local = start.astimezone(calendar.zone)
    return Wall(local.date() + timedelta(days=later.days), local.time()).instant(calendar) + later.span
