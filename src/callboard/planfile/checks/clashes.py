"""Who is in two places at once, who is asked at night, and what is said to be at two times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple, Protocol, cast
from zoneinfo import ZoneInfo

from callboard.core.calendar import Calendar, Wall, WorkingHours
from callboard.core.words import few
from callboard.planfile.calendar import plan_window
from callboard.planfile.checks.needs import parsed
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Timetable, Unknown
from callboard.planfile.sections import Document, Happening, Path, Problem, Section
from callboard.planfile.times import show_day
from callboard.planfile.types import HoursPart
from callboard.planfile.values import keyed, slug

SECTIONS = {"standup": "standups", "checkpoint": "checkpoints", "cadence": "cadences", "meeting": "meetings"}
PROMPTS = ("standup", "checkpoint", "cadence")
FURTHEST = timedelta(days=400)
A_LOOK = timedelta(days=14)
MOST = 5_000
FEW = 3
A_SECOND = timedelta(seconds=1)
Series = tuple[str, str]
PASSING = frozenset({"a", "the", "or", "and", "final", "decision"})
"""Words that do not make a name another one: a `Go/no-go decision` is `Go or no-go`."""


class Seat(Protocol):
    """What is asked of a person here; `teams` has the whole of it."""

    @property
    def timezone(self) -> ZoneInfo | None: ...
    @property
    def working_hours(self) -> HoursPart | None: ...
    @property
    def around_the_clock(self) -> bool: ...


def check(document: Document, sections: Sequence[Section[Any]]) -> Iterator[Problem]:
    """Look at what will happen, as far as is sensible, and warn of each series or pair of them once."""
    table = timetable(document)
    if table is not None:
        found = sorted(_happening(document, sections), key=lambda one: one.at)
        yield from _two_places(document, table, found)
        yield from _outside_hours(document, table, found)


def _happening(document: Document, sections: Sequence[Section[Any]]) -> Iterator[Happening]:
    """All series for some weeks, then for some more, until there are many."""
    window = plan_window(document)
    asked = [s for s in sections if s.name in SECTIONS.values() and s.name in document.values]
    if window is None or not asked:
        return
    start, end, count = window[0], min(window[1], window[0] + FURTHEST), 0
    while start < end and count < MOST:
        until = min(start + A_LOOK, end)
        for section in asked:
            for one in section.happens(document, document.values[section.name], (start, until)):
                count += 1
                yield one
        start = until


def _two_places(document: Document, table: Timetable, found: Iterable[Happening]) -> Iterator[Problem]:
    loose = _answered_any_time(document)
    own: dict[str, list[Happening]] = {}
    for one in found:
        for person in one.who if one.kind in ("standup", "meeting") and one.until else ():
            own.setdefault(person, []).append(one)
    pairs: dict[frozenset[Series], tuple[Happening, Happening, list[str]]] = {}
    for person, theirs in own.items():
        for one, other in _overlapping(theirs, loose):
            first = pairs.setdefault(frozenset({_series(one), _series(other)}), (one, other, []))
            if first[0].at == one.at and first[1].at == other.at:
                first[2].append(person)
    for one, other, people in pairs.values():
        yield _both(document, table, one, other, people)


def _overlapping(theirs: list[Happening], loose: set[Series]) -> Iterator[tuple[Happening, Happening]]:
    """What overlaps among the things of one person; what may be answered at any time must be covered whole."""
    open_: list[Happening] = []
    for one in theirs:
        open_ = [other for other in open_ if _end(other) > one.at]
        for other in open_:
            if _series(one) != _series(other) and _collide(one, other, loose):
                yield other, one
        open_.append(one)


def _collide(one: Happening, other: Happening, loose: set[Series]) -> bool:
    """Whether nobody can be at both, given that they overlap."""
    free = [each for each in (one, other) if _series(each) in loose]
    if len(free) != 1:
        return not free
    fixed = other if free[0] is one else one
    return fixed.at <= free[0].at and _end(free[0]) <= _end(fixed)


def _answered_any_time(document: Document) -> set[Series]:
    """The standups that are written answers within a window; those with turns are held at their time."""
    items = _items(document, "standup")
    return {("standup", key) for key, item in items.items() if isinstance(item, dict) and "minutes_each" not in item}


def _items(document: Document, kind: str) -> dict[str, Any]:
    """The items of a section as written, by their keys."""
    written = document.body.get(SECTIONS[kind])
    return keyed(written) if isinstance(written, list) else {}


def _both(document: Document, table: Timetable, one: Happening, other: Happening, people: list[str]) -> Problem:
    paths = {each: _path(document, each) for each in (one, other)}
    later, earlier = sorted((one, other), key=lambda each: document.line(paths[each]), reverse=True)
    who = few(people, FEW)
    sentence = (
        f"{who} would be in two places at once: this is on {_shown(later, table.calendar.zone)}, and the "
        f"{earlier.kind} `{earlier.name}` is on {_shown(earlier, table.calendar.zone)}; move one of them"
    )
    return document.warning(paths[later], sentence)


def _outside_hours(document: Document, table: Timetable, found: Iterable[Happening]) -> Iterator[Problem]:
    hours, opening = _hours(document, table), _Opening()
    said: set[Series] = set()
    for one in found:
        if one.kind not in PROMPTS or _series(one) in said:
            continue
        calendars = {id(hours[person]): hours[person] for person in one.who if person in hours}.values()
        if calendars and not opening.any(calendars, one.at):
            said.add(_series(one))
            shown = ", ".join(sorted(f"{c.working.hours} {c.zone.key}" for c in calendars if c)[:FEW])
            at = one.at.astimezone(ZoneInfo(one.zone) if one.zone else table.calendar.zone)
            sentence = f"on {show_day(at.date())} at {at:%H:%M} nobody works whom it asks; their hours are {shown}"
            yield document.warning(_path(document, one), sentence)


def _hours(document: Document, table: Timetable) -> dict[str, Calendar | None]:
    """When each person works, people with the same hours sharing one calendar; None for who is always there."""
    people = cast("dict[str, Seat]", document.values.get("people", {}))
    usual = table.calendar
    shared: dict[tuple[ZoneInfo, WorkingHours], Calendar] = {}
    found: dict[str, Calendar | None] = {}
    for key, seat in people.items():
        zone = seat.timezone or usual.zone
        working = seat.working_hours.read() if seat.working_hours else usual.working
        calendar = shared.setdefault((zone, working), Calendar(zone, working))
        found[key] = None if seat.around_the_clock else calendar
    return found


class _Opening:
    """Whether somebody works at an instant; each hour of the week is looked at once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, time], bool] = {}

    def any(self, calendars: Iterable[Calendar | None], at: datetime) -> bool:
        """Whether one of these calendars is open; the end of work is just in time."""
        return any(calendar is None or self._open(calendar, at) for calendar in calendars)

    def _open(self, calendar: Calendar, at: datetime) -> bool:
        local = at.astimezone(calendar.zone)
        hour = (id(calendar), local.weekday(), local.time())
        if hour not in self._known:
            self._known[hour] = calendar.open_at(at) or calendar.open_at(at - A_SECOND)
        return self._known[hour]


