"""Measures: numbers, percentages and durations, their bounds, and what can be reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor
from statistics import mean, median
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.errors import Refused, did_you_mean
from callboard.core.measures import Figure
from callboard.core.words import capital, is_are, joined
from callboard.planfile import amounts
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import parse_span, show_span
from callboard.planfile.types import Part, Whom
from callboard.teams import recipients
from callboard.teams.directory import COORDINATOR, OBSERVER
from callboard.teams.plan import directory as teams
from callboard.teams.plan.people import role_keys

NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*(%?)")
PLAIN, PERCENT, TIME = "", "%", "time"
API, EVERYONE, WHOLE = "api", "everyone", 100
COMPUTED = {
    "file_conflicts": PLAIN, "integration_failures": PLAIN, "response_time": TIME, "resolution_time": TIME,
    "decision_time": TIME, "standup_rate": PERCENT, "synchronisation": PERCENT, "tasks_completed": PERCENT,
    "gates_on_time": PERCENT, "first_time_success": PERCENT, "readiness": PERCENT, "answer_rate": PERCENT,
}  # fmt: skip
"""What Callboard can compute, by key, and what kind of amount each is."""
READINESS = {"gates": "", "tasks": "tasks_completed", "blockers": "closed_blockers", "risks": "calm_risks"}
"""What readiness is made of, and which figure each part is; that of gates depends on which gate asks."""
NEEDED = {
    "file_conflicts": "repositories", "decision_time": "repositories", "standup_rate": "standups",
    "integration_failures": "tasks", "synchronisation": "tasks", "tasks_completed": "tasks",
    "first_time_success": "tasks", "gates_on_time": "gates",
}  # fmt: skip
"""Without what in the plan nothing can be computed."""
WAYS: Mapping[str, Callable[[Sequence[float]], float]] = {"average": mean, "median": median, "longest": max}
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
    """Something that is measured: of how many, within which bounds, and who reports it, or that it is computed.

    Times are computed as an `average`, where nothing else is written. Triggers on what it `concerns` watch it, too.
    """

    name: str = ""
    unit: str = ""
    of: int | None = Field(None, ge=1, examples=[72])
    at_least: AmountText | None = None
    at_most: AmountText | None = None
    by: Whom = ()
    computed: bool | Literal["average", "median", "longest"] = False
    concerns: Literal["", "performance", "security"] = ""
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict, examples=[{"gates": 4, "tasks": 3}])


def check(document: Document, measures: Mapping[str, MeasurePart]) -> Iterator[Problem]:
    """Measures can reach their bounds, and whoever reports them is in the plan."""
    for name, part in measures.items():
        at: Path = ("measures", name)
        people = [EVERYONE if word == API else word for word in part.by]
        yield from teams.check_who(document, (*at, "by"), people)
        yield from check_bounds(document, at, part, part.at_least, part.at_most, name)
        yield from _check_computed(document, at, name, part)
        if part.computed and part.by:
            yield document.warning((*at, "by"), "nobody reports what is computed: leave out `by` or `computed`")
        elif part.by and (sentence := _nobody(document, part)):
            yield document.error((*at, "by"), sentence)


def _check_computed(document: Document, at: Path, name: str, part: MeasurePart) -> Iterator[Problem]:
    """Only what Callboard can compute is computed, in the way that it can."""
    if part.computed and name not in COMPUTED:
        hint = did_you_mean(name, COMPUTED)
        instead = f"{hint} " if hint.startswith("did") else ""
        known = capital(f"{instead}It computes {joined(COMPUTED)}. Or write who reports it: `by:`")
        sentence = f"Callboard cannot compute `{name}`. {known}"
        yield document.error((*at, "computed"), sentence)
    elif isinstance(part.computed, str) and COMPUTED[name] != TIME:
        yield document.error((*at, "computed"), f"`{part.computed}` is for times: write `computed: true`")
    elif part.computed and (lacking := NEEDED.get(name, "")) and not document.body.get(lacking):
        yield document.error((*at, "computed"), f"nobody can compute `{name}`: the plan has no `{lacking}:`")
    if part.concerns and not (part.at_least or part.at_most):
        sentence = f"nothing says when {name} is bad: write `at_least` or `at_most`"
        yield document.error((*at, "concerns"), sentence)
    if part.weights and not (part.computed and name == "readiness"):
        yield document.error((*at, "weights"), "only `readiness` has weights, where it is computed")
    for word in part.weights if name == "readiness" else ():
        if word not in READINESS:
            yield document.error((*at, "weights", word), f"readiness has no `{word}`; {did_you_mean(word, READINESS)}")
    if part.weights and not any(part.weights.values()):
        yield document.error((*at, "weights"), "with these weights nothing counts: write one above 0")


def _nobody(document: Document, part: MeasurePart) -> str:
    """Why nobody can report a measure; empty where somebody can, or the people of the plan are not all valid."""
    directory = teams.drafted(document)
    words = [word for word in part.by if word != API]
    known = [*document.keys("people"), *document.keys("teams"), *role_keys(document), *recipients.RELATIVE]
    if directory is None or not words or API in part.by or not set(words) <= set(known) or not teams.complete(document):
        return ""
    people = recipients.seats(directory, words, recipients.Concern())
    if any(OBSERVER not in person.roles or COORDINATOR in person.roles for person in people):
        return ""
    named = joined(f"`{word}`" for word in words)
    return f"nobody reports this: {named} {is_are(words)} nobody here; name a person, a team or `all leads`"


def check_asked(document: Document, at: Path, name: str, gate: str) -> Iterator[Problem]:
    """What a gate asks for can be measured, and does not keep it shut for ever."""
    measure = (document.of(MEASURES) or {}).get(name)
    asking = (document.values.get("gates") or {}).get(gate)
    if measure and measure.computed and name in ("gates_on_time", "first_time_success") and asking and asking.decision:
        sentence = (
            f"`{name}` does not rise again, and nobody can waive a decision: one delay may keep this from GO for ever"
        )
        yield document.warning((*at, "measure"), sentence)


def check_bounds(
    document: Document, at: Path, measure: MeasurePart, low: Amount | None, high: Amount | None, name: str
) -> Iterator[Problem]:
    for word, bound in (("at_least", low), ("at_most", high)):
        if bound and (sentence := _impossible(measure, bound, share=word == "at_least", name=name)):
            yield document.error((*at, word), sentence)
        elif sentence := fraction(measure, bound, name):
            yield document.warning((*at, word), sentence)
    if low and high and low.unit == high.unit and low.value > high.value:
        yield document.error((*at, "at_most"), f"{high} is less than `at_least`, {low}: swap the two")


def fraction(measure: MeasurePart, bound: object, name: str) -> str:
    """What to write instead of a bound that looks like a fraction where percentages count; empty for any other."""
    return amounts.fraction(bound) if _units(measure, name)[0] == PERCENT else ""


def _impossible(measure: MeasurePart, amount: Amount, *, share: bool, name: str = "") -> str:
    """Why a measure cannot have an amount; empty where it can. A `share` is at most all of it."""
    units, of = _units(measure, name), measure.of
    if amount.unit not in units:
        return f"`{amount}` is {amount.called}: write {' or '.join(CALLED[unit] for unit in units)}"
    if amount.value < 0 and (of or amount.unit != PLAIN):
        return f"`{amount}` is less than nothing: write 0 or more"
    if of and amount.unit == PLAIN and amount.value > of:
        return f"{amount} is more than all {of}: write {of} or less"
    percent = amount.unit == PERCENT or (measure.unit == PERCENT and amount.unit == PLAIN)
    return f"`{amount}` is more than all: write 100% or less" if share and percent and amount.value > WHOLE else ""


def _units(measure: MeasurePart, name: str) -> tuple[str, ...]:
    """The kinds of amounts that can be compared with a measure, the plainest for it first."""
    if measure.computed and name in COMPUTED:
        return (COMPUTED[name],)
    own = [bound.unit for bound in (measure.at_least, measure.at_most) if bound]
    if measure.of:
        return (PLAIN, PERCENT)
    if measure.unit == PERCENT or PERCENT in own:
        return (PERCENT, PLAIN)
    if own:
        return (own[0],)
    return (PLAIN,) if measure.unit else (PLAIN, PERCENT, TIME)


def parse_report(text: str, measure: MeasurePart) -> Amount:
    """Read a reported amount: `68`, `68/72`, `94%`, `0.5`, `15m`, `160 ms` where that is its unit. Raises Refused.

    A bare number is a percentage where the measure is bound by one.
    """
    part, slash, whole = text.partition("/")
    if measure.unit and measure.unit != PERCENT:
        part = part.strip().removesuffix(measure.unit)
    if slash and measure.of and whole.strip() != str(measure.of):
        raise Refused(f"`{text}` is out of {whole.strip()}, and the plan measures out of {measure.of}.")
    try:
        amount = parse_amount(part)
    except ValueError as wrong:
        raise Refused(f"{wrong}.") from None
    bounds = {bound.unit for bound in (measure.at_least, measure.at_most) if bound}
    if amount.unit == PLAIN and measure.of is None and PERCENT in bounds:
        amount = Amount(amount.value, PERCENT)
    if sentence := _impossible(measure, amount, share=measure.of is not None):
        raise Refused(f"{sentence}.")
    return amount


def summed_up(name: str, measure: MeasurePart, figure: Figure) -> Amount | None:
    """A figure as the one amount that a measure asks for, never nicer than it is; None while nobody can tell."""
    unit = COMPUTED.get(name, PLAIN)
    if not figure.values:
        return None
    way = measure.computed if isinstance(measure.computed, str) else "average"
    value = ceil(WAYS[way](figure.values)) if unit == TIME else floor(figure.values[0] * 10) / 10
    return Amount(value, unit)


MEASURES: Section[Mapping[str, MeasurePart]] = Section(
    name="measures", one="measure", model=dict[str, MeasurePart], check=check, gives=("by",)
)


def check_watched(
    document: Document, at: Path, name: str, above: Amount | None, below: Amount | None
) -> Iterator[Problem]:
    """Refuse to watch a measure without bounds, here or of its own, and for what it can never be."""
    measure = (document.of(MEASURES) or {}).get(name)
    if measure and not any((above, below, measure.at_least, measure.at_most)):
        yield document.error((*at, "measure"), f"nothing says when {name} is bad: write `above:` or `below:`")
    for word, bound in (("above", above), ("below", below)):
        if measure and bound and (sentence := _impossible(measure, bound, share=measure.of is not None, name=name)):
            yield document.error((*at, word), sentence)
        elif measure and bound and bound.value == _most(measure, bound) and word == "above":
            yield document.error((*at, word), f"nothing is above {bound}, which is all: write less")
        elif measure and (sentence := fraction(measure, bound, name)):
            yield document.warning((*at, word), sentence)


def _most(measure: MeasurePart, bound: Amount) -> float | None:
    """All that a measure of so many can be, in the unit of a bound; None for one without an end."""
    return None if measure.of is None else WHOLE if bound.unit == PERCENT else measure.of
