"""What a plan file says about tasks, their kinds, priorities, areas and types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, PrivateAttr, WithJsonSchema, model_validator

from callboard.core.calendar import Calendar
from callboard.planfile.notations import span_meant
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import days_in, parse_span, show_span
from callboard.planfile.types import Delay, Many, Moment, Part, Percent, Span, shorthand

Status = Literal["not started", "in progress", "blocked", "completed"]
STATUSES: tuple[str, ...] = get_args(Status)
COMPLETED = "completed"
HALF = 0.5
SHORTHAND = re.compile(r"(\d+)\s*-\s*(\d+)([smhdw])")
RANGE = re.compile(r"(\d[\d.,]*) ?([a-z]*) ?(?:-|–|—|to) ?(\d[\d.,]*) ?([a-z]+)")
"""An estimate as people write it: 1-2 days, 30 min to 2 hours."""
PART_OF_DAY = re.compile(r"\d[.,]\d+ ?[dw]")


class Estimate(Part):
    """How long it will take at least and at most, and where somebody says so, most likely."""

    low: Delay
    likely: Delay | None = None
    high: Delay
    _in_days: Mapping[str, timedelta] = PrivateAttr({})
    """What of each of these is written in days or weeks."""

    @model_validator(mode="wrap")
    @classmethod
    def _noted(cls, written: Any, read: ModelWrapValidatorHandler[Estimate]) -> Estimate:
        made = read(written)
        if isinstance(written, Mapping):
            made._in_days = {name: days for name, span in written.items() if (days := days_in(span))}  # noqa: SLF001 - its own
        return made

    @model_validator(mode="after")
    def _rises(self) -> Estimate:
        if self.likely and not self.low <= self.likely <= self.high:
            low, likely, high = map(show_span, sorted((self.low, self.likely, self.high)))
            rising = f"{{low: {low}, likely: {likely}, high: {high}}}"
            raise ValueError(f"likely is between low and high: write {rising}")
        if self.high < self.low:
            rising = f"{show_span(self.high)}-{show_span(self.low)}"
            raise ValueError(f"it is more at least than at most: write {rising}")
        return self

    def at(self, share: float) -> timedelta:
        """How long it takes whoever has so much bad luck, from 0 to 1; half have less than is likely."""
        if self.likely is None:
            return self.low + share * (self.high - self.low)
        if share < HALF:
            return self.low + share / HALF * (self.likely - self.low)
        return self.likely + (share / HALF - 1) * (self.high - self.likely)

    def work(self, calendar: Calendar) -> Estimate:
        """The same in working time: a day has as many hours as the calendar, a week as many days."""
        if not self._in_days:
            return self
        spans = {name: span for name in ("low", "likely", "high") if (span := getattr(self, name)) is not None}
        days = {name: self._in_days.get(name, timedelta()) for name in spans}
        work = (span - days[name] + calendar.in_days(days[name]) for name, span in spans.items())
        return self.model_copy(update=dict(zip(spans, sorted(work), strict=True)))

    @property
    def is_in_days(self) -> bool:
        """Whether days or weeks are in what is written."""
        return bool(self._in_days)


def _spelled(written: Any) -> Mapping[str, str]:
    """The durations of an estimate as they are written: `2h-4h`, `2-4h`, `3d`, or {low: 2h, likely: 3h, high: 8h}."""
    if isinstance(written, Mapping):
        return written
    short = SHORTHAND.fullmatch(str(written).strip())
    low, dash, high = (short.expand(r"\1\3 - \2\3") if short else str(written)).partition("-")
    return {"low": low.strip(), "high": high.strip() if dash else low.strip()}


def _estimate(written: Any) -> Any:
    if isinstance(written, Mapping):
        for span in filter(PART_OF_DAY.search, map(str, written.values())):
            raise ValueError(f"`{span}` is no estimate: write {_meant(span)}")
    if isinstance(written, Estimate | Mapping):
        return written
    spans = _spelled(written)
    try:
        for span in spans.values():
            parse_span(span)
    except ValueError as wrong:
        if meant := _meant(str(written).strip().lower()):
            raise ValueError(f"`{written}` is no estimate: write {meant}") from None
        raise ValueError(f"{wrong}; or a range, 2h-4h or {{low: 2h, likely: 3h, high: 8h}}") from None
    return spans


def _meant(written: str) -> str:
    """An estimate as a plan has it, from `1-2 days` or `30 min to 2h`; else empty."""
    if PART_OF_DAY.search(written):
        return "hours of work, such as 4h or 12h, for part of a day"
    found = RANGE.fullmatch(written)
    low = span_meant(f"{found[1]}{found[2] or found[4]}") if found else None
    high = span_meant(f"{found[3]}{found[4]}") if found else None
    return f"{show_span(low)}-{show_span(high)}" if low and high else ""


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


EstimateText = Annotated[Estimate, BeforeValidator(_estimate)]
"""A duration or two, 2h-4h, or {low: 2h, likely: 3h, high: 8h}."""
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
    def point_status(self) -> Status:
        """How its points stand until somebody says otherwise."""
        return COMPLETED if self.status == COMPLETED else "not started"

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