def _path(document: Document, one: Happening) -> Path:
    section, keys = SECTIONS[one.kind], list(_items(document, one.kind))
    return (section, keys.index(one.key)) if one.key in keys else (section,)


def _shown(one: Happening, zone: ZoneInfo) -> str:
    begin, end = (each.astimezone(zone) for each in (one.at, _end(one)))
    until = f"-{end:%H:%M}" if end > begin else ""
    return f"{show_day(begin.date())}, {begin:%H:%M}{until}"


def _series(one: Happening) -> Series:
    return one.kind, one.key


def _end(one: Happening) -> datetime:
    return one.until or one.at


class Named(NamedTuple):
    """What is called something, where that is written, and when it is."""

    path: Path
    name: str
    wall: Wall


def check_twice(document: Document) -> Iterator[Problem]:
    """Warn where gates, checkpoints, meetings or steps of run-books have one name and several times."""
    table = timetable(document)
    first: dict[frozenset[str], Named] = {}
    for one in sorted(_named(document, table), key=lambda one: document.line(one.path)) if table else ():
        words = frozenset(slug(one.name).split("-"))
        words = words - PASSING or words
        other = first.setdefault(words, one)
        if table and other.wall.instant(table.calendar) != one.wall.instant(table.calendar):
            sentence = (
                f"`{one.name}` is at {one.wall} here, and `{other.name}` in line {document.line(other.path)} is at "
                f"{other.wall}: if they are one thing, which is right?"
            )
            yield document.warning(one.path, sentence)


def _named(document: Document, table: Timetable) -> Iterator[Named]:
    for path, name, at in _written(document):
        moment = parsed(str(at or ""))
        try:
            if moment and isinstance(name, str) and name:
                yield Named(path, name, table.wall(moment))
        except Unknown:
            continue


def _written(document: Document) -> Iterator[tuple[Path, Any, Any]]:
    """Where something is, what it is called, and when it is, as written."""
    for key, gate in _entries(document.body.get("gates")):
        yield ("gates", key, "due"), gate.get("name", key), gate.get("due")
    for section in ("checkpoints", "meetings"):
        for number, item in _entries(document.body.get(section)):
            yield (section, number, "at"), item.get("name"), item.get("at")
    for key, runbook in _entries(document.body.get("runbooks")):
        for number, step in _entries(runbook.get("steps")):
            at = f"{runbook.get('day')} {step.get('at')}"
            yield ("runbooks", key, "steps", number, "at"), step.get("title"), at


def _entries(written: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    pairs = written.items() if isinstance(written, Mapping) else enumerate(written) if isinstance(written, list) else ()
    yield from ((key, entry) for key, entry in pairs if isinstance(entry, Mapping))
