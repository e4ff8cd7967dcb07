"""When checkpoints, status requests and meetings are, and who takes part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callboard.checkpoints import beats, subjects
from callboard.checkpoints.parts import CadencePart, CheckpointPart, MeetingPart
from callboard.core.calendar import Calendar, DayTime, occurrences
from callboard.planfile import calendar as happening
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Moment, Relative, Timetable, Unknown, parse_moment
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.values import keyed
from callboard.standups import presence
from callboard.standups.plan import calendar as rounds
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams

GATE = "the gate"


def checkpoints(document: Document, parts: Iterable[CheckpointPart], window: Window) -> Iterator[Happening]:
    """Each checkpoint, at its moment."""
    table = timetable(document)
    for key, part in zip(keyed(document.body.get("checkpoints") or ()), parts, strict=False):
        at, zone = _moment(table, part.at)
        if at is not None and window[0] <= at < window[1]:
            concerned = part.concerned
            yield Happening(
                at=at, kind="checkpoint", name=part.name, key=key, zone=zone, until=at + part.window,
                team=concerned[0] if len(concerned) == 1 else "",
                who=subjects.everybody(document, part.who, concerned),
            )  # fmt: skip


def cadences(document: Document, parts: Iterable[CadencePart], window: Window) -> Iterator[Happening]:
    """Each status request, within the working hours of whom it asks and the phases that run."""
    directory = teams.drafted(document)
    if directory is None:
        return
    order = {person: number for number, person in enumerate(directory.people)}
    for key, part in zip(keyed(document.body.get("cadences") or ()), parts, strict=False):
        people = presence.asked(directory, subjects.asked(document, part))
        stretches = beats.stretches(document, part.during)
        asked: dict[tuple[datetime, str], list[str]] = {}
        for calendar, who in _by_calendar(directory, people).items():
            for stretch in stretches:
                for at in beats.beats(calendar, part.every, stretch, window):
                    asked.setdefault((at, calendar.zone.key), []).extend(who)
        for (at, zone), who in asked.items():
            in_order = tuple(sorted(who, key=order.__getitem__))
            yield Happening(at=at, kind="cadence", name=part.name, key=key, zone=zone, who=in_order)


def _by_calendar(directory: Directory, people: Iterable[Person]) -> dict[Calendar, list[str]]:
    """Who works when; nobody by the hours of the plan, where it is not known yet who will be asked."""
    found: dict[Calendar, list[str]] = {}
    for person in people:
        found.setdefault(presence.working(directory, person), []).append(person.key)
    return found or {directory.calendar: []}


def meetings(document: Document, parts: Iterable[MeetingPart], window: Window) -> Iterator[Happening]:
    """Each meeting; one that is held after a gate at the latest moment for it."""
    directory, table = teams.drafted(document), timetable(document)
    if directory is None or table is None:
        return
    for key, part in zip(keyed(document.body.get("meetings") or ()), parts, strict=False):
        people = directory.named(teams.meant(document, (*part.lead, *part.who)))
        for at, zone in _held(document, table, part, window):
            who = _who_meets(people, part, at)
            until = at + part.lasts if part.lasts else None
            yield Happening(at=at, kind="meeting", name=part.name, key=key, zone=zone, who=who, until=until)


def latest(document: Document, table: Timetable, part: MeetingPart) -> datetime | None:
    """When a meeting after gates is held at the latest: so long after the last of them is due; None if none is."""
    within = [_within(document, table, gate, part.within) for gate in part.after]
    return max(filter(None, within), default=None)


def _within(document: Document, table: Timetable, gate: str, span: timedelta) -> datetime | None:
    gates: Any = document.body.get("gates")
    try:
        due = parse_moment(str(gates[gate]["due"]))
        dated = Timetable(table.calendar, table.start, table.end, {**table.dates, GATE: due})
        return dated.instant(Relative(GATE, span.days, span % timedelta(days=1)))
    except (TypeError, KeyError, ValueError, OverflowError):
        return None


def _held(document: Document, table: Timetable, part: MeetingPart, window: Window) -> Iterator[tuple[datetime, str]]:
    plan = table.calendar.zone
    if isinstance(part.at, DayTime):
        zone = part.at.zone or plan
        within = happening.running(document, window, zone)
        days = table.calendar.working.days if part.days is None else part.days
        for at in occurrences(*within, days, part.at.clock, zone, table.calendar.holidays) if within else ():
            if rounds.stands(table, part.from_, part.to, at):
                yield at, zone.key
        return
    once, key = (latest(document, table, part), plan.key) if part.at is None else _moment(table, part.at)
    if once is not None and window[0] <= once < window[1]:
        yield once, key


def _who_meets(people: Iterable[Person], part: MeetingPart, at: datetime) -> tuple[str, ...]:
    """Who is there: for one moment everybody who is meant, week by week those who are not away."""
    once = not isinstance(part.at, DayTime)
    return tuple(person.key for person in (people if once else presence.there(people, at)))


def _moment(table: Timetable | None, moment: Moment) -> tuple[datetime | None, str]:
    try:
        wall = table.wall(moment) if table else None
    except Unknown:
        wall = None
    if table is None or wall is None:
        return None, ""
    zone: ZoneInfo = wall.zone or table.calendar.zone
    return wall.instant(table.calendar), zone.key
