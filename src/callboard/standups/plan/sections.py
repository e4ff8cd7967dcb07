"""The section `standups` of the plan file: what must hold, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from callboard.core.errors import did_you_mean
from callboard.planfile.frame import CHANNEL_ID, channel_name
from callboard.planfile.sections import Document, Path, Problem, Section
from callboard.planfile.times import WEEKDAYS, show_span
from callboard.standups import presence, store
from callboard.standups.models import Standup
from callboard.standups.plan import calendar
from callboard.standups.plan.types import OTHERS, StandupPart
from callboard.teams.directory import Person
from callboard.teams.plan import directory as teams

if TYPE_CHECKING:
    from callboard.core.db import Tx

A_DAY, A_WEEK = timedelta(days=1), 7


def check(document: Document, standups: Iterable[StandupPart]) -> Iterator[Problem]:
    """Standups ask people there are, on days they work, and are over before they come again."""
    for number, part in enumerate(standups):
        at: Path = ("standups", number)
        yield from teams.check_who(document, (*at, "who"), part.who)
        yield from check_channel(document, (*at, "channel"), part.channel)
        yield from _check_times(document, at, part)
        yield from _check_teams(document, at, part)
        yield from _check_people(document, at, part)


def check_channel(document: Document, path: Path, channel: str) -> Iterator[Problem]:
    """Refuse a channel that is neither a key of `channels`, nor a name with #, nor an id."""
    keys = document.keys("channels")
    if channel.startswith("#"):
        yield from teams.check_who(document, path, (channel,))
    elif channel and channel not in keys and not CHANNEL_ID.fullmatch(channel):
        small = channel_name(channel.lower().replace(" ", "-")) or "name"
        slack = f'"#{small}" for one of Slack\'s'
        yield document.error(
            path, f"no channel of this plan has the key `{channel}`; write {slack}, else {did_you_mean(channel, keys)}"
        )


def check_window(
    document: Document, path: Path, days: frozenset[int] | None, window: timedelta, key: str = "window"
) -> Iterator[Problem]:
    """Warn of what is still open when it comes again."""
    again = A_DAY * _nearest(days or calendar.EVERY_DAY)
    if window > again:
        sentence = f"this is open for {show_span(window)}, and comes again after {show_span(again)}: write less"
        yield document.warning((*path, key), sentence)


def _nearest(days: frozenset[int]) -> int:
    """How many days the nearest two of some weekdays are apart."""
    return min((other - day - 1) % A_WEEK + 1 for day in days for other in days if other != day or len(days) == 1)


def _check_times(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    yield from check_window(document, at, part.days, part.window)
    if not part.window:
        yield document.error((*at, "window"), "nobody can answer within nothing: write how long, such as 2h")
    if part.remind_after is not None and part.remind_after >= part.window:
        sentence = f"the reminder would come when it is over: write less than the window, {show_span(part.window)}"
        yield document.error((*at, "remind_after"), sentence)
    if part.at.zone and part.clock == "person":
        zone = part.at.zone.key
        sentence = f"everybody's own clock and {zone} cannot both be meant: leave out `clock: person` or the zone"
        yield document.error((*at, "at"), sentence)


def _check_teams(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    known = document.keys("teams")
    for key in part.questions if isinstance(part.questions, Mapping) else ():
        if key not in (*known, OTHERS):
            hint = did_you_mean(key, [*known, OTHERS])
            yield document.error((*at, "questions", key), f"there is no team `{key}`; {hint}")
    for number, key in enumerate(part.order):
        if key not in known:
            yield document.error((*at, "order", number), f"there is no team `{key}`; {did_you_mean(key, known)}")


def _check_people(document: Document, at: Path, part: StandupPart) -> Iterator[Problem]:
    directory = teams.drafted(document)
    if directory is None or any(True for _ in teams.check_who(document, at, part.who)):
        return
    people = presence.asked(directory, teams.meant(document, part.who))
    if not people and not set(directory.people) & set(part.who):
        sentence = "nobody is asked: name people, teams, `all leads` or `everyone`"
        yield document.warning((*at, "who"), sentence)
    if people and part.days is not None and not any(part.days & p.working_hours.days for p in people):
        days = ", ".join(WEEKDAYS[day].capitalize() for day in sorted(part.days))
        yield document.warning((*at, "days"), f"nobody who is asked works on {days}: they are asked on working days")
    if part.minutes_each is not None:
        yield from _check_turns(document, at, part.minutes_each, part.window, people)


def _check_turns(
    document: Document, at: Path, each: timedelta, window: timedelta, people: tuple[Person, ...]
) -> Iterator[Problem]:
    if each * len(people) > window:
        sentence = (
            f"{len(people)} people with {show_span(each)} each need {show_span(each * len(people))}, and the window is "
            f"{show_span(window)}: these targets do not add up"
        )
        yield document.warning((*at, "minutes_each"), sentence)


def apply(tx: Tx, plan_id: int, document: Document) -> None:
    """A row for each standup; what was asked before a standup was there is nobody's to answer."""
    there = {row.key: row for row in store.standups(tx, plan_id)}
    written = calendar.written(document, document.values.get("standups") or ())
    for key in written:
        row = there.pop(key, None) or Standup(plan_id=plan_id, key=key, seen_until=tx.now)
        row.seen_until = tx.now if row.gone else row.seen_until
        row.gone, row.wake_at = False, tx.now
        tx.session.add(row)
    for row in there.values():
        row.gone, row.wake_at = True, None
        tx.session.add(row)
    tx.session.flush()


STANDUPS: Section[tuple[StandupPart, ...]] = Section(
    name="standups", one="standup", model=tuple[StandupPart, ...], check=check, apply=apply, happens=calendar.happens,
    counted=True, asks=True, meets=True,
)  # fmt: skip
