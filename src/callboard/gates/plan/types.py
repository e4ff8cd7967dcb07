"""What a plan file says about gates: criteria, sign-offs, and what happens when one is missed or decided."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Discriminator, Field, Tag

from callboard.gates.plan.each import EACH, EachPart
from callboard.gates.plan.forms import Form, Forms
from callboard.gates.plan.measures import AmountText
from callboard.gates.plan.poll import PollPart
from callboard.gates.quorum import SignOffPart
from callboard.planfile import task_sets
from callboard.planfile.sections import Document, Path, several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Delay, Many, Moment, Part, Percent, Span, Whom, shorthand
from callboard.tasks.plan.types import StatusText

CRITERION_FORMS = Forms("a criterion", "tick", {
    "tick": "TickPart", "tasks": "TasksPart", "blockers": "NoBlockersPart", "measure": "MeasuredPart",
    "gate": "GatePassedPart", "points": "PointsPart", "preflight": "PreflightPart", "any": "AnyPart", "all": "AllPart",
})  # fmt: skip
MOST_SHIFTING = 10
"""Attempts at a decision that moves dates, where the plan does not say how many."""


def _none(written: object) -> object:
    return "none" if written in (0, "0", "no") and not isinstance(written, bool) else written


class TickPart(Form):
    """Something a person has looked at and ticks."""

    tick: str = Field(min_length=1)
    by: Whom = ()
    evidence: Many = ()


class TasksPart(Form):
    """Tasks that are this far; all completed where nothing else is written."""

    tasks: TaskSets = Field(min_length=1, examples=["[O-1..O-6]"])
    are: StatusText | None = None
    at_least: Percent | None = None


class NoBlockersPart(Form):
    """No blocker of a severity or above is open."""

    blockers: Annotated[Literal["none"], BeforeValidator(_none)]
    severity: str = ""


class MeasuredPart(Form):
    """A measure is within bounds: those written here, else its own."""

    measure: str
    at_least: AmountText | None = None
    at_most: AmountText | None = None


class GatePassedPart(Form):
    """Another gate has passed."""

    gate: str


class PointsPart(Form):
    """All points are completed at which teams meet in these tasks."""

    points: TaskSets = Field(min_length=1, examples=["MOLECULE-001"])


def _within(written: object) -> object:
    return written.strip().removeprefix("within").strip() if isinstance(written, str) else written


class PreflightPart(Form):
    """Everybody who may be paged on the day was reached by a test page, at most so long ago: `within 3d`."""

    preflight: Annotated[Span, BeforeValidator(_within)] = Field(examples=["within 3d"])


class ItemsPart(Form):
    """The gates of all items have passed; no plan writes this, a gate for `each` of several items asks for it."""

    items: tuple[str, ...]


class AnyPart(Form):
    """One of several holds."""

    any: tuple[Criterion, ...] = Field(min_length=1)


class AllPart(Form):
    """All of several hold; within an `any`."""

    all: tuple[Criterion, ...] = Field(min_length=1)


Criterion = Annotated[
    Annotated[TickPart, Tag("TickPart")]
    | Annotated[TasksPart, Tag("TasksPart")]
    | Annotated[NoBlockersPart, Tag("NoBlockersPart")]
    | Annotated[MeasuredPart, Tag("MeasuredPart")]
    | Annotated[GatePassedPart, Tag("GatePassedPart")]
    | Annotated[PointsPart, Tag("PointsPart")]
    | Annotated[PreflightPart, Tag("PreflightPart")]
    | Annotated[AnyPart, Tag("AnyPart")]
    | Annotated[AllPart, Tag("AllPart")],
    Discriminator(CRITERION_FORMS.tag),
    BeforeValidator(CRITERION_FORMS.read),
]
"""One criterion; a text alone is ticked by anybody of the plan."""
Asked = Criterion | ItemsPart
"""What a gate asks for, also one that is made for the items of another."""
AnyPart.model_rebuild()
AllPart.model_rebuild()


def walk(criteria: tuple[Criterion, ...], at: Path = ()) -> Iterator[tuple[Path, Criterion]]:
    """Every criterion with its place, also those within others."""
    for number, criterion in enumerate(criteria):
        here = (*at, number)
        yield here, criterion
        if isinstance(criterion, AnyPart):
            yield from walk(criterion.any, (*here, "any"))
        elif isinstance(criterion, AllPart):
            yield from walk(criterion.all, (*here, "all"))


P = TypeVar("P", bound=Form)


def of_kind(kind: type[P], criteria: tuple[Criterion, ...]) -> list[P]:
    """The criteria of one kind, also those within others."""
    return [part for _, part in walk(criteria) if isinstance(part, kind)]


def tasks_in(document: Document, criteria: tuple[Criterion, ...], needs: TaskSets = ()) -> list[str]:
    """The ids of the tasks that criteria and needs name."""
    written = [each for part in of_kind(TasksPart, criteria) for each in part.tasks]
    written += [each for part in of_kind(PointsPart, criteria) for each in part.points]
    return task_sets.members(document, [*written, *needs])


SIGN_OFF_FORMS = Forms("a sign-off", "who", {
    "lead_of": "LeadSignOff", "role": "RoleSignOff", "of": "QuorumSignOff", "person": "PersonSignOff",
    "owner": "OwnerSignOff", "who": "AnybodySignOff",
})  # fmt: skip


class LeadSignOff(SignOffPart):
    """The lead of a team signs."""

    asks = "lead_of"
    lead_of: str = Field(examples=["backend"])

    @property
    def expressions(self) -> tuple[str, ...]:
        return ("lead",)

    @property
    def team(self) -> str:
        return self.lead_of

    def shown(self, called: Callable[[str], str] = str) -> str:
        return f"the lead of {called(self.lead_of)}"


class RoleSignOff(SignOffPart):
    """So many of those who have a role sign."""

    asks = "role"
    role: str = Field(examples=["coordinator"])


class QuorumSignOff(SignOffPart):
    """So many of those meant sign."""

    asks = "of"
    of: Whom = Field(min_length=1, examples=["[all leads]"])


class PersonSignOff(SignOffPart):
    """One person signs, whoever else could."""

    asks = "person"
    person: str = Field(examples=["be-lead"])


class AnybodySignOff(SignOffPart):
    """One of those meant signs."""

    asks = "who"
    who: Whom = Field(min_length=1, examples=["[be-lead]"])


class OwnerSignOff(SignOffPart):
    """Whoever owns the item of a gate signs: written as `each`, read for each item as its owner."""

    asks = "owner"
    owner: str = Field(examples=[EACH])

    def shown(self, called: Callable[[str], str] = str) -> str:
        return "the owner of each item" if self.owner == EACH else f"the owner, {called(self.owner)}"


SignOff = Annotated[
    Annotated[LeadSignOff, Tag("LeadSignOff")]
    | Annotated[RoleSignOff, Tag("RoleSignOff")]
    | Annotated[QuorumSignOff, Tag("QuorumSignOff")]
    | Annotated[PersonSignOff, Tag("PersonSignOff")]
    | Annotated[OwnerSignOff, Tag("OwnerSignOff")]
    | Annotated[AnybodySignOff, Tag("AnybodySignOff")],
    Discriminator(SIGN_OFF_FORMS.tag),
    BeforeValidator(SIGN_OFF_FORMS.read),
]
"""One sign-off; a text alone is who signs."""
SignOffs = Annotated[tuple[SignOff, ...], BeforeValidator(several)]
Delays = Annotated[tuple[Delay, ...], BeforeValidator(several)]


class MissedPart(Part):
    """What happens when a gate does not pass by its time."""

    say: str = ""
    escalate: str = ""
    tell: Whom = ()
    emergency: str = ""


class NoGoPart(Part):
    """What happens when the decision is no-go: when it is tried again, how often, and which dates that moves."""

    again: Span | None = None
    attempts: int | None = Field(None, ge=2, le=1000, examples=[5])
    shift: Many = ()
    say: str = ""
    tell: Whom = ()

    @property
    def most(self) -> int:
        """Attempts in all. The end of the plan moves with its dates, and ends none of those that move one."""
        return self.attempts or (MOST_SHIFTING if self.shift else sys.maxsize)


class AnnouncePart(Part):
    """Who hears the result, and how long before they hear that it is due."""

    to: Whom = ()
    mail: Many = ()
    before: Delays = ()
    say: str = ""


class GatePart(Part):
    """A gate, or one for `each` of several items: what must be met, who must sign, until when, and what if not."""

    name: str = Field(min_length=1, examples=["Preparation complete"])
    each: EachPart | None = None
    about: str = ""
    due: Moment | None = Field(None, examples=["2026-03-26 17:00"])
    remind: Delays = ()
    criteria: Annotated[tuple[Criterion, ...], BeforeValidator(several)] = ()
    sign_off: SignOffs = ()
    needs: TaskSets = ()
    wants: TaskSets = ()
    decision: bool = False
    poll: PollPart | None = None
    if_missed: Annotated[MissedPart, shorthand("say")] | None = None
    if_no_go: Annotated[NoGoPart, shorthand("say")] | None = None
    announce: AnnouncePart | None = None
    brief: Many = ()
