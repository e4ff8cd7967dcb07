"""What a plan file says about tasks, their kinds, priorities, areas and types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import parse_span, show_span
from callboard.planfile.types import Many, Moment, Part, Percent, Span, shorthand

Status = Literal["not started", "in progress", "blocked", "completed"]
STATUSES: tuple[str, ...] = get_args(Status)
COMPLETED = "completed"
SHORTHAND = re.compile(r"(\d+)\s*-\s*(\d+)([smhdw])")


@dataclass(frozen=True)
class Estimate:
    """How long a task will take, at least and at most."""

    low: timedelta
    high: timedelta


def parse_estimate(text: str) -> Estimate:
    """Read `2h-4h`, `2-4h` or `3d`. Raises ValueError with a sentence."""
    short = SHORTHAND.fullmatch(text.strip())
    low, dash, high = short.expand(r"\1\3 - \2\3").partition("-") if short else text.partition("-")
    try:
        made = Estimate(parse_span(low.strip()), parse_span(high.strip() if dash else low.strip()))
    except ValueError as wrong:
        raise ValueError(f"{wrong}; of an estimate, 2h-4h or 3d") from None
    if made.high < made.low:
        raise ValueError(f"`{text}` is more at least than at most: write {show_span(made.high)}-{show_span(made.low)}")
    return made


def _estimate(written: Any) -> Any:
    return written if isinstance(written, Estimate) else parse_estimate(str(written))


def status(written: Any) -> Any:
    """Read a status, also as programs write it: IN_PROGRESS."""
    return re.sub(r"[\s_-]+", " ", written.strip().lower()) if isinstance(written, str) else written


def _points(written: Any) -> Any:
    """Read where teams meet: `{Sign-in: frontend}`, or a list, in which a point may have no team yet."""
    if isinstance(written, int | float):
        raise ValueError("points are where teams meet: {Sign-in: frontend}; for its size, write `estimate:`")  # noqa: TRY004 - for pydantic
    if isinstance(written, str):
        return {written: ""}
    if not isinstance(written, list):
        return written
    found: dict[Any, Any] = {}
    for each in written:
        found |= each if isinstance(each, Mapping) else {str(each): ""}
    return found


def _area(written: Any) -> Any:
    return {"planned": written} if isinstance(written, int) and not isinstance(written, bool) else written


def _schema(written: Any) -> Any:
    if not isinstance(written, Mapping):
        raise ValueError("parameters are described by a JSON Schema: {type: object, properties: {...}}")  # noqa: TRY004 - for pydantic
    if written.get("type") != "object":
        raise ValueError("parameters have names, so their JSON Schema begins with `type: object`")
    return written


EstimateText = Annotated[
    Estimate, BeforeValidator(_estimate), WithJsonSchema({"type": "string", "examples": ["2h-4h", "3d"]})
]
"""A duration or two, 2h-4h."""
StatusText = Annotated[Status, BeforeValidator(status), WithJsonSchema({"enum": list(STATUSES)})]
"""A status, in small letters or not."""


class TaskPart(Part):
    """A task: what is to be done, by whom, until when, and what must be there before."""

    title: str = Field(min_length=1, examples=["Database schema validated"])
    team: str = ""
    lead_team: str = ""
    support_teams: Many = ()
    assignee: Many = ()
    assignees: Many = ()
    phase: str = ""
    area: str = ""
    kind: str = ""
    priority: str = ""
    from_: Moment | None = Field(None, alias="from")
    start: Moment | None = None
    due: Moment | None = None
    estimate: EstimateText | None = None
    needs: TaskSets = ()
    wants: TaskSets = ()
    criteria: Many = ()
    files: Many = ()
    deliverable: Many = ()
    components: TaskSets = ()
    points: Annotated[dict[str, str], BeforeValidator(_points)] = Field(default_factory=dict)
    status: StatusText = "not started"
    percent: Percent | None = None
    complexity: str = ""
    note: str = ""
    brief: Many = ()

    @property
    def owner(self) -> str:
        """The team that answers for it: the leading one of several."""
        return self.lead_team or self.team

    @property
    def teams(self) -> tuple[str, ...]:
        named = (self.owner, *self.support_teams, *self.points.values())
        return tuple(dict.fromkeys(filter(None, named)))

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.assignee, *self.assignees)))

    @property
    def begins(self) -> Moment | None:
        return self.from_ or self.start


class AreaPart(Part):
    """A part of the work, how many tasks it will have in the end, and who answers for it, in a team or not."""

    planned: int | None = Field(None, ge=0, examples=[4])
    owner: Many = ()
    name: str = ""
    about: str = ""


class TaskTypePart(Part):
    """A type of task that programs create and claim: what its parameters are, and how long a claim holds."""

    version: str = Field(pattern=r"^\d+(\.\d+){0,3}([-+][0-9A-Za-z.-]+)?$", examples=["1.0.0"])
    params: Annotated[dict[str, Any], BeforeValidator(_schema)] = Field(examples=["{type: object}"])
    lease: Span = timedelta(minutes=5)


Task = Annotated[TaskPart, shorthand("title")]
Area = Annotated[AreaPart, BeforeValidator(_area)]
