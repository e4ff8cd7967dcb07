"""Appointments: somebody in two places at once, called while they sleep, or away from what they lead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callboard.core.words import is_are, joined
from callboard.meetings.plan import MEETINGS, MeetingPart
from callboard.planfile.paths import keyed
from callboard.planfile.sections import Path
from callboard.planfile.timetable import timetable
from callboard.rehearsal.findings.report import Finding
from callboard.rehearsal.findings.scene import FEW, Scene
from callboard.runbooks.plan.schedule import in_order, leaders, timed, waits_for
from callboard.runbooks.plan.steps import RunbookPart, StepPart

MOMENT, SHORT = timedelta(minutes=5), timedelta(minutes=30)
"""How long somebody is needed where nothing says how long, and where only the latest moment is said."""

MOST_PAIRS = 20_000


@dataclass(frozen=True)
class Place:
    """Where people have to be: `needed` must all be there, of `able` one is enough; what is `loose`, at some time."""

    at: datetime
    until: datetime
    what: str
    path: Path
    needed: frozenset[str]
    able: frozenset[str]
    series: str
    after: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    loose: bool = False


def found(scene: Scene) -> Iterator[Finding]:
    """Each pair of series that takes the same person, once; what is in somebody's night; meetings that nobody leads."""
    places = sorted(
        (*_meetings(scene), *_steps(scene)), key=lambda place: (place.at, scene.document.line(place.path), place.series)
    )
    told: set[frozenset[str]] = set()
    for one, other in _overlapping(places):
        pair = frozenset((one.series, other.series))
        finding = None if pair in told else _clash(scene, one, other)
        if finding:
            told.add(pair)
            yield finding
    yield from _nights(scene, places)
    yield from _unled(scene)


def _overlapping(places: Sequence[Place]) -> Iterator[tuple[Place, Place]]:
    open_: list[Place] = []
    count = 0
    for place in places:
        open_ = [other for other in open_ if other.until > place.at]
        for other in open_:
            count += 1
            if count > MOST_PAIRS:
                return
            yield other, place
        open_.append(place)


def _meetings(scene: Scene) -> Iterator[Place]:
    """Meetings, rounds in which everybody speaks, and what is to be answered within a window."""
    for one in scene.of_kind("meeting", "standup", "checkpoint"):
        if one.who:
            path = _path(scene, f"{one.kind}s", one.key)
            until = one.until if one.until and one.until > one.at else one.at + MOMENT
            leads = scene.seats(_lead(scene, one.key)) if one.kind == "meeting" else ()
            lead = frozenset(person.key for person in leads) if len(leads) == 1 else frozenset[str]()
            yield Place(
                one.at, until, f"the {one.kind} {one.name}", path, frozenset(one.who), frozenset(),
                f"{one.kind} {one.key}", leads=lead, loose=one.loose or one.kind == "checkpoint",
            )  # fmt: skip


def _lead(scene: Scene, meeting: str) -> tuple[str, ...]:
    """The words for who leads a meeting."""
    parts: tuple[MeetingPart, ...] = scene.document.values.get(MEETINGS.name) or ()
    keys = keyed(scene.document.body.get(MEETINGS.name) or ())
    return next((part.lead for key, part in zip(keys, parts, strict=False) if key == meeting), ())


def _unled(scene: Scene) -> Iterator[Finding]:
    """The first time of each meeting that whoever leads it is away, and nobody stands in."""
    told: set[str] = set()
    for one in scene.of_kind("meeting"):
        people = scene.seats(_lead(scene, one.key))
        if one.key in told or not people or scene.reached(_lead(scene, one.key), one.at):
            continue
        told.add(one.key)
        yield scene.risk(
            _path(scene, "meetings", one.key), f"Nobody leads the meeting {one.name} on {scene.shown(one.at)}.",
            f"{scene.names(people)} {is_are(people)} away then, and nobody stands in.",
            "Name a deputy, move it, or let somebody else lead it.", one.at,
        )  # fmt: skip


def _path(scene: Scene, section: str, key: str) -> Path:
    keys = list(keyed(scene.document.body.get(section) or ()))
    return (section, keys.index(key)) if key in keys else (section,)


