"""What a plan file says about run-books and rollbacks; and when the steps are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from callboard.core.calendar import Calendar, DayTime, Wall
from callboard.planfile.paths import keyed, slug
from callboard.planfile.sections import Document, Happening, Window, several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import Moment as AnyMoment
from callboard.planfile.times import parse_day_time, parse_moment, parse_span
from callboard.planfile.timetable import Timetable, Unknown, timetable
from callboard.planfile.types import DayHours, Many, Moment, Part, Span, Weekdays, Whom, shorthand
from callboard.teams.plan import on_call
from callboard.teams.plan.directory import meant

WHOLE_DAYS = re.compile(r"\d{1,9}[dw]")
CLOCK = re.compile(r"\d{1,2}:\d{2}(\s+\S+)?")


@dataclass(frozen=True)
class Later:
    """So long after the step before begins: whole days by the calendar, `span` by the clock."""

    days: int
    span: timedelta


def _at(written: Any) -> Any:
    """Read when a step is: `14:00`, `+30m` after the step before, or a moment."""
    if isinstance(written, DayTime | Later | AnyMoment):
        return written
    text = str(written).strip()
    if text.startswith("+"):
        whole = parse_span(text.removeprefix("+"))
        days = parse_span("".join(WHOLE_DAYS.findall(text)) or "0d").days
        return Later(days, whole - timedelta(days=days))
    return parse_day_time(text) if CLOCK.fullmatch(text) else parse_moment(text)


@dataclass(frozen=True)
class Takes:
    """How long a step takes by the plan, at least and at most."""

    least: timedelta
    most: timedelta


def _takes(written: Any) -> Any:
    """Read `20m`, or `20m-40m`."""
    if isinstance(written, Takes):
        return written
    first, dash, last = str(written).replace("–", "-").partition("-")
    least = parse_span(first.strip())
    takes = Takes(least, parse_span(last.strip()) if dash else least)
    if takes.most < takes.least:
        raise ValueError(f"`{written}` ends before it begins: write the shorter time first, such as 20m-40m")
    return takes


def _starts(written: Any) -> Any:
    return re.sub(r"[\s-]+", "_", written.strip().lower()) if isinstance(written, str) else written


At = Annotated[
    DayTime | Later | AnyMoment,
    BeforeValidator(_at),
    WithJsonSchema({"type": "string", "examples": ["14:00", "+30m", "2026-04-01 14:00"]}),
]
"""A time of day, so long after the step before, or a moment."""


TakesText = Annotated[
    Takes, BeforeValidator(_takes), WithJsonSchema({"type": "string", "examples": ["20m", "20m-40m"]})
]
"""How long a step takes: 20m, or 20m-40m."""


class WindowPart(Part):
    """When steps may be taken: on which weekdays, and at what time."""

    days: Weekdays = frozenset(range(7))
    hours: DayHours | None = None


class AnnouncementPart(Part):
    """Who hears that a step is done: channels, people and mail addresses."""

    to: Whom = ()
    mail: Many = ()
    say: str = ""


class FailurePart(Part):
    """What happens when a step fails."""

    rollback: str = ""
    escalate: str = ""
    emergency: str = ""
    tell: Whom = ()
    say: str = ""


class LeaderPart(Part):
    """Who leads a step by what they are then: whoever has a role, or is on call for a team."""

    role: str = ""
    on_call: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.role) == bool(self.on_call):
            raise ValueError("write one of both: {role: coordinator} or {on_call: a team}")
        return self


Leaders = Annotated[tuple[LeaderPart | str, ...], BeforeValidator(several, json_schema_input_type=Any)]
"""Teams or people by their ids, a role, or whoever is on call; one of them or several."""


class EventPart(Part):
    """What a run-book begins with: a gate passes, a decision is no-go, an emergency of a level is declared."""

    gate: str = ""
    no_go: str = ""
    emergency: str = ""

    @property
    def written(self) -> list[tuple[str, str]]:
        """The words that are written, and what each names."""
        return [(word, getattr(self, word)) for word in ("gate", "no_go", "emergency") if getattr(self, word)]

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.written) != 1:
            raise ValueError("write one of these: {gate: a gate}, {no_go: a decision} or {emergency: a level}")
        return self


class BeginPart(Part):
    """When a run-book begins: at a moment, or when something happens."""

    at: Moment | None = None
    on: EventPart | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.at is None) == (self.on is None):
            raise ValueError("write one of both: `at: 2026-04-01 14:00` or `on: {gate: a gate}`")
        return self


class DrillPart(Part):
    """How long before the run-book a drill of it must have been, and in which channel drills are."""

    before: Span | None = None
    channel: str = ""


class StepPart(Part):
    """One step: when it is, who leads it, what others do meanwhile, and by when it must be done.

    One with a `reserve` is planned time in which nothing is done but to catch up.
    """

    key: str = ""
    id: str = ""
    title: str = Field(min_length=1, examples=["Deploy"])
    at: At | None = None
    takes: TakesText | None = None
    needs: Many | None = None
    reserve: Span | None = None
    turn_back: Span | None = None
    reported: Literal["api"] | None = None
    lead: Leaders = ()
    with_: Many = Field((), alias="with")
    meanwhile: dict[str, Many] = Field(default_factory=dict)
    items: Many = ()
    measures: Many = ()
    confirm: Whom = ()
    gate: str = ""
    within: Span | None = None
    if_failed: Annotated[FailurePart, shorthand("rollback")] | None = None
    starts: Annotated[Literal["on_call"], BeforeValidator(_starts, json_schema_input_type=str)] | None = None
    announce: AnnouncementPart | None = None
    note: str = ""

    @property
    def lasts(self) -> timedelta | None:
        """How long it is planned to take; None where the plan does not say."""
        return self.reserve or (self.takes.most if self.takes else self.within)


class RunbookPart(Part):
    """A run-book: its day, what it needs, when it may run, and its steps in order."""

    name: str = ""
    about: str = ""
    day: Moment | None = Field(None, examples=["2026-04-01"])
    starts: BeginPart | None = None
    promised: Moment | None = None
    drill: Annotated[DrillPart, shorthand("channel")] | None = None
    needs: TaskSets = ()
    wants: TaskSets = ()
    windows: Annotated[
        tuple[WindowPart, ...], BeforeValidator(several, json_schema_input_type=WindowPart | tuple[WindowPart, ...])
    ] = ()
    channel: str = ""
    steps: tuple[StepPart, ...] = Field(min_length=1)
    brief: Many = ()

    @property
    def begins(self) -> AnyMoment | None:
        """The moment at which it begins, or its day; None where it begins when something happens."""
        return self.starts.at if self.starts else self.day


class RollbackPart(Part):
    """A way back: how fast it is, how much it undoes, who orders it, how many confirm, and its steps."""

    within: Span = Field(examples=["15m"])
    name: str = ""
    scope: str = ""
    impact: str = ""
    order: Whom = ()
    confirm: Annotated[int, Field(ge=0)] | Whom = 0
    steps: Many = ()
    validate_: Many = Field((), alias="validate")
    lead: Whom = ()


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
    table: Timetable, part: RunbookPart, begun: Mapping[int, datetime] | None = None, start: datetime | None = None
) -> tuple[Timed, ...]:
    """Every step with its moment. `begun` is when steps, by number, did begin: later ones are counted from there.

    A step without a time comes when all that it waits for must be done, the first at the run-book's own moment, or at
    `start`.
    """
    waits, steps = waits_for(part.steps), dict[int, Timed]()
    for number in in_order(waits):
        step = part.steps[number]
        zone = step.at.zone if isinstance(step.at, DayTime) and step.at.zone else table.calendar.zone
        try:
            moment = _moment(table, part, step, [steps[n] for n in waits[number]], steps.get(number - 1), start)
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
    for name, part in parts.items():
        with suppress(OverflowError):
            keys = keyed(document.body["runbooks"][name]["steps"])
            for key, one in zip(keys, timed(table, part), strict=True):
                if one.at and window[0] <= one.at < window[1] and not one.step.reserve:
                    yield Happening(
                        at=one.at, until=one.until, zone=one.zone.key, kind="step", name=one.step.title,
                        key=f"{name}.{key}", who=leaders(document, one.step, one.at), team=_team(document, one.step),
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


def _team(document: Document, step: StepPart) -> str:
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
