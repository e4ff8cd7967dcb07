"""Who is asked when: the rounds of the calendar, fitted to working and quiet hours and to turns; and which is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callboard import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.planfile import calendar
from callboard.planfile.frame import timetable
from callboard.planfile.sections import Document, Happening, Window
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.standups import presence, store
from callboard.standups.models import AWAY, CheckIn, Round, State
from callboard.standups.plan import calendar as rounds
from callboard.standups.plan.types import StandupPart
from callboard.teams import service as teams
from callboard.teams.directory import OBSERVER, Directory, Person
from callboard.teams.plan import directory as teams_plan
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

MOMENT = timedelta(microseconds=1)
LONGEST_WAIT = timedelta(days=1)
AHEAD = (timedelta(days=2), timedelta(days=9))
EARLY = timedelta(days=1)
FAR = timedelta(days=9)
OUTSIDE, UNKNOWN = "outside their working hours", "not found in Slack"
RoundKey = tuple[str, date]
"""The key of a standup, and a date."""


@dataclass(frozen=True)
class Book:
    """The standups of a plan as it stands, its people, and the document in which nobody is away."""

    document: Document
    directory: Directory
    standups: dict[str, StandupPart]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One person in one round: when it is for them, when they may be asked, until when, and why they are not."""

    person: Person
    day: date
    zone: str
    at: datetime
    asked_at: datetime
    closes_at: datetime
    remind_at: datetime | None
    digest_at: datetime
    why: str = ""


def book_of(tx: Tx, plan_id: int) -> Book:
    """The standups of a plan, made once for each state of it."""
    live, directory = plans.live(tx, plan_id), teams.directory(tx, plan_id)
    kept: tuple[Document, Directory, Book] | None = tx.memo.get(("standups", plan_id))
    if kept is None or kept[0] is not live or kept[1] is not directory:
        there = {key: replace(person, away=()) for key, person in directory.people.items()}
        everybody = teams_plan.seen_by(live, replace(directory, people=there))
        standups = rounds.written(live, live.values.get("standups") or ())
        kept = tx.memo["standups", plan_id] = live, directory, Book(everybody, directory, standups)
    return kept[2]


def on_hold(tx: Tx, plan_id: int) -> frozenset[str]:
    """The teams that wait for something: they are not asked."""
    return frozenset(hold.target for hold in holds.standing(tx, plan_id) if hold.kind == "team")


def slots(of: Book, key: str, window: Window, held: Collection[str] = ()) -> Iterator[Slot]:
    """Everybody in every round of a standup that begins from `window[0]` to before `window[1]`."""
    part = of.standups[key]
    for found in rounds.of(of.document, key, part, window):
        people = [one for one in of.directory.named(found.who) if not _waits(of.directory, one, held)]
        turns = _turns(of.directory, part, [one for one in people if one.absence(found.at) is None])
        for person in people:
            yield _slot(of.directory, part, found, person, turns.get(person.key, timedelta()))


def questions(of: Book, key: str, person: Person, at: datetime) -> tuple[str, ...]:
    """What somebody is asked in a round."""
    table = timetable(of.document)
    return rounds.questions(table, of.directory, of.standups[key], person, at) if table else ()


def next_at(of: Book, key: str, now: datetime) -> datetime | None:
    """When the next round of a standup begins for anybody; None where there is none."""
    start, whole = now + MOMENT, calendar.plan_window(of.document)
    ends = [now + ahead for ahead in AHEAD] + ([whole[1]] if whole else [])
    for end in ends:
        found = rounds.of(of.document, key, of.standups[key], (start, end)) if start < end else ()
        first = min((one.at for one in found), default=None)
        if first is not None:
            return first
    return None


def open_round(tx: Tx, who: Asker, name: str = "") -> RoundKey:
    """The round that somebody may say something in now. Raises Refused with when the next one is."""
    book = book_of(tx, who.directory.plan_id)
    keys = own_standups(book, who, name)
    waiting = [one for one in _latest(tx, who, keys) if one.state == State.WAITING]
    if waiting:
        first = min(waiting, key=lambda one: (one.asked_at, one.number))
        return first.standup, first.day
    latest = list(_latest(tx, who, keys))
    today = [one for one in latest if one.day >= tx.now.astimezone(who.person.zone).date()]
    coming = min((slot for key in keys for slot in upcoming(tx, book, key, who)), key=lambda s: s[1].at, default=None)
    if today:
        last = max(today, key=lambda one: (one.at, one.number))
        return last.standup, last.day
    if coming and coming[1].at <= tx.now + EARLY:
        return coming[0], coming[1].day
    if latest:
        last = max(latest, key=lambda one: (one.at, one.number))
        return last.standup, last.day
    when = f"The next one is {b.date(coming[1].asked_at, 'both')}; it can be filled in a day ahead." if coming else ""
    raise Refused(f"No standup is open for you now. {when or 'The plan has no more of them for you.'}")


def own_standups(book: Book, who: Asker, name: str = "") -> list[str]:
    """The standups that ask somebody; with a name, the one that is meant. Raises Refused where there is none."""
    named = {key: part.name for key, part in book.standups.items()}
    wanted = name.strip().lower()
    meant = [key for key, called in named.items() if not wanted or wanted in (key.lower(), called.lower())]
    if not meant:
        raise Refused(f"There is no standup `{b.clip(name, 40)}`; {did_you_mean(name, named.values())}")
    keys = [key for key in meant if who.person.key in {one.key for one in everybody(book, key)}]
    if not keys:
        raise Refused(_why_not(book, who, named, meant))
    return keys


