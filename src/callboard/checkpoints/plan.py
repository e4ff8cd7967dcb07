"""The section `checkpoints` of the plan file: its types, its checks, and when they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.gates.plan import measures
from callboard.gates.plan.names import check_named, check_names
from callboard.planfile import task_sets
from callboard.planfile.amounts import fraction
from callboard.planfile.paths import find, keyed
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window, dated_by
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.times import show_span
from callboard.planfile.timetable import instant_of, placed, timetable
from callboard.planfile.types import PERCENTAGE, Many, Moment, Part, Span, Whom, percent
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import check_who
from callboard.teams.recipients import OF_A_TEAM

Status = Literal["not started", "in progress", "blocked", "completed"]
STATUSES: tuple[str, ...] = get_args(Status)
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
WAYS = ("tasks", "measure", "gate")
ALL = 100


def _expected(written: Any) -> Any:
    if str(written) in STATUSES:
        return written
    try:
        return percent(written)
    except ValueError:
        known = ", ".join(f"`{status}`" for status in STATUSES)
        raise ValueError(f"`{written}` cannot be expected: write a percentage such as 75%, or {known}") from None


def _amount(written: Any) -> Any:
    text = str(written).strip().removesuffix("%").strip()
    if isinstance(written, bool) or not NUMBER.fullmatch(text):
        raise ValueError(f"`{written}` is not a number: write one such as 30 or 75%")
    return float(text)


Expected = Annotated[
    float | Status,
    BeforeValidator(_expected),
    WithJsonSchema({"type": ["string", "number"], "examples": ["75%", "completed"]}),
    PERCENTAGE,
]
"""A percentage, or a status."""
Amount = Annotated[
    float, BeforeValidator(_amount), WithJsonSchema({"type": ["number", "string"], "examples": [30, "75%"]})
]
"""A number, with or without %."""


class ExpectationPart(Part):
    """What should be true at a checkpoint: of tasks, of a measure, or of a gate."""

    tasks: TaskSets = ()
    measure: str = ""
    gate: str = ""
    at_least: Amount | None = None
    at_most: Amount | None = None
    are: Status | None = None


class CheckpointPart(Part):
    """A moment with expectations and questions."""

    name: str = Field(min_length=1, examples=["Mid-point"])
    key: str = ""
    team: str = ""
    teams: Many = ()
    at: Moment = Field(examples=["2026-03-25 15:00"])
    expects: dict[str, Expected] | tuple[ExpectationPart, ...] = ()
    ask: Many = ()
    window: Span = timedelta(minutes=30)
    escalate: str = ""
    who: Whom = ("leads",)

    @property
    def concerned(self) -> tuple[str, ...]:
        """The teams it is about."""
        return tuple(dict.fromkeys(filter(None, (self.team, *self.teams))))


def everybody(document: Document, who: Iterable[str], concerned: Iterable[str], at: datetime) -> tuple[str, ...]:
    """The people that expressions mean for several teams at an instant, in the order of the file."""
    expressions = tuple(who)
    meant = {person for team in concerned or [""] for person in teams.meant(document, expressions, team, at)}
    return tuple(person for person in document.keys("people") if person in meant)


def happenings(document: Document, parts: Iterable[CheckpointPart], window: Window) -> Iterator[Happening]:
    """Each checkpoint, at its moment."""
    table = timetable(document)
    for key, part in zip(keyed(document.body.get("checkpoints") or ()), parts, strict=False):
        due, concerned = placed(table, part.at), part.concerned
        if due and window[0] <= due[0] < window[1]:
            yield Happening(
                at=due[0], kind="checkpoint", name=part.name, key=key, zone=due[1], until=due[0] + part.window,
                team=concerned[0] if len(concerned) == 1 else "", who=everybody(document, part.who, concerned, due[0]),
            )  # fmt: skip


def _check(document: Document, parts: tuple[CheckpointPart, ...]) -> Iterator[Problem]:
    for number, part in enumerate(parts):
        at: Path = ("checkpoints", number)
        if "who" in part.model_fields_set:
            concern = (*OF_A_TEAM, "assignees") if part.concerned else ()
            yield from check_who(document, (*at, "who"), part.who, concern)
        yield from check_named(document, at, part, "team", "escalate")
        yield from check_names(document, (*at, "teams"), "team", part.teams)
        yield from _expectations(document, (*at, "expects"), part)
    yield from _windows(document, parts)


def _expectations(document: Document, path: Path, part: CheckpointPart) -> Iterator[Problem]:
    if isinstance(part.expects, Mapping):
        for written in part.expects:
            for _, sentence in task_sets.strangers(document, (written,)):
                yield document.error((*path, written), sentence)
            yield from _foreign(document, (*path, written), part, (written,))
        return
    for position, expected in enumerate(part.expects):
        yield from _expectation(document, (*path, position), expected)
        yield from _foreign(document, (*path, position), part, expected.tasks)


def _expectation(document: Document, path: Path, expected: ExpectationPart) -> Iterator[Problem]:
    given = [way for way in WAYS if getattr(expected, way)]
    if len(given) != 1:
        yield document.error(path, "expect one thing at a time: write `tasks:`, `measure:` or `gate:`")
    for _, sentence in task_sets.strangers(document, expected.tasks):
        yield document.error((*path, "tasks"), sentence)
    yield from check_named(document, path, expected, "measure", "gate")
    measure = (document.of(measures.MEASURES) or {}).get(expected.measure)
    for word in ("at_least", "at_most"):
        written = find(document.body, (*path, word)) if measure or expected.tasks else ""
        if sentence := measures.fraction(measure, written, expected.measure) if measure else fraction(written):
            yield document.warning((*path, word), sentence)
    if given != ["tasks"]:
        return
    if (expected.at_least, expected.at_most, expected.are) == (None, None, None):
        yield document.error(path, "say what these tasks should be: write `at_least: 50%` or `are: completed`")
    if expected.at_least is not None and not 0 <= expected.at_least <= ALL:
        yield document.error((*path, "at_least"), "tasks count in percent: write 0% to 100%")


def _foreign(document: Document, path: Path, part: CheckpointPart, tasks: TaskSets) -> Iterator[Problem]:
    """Warn of tasks that belong to none of the teams."""
    known = part.concerned and set(part.concerned) <= set(document.keys("teams"))
    for task in task_sets.members(document, tasks) if known else ():
        own = task_sets.teams(document, task)
        if own and not set(own) & set(part.concerned):
            sentence = f"{task} belongs to {', '.join(own)}, but this checkpoint to {', '.join(part.concerned)}"
            yield document.warning(path, f"{sentence}: name that team, or another task")


def _windows(document: Document, parts: tuple[CheckpointPart, ...]) -> Iterator[Problem]:
    """Warn where the next checkpoint of a team comes while this one is open."""
    table = timetable(document)
    timed = [(due, part, number) for number, part in enumerate(parts) if (due := instant_of(table, part.at))]
    for at, part, number in timed:
        own = set(part.concerned)
        later = [
            (then, other.name) for then, other, _ in timed if then > at and (own & set(other.concerned) or not own)
        ]
        if later and at + part.window > min(later)[0]:
            sentence = f"the window of {show_span(part.window)} is still open at {min(later)[1]}: write less"
            yield document.warning(("checkpoints", number, "window"), sentence)


CHECKPOINTS: Section[tuple[CheckpointPart, ...]] = Section(
    name="checkpoints", one="checkpoint", model=tuple[CheckpointPart, ...], check=_check, happens=happenings,
    counted=True, asks=True, dated=dated_by("at"),
)  # fmt: skip
