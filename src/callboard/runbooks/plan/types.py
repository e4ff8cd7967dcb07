"""What a plan file says about run-books and rollbacks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.calendar import DayTime
from callboard.planfile.moments import Moment as AnyMoment
from callboard.planfile.moments import parse_moment
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import parse_day_time, parse_span
from callboard.planfile.types import DayHours, Many, Moment, Part, Span, Weekdays, shorthand

WHOLE_DAYS = re.compile(r"\d+[dw]")
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


def _several(written: Any) -> Any:
    return [written] if isinstance(written, Mapping) else written


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
    """Who hears that a step is done: channels and people, and addresses of mail."""

    to: Many = ()
    mail: Many = ()
    say: str = ""


class FailurePart(Part):
    """What follows when a step fails."""

    rollback: str = ""
    escalate: str = ""
    emergency: str = ""
    tell: Many = ()
    say: str = ""


class StepPart(Part):
    """One step: when it is, who leads it, what the others do meanwhile, and when it is done."""

    key: str = ""
    title: str = Field(min_length=1, examples=["Deploy"])
    at: At | None = None
    lead: Many = Field(min_length=1, examples=["ops"])
    with_: Many = Field((), alias="with")
    meanwhile: dict[str, Many] = Field(default_factory=dict)
    items: Many = ()
    measures: Many = ()
    confirm: Many = ()
    gate: str = ""
    within: Span | None = None
    if_failed: Annotated[FailurePart, shorthand("rollback")] | None = None
    starts: Annotated[Literal["on_call"], BeforeValidator(_starts, json_schema_input_type=str)] | None = None
    announce: AnnouncementPart | None = None
    note: str = ""


class RunbookPart(Part):
    """A run-book: its day, what must be there before, when it may be run, and its steps in order."""

    name: str = ""
    about: str = ""
    day: Moment | None = Field(None, examples=["2026-04-01"])
    needs: TaskSets = ()
    wants: TaskSets = ()
    windows: Annotated[
        tuple[WindowPart, ...], BeforeValidator(_several, json_schema_input_type=WindowPart | tuple[WindowPart, ...])
    ] = ()
    channel: str = ""
    steps: tuple[StepPart, ...] = Field(min_length=1)
    brief: Many = ()


class RollbackPart(Part):
    """A way back: within which time, how much it takes back, who orders it, how many confirm, and its steps."""

    within: Span = Field(examples=["15m"])
    name: str = ""
    scope: str = ""
    impact: str = ""
    order: Many = ()
    confirm: Annotated[int, Field(ge=0)] | Many = 0
    steps: Many = ()
    lead: Many = ()
