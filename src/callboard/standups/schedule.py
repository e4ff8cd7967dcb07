"""Each person in a round: when they may be asked, in which turn, until when; and which round somebody means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused, unknown
from callboard.core.ticks import MOMENT
from callboard.core.words import folded
from callboard.planfile import calendar
from callboard.planfile.sections import Document, Happening, Window
from callboard.planfile.timetable import Timetable, timetable
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.standups import plan, rounds, store
from callboard.standups.models import AWAY, CheckIn, Round, State
from callboard.standups.plan import StandupPart
from callboard.teams import service as teams
from callboard.teams.directory import OBSERVER, Asker, Directory, Person
from callboard.teams.plan import directory as teams_plan

LONGEST_WAIT = timedelta(days=1)
AHEAD = (timedelta(days=2), timedelta(days=9))
EARLY = timedelta(days=1)
FAR = timedelta(days=9)
GONE = "That standup has left the plan. `/standup` opens yours."
OUTSIDE, UNKNOWN = "outside their working hours", "not found in Slack"
RoundKey = tuple[str, date]
"""The key of a standup, and a date."""


@dataclass(frozen=True)
class Book:
    """The standups of a plan as it stands, its people, and the plan as it would be with nobody away."""

    document: Document
    directory: Directory
    standups: dict[str, StandupPart]

    @cached_property
    def table(self) -> Timetable | None:
        return timetable(self.document)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One person in one round: when it is for them, when they may be asked, until when, and why they are not."""

    person: Person
    day: date
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
        present = {key: replace(person, away=(), lost="") for key, person in directory.people.items()}
        everybody = teams_plan.seen_by(live, replace(directory, people=present))
        standups = plan.written(live, live.values.get("standups") or ())
        kept = tx.memo["standups", plan_id] = live, directory, Book(everybody, directory, standups)
    return kept[2]


def refuse_gone(tx: Tx, plan_id: int, key: str) -> None:
    """Nobody reports in a standup that has left the plan."""
    if key not in book_of(tx, plan_id).standups:
        raise Refused(GONE)


def on_hold(tx: Tx, plan_id: int) -> frozenset[str]:
    """The teams on hold: they are not asked."""
    return frozenset(hold.target for hold in holds.standing(tx, plan_id) if hold.kind == "team")


def slots(of: Book, key: str, window: Window, held: Collection[str] = ()) -> Iterator[Slot]:
    """Everybody in every round of a standup that begins from `window[0]` to before `window[1]`."""
    part, directory = of.standups[key], of.directory
    for occurrence in rounds.of(of.document, key, part, window):
        people = [person for person in directory.named(occurrence.who) if not _waits(directory, person, held)]
        turns = _turns(directory, part, [person for person in people if person.absence(occurrence.at) is None])
        for person in people:
            yield _slot(directory, part, occurrence, person, turns.get(person.key, timedelta()))


def questions(of: Book, key: str, person: Person, at: datetime) -> tuple[str, ...]:
    return rounds.questions(of.table, of.directory, of.standups[key], person, at) if of.table else ()


def next_at(of: Book, key: str, now: datetime) -> datetime | None:
    """When the next round of a standup begins for anybody; None where there is none."""
    start, whole = now + MOMENT, calendar.plan_window(of.document)
    ends = [now + ahead for ahead in AHEAD] + ([whole[1]] if whole else [])
    for end in ends:
        found = rounds.of(of.document, key, of.standups[key], (start, end)) if start < end else ()
        if first := min((occurrence.at for occurrence in found), default=None):
            return first
    return None


def open_round(tx: Tx, who: Asker, name: str = "") -> RoundKey:
    """The round that somebody can report in now. Raises Refused with when the next one is."""
    book = book_of(tx, who.directory.plan_id)
    keys = own_standups(book, who, name)
    latest = [newest for key in keys for newest in store.of_person(tx, who.directory.plan_id, who.person.key, key)[:1]]
    waiting = [check_in for check_in in latest if check_in.state == State.WAITING]
    if waiting:
        return _key(min(waiting, key=lambda check_in: (check_in.asked_at, check_in.number)))
    today = [check_in for check_in in latest if check_in.day >= tx.now.astimezone(who.person.zone).date()]
    coming = min((slot for key in keys for slot in _upcoming(tx, book, key, who)), key=lambda s: s[1].at, default=None)
    if not today and coming and coming[1].at <= tx.now + EARLY:
        return coming[0], coming[1].day
    if latest:
        return _key(max(today or latest, key=lambda check_in: (check_in.at, check_in.number)))
    when = "This plan has no more of them for you."
    if coming:
        when = f"The next one is {m.date(coming[1].asked_at, 'both')}. You can report from a day before."
    raise Refused(f"No standup is open for you now. {when}")


def own_standups(book: Book, who: Asker, name: str = "") -> list[str]:
    """The standups that ask somebody; with a name, the one that is meant. Raises Refused where there is none."""
    meant = named(book, name)
    keys = [key for key in meant if who.person.key in {person.key for person in everybody(book, key)}]
    if keys:
        return keys
    if OBSERVER in who.person.roles:
        raise Refused("Observers don't report in standups. `/standup show` shows what others said.")
    if not meant:
        raise Refused(f"{m.escape(book.directory.plan_name)} has no standups.")
    called = ", ".join(m.escape(book.standups[key].name) for key in meant)
    raise Refused(f"You are not asked in {called}. `/standup show` shows what others said.")


