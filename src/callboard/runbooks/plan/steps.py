"""What a plan file says about run-books and rollbacks; and when the steps are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from callboard.core.calendar import Calendar, DayTime, Wall
from callboard.planfile.paths import keyed
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


def _starts(written: Any) -> Any:
    return re.sub(r"[\s-]+", "_", written.strip().lower()) if isinstance(written, str) else written


At = Annotated[
    DayTime | Later | AnyMoment,
    BeforeValidator(_at),
    WithJsonSchema({"type": "string", "examples": ["14:00", "+30m", "2026-04-01 14:00"]}),
]
"""A time of day, so long after the step before, or a moment."""


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


class StepPart(Part):
    """One step: when it is, who leads it, what others do meanwhile, and by when it must be done."""

    key: str = ""
    title: str = Field(min_length=1, examples=["Deploy"])
    at: At | None = None
    lead: Leaders = Field(min_length=1, examples=["ops"])
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


class RunbookPart(Part):
    """A run-book: its day, what it needs, when it may run, and its steps in order."""

    name: str = ""
    about: str = ""
    day: Moment | None = Field(None, examples=["2026-04-01"])
    needs: TaskSets = ()
    wants: TaskSets = ()
    windows: Annotated[
        tuple[WindowPart, ...], BeforeValidator(several, json_schema_input_type=WindowPart | tuple[WindowPart, ...])
    ] = ()
    channel: str = ""
    steps: tuple[StepPart, ...] = Field(min_length=1)
    brief: Many = ()


class RollbackPart(Part):
    """A way back: how fast it is, how much it undoes, who orders it, how many confirm, and its steps."""

    within: Span = Field(examples=["15m"])
    name: str = ""
    scope: str = ""
    impact: str = ""
    order: Whom = ()
    confirm: Annotated[int, Field(ge=0)] | Whom = 0
    steps: Many = ()
    lead: Whom = ()


@dataclass(frozen=True)
class Timed:
    """A step and when it is; None where that is not known."""

    step: StepPart
    at: datetime | None
    zone: ZoneInfo

    @property
    def until(self) -> datetime | None:
        return self.at + self.step.within if self.at and self.step.within else None


def timed(table: Timetable, part: RunbookPart, begun: Mapping[int, datetime] | None = None) -> tuple[Timed, ...]:
    """Every step with its moment. `begun` is when steps, by number, did begin: later ones are counted from there.

    A step without a time comes when the one before it must be done, the first at the run-book's own moment.
    """
    steps: list[Timed] = []
    for number, step in enumerate(part.steps):
        before = steps[-1] if steps else None
        zone = step.at.zone if isinstance(step.at, DayTime) and step.at.zone else table.calendar.zone
        try:
            at = begun[number] if begun and number in begun else _moment(table, part, step, before)
        except (Unknown, OverflowError):
            at = None
        steps.append(Timed(step, at, zone))
    return tuple(steps)


def own_day(table: Timetable, part: RunbookPart) -> Wall | None:
    """The day of a run-book; None where it has none or it is not known."""
    try:
        return table.wall(part.day) if part.day else None
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
                if one.at and window[0] <= one.at < window[1]:
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
    first = step.lead[0] if isinstance(step.lead[0], str) else step.lead[0].on_call
    return first if first in document.keys("teams") else ""


def _moment(table: Timetable, part: RunbookPart, step: StepPart, before: Timed | None) -> datetime | None:
    if isinstance(step.at, DayTime):
        day = own_day(table, part)
        return Wall(day.day, step.at.clock, step.at.zone).instant(table.calendar) if day else None
    if isinstance(step.at, Later):
        start = before.at if before else _beginning(table, part)
        return _later(table.calendar, start, step.at) if start else None
    if step.at:
        return table.instant(step.at)
    return (before.until or before.at) if before else _beginning(table, part)


def _beginning(table: Timetable, part: RunbookPart) -> datetime | None:
    day = own_day(table, part)
    return day.instant(table.calendar, opening=True) if day else None


def _later(calendar: Calendar, start: datetime, later: Later) -> datetime:
    if not later.days:
        return start + later.span
    local = start.astimezone(calendar.zone)
    return Wall(local.date() + timedelta(days=later.days), local.time()).instant(calendar) + later.span
