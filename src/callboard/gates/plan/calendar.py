"""When gates are due, reminded of and announced, and when signatures are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile

from callboard.core.calendar import Calendar
from callboard.gates.plan import sign_offs
from callboard.gates.plan.sign_offs import shown
from callboard.gates.plan.types import GatePart
from callboard.planfile.frame import placed, timetable
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.times import show_span
from callboard.planning.duties import name_of
from callboard.teams.directory import Directory, Person
from callboard.teams.plan import directory as teams

A_WHILE = timedelta(days=21)
"""How far back the last working hours before a reminder are looked for."""


def gates(document: Document, parts: Mapping[str, GatePart], window: Window) -> Iterator[Happening]:
    """Each gate is due, and before that reminded of and announced; its signatures may be due on their own."""
    directory = teams.drafted(document)
    if directory is None:
        return
    for key, part in parts.items():
        with suppress(OverflowError):
            found = list(_of_gate(document, directory, key, part))
            yield from (happening for happening in found if window[0] <= happening.at < window[1])


def _of_gate(document: Document, directory: Directory, key: str, part: GatePart) -> Iterator[Happening]:
    about = sign_offs.Work(document, part.criteria)
    by_sign_off = [sign_offs.signers(directory, each, about) for each in part.sign_off]
    yield from _signatures(document, key, part, by_sign_off)
    due = placed(timetable(document), part.due)
    if due:
        at, zone = due
        people = _together(directory, by_sign_off)
        who = tuple(person.key for person in people)
        yield Happening(at=at, kind="gate", name=part.name, key=key, zone=zone, who=who)
        yield from _reminders(key, part, at, people, directory.calendar)
        yield from _announced(document, key, part, at, zone)


def reminded(calendar: Calendar, due: datetime, before: timedelta) -> datetime:
    """When somebody is reminded: so long before, or as soon as work begins then, or else when it last ended."""
    at = due - before
    upcoming = next((begin for begin, _ in calendar.stretches(at)), due)
    if upcoming < due:
        return upcoming
    ends = (end for _, end in calendar.shifts(at - A_WHILE))
    return max(takewhile(lambda end: end <= at, ends), default=at)


def _reminders(
    key: str, part: GatePart, due: datetime, people: Iterable[Person], plan: Calendar
) -> Iterator[Happening]:
    """Reminders keep to the working hours of whom they reach, but for who is there around the clock."""
    alike: dict[Calendar | None, list[Person]] = {}
    for person in people:
        own = None if person.around_the_clock else Calendar(person.zone, person.working_hours, plan.holidays)
        alike.setdefault(own, []).append(person)
    for before in part.remind:
        reached: dict[tuple[datetime, str], list[str]] = {}
        for own, who in alike.items():
            at = reminded(own, due, before) if own else due - before
            for person in who:
                reached.setdefault((at, person.timezone), []).append(person.key)
        for (at, zone), keys in reached.items():
            yield Happening(
                at=at, kind="reminder", name=f"{part.name} is due in {show_span(due - at)}", key=key, zone=zone,
                who=tuple(keys),
            )  # fmt: skip


def _announced(document: Document, key: str, part: GatePart, due: datetime, zone: str) -> Iterator[Happening]:
    """Whoever hears of the result hears before that it is coming."""
    for before in part.announce.before if part.announce else ():
        who = teams.meant(document, [*part.announce.to, *part.announce.mail]) if part.announce else ()
        name = f"{part.name} is announced"
        yield Happening(at=due - before, kind="announcement", name=name, key=key, zone=zone, who=who)


def _signatures(
    document: Document, key: str, part: GatePart, by_sign_off: Iterable[tuple[Person, ...]]
) -> Iterator[Happening]:
    for sign_off, people in zip(part.sign_off, by_sign_off, strict=True):
        found = placed(timetable(document), sign_off.due)
        if found:
            whoever = shown(sign_off, partial(name_of, document))
            yield Happening(
                at=found[0], kind="sign-off", name=f"{part.name}: {whoever} signs", key=key, zone=found[1],
                who=tuple(person.key for person in people if not person.vacant),
            )  # fmt: skip


def _together(directory: Directory, groups: Iterable[tuple[Person, ...]]) -> list[Person]:
    """Everybody of several groups, in the order of the file, without vacant seats."""
    found = {person.key for people in groups for person in people}
    return [person for key, person in directory.people.items() if key in found and not person.vacant]
