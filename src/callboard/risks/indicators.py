"""By what a plan file says that a risk is seen coming."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from callboard.gates.amounts import AmountText
from callboard.gates.forms import Form, Forms
from callboard.planfile.types import Many, Part, Span

ONE_DAY = timedelta(days=1)
SHORTEST = timedelta(minutes=30)
FORMS = Forms(
    "an indicator",
    "watch",
    {
        "in_progress": "InProgressPart",
        "late_tasks": "LateTasksPart",
        "blocked": "BlockedPart",
        "reopened": "ReopenedPart",
        "stuck": "StuckPart",
        "forecast": "ForecastPart",
        "measure": "MeasuredPart",
        "ask": "AskPart",
        "watch": "WatchPart",
    },
)


def _count(written: Any) -> Any:
    plain = isinstance(written, int) and not isinstance(written, bool)
    return {"more_than": written} if plain else written


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody can be asked that often: write 30m or more, such as 1w")
    if span > ONE_DAY and span % ONE_DAY:
        raise ValueError("more than a day is reckoned in whole days: write 2d, or 1w")
    return span


class CountPart(Part):
    """More tasks than so many, of some people or teams, or of all."""

    more_than: int = Field(ge=0, examples=[5])
    of: Many = ()


Count = Annotated[CountPart, BeforeValidator(_count, json_schema_input_type=int | CountPart)]


class AgePart(Part):
    """For longer than so long, of some people or teams, or of all."""

    for_: Span = Field(alias="for", examples=["3d"])
    of: Many = ()


class LatePart(Part):
    """A gate or a phase that is forecast later than it is due, by more than so much."""

    gate: str = ""
    phase: str = ""
    later_than: Span = timedelta()


class InProgressPart(Form):
    """Tasks in progress at once."""

    in_progress: Count


class LateTasksPart(Form):
    """Tasks that are past their time."""

    late_tasks: Count


class BlockedPart(Form):
    """Tasks that are blocked."""

    blocked: Count


class ReopenedPart(Form):
    """Tasks that had to be done again."""

    reopened: Count


class StuckPart(Form):
    """A task on which nothing is said or done."""

    stuck: AgePart


class ForecastPart(Form):
    """What the pace of the work says about when something will be reached."""

    forecast: LatePart


class MeasuredPart(Form):
    """A measure that is out of its bounds, or of those written here."""

    measure: str
    above: AmountText | None = None
    below: AmountText | None = None


class AskPart(Form):
    """A question that is asked again and again."""

    ask: Many = Field(min_length=1)
    question: str = Field("", examples=["Too much on your plate?"])
    every: Annotated[Span, AfterValidator(_often)] = timedelta(weeks=1)


class WatchPart(Form):
    """A sign for which the owner watches."""

    watch: str = Field(min_length=1)


Indicator = Annotated[
    Annotated[InProgressPart, Tag("InProgressPart")]
    | Annotated[LateTasksPart, Tag("LateTasksPart")]
    | Annotated[BlockedPart, Tag("BlockedPart")]
    | Annotated[ReopenedPart, Tag("ReopenedPart")]
    | Annotated[StuckPart, Tag("StuckPart")]
    | Annotated[ForecastPart, Tag("ForecastPart")]
    | Annotated[MeasuredPart, Tag("MeasuredPart")]
    | Annotated[AskPart, Tag("AskPart")]
    | Annotated[WatchPart, Tag("WatchPart")],
    Discriminator(FORMS.tag),
    BeforeValidator(FORMS.read),
]
"""One indicator; a text alone is a sign that the owner watches for."""


def _several(written: Any) -> Any:
    return [written] if isinstance(written, str | Mapping) else written


Indicators = Annotated[
    tuple[Indicator, ...], BeforeValidator(_several, json_schema_input_type=Indicator | tuple[Indicator, ...])
]
"""One indicator or a list of them."""
