"""Measures: numbers, percentages and durations, their bounds, and what can be reported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.errors import Refused
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import parse_span, show_span
from callboard.planfile.types import Many, Part
from callboard.teams.plan import directory as teams

NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*(%?)")
PLAIN, PERCENT, TIME = "", "%", "time"
API, EVERYONE, WHOLE = "api", "everyone", 100
CALLED = {PLAIN: "a number", PERCENT: "a percentage", TIME: "a duration"}


@dataclass(frozen=True)
class Amount:
    """So much of something; of time, `value` is in seconds."""

    value: float
    unit: str = PLAIN

    def __str__(self) -> str:
        if self.unit == TIME:
            return show_span(timedelta(seconds=self.value))
        return f"{self.value:.9f}".rstrip("0").rstrip(".") + self.unit

    @property
    def called(self) -> str:
        return CALLED[self.unit]


def parse_amount(written: Any) -> Amount:
    """Read `68`, `1%`, `0.5` or `15m`. Raises ValueError."""
    if isinstance(written, Amount):
        return written
    text = str(written).strip()
    if number := NUMBER.fullmatch(text):
        return Amount(float(number[1]), number[2])
    try:
        return Amount(parse_span("" if isinstance(written, bool) else text).total_seconds(), TIME)
    except ValueError:
        raise ValueError(f"`{written}` is not an amount: write a number, 1% or 15m") from None


AmountText = Annotated[
    Amount, BeforeValidator(parse_amount), WithJsonSchema({"type": ["number", "string"], "examples": [68, "1%", "15m"]})
]
"""A number, a percentage or a duration: 68, 1%, 15m."""


class MeasurePart(Part):
    """Something that is measured: of how many, within which bounds, and who reports it."""

    name: str = ""
    unit: str = ""
    of: int | None = Field(None, ge=1, examples=[72])
    at_least: AmountText | None = None
    at_most: AmountText | None = None
    by: Many = ()
    computed: bool = False


def check(document: Document, measures: Mapping[str, MeasurePart]) -> Iterator[Problem]:
    """Measures can reach their bounds, and whoever reports them is in the plan."""
    for name, part in measures.items():
        at: Path = ("measures", name)
        people = [EVERYONE if word == API else word for word in part.by]
        yield from teams.check_who(document, (*at, "by"), people)
        yield from check_bounds(document, at, part, part.at_least, part.at_most)
        if part.computed and part.by:
            yield document.warning((*at, "by"), "nobody reports what is computed: leave out `by` or `computed`")


def check_bounds(
    document: Document, at: Path, measure: MeasurePart, low: Amount | None, high: Amount | None
) -> Iterator[Problem]:
    for word, bound in (("at_least", low), ("at_most", high)):
        if bound and (sentence := _impossible(measure, bound, share=word == "at_least")):
            yield document.error((*at, word), sentence)
    if low and high and low.unit == high.unit and low.value > high.value:
        yield document.error((*at, "at_most"), f"{high} is less than `at_least`, {low}: swap the two")


def _impossible(measure: MeasurePart, amount: Amount, *, share: bool) -> str:
    """Why a measure cannot have an amount; empty where it can. A `share` is at most all of it."""
    units, of = _units(measure), measure.of
    if amount.unit not in units:
        return f"`{amount}` is {amount.called}: write {' or '.join(CALLED[unit] for unit in units)}"
    if amount.value < 0 and (of or amount.unit != PLAIN):
        return f"`{amount}` is less than nothing: write 0 or more"
    if of and amount.unit == PLAIN and amount.value > of:
        return f"{amount} is more than all {of}: write {of} or less"
    percent = amount.unit == PERCENT or (measure.unit == PERCENT and amount.unit == PLAIN)
    return f"`{amount}` is more than all: write 100% or less" if share and percent and amount.value > WHOLE else ""


def _units(measure: MeasurePart) -> tuple[str, ...]:
    """The kinds of amounts that can be compared with a measure, the plainest for it first."""
    own = [bound.unit for bound in (measure.at_least, measure.at_most) if bound]
    if measure.of:
        return (PLAIN, PERCENT)
    if measure.unit == PERCENT or PERCENT in own:
        return (PERCENT, PLAIN)
    if own:
        return (own[0],)
    return (PLAIN,) if measure.unit else (PLAIN, PERCENT, TIME)


def parse_report(text: str, measure: MeasurePart) -> Amount:
    """Read a reported amount: `68`, `68/72`, `94%`, `0.5`, `15m`. Raises Refused for one that cannot be."""
    part, slash, whole = text.partition("/")
    if slash and measure.of and whole.strip() != str(measure.of):
        raise Refused(f"`{text}` is out of {whole.strip()}, and the plan measures out of {measure.of}.")
    try:
        amount = parse_amount(part)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    if sentence := _impossible(measure, amount, share=measure.of is not None):
        raise Refused(f"{sentence}.")
    return amount


MEASURES: Section[Mapping[str, MeasurePart]] = Section(
    name="measures", one="measure", model=dict[str, MeasurePart], check=check
)


def check_watched(document: Document, at: Path, name: str, *bounds: Amount | None) -> Iterator[Problem]:
    """Refuse to watch a measure without bounds, here or of its own."""
    measure = (document.of(MEASURES) or {}).get(name)
    if measure and not any((*bounds, measure.at_least, measure.at_most)):
        yield document.error((*at, "measure"), f"nothing says when {name} is bad: write `above:` or `below:`")
