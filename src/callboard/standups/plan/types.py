"""What a plan file says about standups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.calendar import DayTime
from callboard.planfile.times import parse_day_time
from callboard.planfile.types import Many, Moment, Part, Span, Weekdays, shorthand

OTHERS = "default"
"""Whose questions those are whose team has none of its own."""
EVERYONE = ("everyone",)


def day_time(written: Any) -> Any:
    """Read a time of day that comes again and again."""
    if isinstance(written, DayTime):
        return written
    if isinstance(written, time):
        return DayTime(written)
    return parse_day_time(str(written))


At = Annotated[
    DayTime,
    BeforeValidator(day_time),
    WithJsonSchema({"type": "string", "examples": ["09:00", "10:00 America/Los_Angeles"]}),
]
"""A time of day, perhaps in a zone of its own."""


def _minutes(written: Any) -> Any:
    """Read a number as minutes, and anything else as a span."""
    text = str(written).strip()
    return f"{text}m" if text.isdigit() and not isinstance(written, bool) else written


Minutes = Annotated[Span, BeforeValidator(_minutes), WithJsonSchema({"type": ["integer", "string"], "examples": [3]})]
"""A span; a number alone counts minutes."""


class QuestionPart(Part):
    """One question, and from when until when it is asked."""

    ask: str = Field(min_length=1, examples=["Did the gate pass?"])
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None


def _one_or_more(written: Any) -> Any:
    return [written] if isinstance(written, str) or (isinstance(written, Mapping) and "ask" in written) else written


Question = Annotated[QuestionPart, shorthand("ask")]
Questions = Annotated[tuple[Question, ...], BeforeValidator(_one_or_more)]
"""One question or a list of questions."""


class StandupPart(Part):
    """A round that comes again and again: who is asked what, at what time."""

    name: str = Field(min_length=1, examples=["Daily"])
    key: str = ""
    days: Weekdays | None = None
    at: At = Field(examples=['"09:00"'])
    clock: Literal["person", "plan"] = "plan"
    who: Many = EVERYONE
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    window: Span = timedelta(hours=2)
    remind_after: Span | None = None
    channel: str = ""
    questions: Questions | dict[str, Questions] = ()
    minutes_each: Minutes | None = None
    order: Many = ()

    def asked(self, team: str) -> tuple[QuestionPart, ...]:
        """The questions for somebody of a team."""
        if isinstance(self.questions, tuple):
            return self.questions
        return self.questions.get(team, self.questions.get(OTHERS, ()))

    @property
    def teams_asked(self) -> frozenset[str]:
        """The teams that have questions of their own."""
        return frozenset(self.questions) - {OTHERS} if isinstance(self.questions, dict) else frozenset()
