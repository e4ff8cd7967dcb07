"""The `on_call` section of the plan file: who of a team is on call at an instant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, cast
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from callboard.core.calendar import to_utc
from callboard.planfile.calendar import running
from callboard.planfile.names import nearest
from callboard.planfile.sections import Document, Happening, Problem, Section, Window
from callboard.planfile.timetable import Timetable, Unknown, timetable
from callboard.planfile.types import Many, Moment, Part, Span
from callboard.teams.directory import Directory
from callboard.teams.plan import directory as teams

SHORTEST = timedelta(hours=1)


def _turn(span: timedelta) -> timedelta:
    if span < SHORTEST:
        raise ValueError("nobody hands over that often: write 1h or more, such as 1w")
    return span


class OnCallPart(Part):
    """Who takes turns, for how long, and when the first turn begins."""

    rotation: Many = Field(min_length=1, examples=["[one, two]"])
    every: Annotated[Span, AfterValidator(_turn)] = timedelta(weeks=1)
    from_: Moment = Field(alias="from", examples=["2026-03-30 09:00"])


@dataclass(frozen=True)
class Turn:
    """One turn: who has it, from when until just before when. The first of a rotation is number 0."""

    person: str
    at: datetime
    until: datetime
    number: int = 0


@dataclass(frozen=True)
class Rotation:
    """Turns of one length by the wall clock: a week later it is the same time of the same day, whatever clocks do."""

    people: tuple[str, ...]
    every: timedelta
    start: datetime
    zone: ZoneInfo

    def begins(self, number: int) -> datetime:
        """The instant at which a turn begins, counting from 0."""
        return to_utc(self.start + number * self.every, self.zone)

    def holder(self, now: datetime) -> str | None:
        """Whose turn it is; None before the first."""
        turn = on_call(self, now)
        return turn.person if turn else None

    def turns(self, window: Window) -> Iterator[Turn]:
        """The turns of which some part lies between two instants."""
        local = window[0].astimezone(self.zone).replace(tzinfo=None)
        number = max(0, (local - self.start) // self.every - 1)
        while (at := self.begins(number)) < window[1]:
            until = self.begins(number + 1)
            if at < until and until > window[0]:
                yield Turn(self.people[number % len(self.people)], at, until, number)
            number += 1


def rotation(part: OnCallPart, table: Timetable) -> Rotation:
    """The turns of a team. Raises Unknown for a beginning that nobody can tell."""
    wall = table.wall(part.from_)
    zone = wall.zone or table.calendar.zone
    start = wall.instant(table.calendar, opening=True).astimezone(zone)
    return Rotation(part.rotation, part.every, start.replace(tzinfo=None), zone)


def rotations(document: Document) -> dict[str, Rotation]:
    """The turns of each team; of those whose beginning is known."""
    table, found = timetable(document), {}
    for team, part in (document.of(ON_CALL) or {}).items() if table else ():
        with suppress(Unknown, OverflowError):
            found[team] = rotation(part, cast("Timetable", table))
    return found


def on_call(rotation: Rotation, now: datetime) -> Turn | None:
    """The turn that holds an instant; None before the first."""
    return next((turn for turn in rotation.turns((now, now + rotation.every)) if turn.at <= now), None)


def turn(document: Document, team: str, now: datetime) -> Turn | None:
    """Whose turn it is for a team at an instant; None before the first, and for a team without a rotation."""
    table, part = timetable(document), (document.of(ON_CALL) or {}).get(team)
    with suppress(Unknown, OverflowError):
        return on_call(rotation(part, table), now) if table and part else None
    return None


def check(document: Document, rotations: Mapping[str, OnCallPart]) -> Iterator[Problem]:
    """A rotation belongs to a known team and names people of the plan."""
    known, people = document.keys("teams"), document.keys("people")
    directory = teams.drafted(document)
    for team, part in rotations.items():
        if team not in known:
            yield document.error(("on_call", team), f"there is no team `{team}`; {nearest(document, team, known)}")
        for number, person in enumerate(part.rotation):
            path = ("on_call", team, "rotation", number)
            if person in known and person not in people:
                yield document.error(path, f"`{person}` is a team: name its people")
            elif person not in people:
                yield document.error(path, f"there is no person `{person}`; {nearest(document, person, people)}")
            elif directory and person in directory.people and directory.people[person].vacant:
                yield document.vacant(path, f"the seat {person} is vacant, and has turns on call: name somebody else")


def happens(document: Document, rotations: Mapping[str, OnCallPart], window: Window) -> Iterator[Happening]:
    """Each hand-over while the plan runs."""
    table = timetable(document)
    for team, part in rotations.items() if table else ():
        with suppress(Unknown, OverflowError):
            turns = rotation(part, cast("Timetable", table))
            within = running(document, window, turns.zone)
            yield from _hand_overs(document, team, turns, within) if within else ()


def _hand_overs(document: Document, team: str, rotation: Rotation, window: Window) -> Iterator[Happening]:
    directory = teams.drafted(document)
    name = f"On call for {directory.teams[team].name if directory and team in directory.teams else team}"
    for turn in rotation.turns(window):
        if turn.at < window[0]:
            continue
        whole = Happening(
            at=turn.at, until=turn.until, kind="on call", name=name, key=team, zone=rotation.zone.key, team=team,
            who=teams.meant(document, (turn.person,)), occurrence=str(turn.number), loose=True,
        )  # fmt: skip
        yield from _stretches(directory, turn, whole) if directory else [whole]


def _stretches(directory: Directory, turn: Turn, whole: Happening) -> Iterator[Happening]:
    """A turn, and each stretch of it in which somebody else stands in."""
    holder = directory.people.get(turn.person)
    days = [day for away in (holder.away if holder else ()) for day in (away.first, away.last + timedelta(days=1))]
    midnights = (datetime.combine(day, time(), holder.zone).astimezone(UTC) for day in days if holder)
    cuts = sorted({turn.at, *(at for at in midnights if turn.at < at < turn.until)})
    for number, (at, until) in enumerate(zip(cuts, [*cuts[1:], turn.until], strict=True)):
        acting = directory.standing_in(holder, at) if holder else None
        instead = f", for {holder.name}" if holder and acting and acting is not holder else ""
        yield replace(
            whole, at=at, until=until, part=str(number or ""), name=f"{whole.name}{instead}",
            who=(acting.key,) if instead and acting else whole.who if acting else (),
        )  # fmt: skip


ON_CALL: Section[Mapping[str, OnCallPart]] = Section(
    name="on_call",
    model=dict[str, OnCallPart],
    early=True,
    check=check,
    happens=happens,
    gives=("rotation",),
)
