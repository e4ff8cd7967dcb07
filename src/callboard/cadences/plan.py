"""The section `cadences` of the plan file: its types, its checks, and when people are asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callboard.core.calendar import Calendar
from callboard.gates.plan.names import check_names
from callboard.planfile import task_sets
from callboard.planfile.calendar import overlap
from callboard.planfile.paths import keyed
from callboard.planfile.sections import Document, Happening, Path, Problem, Section, Window, several
from callboard.planfile.task_sets import TaskSets
from callboard.planfile.timetable import Timetable, Unknown, timetable
from callboard.planfile.types import Many, Part, Span, Whom
from callboard.plans.plan import PHASES, PhasePart
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams
from callboard.teams.plan.directory import check_who
from callboard.teams.recipients import OF_A_TEAM, is_on_call

ASSIGNEES = "assignees"
ASKED = "_asked"
ABOUT_ALL = ("phases", "gates", "plan")
SHORTEST = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


def _often(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("that is too often: write 5m or more")
    if span > ONE_DAY and span % ONE_DAY:
        raise ValueError("above one day, write whole days: 2d, or 1w")
    return span


class CadencePart(Part):
    """A status request that comes again and again while people work."""

    name: str = Field(min_length=1, examples=["Atom status"])
    key: str = ""
    every: Annotated[Span, AfterValidator(_often)] = Field(examples=["30m"])
    about: Literal["teams", "tasks", "phases", "gates", "plan"] | TaskSets = "tasks"
    who: Whom = Field(min_length=1, examples=["[assignees]"])
    during: Many = ()


def about(document: Document, part: CadencePart) -> list[str]:
    """The tasks that people are asked about."""
    if isinstance(part.about, str):
        return list(document.keys("tasks"))
    return task_sets.members(document, part.about)


def asked(document: Document, part: CadencePart) -> tuple[str, ...]:
    """Everybody whom a cadence may ask, in the order of the file. Kept with the document, read week by week."""
    known: dict[CadencePart, tuple[str, ...]] = vars(document).setdefault(ASKED, {})
    if part not in known:
        known[part] = _asked(document, part)
    return known[part]


def _asked(document: Document, part: CadencePart, at: datetime | None = None) -> tuple[str, ...]:
    tasks = about(document, part)
    concerned = list(dict.fromkeys(team for task in tasks for team in task_sets.teams(document, task)))
    if isinstance(part.about, str) and part.about != "tasks":
        concerned = document.keys("teams")
    people = {person for team in ["", *concerned] for person in teams.meant(document, part.who, team, at)}
    if ASSIGNEES in part.who:
        alike = dict.fromkeys(_assigned(document, task) for task in tasks)
        people |= {person for named, team in alike for person in teams.meant(document, named, team)}
    return tuple(person for person in document.keys("people") if person in people)


def _assigned(document: Document, task: str) -> tuple[tuple[str, ...], str]:
    """Who does a task, and its first team; that team's leads where nobody is named."""
    written = task_sets.index_of(document).entries.get(task, {})
    named = [each for word in ("assignee", "assignees") for each in several(written.get(word) or ())]
    return tuple(map(str, named)) or ("lead",), next(iter(task_sets.teams(document, task)), "")


def _check(document: Document, parts: Iterable[CadencePart]) -> Iterator[Problem]:
    for number, part in enumerate(parts):
        at: Path = ("cadences", number)
        concern = (*OF_A_TEAM, ASSIGNEES) if part.about not in ABOUT_ALL else ()
        yield from check_who(document, (*at, "who"), part.who, concern)
        yield from check_names(document, (*at, "during"), "phase", part.during)
        if not isinstance(part.about, str):
            for position, sentence in task_sets.strangers(document, part.about):
                yield document.error((*at, "about", position), sentence)