def named(book: Book, name: str) -> list[str]:
    """The standups with this key or name, or that begin so, or all. Raises Unknown, which names the nearest."""
    wanted = m.as_typed(name)
    keys = [key for key, part in book.standups.items() if not wanted or wanted in (folded(key), folded(part.name))]
    keys = keys or [key for key, part in book.standups.items() if folded(part.name).startswith(wanted)]
    if wanted and not keys:
        known = [part.name for part in book.standups.values()]
        raise unknown(f"There is no standup `{m.clip(m.escape(name), 40)}`", wanted, known)
    return keys


def everybody(book: Book, key: str) -> tuple[Person, ...]:
    return book.directory.asked(teams_plan.meant(book.document, book.standups[key].who))


def own_slot(tx: Tx, book: Book, who: Asker, key: str, day: date) -> Slot:
    """Somebody's place in the round of a date. Raises Refused where there is none."""
    window = (tx.now - FAR, tx.now + EARLY + EARLY)
    found = slots(book, key, window, on_hold(tx, who.directory.plan_id)) if key in book.standups else ()
    for slot in found:
        if slot.person.key == who.person.key and slot.day == day:
            return slot
    raise Refused(GONE)


def _upcoming(tx: Tx, book: Book, key: str, who: Asker) -> Iterator[tuple[str, Slot]]:
    """Somebody's next place in a standup: within some days, or at any time that the plan still has."""
    whole = calendar.plan_window(book.document)
    for end in (tx.now + FAR, *([whole[1]] if whole else [])):
        found = slots(book, key, (tx.now + MOMENT, end), on_hold(tx, who.directory.plan_id))
        own = [slot for slot in found if slot.person.key == who.person.key and not slot.why]
        if own:
            yield key, min(own, key=lambda slot: slot.at)
            return


def _key(check_in: CheckIn) -> RoundKey:
    return check_in.standup, check_in.day


def digest_channel(tx: Tx, directory: Directory, one_round: Round) -> str:
    """Where the digest of a round goes: the standup's channel, that of its only team, or the plan's."""
    part = book_of(tx, one_round.plan_id).standups.get(one_round.standup)
    if part is not None and part.channel:
        return directory.address(part.channel)
    team = part.who[0] if part and len(part.who) == 1 and part.who[0] in directory.teams else None
    return directory.home_channel(team)


def place_of(directory: Directory, part: StandupPart | None, check_in: CheckIn) -> tuple[int, int]:
    """Where somebody stands in the digest: by team, then as in the plan file."""
    person, order = directory.people.get(check_in.person), list(directory.people)
    if person is None:
        return len(order), len(order)
    return _rank(directory, part, person) if part else len(order), order.index(person.key)


def _rank(directory: Directory, part: StandupPart, person: Person) -> int:
    """The place of somebody's team: as the standup orders them, the rest as the plan does."""
    order = list(dict.fromkeys([*part.order, *directory.teams]))
    return min((order.index(team.key) for team in directory.teams_of(person)), default=len(order))


def may_ask(directory: Directory, person: Person, at: datetime) -> datetime | None:
    """The first moment from `at` on at which somebody works and it is not quiet; None where that is a day away."""
    if person.around_the_clock:
        return at
    for begin, end in directory.working(replace(person, away=())).stretches(at):
        if begin > at + LONGEST_WAIT:
            return None
        free = person.quiet_until(begin) or begin
        if free < end:
            return free
    return None


def _slot(directory: Directory, part: StandupPart, occurrence: Happening, person: Person, turn: timedelta) -> Slot:
    at = occurrence.at
    asked = may_ask(directory, person, at)
    why = AWAY if person.absence(at) else UNKNOWN if not person.slack_id else "" if asked else OUTSIDE
    asked_at = max(asked or at, at + turn)
    each = part.minutes_each
    closes = asked_at + part.window if each is None else max(at + part.window, asked_at + each)
    remind = asked_at + part.remind_after if part.remind_after is not None else None
    return Slot(
        person=person, day=at.astimezone(ZoneInfo(occurrence.zone)).date(), at=at, asked_at=asked_at, closes_at=closes,
        remind_at=remind if remind and remind < closes else None,
        digest_at=closes if each is None else at, why=why,
    )  # fmt: skip


def _turns(directory: Directory, part: StandupPart, people: Iterable[Person]) -> dict[str, timedelta]:
    """How long after the start each person's turn is, where the plan gives each team its minutes."""
    if part.minutes_each is None:
        return {}
    ranks = {person.key: _rank(directory, part, person) for person in people}
    places: Sequence[int] = sorted(set(ranks.values()))
    return {key: part.minutes_each * places.index(place) for key, place in ranks.items()}


def _waits(directory: Directory, person: Person, held: Collection[str]) -> bool:
    own = [team.key for team in directory.teams_of(person)]
    return bool(held) and bool(own) and all(key in held for key in own)
