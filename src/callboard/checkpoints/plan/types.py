"""What a plan file says about checkpoints."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Many, Moment, Part, Span, percent

Status = Literal["not started", "in progress", "blocked", "completed"]
STATUSES: tuple[str, ...] = get_args(Status)
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
