"""The types of values in a plan file: durations, days, hours, moments, zones, lists, percentages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema

from callboard.core.calendar import DateRange, DayTime, Hours, Wall, WorkingHours
from callboard.planfile.times import Moment as AnyMoment
from callboard.planfile.times import (
    parse_dates,
    parse_day_time,
    parse_days,
    parse_hours,
    parse_moment,
    parse_span,
    parse_time,
    parse_wall,
    parse_zone,
)

HUNDRED = 100
ON_CALL = "on_call"
OWN_VARIABLES = ("CALLBOARD_", "SLACK_", "DATABASE_URL")
_Who = str | dict[Literal["on_call"], str]
WHO = "who"
"""Marks a type that holds who-expressions, so that all of a plan are found by it."""
LASTING, PERCENTAGE = "lasting", "percentage"
"""Mark durations that are more than nothing, and percentages."""


class Part(BaseModel):
    """A mapping of the plan file. Unknown keys are refused; numbers may stand where text is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, defer_build=True)


@dataclass(frozen=True)
class Shorthand:
    """Reads plain text as a mapping that has only `key`."""

    key: str

    def __call__(self, written: Any) -> Any:
        return {self.key: written} if isinstance(written, str) else written


def shorthand(key: str) -> BeforeValidator:
    """Accept plain text for a mapping that has only `key`: `coordinator: Managing engineer`."""
    return BeforeValidator(Shorthand(key))


def _one_or_more(written: Any) -> Any:
    return (written,) if isinstance(written, str | int | float) else written


def _whom(written: Any) -> Any:
    if isinstance(written, dict):
        written = (written,)
    every = _one_or_more(written)
    return tuple(map(_who, every)) if isinstance(every, list | tuple) else every


def _who(expression: Any) -> Any:
    """`{on_call: ops}` as the words that stand for it everywhere: `on_call ops`."""
    if not isinstance(expression, dict):
        return expression
    if list(expression) != [ON_CALL] or not isinstance(expression[ON_CALL], str):
        raise ValueError("this names nobody: write an id, a role, or {on_call: ops} for whoever of a team is on call")
    return f"{ON_CALL} {expression[ON_CALL]}"


def _text(parse: Callable[[str], Any], example: str) -> Callable[[Any], Any]:
    def read(written: Any) -> Any:
        if isinstance(written, str | int | float) and not isinstance(written, bool):
            return parse(str(written))
        if isinstance(written, bool | list | dict):
            several = ", not a list" if isinstance(written, list) else ""
            raise ValueError(f"one text is meant here{several}: write it like {example}")  # noqa: TRY004 - for pydantic
        return written

    return read


def day_time(written: Any) -> Any:
    """Read a time of day that comes again and again."""
    return DayTime(written) if isinstance(written, time) else _text(parse_day_time, "09:00")(written)


def _days(written: Any) -> Any:
    if isinstance(written, Sequence) and not isinstance(written, str):
        return parse_days(",".join(str(day) for day in written))
    return written if isinstance(written, frozenset) else parse_days(str(written))


def _written(parse: Callable[[str], Any], *examples: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """What stands behind a type that is written as text: how it is read, and how editors are told of it."""
    return BeforeValidator(_text(parse, examples[0])), WithJsonSchema({"type": "string", "examples": list(examples)})


def percent(written: Any) -> Any:
    """Read `75%`, or a number from 0 to 100."""
    text = str(written).strip().removesuffix("%")
    if isinstance(written, bool) or not text.replace(".", "", 1).isdecimal() or float(text) > HUNDRED:
        raise ValueError(f"`{written}` is no percentage: write one from 0% to 100%")
    return float(text)


Many = Annotated[tuple[str, ...], BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...])]
"""One text or a list of texts."""
Whom = Annotated[tuple[str, ...], BeforeValidator(_whom, json_schema_input_type=_Who | tuple[_Who, ...]), WHO]
"""One who-expression or a list of them; whoever of a team is on call may be written `{on_call: ops}`."""
Span = Annotated[timedelta, *_written(parse_span, "15m", "4h", "3d", "1h30m"), LASTING]
"""A duration: 90s, 15m, 4h, 3d, 1h30m."""
Delay = Annotated[timedelta, *_written(parse_span, "15m", "4h", "3d", "1h30m")]
"""A duration that may be none: 0m is at once."""
Weekdays = Annotated[
    frozenset[int], BeforeValidator(_days), WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "examples": ["mon-fri"]}
    ),
]  # fmt: skip
"""mon, mon-fri, [mon, thu]; Monday is 0."""
DayHours = Annotated[Hours, *_written(parse_hours, "08:00-18:00")]
"""A stretch of the day, 08:00-18:00."""
Clock = Annotated[time, *_written(parse_time, "09:00")]
"""A time of day, 09:00."""
At = Annotated[
    DayTime,
    BeforeValidator(day_time),
    WithJsonSchema({"type": "string", "examples": ["09:00", "10:00 America/Los_Angeles"]}),
]
"""A time of day that comes again, perhaps in a zone of its own."""
Dates = Annotated[DateRange, *_written(parse_dates, "2026-03-30..2026-03-31", "2026-03-30")]
"""A day or a range of days, a..b."""
Fixed = Annotated[Wall, *_written(parse_wall, "2026-03-25 08:00", "2026-03-25")]
"""A day and time as written, 2026-03-25 08:00; a day alone; either with a zone behind it."""
Moment = Annotated[AnyMoment, *_written(parse_moment, "2026-03-25 08:00", "target - 5d 17:00", "w2 fri 17:00")]
"""A moment in any form: fixed, reckoned from one of the plan's dates, or on a weekday of one of its weeks."""
Zone = Annotated[ZoneInfo, *_written(parse_zone, "Europe/Berlin")]
"""An IANA time zone."""
Percent = Annotated[
    float, BeforeValidator(percent), WithJsonSchema({"type": ["string", "number"], "examples": ["75%"]}), PERCENTAGE
]
"""A percentage from 0 to 100, 75%."""


class HoursPart(Part):
    """On which days and when work is done."""

    days: Weekdays = WorkingHours().days
    hours: DayHours = WorkingHours().hours

    def read(self) -> WorkingHours:
        """Turn it into what the calendar reckons with."""
        return WorkingHours(self.days, self.hours)


def is_own_variable(name: str) -> bool:
    """Whether a variable of the environment configures Callboard itself, so that no plan may name it."""
    return name.strip().upper().startswith(OWN_VARIABLES)
