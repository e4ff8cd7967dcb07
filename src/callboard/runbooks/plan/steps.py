"""What a plan file says about run-books and rollbacks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from callboard.core.calendar import DayTime
from callboard.planfile.sections import several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import Moment as AnyMoment
from callboard.planfile.times import parse_day_time, parse_moment, parse_span
from callboard.planfile.types import DayHours, Many, Moment, Part, Span, Weekdays, Whom, shorthand

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
