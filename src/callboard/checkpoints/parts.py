"""What a plan file says about checkpoints, cadences and meetings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from callboard.core.calendar import DayTime
from callboard.planfile.moments import Moment as AnyMoment
from callboard.planfile.moments import parse_moment
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Many, Moment, Part, Span, Weekdays, percent
from callboard.standups.plan.types import day_time

Status = Literal["not started", "in progress", "blocked", "completed"]
STATUSES: tuple[str, ...] = get_args(Status)
SHORTEST = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)
CLOCK = re.compile(r"\s*\d{1,2}:\d{2}(\s+\S+)?\s*")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")


def _expected(written: Any) -> Any:
    if str(written) in STATUSES:
        return written
    try:
        return percent(written)
    except ValueError:
        known = ", ".join(f"`{status}`" for status in STATUSES)
        raise ValueError(f"`{written}` is nothing to expect: write a percentage such as 75%, or {known}") from None


def _amount(written: Any) -> Any:
    text = str(written).strip().removesuffix("%").strip()
    if isinstance(written, bool) or not NUMBER.fullmatch(text):
        raise ValueError(f"`{written}` is no number: write one such as 30 or 75%")
    return float(text)


def _titled(written: Any) -> Any:
    """Read the items of an agenda: `Demo`, `{Progress: 10m}`, or all of them in one mapping."""
    if isinstance(written, str):
        return [{"title": written}]
    if isinstance(written, Mapping) and "title" not in written:
        return [{"title": title, "lasts": lasts} for title, lasts in written.items()]
    if isinstance(written, list):
        return [item for each in written for item in _titled(each)]
    return [written]


def _when(written: Any) -> Any:
    """Read a time of day as one that comes again, anything else as a moment."""
    if isinstance(written, str) and not CLOCK.fullmatch(written):
        return parse_moment(written)
    return written if isinstance(written, AnyMoment) else day_time(written)


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody can be asked that often: write 5m or more")
    if span > ONE_DAY and span % ONE_DAY:
        raise ValueError("more than a day is reckoned in whole days: write 2d, or 1w")
    return span


Expected = Annotated[
    float | Status,
    BeforeValidator(_expected),
    WithJsonSchema({"type": ["string", "number"], "examples": ["75%", "completed"]}),
]
"""A percentage, or a status."""
Amount = Annotated[
    float, BeforeValidator(_amount), WithJsonSchema({"type": ["number", "string"], "examples": [30, "75%"]})
]
"""A number, with or without %."""
When = Annotated[
    DayTime | AnyMoment,
    BeforeValidator(_when),
    WithJsonSchema({"type": "string", "examples": ["10:00", "2026-03-25 16:00"]}),
]
"""A time of day that comes again on certain days, or one moment."""


class ExpectationPart(Part):
    """What should be true at a checkpoint: of tasks, of a measure, or of a gate."""

    tasks: TaskSets = ()
    measure: str = ""
    gate: str = ""
    at_least: Amount | None = None
    at_most: Amount | None = None
    are: Status | None = None


class CheckpointPart(Part):
    """A moment with expectations and questions."""

    name: str = Field(min_length=1, examples=["Mid-point"])
    key: str = ""
    team: str = ""
    teams: Many = ()
    at: Moment = Field(examples=["2026-03-25 15:00"])
    expects: dict[str, Expected] | tuple[ExpectationPart, ...] = ()
    ask: Many = ()
    window: Span = timedelta(minutes=30)
    escalate: str = ""
    who: Many = ("leads",)

    @property
    def concerned(self) -> tuple[str, ...]:
        """The teams it is about."""
        return tuple(dict.fromkeys(filter(None, (self.team, *self.teams))))


class CadencePart(Part):
    """A status request that comes again and again while people work."""

    name: str = Field(min_length=1, examples=["Atom status"])
    key: str = ""
    every: Annotated[Span, AfterValidator(_often)] = Field(examples=["30m"])
    about: Literal["teams", "tasks", "phases", "gates", "plan"] | TaskSets = "tasks"
    who: Many = Field(min_length=1, examples=["[assignees]"])
    during: Many = ()


class AgendaPart(Part):
    """A point of an agenda, and how long it may take."""

    title: str = Field(min_length=1)
    lasts: Span | None = None


class MeetingPart(Part):
    """A meeting: on days of the week, at one moment, or after a gate."""

    name: str = Field(min_length=1, examples=["Weekly planning"])
    key: str = ""
    days: Weekdays | None = None
    at: When | None = None
    after: Many = ()
    within: Span = timedelta()
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    lasts: Span | None = None
    lead: Many = ()
    who: Many = ("everyone",)
    agenda: Annotated[tuple[AgendaPart, ...], BeforeValidator(_titled)] = ()
    outputs: Many = ()
    retrospective: bool = False
    link: str = ""