def _steps(scene: Scene) -> Iterator[Place]:
    """The steps of run-books, for as long as somebody is surely needed."""
    table = timetable(scene.document)
    for key, part in (scene.document.values.get("runbooks") or {}).items():
        after = _after(key, part)
        for number, one in enumerate(timed(table, part) if table else ()):
            if not one.at or not scene.is_ahead(one.at) or one.step.reserve:
                continue
            able = frozenset(leaders(scene.document, one.step, one.at))
            path: Path = ("runbooks", key, "steps", number)
            yield Place(
                one.at, one.at + _busy(one.step), f"the step {one.step.title}", path, frozenset(), able,
                _series(key, number), after[number],
            )  # fmt: skip


def _series(key: str, number: int) -> str:
    return f"step {key} {number}"


def _after(key: str, part: RunbookPart) -> dict[int, frozenset[str]]:
    """The steps of the same run-book for which each waits, directly or not."""
    waits, found = waits_for(part.steps), dict[int, frozenset[str]]()
    for number in in_order(waits):
        own = [found.get(other, frozenset()) | {_series(key, other)} for other in waits[number]]
        found[number] = frozenset().union(*own)
    return found


def _busy(step: StepPart) -> timedelta:
    if step.takes:
        return max(step.takes.most, MOMENT)
    return min(step.within, SHORT) if step.within else MOMENT


def _clash(scene: Scene, one: Place, other: Place) -> Finding | None:
    if one.loose or other.loose:
        return _no_time(scene, one, other)
    if one.able and other.able:
        return _two_steps(scene, one, other)
    if one.needed and other.needed:
        return _two_meetings(scene, one, other)
    step, meeting = (one, other) if one.able else (other, one)
    if not step.able or not step.able <= meeting.needed:
        return None
    return _both(scene, one, other, step.able, sure=True)


def _no_time(scene: Scene, one: Place, other: Place) -> Finding | None:
    """What may be answered at any time of its window, while a meeting lasts longer than the window."""
    loose, fixed = (one, other) if one.loose else (other, one)
    people = loose.needed & fixed.needed
    if fixed.loose or not people or not fixed.at <= loose.at or loose.until > fixed.until:
        return None
    return _both(scene, one, other, people, sure=False)


def _two_steps(scene: Scene, one: Place, other: Place) -> Finding | None:
    """Each step needs somebody of its own."""
    if len(one.able | other.able) > 1 or one.series in other.after or other.series in one.after:
        return None
    return _both(scene, one, other, one.able, sure=True)


def _two_meetings(scene: Scene, one: Place, other: Place) -> Finding | None:
    """Whoever leads one is missed there; of the others, somebody will be."""
    people = one.needed & other.needed
    leading = people & (one.leads | other.leads)
    if not people:
        return None
    return _both(scene, one, other, leading or people, sure=bool(leading))


def _both(scene: Scene, one: Place, other: Place, people: frozenset[str], *, sure: bool) -> Finding:
    later, earlier = sorted((one, other), key=lambda place: scene.document.line(place.path), reverse=True)
    names = joined([scene.name(person) for person in scene.directory.people if person in people], FEW)
    made = scene.fault if sure else scene.risk
    return made(
        later.path, f"{names} {is_are(people)} in two places at once on {scene.shown(max(one.at, other.at))}.",
        f"That is {later.what}, {scene.shown(later.at)}, and {earlier.what}, {scene.shown(earlier.at)}.",
        "Move one of them, or give one to somebody else.", max(one.at, other.at),
    )  # fmt: skip


def _nights(scene: Scene, places: Sequence[Place]) -> Iterator[Finding]:
    """Meetings that a person joins, and steps that only they lead, while they don't work: once for each series."""
    told: set[str] = set()
    for place in places:
        series = place.series.rpartition(" ")[0] if place.able else place.series
        people = [scene.directory.people[key] for key in place.needed | place.able]
        awake = [person for person in people if scene.works(person, place.at)]
        asleep = [person for person in people if person not in awake and person.present(place.at)]
        if series in told or place.loose or not asleep or (place.able and awake):
            continue
        told.add(series)
        first = asleep[0]
        there = place.at.astimezone(first.zone)
        yield scene.risk(
            place.path, f"{scene.names(sorted(asleep, key=lambda each: each.name))} "
            f"{'does' if len(asleep) == 1 else 'do'} not work at the time of {place.what}.",
            f"On {scene.shown(place.at)} it is {there:%H:%M} for {first.name}; "
            f"their hours are {first.working_hours.hours}.",
            "Move it, or agree with them and write `working_hours:` for them.", place.at,
        )  # fmt: skip
