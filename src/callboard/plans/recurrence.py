"""How something comes again: on which days, by which clock, every how many weeks, and in which phases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callboard.core.calendar import DateRange, DayTime, Weeks, occurrences
from callboard.planfile.calendar import EVERY_DAY, plan_window, running
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Path, Problem, Window
from callboard.planfile.timetable import Timetable, Unknown, timetable
from callboard.planfile.types import Many, Moment, Part, Span, Weekdays, Zone
from callboard.plans.plan import PHASES

A_WEEK = timedelta(weeks=1)
OWN_CLOCK = ("every", "during", "timezone")
"""The keys that say how something comes again, and mean nothing for what comes once."""


def _whole_weeks(span: timedelta) -> timedelta:
    if not span or span % A_WEEK:
        raise ValueError("what has days of the week comes again after whole weeks: write 1w, 2w or more")
    return span


class RecurringPart(Part):
    """What comes again on days of the week."""

    days: Weekdays | None = None
    timezone: Zone | None = None
    every: Annotated[Span, AfterValidator(_whole_weeks)] = A_WEEK
    from_: Moment | None = Field(None, alias="from")
    to: Moment | None = None
    during: Many = ()


def zone(part: RecurringPart, at: DayTime, plan: ZoneInfo) -> ZoneInfo:
    """By whose clock it comes: its own, or that of the plan."""
    return at.zone or part.timezone or plan


def instants(
    document: Document, part: RecurringPart, at: time, zone: ZoneInfo, days: frozenset[int], window: Window,
    free: Sequence[DateRange] = (),
) -> Iterator[datetime]:  # fmt: skip
    """When it comes within a window, while the plan runs, by the clock of a zone, on some days but the free ones.

    In the follow-up of a plan it comes where it says when: by `during`, `from` or `to`.
    """
    named = bool(part.during or part.from_ or part.to)
    table, within = timetable(document), running(document, window, zone, late=named)
    if table is None or within is None:
        return
    phases = [phase for key, phase in (document.of(PHASES) or {}).items() if key in part.during]
    for instant in occurrences(*within, days, at, zone, free, _weeks(table, part)):
        planned = not part.during or any(table.stands(phase.from_, phase.to, instant) for phase in phases)
        if planned and table.stands(part.from_, part.to, instant):
            yield instant


def _weeks(table: Timetable, part: RecurringPart) -> Weeks | None:
    """The weeks in which it comes, from that of the first day on; None for all."""
    if part.every == A_WEEK:
        return None
    try:
        first = table.wall(part.from_).day if part.from_ else table.start.day
    except Unknown:
        return None
    days = part.days or EVERY_DAY
    while first.weekday() not in days:
        first += timedelta(days=1)
    return Weeks(first, part.every // A_WEEK)


def check(document: Document, at: Path, part: RecurringPart, clock: DayTime | None) -> Iterator[Problem]:
    """It has one clock, phases of the plan, and comes at least once. `clock` is None for what comes once."""
    known = document.keys(PHASES.name)
    for number, key in enumerate(part.during):
        if key not in known:
            sentence = f"there is no phase `{key}`; {nearest(document, key, known)}"
            yield document.error((*at, "during", number), sentence)
    if clock is None:
        for word in sorted(part.model_fields_set.intersection(OWN_CLOCK)):
            sentence = 'this is for what comes again: write a time of day, `at: "10:00"`, or remove it'
            yield document.error((*at, word), sentence)
        return
    if clock.zone and part.timezone:
        sentence = f"`at` names {clock.zone.key} already: write the time zone once"
        yield document.error((*at, "timezone"), sentence)
    yield from _check_comes(document, at, part, clock)


def _check_comes(document: Document, at: Path, part: RecurringPart, clock: DayTime) -> Iterator[Problem]:
    """Warn of what is written and never comes."""
    table, whole = timetable(document), plan_window(document)
    word = next((word for word in ("during", "every") if word in part.model_fields_set), "")
    if table is None or whole is None or not word or not set(part.during) <= set(document.keys(PHASES.name)):
        return
    own = zone(part, clock, table.calendar.zone)
    if next(instants(document, part, clock.clock, own, part.days or EVERY_DAY, whole), None) is None:
        yield document.warning((*at, word), "with this it never comes in the plan: write other days, weeks or phases")