def everybody(book: Book, key: str) -> tuple[Person, ...]:
    """Who is asked in a standup, there or away."""
    return presence.asked(book.directory, teams_plan.meant(book.document, book.standups[key].who))


def own_slot(tx: Tx, book: Book, who: Asker, key: str, day: date) -> Slot:
    """Somebody's place in the round of a date. Raises Refused where there is none."""
    part = book.standups.get(key)
    window = (tx.now - FAR, tx.now + EARLY + EARLY)
    found = slots(book, key, window, on_hold(tx, who.directory.plan_id)) if part else ()
    for one in found:
        if one.person.key == who.person.key and one.day == day:
            return one
    raise Refused("That round is not in the plan any more. `/standup` shows what is open for you.")


def upcoming(tx: Tx, book: Book, key: str, who: Asker) -> Iterator[tuple[str, Slot]]:
    """Somebody's next place in a standup, within some days; one that they have answered or skipped is over."""
    held = on_hold(tx, who.directory.plan_id)
    found = slots(book, key, (tx.now + MOMENT, tx.now + FAR), held)
    own = sorted((one for one in found if one.person.key == who.person.key and not one.why), key=lambda one: one.at)
    for one in own[:1]:
        yield key, one


def _latest(tx: Tx, who: Asker, keys: list[str]) -> Iterator[CheckIn]:
    """The newest check-in of each standup."""
    for key in keys:
        yield from store.of_person(tx, who.directory.plan_id, who.person.key, key)[:1]


def _why_not(book: Book, who: Asker, named: dict[str, str], meant: list[str]) -> str:
    if OBSERVER in who.person.roles:
        return "You follow this plan as an observer: nobody asks you in standups. `/standup show` has what others said."
    if not named:
        return f"{b.escape(book.directory.plan_name)} has no standups. Whoever keeps the plan file can write some."
    called = ", ".join(b.escape(named[key]) for key in meant)
    return f"You are not asked in {called}. `/standup show` has what the others said."


def digest_channel(tx: Tx, directory: Directory, one_round: Round) -> str:
    """Where the digest of a round goes: the standup's channel, that of its only team, or the plan's."""
    part = book_of(tx, one_round.plan_id).standups.get(one_round.standup)
    if part is None or not part.channel:
        team = part.who[0] if part and len(part.who) == 1 and part.who[0] in directory.teams else None
        return directory.home_channel(team)
    return directory.address(part.channel)


def rank_of(directory: Directory, part: StandupPart, person: Person) -> int:
    """The place of somebody's team: as the standup orders them, the rest as the plan does."""
    order = list(dict.fromkeys([*part.order, *directory.teams]))
    return min((order.index(team.key) for team in directory.teams_of(person)), default=len(order))


def place_of(directory: Directory, part: StandupPart | None, one: CheckIn) -> tuple[int, int]:
    person = directory.people.get(one.person)
    order = list(directory.people)
    rank = rank_of(directory, part, person) if part and person else len(order)
    return rank, order.index(one.person) if person else len(order)


def may_ask(directory: Directory, person: Person, at: datetime) -> datetime | None:
    """The first moment from `at` on at which somebody works and it is not quiet; None where that is a day away."""
    if person.around_the_clock:
        return at
    for begin, end in presence.working(directory, replace(person, away=())).stretches(at):
        if begin > at + LONGEST_WAIT:
            return None
        free = person.quiet_until(begin) or begin
        if free < end:
            return free
    return None


def _slot(directory: Directory, part: StandupPart, found: Happening, person: Person, turn: timedelta) -> Slot:
    asked = may_ask(directory, person, found.at)
    away = person.absence(found.at) is not None
    why = AWAY if away else UNKNOWN if not person.slack_id else "" if asked else OUTSIDE
    asked_at = max(asked or found.at, found.at + turn)
    closes = asked_at + part.window
    if part.minutes_each is not None:
        closes = max(found.at + part.window, asked_at + part.minutes_each)
    remind = asked_at + part.remind_after if part.remind_after is not None else None
    return Slot(
        person=person, day=found.at.astimezone(ZoneInfo(found.zone)).date(), zone=found.zone, at=found.at,
        asked_at=asked_at, closes_at=closes, remind_at=remind if remind and remind < closes else None,
        digest_at=found.at if part.minutes_each is not None else closes, why=why,
    )  # fmt: skip


def _turns(directory: Directory, part: StandupPart, people: Iterable[Person]) -> dict[str, timedelta]:
    """How long after the beginning it is whose turn, where the plan gives each team its minutes."""
    if part.minutes_each is None:
        return {}
    ranks = {person.key: rank_of(directory, part, person) for person in people}
    places: Sequence[int] = sorted(set(ranks.values()))
    return {key: part.minutes_each * places.index(place) for key, place in ranks.items()}


def _waits(directory: Directory, person: Person, held: Collection[str]) -> bool:
    """Whether all teams of somebody wait for something."""
    own = [team.key for team in directory.teams_of(person)]
    return bool(held) and bool(own) and all(key in held for key in own)
