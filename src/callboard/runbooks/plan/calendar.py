"""When the steps of a run-book are: as planned, and as it goes while it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import cast
from zoneinfo import ZoneInfo

from callboard.core.calendar import Calendar, DayTime, Wall
from callboard.planfile.frame import timetable
from callboard.planfile.moments import Timetable, Unknown
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.values import keyed
from callboard.runbooks.plan.types import Later, RunbookPart, StepPart
from callboard.teams.plan.directory import meant

NOT_BEGUN: Mapping[int, datetime] = MappingProxyType({})


@dataclass(frozen=True)
class Timed:
    """A step and the moment at which it is; None where that cannot be told."""

    step: StepPart
    at: datetime | None
    zone: ZoneInfo

    @property
    def until(self) -> datetime | None:
        """When it is to be done, where that is said."""
        return self.at + self.step.within if self.at and self.step.within else None


def timed(table: Timetable, part: RunbookPart, begun: Mapping[int, datetime] = NOT_BEGUN) -> tuple[Timed, ...]:
    """Every step with its moment. `begun` is when steps, by number, did begin: the others are reckoned from there.

    A step that says no time comes when the one before it is to be done, the first at the run-book's own moment.
    """
    found: list[Timed] = []
    for number, step in enumerate(part.steps):
        before = found[-1] if found else None
        zone = step.at.zone if isinstance(step.at, DayTime) and step.at.zone else table.calendar.zone
        try:
            at = begun[number] if number in begun else _moment(table, part, step, before)
        except (Unknown, OverflowError):
            at = None
        found.append(Timed(step, at, zone))
    return tuple(found)


def own_day(table: Timetable, part: RunbookPart) -> Wall | None:
    """The day of a run-book; None where it has none, or nobody can tell."""
    try:
        return table.wall(part.day) if part.day else None
    except (Unknown, OverflowError):
        return None


def happens(document: Document, parts: Mapping[str, RunbookPart], window: Window) -> Iterator[Happening]:
    """Each step at its time, with the people of the team that leads it."""
    table = timetable(document)
    for name, part in parts.items() if table else ():
        with suppress(OverflowError):
            steps = zip(
                keyed(document.body["runbooks"][name]["steps"]), timed(cast("Timetable", table), part), strict=True
            )
            yield from (_happening(document, name, key, one) for key, one in steps if _inside(one, window))


def _inside(one: Timed, window: Window) -> bool:
    return one.at is not None and window[0] <= one.at < window[1]


def _happening(document: Document, runbook: str, key: str, one: Timed) -> Happening:
    return Happening(
        at=cast("datetime", one.at), until=one.until, zone=one.zone.key, kind="step", name=one.step.title,
        key=f"{runbook}.{key}", who=meant(document, one.step.lead), team=one.step.lead[0],
    )  # fmt: skip


def _moment(table: Timetable, part: RunbookPart, step: StepPart, before: Timed | None) -> datetime | None:
    if isinstance(step.at, DayTime):
        day = own_day(table, part)
        return Wall(day.day, step.at.clock, step.at.zone).instant(table.calendar) if day else None
    if isinstance(step.at, Later):
        start = before.at if before else _beginning(table, part)
        return _later(table.calendar, start, step.at) if start else None
    if step.at:
        return table.instant(step.at)
    return (before.until or before.at) if before else _beginning(table, part)


def _beginning(table: Timetable, part: RunbookPart) -> datetime | None:
    day = own_day(table, part)
    return day.instant(table.calendar, opening=True) if day else None


def _later(calendar: Calendar, start: datetime, later: Later) -> datetime:
    if not later.days:
        return start + later.span
    local = start.astimezone(calendar.zone)
    return Wall(local.date() + timedelta(days=later.days), local.time()).instant(calendar) + later.span
