"""The sections `preflight` of the plan file, when it is and who answers, and `rehearsal`: how people behave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from callboard.core.errors import did_you_mean
from callboard.planfile.sections import Document, Happening, Problem, Section, Window, entries, several
from callboard.planfile.timetable import placed, timetable
from callboard.planfile.types import PERCENTAGE, Dates, Moment, Part, Percent, Span, Whom, percent
from callboard.preflight.day import ON_THE_DAY, people
from callboard.tasks.plan.types import Estimate, EstimateText
from callboard.teams.plan import directory as teams

SHORTEST = timedelta(minutes=10)
DEFAULT = "default"
"""Everybody of whom nothing else is said."""


class PreflightPart(Part):
    """When everybody gets a test page, who that is, and how long they have to answer."""

    at: Moment | None = None
    who: Whom = (ON_THE_DAY,)
    answer_within: Span = timedelta(hours=4)


@dataclass(frozen=True)
class Shares:
    """Percentages, from one to another."""

    low: float
    high: float


def _shares(written: Any) -> Any:
    if isinstance(written, Shares):
        return written
    first, dash, last = str(written).partition("-")
    low = percent(first)
    shares = Shares(low, percent(last) if dash else low)
    if shares.high < shares.low:
        raise ValueError(f"`{written}` is more at least than at most: write the smaller one first, such as 10%-60%")
    return shares


SharesText = Annotated[
    Shares, BeforeValidator(_shares), WithJsonSchema({"type": "string", "examples": ["10%-60%", "10%"]}), PERCENTAGE
]
"""A percentage or two, 10%-60%."""


class BehaviourPart(Part):
    """How somebody behaves in a rehearsal: how soon they answer, how often never, and when they are away."""

    answers_within: EstimateText = Estimate(low=timedelta(minutes=2), high=timedelta(minutes=20))
    never: Percent = 5.0
    away: Annotated[tuple[Dates, ...], BeforeValidator(several)] = ()


class WorkPart(Part):
    """How work goes in a rehearsal: how much longer tasks take than estimated, and how often what fails."""

    slip: SharesText = Shares(0.0, 30.0)
    fails: dict[str, Percent] = Field(default_factory=dict)


class RehearsalPart(Part):
    """How people and work behave in a rehearsal where no script says so."""

    people: dict[str, BehaviourPart] = Field(default_factory=dict)
    work: WorkPart = WorkPart()

    def of(self, person: str) -> BehaviourPart:
        """How somebody behaves: as is said of them, else as everybody does."""
        default = self.people.get(DEFAULT, BehaviourPart())
        own = self.people.get(person, default)
        return default.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def check_rehearsal(document: Document, part: RehearsalPart) -> Iterator[Problem]:
    """Everybody who is named is in the plan, and so is all that may fail."""
    known = {DEFAULT, *document.keys("people")}
    for key in part.people:
        if key not in known:
            hint = did_you_mean(key, sorted(known))
            yield document.error(("rehearsal", "people", key), f"nobody in the plan has the id `{key}`; {hint}")
    work = {*document.keys("tasks"), *steps(document)}
    for key in part.work.fails:
        if key not in work:
            hint = did_you_mean(key, sorted(work))
            yield document.error(("rehearsal", "work", "fails", key), f"no task or step is called `{key}`; {hint}")


def steps(document: Document) -> Iterator[str]:
    """The ids of the steps of all run-books, where they have one."""
    for _, part in entries(document.body.get("runbooks")):
        yield from (str(step["id"]) for _, step in entries(part.get("steps")) if "id" in step)


def check(document: Document, part: PreflightPart) -> Iterator[Problem]:
    """Somebody is asked, and has time to answer."""
    at = ("preflight", "who")
    yield from teams.check_who(document, at, ["everyone" if word == ON_THE_DAY else word for word in part.who])
    directory = teams.drafted(document)
    if ON_THE_DAY in part.who and not document.body.get("runbooks"):
        sentence = "there is no run-book, so nobody is on duty on the day: name people, teams or `everyone`"
        yield document.error(at, sentence)
    elif directory and teams.complete(document) and not people(document, directory, part.who):
        yield document.warning(at, "nobody is asked: name people, teams or `everyone`")
    if part.answer_within < SHORTEST:
        yield document.error(("preflight", "answer_within"), "nobody can answer that fast: write 10m or more")


def happens(document: Document, part: PreflightPart, window: Window) -> Iterator[Happening]:
    """The preflight, with everybody whom it asks."""
    due, directory = placed(timetable(document), part.at) if part.at else None, teams.drafted(document)
    if due and directory and window[0] <= due[0] < window[1]:
        who = tuple(person.key for person in people(document, directory, part.who) if not person.vacant)
        yield Happening(
            at=due[0], until=due[0] + part.answer_within, kind="preflight", name="Test pages", key="preflight",
            zone=due[1], who=who, loose=True,
        )  # fmt: skip


PREFLIGHT: Section[PreflightPart] = Section(
    name="preflight", one="preflight", model=PreflightPart, check=check, happens=happens, early=True
)
REHEARSAL: Section[RehearsalPart] = Section(
    name="rehearsal", one="rehearsal", model=RehearsalPart, check=check_rehearsal
)