def _happenings(document: Document, parts: Iterable[CadencePart], window: Window) -> Iterator[Happening]:
    """Each status request, within people's working hours and the phases that run."""
    directory = teams.drafted(document)
    if directory is None:
        return
    order = {person: number for number, person in enumerate(directory.people)}
    for key, part in zip(keyed(document.body.get("cadences") or ()), parts, strict=False):
        people = directory.asked(asked(document, part))
        instants: dict[tuple[datetime, str], list[str]] = {}
        for calendar, who in _by_calendar(directory, people).items():
            for at in beats(document, part, calendar, window):
                instants.setdefault((at, calendar.zone.key), []).extend(who)
        turns = any(map(is_on_call, part.who))
        for (at, zone), everybody in instants.items():
            now = _asked(document, part, at) if turns else ()
            who = [person for person in everybody if person in now or not turns]
            in_order = tuple(sorted(who, key=order.__getitem__))
            yield Happening(
                at=at,
                kind="cadence",
                name=part.name,
                key=key,
                zone=zone,
                who=in_order,
                occurrence=_day(at, zone),
                part=zone,
            )


def _day(at: datetime, zone: str) -> str:
    return str(at.astimezone(ZoneInfo(zone)).date())


def _by_calendar(directory: Directory, people: Iterable[Person]) -> dict[Calendar, list[str]]:
    """Who works when; nobody, by the hours of the plan, while nobody is known."""
    workers: dict[Calendar, list[str]] = {}
    for person in people:
        workers.setdefault(directory.working(person), []).append(person.key)
    return workers or {directory.calendar: []}


def beats(document: Document, part: CadencePart, calendar: Calendar, window: Window) -> Iterator[datetime]:
    """When a cadence asks those who work by a calendar."""
    for stretch in stretches(document, part.during):
        yield from rhythm(calendar, part.every, stretch, window)


def stretches(document: Document, during: Sequence[str]) -> list[Window]:
    """When these phases run, or any phase; the whole plan if it has none. In order, without overlap."""
    table = timetable(document)
    if table and not document.keys("phases"):
        return [(table.instant(table.start, opening=True), table.instant(table.end))]
    phases = [_phase(table, part) for key, part in (document.of(PHASES) or {}).items() if not during or key in during]
    joined: list[Window] = []
    for start, end in sorted(filter(None, phases)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def rhythm(calendar: Calendar, every: timedelta, stretch: Window, window: Window) -> Iterator[datetime]:
    """The instants within both a stretch and a window that are a multiple of `every` after working hours begin.

    From once a day on, they are when working hours begin, on the first working day from when one is due.
    """
    within = overlap(stretch, window)
    if within is None:
        return
    if every >= ONE_DAY:
        days = _by_days(calendar, every, stretch)
        yield from days[bisect_left(days, within[0]) : bisect_left(days, within[1])]
        return
    for begin, end in calendar.shifts(within[0]):
        if begin >= within[1]:
            return
        at = begin + every * max(0, -((begin - within[0]) // every))
        while at < min(end, within[1]):
            yield at
            at += every


@lru_cache(64)
def _by_days(calendar: Calendar, every: timedelta, stretch: Window) -> Sequence[datetime]:
    """All of a stretch, in order: whoever asks for an hour of it asks for the next one soon."""
    found, due = list[datetime](), stretch[0].astimezone(calendar.zone).date()
    for begin, _ in calendar.shifts(stretch[0]):
        if begin >= stretch[1]:
            break
        day = begin.astimezone(calendar.zone).date()
        if begin >= stretch[0] and day >= due:
            found.append(begin)
            due += every * ((day - due) // every + 1)
    return found


def _phase(table: Timetable | None, part: PhasePart) -> Window | None:
    try:
        return (table.instant(part.from_, opening=True), table.instant(part.to)) if table else None
    except Unknown:
        return None


CADENCES: Section[tuple[CadencePart, ...]] = Section(
    name="cadences", one="cadence", model=tuple[CadencePart, ...], asks=True, check=_check, happens=_happenings
)
