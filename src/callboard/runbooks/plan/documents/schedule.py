"""When the steps of a draft are: every day with its year, in one zone, in order; and as a plan file says it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callboard.planfile.header import HeaderPart
from callboard.planfile.notations import NO_YEAR
from callboard.planfile.times import show_span
from callboard.runbooks.plan.documents.drafts import Draft, Said, Spans, Step

NEXT_DAY = timedelta(hours=8)
"""A clock that goes back as far as this has passed midnight."""
LOOK_BACK = timedelta(days=31)


class Schedule:
    """The days and times of a draft's steps, which it puts in order; `first` is the first day, where known."""

    def __init__(self, draft: Draft, header: HeaderPart | None, today: date, wanted: date | None) -> None:
        self.draft, self.header, self.today = draft, header, today
        self.zone = header.timezone if header else ZoneInfo(self._usual_zone())
        self.first = self._dated(wanted)
        self._one_zone()
        self._sort()

    @property
    def days(self) -> list[date]:
        """The days that the steps name."""
        return [step.said.day for step in self.draft.steps if step.said and step.said.day]

    def _usual_zone(self) -> str:
        zones = Counter(step.said.zone for step in self.draft.steps if step.said and step.said.zone)
        return zones.most_common(1)[0][0] if zones else "UTC"

    def _dated(self, wanted: date | None) -> date | None:
        """Give every day its year, and move all of them where another first day is wanted; the first of them."""
        every = [*self.days, *filter(None, [self.draft.day])]
        years = [*(each.year for each in every if each.year != NO_YEAR), *self.draft.years]
        dated = {each: self._year(each, years) for each in every}
        first = min((dated[each] for each in self.days or every), default=None)
        if not wanted and not years and first:
            line = next((step.line for step in self.draft.steps if step.said and step.said.day), 1)
            words = f"no year is written: {first.year} taken; --day DATE gives another first day"
            self.draft.tell(line, "year", words)
        shift = wanted - first if wanted and first else timedelta()
        for step in self.draft.steps:
            if step.said and step.said.day:
                step.said = replace(step.said, day=moved(dated[step.said.day], shift))
        return wanted or first

    def _year(self, day: date, years: list[int]) -> date:
        if day.year != NO_YEAR:
            return day
        begin = self.today
        if self.header and hasattr(self.header.from_, "day"):
            begin = moved(self.header.from_.day, -LOOK_BACK)
        made = [_with_year(day, year) for year in years[:1] or [begin.year, begin.year + 1]]
        return next((each for each in made if each >= begin), made[-1])

    def _one_zone(self) -> None:
        """Times of other zones as times of the plan, where their day is known."""
        day = self.first
        for step in self.draft.steps:
            said = step.said
            day = said.day if said and said.day else day
            if not said or not said.clock or not said.zone or not day:
                continue
            at = datetime.combine(day, said.clock, ZoneInfo(said.zone)).astimezone(self.zone)
            if said.zone != self.zone.key:
                self.draft.tell(step.line, "zone", f"{said.clock:%H:%M} {said.zone} is {at:%H:%M} {self.zone.key}")
            step.takes = takes(step)
            step.said = replace(said, clock=at.time().replace(tzinfo=None), until=None, day=at.date(), zone="")

    def _sort(self) -> None:
        """Put steps in the order of their times; those without stay behind the one above."""
        keys: list[tuple[date, timedelta]] = []
        day, last = self.first or date.min, timedelta.min
        for step in self.draft.steps:
            said = step.said
            if said and said.day and said.day != day:
                day, last = said.day, timedelta.min
            if said and said.offset is not None:
                last = said.offset
            elif said and said.clock:
                at = timedelta(hours=said.clock.hour, minutes=said.clock.minute)
                if last > timedelta.min and last - at >= NEXT_DAY:
                    day = moved(day, timedelta(1))
                    step.said = said if said.day or day.year == NO_YEAR else replace(said, day=day)
                last = at
            keys.append((day, last))
        order = sorted(range(len(keys)), key=lambda number: keys[number])
        if order != list(range(len(keys))):
            self.draft.tell(self.draft.steps[0].line, "order", "the steps are put in the order of their times")
            self.draft.steps[:] = [self.draft.steps[number] for number in order]

    def at(self, number: int) -> str:
        """When a step is, as a plan file says it; empty where it comes after the one before."""
        step = self.draft.steps[number]
        before = self.draft.steps[number - 1].said if number else None
        match step.said:
            case None:
                return ""
            case Said(offset=timedelta() as offset):
                return self._from_start(step, offset, before, first=not number)
            case Said(after=timedelta() as after):
                return f"+{show_span(after)}" if number else ""
            case Said(clock=time() as clock) as said:
                return self._on_clock(clock, said, before)
            case Said(day=date() as day):
                earlier = (each.said.day for each in reversed(self.draft.steps[:number]) if each.said and each.said.day)
                known = next(earlier, self.first)
                return str(day) if known and day > known else ""
        return ""

    def _from_start(self, step: Step, offset: timedelta, before: Said | None, *, first: bool) -> str:
        if before and before.offset is not None:
            return f"+{show_span(offset - before.offset)}"
        if not first:
            words = f"at T{'+' if offset >= timedelta() else '-'}{show_span(abs(offset))}"
            step.notes.append(words)
            self.draft.tell(step.line, "not taken", f"{words}: the step before it has no such time")
        return ""

    def _on_clock(self, clock: time, said: Said, before: Said | None) -> str:
        if not self.first and before and before.clock and before.clock > clock:
            return f"+{show_span(_apart(before.clock, clock))}"
        zone = f" {said.zone}" if said.zone and said.zone != self.zone.key else ""
        own_day = f"{said.day} " if said.day and said.day != self.first else ""
        return f"{own_day}{clock:%H:%M}{zone}"


def takes(step: Step) -> Spans | None:
    """How long a step takes: as it says, else from its time until its end."""
    said = step.said
    if step.takes or not said or not said.clock or not said.until or said.until == said.clock:
        return step.takes
    return (_apart(said.clock, said.until),) * 2


def _apart(first: time, last: time) -> timedelta:
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    return timedelta(minutes=minutes % 1440)


def moved(day: date, shift: timedelta) -> date:
    """A day so much later; the same where the calendar ends."""
    with suppress(OverflowError):
        return day + shift
    return day


def _with_year(day: date, year: int) -> date:
    with suppress(ValueError):
        return day.replace(year=year)
    return day.replace(year=year, day=28)
