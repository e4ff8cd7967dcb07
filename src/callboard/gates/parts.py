"""What a plan file says about measures, gates and freezes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from callboard.gates.amounts import AmountText
from callboard.gates.criteria import Criterion
from callboard.gates.signatures import SignOffs
from callboard.planfile.sections import several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Many, Moment, Part, Span, shorthand

Spans = Annotated[tuple[Span, ...], BeforeValidator(several)]


class MeasurePart(Part):
    """Something that is measured: of how many, within which bounds, and who reports it."""

    name: str = ""
    unit: str = ""
    of: int | None = Field(None, ge=1, examples=[72])
    at_least: AmountText | None = None
    at_most: AmountText | None = None
    by: Many = ()
    computed: bool = False


class MissedPart(Part):
    """What follows when a gate is not passed by its time."""

    say: str = ""
    escalate: str = ""
    tell: Many = ()
    emergency: str = ""


class NoGoPart(Part):
    """What follows when the decision is no-go: when it is tried again, and which dates that shifts."""

    again: Span | None = None
    shift: Many = ()
    say: str = ""
    tell: Many = ()


class AnnouncePart(Part):
    """Who hears of the result, and how long before they hear that it is due."""

    to: Many = ()
    mail: Many = ()
    before: Spans = ()
    say: str = ""


class GatePart(Part):
    """A gate: what must hold, who must sign, until when, and what follows if not."""

    name: str = Field(min_length=1, examples=["Preparation complete"])
    about: str = ""
    due: Moment | None = Field(None, examples=["2026-03-26 17:00"])
    remind: Spans = ()
    criteria: Annotated[tuple[Criterion, ...], BeforeValidator(several)] = ()
    sign_off: SignOffs = ()
    needs: TaskSets = ()
    wants: TaskSets = ()
    decision: bool = False
    if_missed: Annotated[MissedPart, shorthand("say")] | None = None
    if_no_go: Annotated[NoGoPart, shorthand("say")] | None = None
    announce: AnnouncePart | None = None
    brief: Many = ()


class ExceptionsPart(Part):
    """How to ask for an exception from a freeze, what the form asks, and who signs."""

    ask_within: Span | None = None
    form: Many = ()
    sign_off: SignOffs = ()


class FreezePart(Part):
    """A stretch of time in which branches of repositories take no changes."""

    name: str = ""
    about: str = ""
    from_: Moment = Field(alias="from", examples=["2026-03-27 09:00"])
    to: Moment = Field(examples=["target"])
    repositories: Many = ()
    branches: Many = ()
    exceptions: ExceptionsPart | None = None
