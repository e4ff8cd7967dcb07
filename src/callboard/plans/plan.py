"""The `phases` section of the plan file: the stretches of time that a plan goes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from callboard.planfile.sections import Awaited, Document, Happening, Section, Waits, Window, several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.timetable import placed, timetable
from callboard.planfile.types import Many, Moment, Part, Span, Whom
from callboard.plans import holds

A_QUARTER, A_MONTH = timedelta(minutes=15), timedelta(days=30)
QUESTIONS = ("What went well?", "What could be improved?", "What should we do next time?")
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


class PhasePart(Part):
    """A phase: when it is, what it is for, and what must be there before its tasks begin."""

    name: str = Field(min_length=1, examples=["Preparation"])
    from_: Moment = Field(alias="from", examples=["2026-03-25 08:00"])
    to: Moment = Field(examples=["2026-03-26 17:00"])
    goal: str = ""
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
        begin, end = placed(table, part.from_, opening=True), placed(table, part.to)
        if begin and end and begin[0] <= at <= end[0]:
            return key
    return None


PHASES: Section[Mapping[str, PhasePart]] = Section(
    name="phases", one="phase", model=dict[str, PhasePart], apply=holds.apply, happens=happens, shared_ids=True,
    waits=Waits.HELD, awaited=Awaited.TO_BEGIN, counted=True,
)  # fmt: skip
