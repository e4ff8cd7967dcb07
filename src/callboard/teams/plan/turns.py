"""Turns on call: who has one at an instant, from when until when, also where somebody takes one over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callboard.core.calendar import to_utc
from callboard.planfile.sections import Document, Window
from callboard.planfile.timetable import Timetable, Unknown, timetable
from callboard.planfile.types import ON_CALL, Many, Moment, Part, Span

SHORTEST = timedelta(hours=1)


def _turn(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody hands over that often: write 1h or more, such as 1w")
    return span


class OverridePart(Part):
    """Somebody takes turns over, from when until when, and why."""

    key: str = Field(min_length=1, examples=["dentist"])
    person: str = Field(examples=["two"])
    from_: Moment = Field(alias="from", examples=["2026-03-30 12:00"])
    until: Moment = Field(examples=["2026-03-30 18:00"])
    because: str = ""


class OnCallPart(Part):
    """Who takes turns, for how long, when the first turn begins, and who takes one over."""

    rotation: Many = Field(min_length=1, examples=["[one, two]"])
    every: Annotated[Span, AfterValidator(_turn)] = timedelta(weeks=1)
    from_: Moment = Field(alias="from", examples=["2026-03-30 09:00"])
    overrides: tuple[OverridePart, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One turn: who has it, from when until just before when. The first of a rotation is number 0.

    `instead_of` has the turn by the rotation, where somebody takes it over.
    """

    person: str
    at: datetime
    until: datetime
    number: int = 0
    instead_of: str = ""
    because: str = ""


@dataclass(frozen=True)
class Override:
    """Somebody has the turn from one instant until just before another."""

    person: str
    at: datetime
    until: datetime
    because: str = ""


@dataclass(frozen=True)
class Rotation:
    """Turns of one length by the wall clock: a week later it is the same time of the same day, whatever clocks do."""

    people: tuple[str, ...]
    every: timedelta
    start: datetime
    zone: ZoneInfo
    overrides: tuple[Override, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who have a turn at some time."""
        return tuple(dict.fromkeys([*self.people, *(each.person for each in self.overrides)]))

    def begins(self, number: int) -> datetime:
        """The instant at which a turn begins, counting from 0."""
        return to_utc(self.start + number * self.every, self.zone)

    def holder(self, now: datetime) -> str | None:
        """Whose turn it is; None before the first."""
        turn = on_call(self, now)
        return turn.person if turn else None

    def turns(self, window: Window) -> Iterator[Turn]:
        """The turns of the rotation of which some part lies between two instants."""
        local = window[0].astimezone(self.zone).replace(tzinfo=None)
        number = max(0, (local - self.start) // self.every - 1)
        while (at := self.begins(number)) < window[1]:
            until = self.begins(number + 1)
            if at < until and until > window[0]:
                yield Turn(self.people[number % len(self.people)], at, until, number)
            number += 1

    def held(self, window: Window) -> Iterator[Turn]:
        """The turns as they are had, of which some part lies between two instants: the latest override counts."""
        turns = list(self.turns(window))
        taken = [each for each in self.overrides if each.at < window[1] and each.until > window[0]]
        bounds = [(each.at, each.until) for each in turns] + [(each.at, each.until) for each in taken]
        cuts = sorted({moment for each in bounds for moment in each})
        last: Turn | None = None
        for at, until in pairwise(cuts):
            own = next((turn for turn in turns if turn.at <= at < turn.until), None)
            by = next((each for each in reversed(taken) if each.at <= at < each.until), None)
            if by:
                now = Turn(by.person, at, until, own.number if own else 0, own.person if own else "", by.because)
            elif own:
                now = replace(own, at=at, until=until)
            else:
                continue
            if last and last.until == now.at and last.person == now.person:
                last = replace(last, until=now.until)
                continue
            if last and last.until > window[0]:
                yield last
            last = now
        if last and last.at < window[1] and last.until > window[0]:
            yield last


def on_call(rotation: Rotation, now: datetime) -> Turn | None:
    """The turn that holds an instant; None before the first."""
    return next((turn for turn in rotation.held((now, now + rotation.every)) if turn.at <= now), None)


def rotation(part: OnCallPart, table: Timetable) -> Rotation:
    """The turns of a team. Raises Unknown for a beginning that nobody can tell."""
    wall = table.wall(part.from_)
    zone = wall.zone or table.calendar.zone
    start = wall.instant(table.calendar, opening=True).astimezone(zone)
    overrides = (
        Override(each.person, table.instant(each.from_), table.instant(each.until), each.because)
        for each in part.overrides
    )
    return Rotation(part.rotation, part.every, start.replace(tzinfo=None), zone, tuple(overrides))


def rotations(document: Document) -> dict[str, Rotation]:
    """The turns of each team; of those whose beginning is known."""
    table, found = timetable(document), {}
    written: Mapping[str, OnCallPart] = document.values.get(ON_CALL) or {}
    for team, part in written.items() if table else ():
        with suppress(Unknown, OverflowError):
            found[team] = rotation(part, cast("Timetable", table))
    return found
