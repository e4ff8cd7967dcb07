"""Who has a team's turn from when until when, and who stands in while they are away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from callboard.planfile.sections import Window
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.turns import Rotation, Turn


@dataclass(frozen=True)
class Stint:
    """A stretch of time in which one person is on call: `acting` for `holder`, whose turn it is; None for nobody.

    `instead_of` has the turn by the rotation, where the holder took it over.
    """

    at: datetime
    until: datetime
    holder: Person
    acting: Person | None
    instead_of: Person | None = None
    because: str = ""


def stints(directory: Directory, rotation: Rotation, window: Window) -> Iterator[Stint]:
    """All of which some part lies between two instants; those of one person that follow each other are one."""
    last: Stint | None = None
    for turn in rotation.held(window):
        holder = directory.people.get(turn.person)
        for at, until in pairwise(_cuts(holder, turn)) if holder else ():
            acting, instead = directory.standing_in(holder, at) if holder else None, turn.instead_of
            now = Stint(at, until, holder, acting, directory.people.get(instead), turn.because) if holder else None
            if last and now and last.until == now.at and (last.acting, last.holder) == (now.acting, now.holder):
                last = replace(last, until=now.until)
                continue
            if last and last.until > window[0]:
                yield last
            last = now
    if last and last.at < window[1] and last.until > window[0]:
        yield last


def _cuts(holder: Person | None, turn: Turn) -> list[datetime]:
    """The instants at which somebody else may begin to stand in: the midnights of the holder's absences."""
    days = [day for away in (holder.away if holder else ()) for day in (away.first, away.last + timedelta(days=1))]
    midnights = (datetime.combine(day, time(), holder.zone).astimezone(UTC) for day in days if holder)
    return sorted({turn.at, turn.until, *(at for at in midnights if turn.at < at < turn.until)})


def around(directory: Directory, rotation: Rotation, now: datetime) -> tuple[Stint | None, Stint | None]:
    """Who is on call now, and who comes next; None for nobody."""
    span = max(rotation.every, timedelta(days=1))
    near = list(stints(directory, rotation, (now - 2 * span, now + (len(rotation.people) + 1) * span)))
    current = next((each for each in near if each.at <= now < each.until), None)
    coming = (each for each in near if each.at > now and (current is None or each.acting != current.acting))
    return current, next(coming, None)
