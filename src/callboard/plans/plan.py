"""The `phases` section of the plan file: the stretches of time that a plan goes through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from callboard.planfile.sections import Awaited, Document, Happening, Section, Waits, Window, several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.timetable import placed, span_of, timetable
from callboard.planfile.types import Many, Moment, Part, Span, Whom
from callboard.plans import holds

A_QUARTER, A_MONTH = timedelta(minutes=15), timedelta(days=30)
Question = Annotated[str, Field(min_length=1, max_length=200)]


def _some_time(span: timedelta) -> timedelta:
    if not A_QUARTER <= span <= A_MONTH:
        raise ValueError("people need some time to answer: write 15m to 30d, such as 2d")
    return span


class RetrospectivePart(Part):
    """What is asked when a phase is over: whom, what, who makes something of it, and how long they have."""

    who: Whom = ("everyone",)
    questions: Annotated[tuple[Question, ...], BeforeValidator(several)] = Field(
        default=("What went well?", "What could be improved?", "What should we do next time?"),
        min_length=1,
        max_length=8,
    )
    lead: Whom = ("coordinator",)
    within: Annotated[Span, AfterValidator(_some_time)] = timedelta(days=2)
    anonymous: bool = False


@dataclass(frozen=True)
class Staff:
    """How many people work on something, at least and at most."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}" if self.low == self.high else f"{self.low} to {self.high}"


def _staff(written: Any) -> Any:
    """Read `5-6` or `5`."""
    found = re.fullmatch(r"(\d{1,4})(?:\s*-\s*(\d{1,4}))?", str(written).strip())
    if isinstance(written, Staff):
        return written
    if found is None:
        raise ValueError(f"`{written}` is not how many people work on it: write 5, or 5-6")
    made = Staff(int(found[1]), int(found[2] or found[1]))
    if made.high < made.low:
        raise ValueError(f"`{written}` is more at least than at most: write {made.high}-{made.low}")
    return made


StaffText = Annotated[
    Staff, BeforeValidator(_staff), WithJsonSchema({"type": ["string", "integer"], "examples": ["5-6", 5]})
]
"""How many people, 5-6 or 5."""


class PhasePart(Part):
    """A phase: when it is, what it is for, how much it matters, and what must be there before its tasks begin."""

    name: str = Field(min_length=1, examples=["Preparation"])
    from_: Moment = Field(alias="from", examples=["2026-03-25 08:00"])
    to: Moment = Field(examples=["2026-03-26 17:00"])
    goal: str = ""
    priority: str = Field("", examples=["critical"])
    staff: StaffText | None = None
    objectives: Many = ()
    deliverables: Many = ()
    criteria: Many = ()
    needs: TaskSets = ()
    wants: TaskSets = ()
    brief: Many = ()
    retrospective: RetrospectivePart | None = None


def happens(document: Document, phases: Mapping[str, PhasePart], window: Window) -> Iterator[Happening]:
    """Each phase begins and ends."""
    table = timetable(document)
    for key, part in phases.items():
        for word, moment in (("begins", part.from_), ("ends", part.to)):
            found = placed(table, moment, opening=moment is part.from_)
            if found and window[0] <= found[0] < window[1]:
                name = f"{part.name} {word}"
                yield Happening(at=found[0], kind="phase", name=name, key=key, zone=found[1], part=word)


def phase_at(document: Document, at: datetime) -> str | None:
    """The phase that runs at an instant."""
    table = timetable(document)
    for key, part in (document.of(PHASES) or {}).items() if table else ():
        span = span_of(table, part.from_, part.to)
        if span and span[0] <= at <= span[1]:
            return key
    return None


PHASES: Section[Mapping[str, PhasePart]] = Section(
    name="phases", one="phase", model=dict[str, PhasePart], apply=holds.apply, happens=happens, shared_ids=True,
    waits=Waits.HELD, awaited=Awaited.TO_BEGIN, counted=True,
)  # fmt: skip
