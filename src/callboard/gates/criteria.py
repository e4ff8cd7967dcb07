"""What a plan file says must hold for a gate to pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from callboard.gates.amounts import AmountText
from callboard.gates.forms import Form, Forms
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Many, Percent
from callboard.tasks.plan.types import StatusText

FORMS = Forms(
    "a criterion",
    "tick",
    {
        "tick": "TickPart",
        "tasks": "TasksPart",
        "blockers": "NoBlockersPart",
        "measure": "MeasuredPart",
        "gate": "GatePassedPart",
        "any": "AnyPart",
        "all": "AllPart",
    },
)


def _none(written: object) -> object:
    return "none" if written in (0, "0", "no") and not isinstance(written, bool) else written


class TickPart(Form):
    """Something a person has looked at and ticks."""

    tick: str = Field(min_length=1)
    by: Many = ()
    evidence: Many = ()


class TasksPart(Form):
    """Tasks that have come so far; without more, all of them are completed."""

    tasks: TaskSets = Field(min_length=1, examples=["[O-1..O-6]"])
    are: StatusText | None = None
    at_least: Percent | None = None


class NoBlockersPart(Form):
    """No blocker of a severity or above is open."""

    blockers: Annotated[Literal["none"], BeforeValidator(_none)]
    severity: str = ""


class MeasuredPart(Form):
    """A measure is within its bounds, or those written here."""

    measure: str
    at_least: AmountText | None = None
    at_most: AmountText | None = None


class GatePassedPart(Form):
    """Another gate has passed."""

    gate: str


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
    | Annotated[AnyPart, Tag("AnyPart")]
    | Annotated[AllPart, Tag("AllPart")],
    Discriminator(FORMS.tag),
    BeforeValidator(FORMS.read),
]
"""One criterion; a text alone is ticked by anybody of the plan."""

AnyPart.model_rebuild()
AllPart.model_rebuild()

Place = tuple[str | int, ...]


def walk(criteria: tuple[Criterion, ...], at: Place = ()) -> Iterator[tuple[Place, Criterion]]:
    """Every criterion with its place, also those within others."""
    for number, criterion in enumerate(criteria):
        here = (*at, number)
        yield here, criterion
        if isinstance(criterion, AnyPart):
            yield from walk(criterion.any, (*here, "any"))
        elif isinstance(criterion, AllPart):
            yield from walk(criterion.all, (*here, "all"))
