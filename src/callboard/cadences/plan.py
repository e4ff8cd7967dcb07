"""The section `cadences` of the plan file: its types, what must hold of them, and when people are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from callboard.checkpoints.plan import rhythm
from callboard.checkpoints.plan.check import check_names
from callboard.checkpoints.plan.subjects import several, task_as_written, teams_of
from callboard.core.calendar import Calendar
from callboard.planfile import task_sets
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.types import Many, Part, Span
from callboard.planfile.values import keyed
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import check_who

SHORTEST = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


ASSIGNEES = "assignees"
ASKED = "_asked"
SHORTEST = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


def about(document: Document, part: CadencePart) -> list[str]:
    """The tasks whose state is asked for."""
    if isinstance(part.about, str):
        return list(document.keys("tasks"))
    return task_sets.members(document, part.about)


def asked(document: Document, part: CadencePart) -> tuple[str, ...]:
    """Everybody whom a cadence may ask, in the order of the file: of each task its assignees, and its teams' leads.

    It is kept with the document: the calendar is looked at week by week.
    """
    known: dict[CadencePart, tuple[str, ...]] = vars(document).setdefault(ASKED, {})
    if part not in known:
        known[part] = _asked(document, part)
    return known[part]


def _asked(document: Document, part: CadencePart) -> tuple[str, ...]:
    tasks = about(document, part)
    concerned = list(dict.fromkeys(team for task in tasks for team in teams_of(document, task)))
    if isinstance(part.about, str) and part.about != "tasks":
        concerned = document.keys("teams")
    found = {person for team in ["", *concerned] for person in teams.meant(document, part.who, team)}
    if ASSIGNEES in part.who:
        alike = dict.fromkeys(_assigned(document, task) for task in tasks)
        found |= {person for named, team in alike for person in teams.meant(document, named, team)}
    return tuple(person for person in document.keys("people") if person in found)


def _assigned(document: Document, task: str) -> tuple[tuple[str, ...], str]:
    """Who does a task, and its first team; the leads of that where nobody is named."""
    written = task_as_written(document, task)
    named = (*several(written.get("assignee")), *several(written.get("assignees")))
    return tuple(map(str, named)) or ("lead",), next(iter(teams_of(document, task)), "")


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody can be asked that often: write 5m or more")
    if span > ONE_DAY and span % ONE_DAY:
        raise ValueError("more than a day is reckoned in whole days: write 2d, or 1w")
    return span


class CadencePart(Part):
    """A status request that comes again and again while people work."""

    name: str = Field(min_length=1, examples=["Atom status"])
    key: str = ""
    every: Annotated[Span, AfterValidator(_often)] = Field(examples=["30m"])
    about: Literal["teams", "tasks", "phases", "gates", "plan"] | TaskSets = "tasks"
    who: Many = Field(min_length=1, examples=["[assignees]"])
    during: Many = ()


def check(document: Document, parts: Iterable[CadencePart]) -> Iterator[Problem]:
    """Cadences ask people there are, about tasks there are, during phases there are."""
    for number, part in enumerate(parts):
        at: Path = ("cadences", number)
        yield from check_who(document, (*at, "who"), part.who)
        yield from check_names(document, (*at, "during"), "phase", part.during)
        if not isinstance(part.about, str):
            for position, sentence in task_sets.strangers(document, part.about):
                yield document.error((*at, "about", position), sentence)


def happenings(document: Document, parts: Iterable[CadencePart], window: Window) -> Iterator[Happening]:
    """Each status request, within the working hours of whom it asks and the phases that run."""
    directory = teams.drafted(document)
    if directory is None:
        return
    order = {person: number for number, person in enumerate(directory.people)}
    for key, part in zip(keyed(document.body.get("cadences") or ()), parts, strict=False):
        people = directory.asked(asked(document, part))
        stretches = rhythm.stretches(document, part.during)
        instants: dict[tuple[datetime, str], list[str]] = {}
        for calendar, who in _by_calendar(directory, people).items():
            for stretch in stretches:
                for at in rhythm.beats(calendar, part.every, stretch, window):
                    instants.setdefault((at, calendar.zone.key), []).extend(who)
        for (at, zone), who in instants.items():
            in_order = tuple(sorted(who, key=order.__getitem__))
            yield Happening(at=at, kind="cadence", name=part.name, key=key, zone=zone, who=in_order)


def _by_calendar(directory: Directory, people: Iterable[Person]) -> dict[Calendar, list[str]]:
    """Who works when; nobody by the hours of the plan, where it is not known yet who will be asked."""
    found: dict[Calendar, list[str]] = {}
    for person in people:
        found.setdefault(directory.working(person), []).append(person.key)
    return found or {directory.calendar: []}


CADENCES: Section[tuple[CadencePart, ...]] = Section(
    name="cadences", one="cadence", model=tuple[CadencePart, ...], asks=True, check=check, happens=happenings
)
