"""Which round somebody means who wants to say something: the one that is open, else the one of today or the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from callboard.core import blocks as b
from callboard.core.errors import Refused, did_you_mean
from callboard.standups import presence, slots, store
from callboard.standups.models import CheckIn, State
from callboard.standups.slots import MOMENT, Book, Slot
from callboard.teams.directory import OBSERVER, Person
from callboard.teams.plan import directory as teams_plan
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

EARLY = timedelta(days=1)
FAR = timedelta(days=9)
Round = tuple[str, date]
"""The key of a standup, and a date."""


def open_round(tx: Tx, who: Asker, name: str = "") -> Round:
    """The round that somebody may say something in now. Raises Refused with when the next one is."""
    book = slots.book(tx, who.directory.plan_id)
    keys = mine(book, who, name)
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


def mine(book: Book, who: Asker, name: str = "") -> list[str]:
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


def slot(tx: Tx, book: Book, who: Asker, key: str, day: date) -> Slot:
    """Somebody's place in the round of a date. Raises Refused where there is none."""
    part = book.standups.get(key)
    window = (tx.now - FAR, tx.now + EARLY + EARLY)
    found = slots.slots(book, key, window, slots.on_hold(tx, who.directory.plan_id)) if part else ()
    for one in found:
        if one.person.key == who.person.key and one.day == day:
            return one
    raise Refused("That round is not in the plan any more. `/standup` shows what is open for you.")


def upcoming(tx: Tx, book: Book, key: str, who: Asker) -> Iterator[tuple[str, Slot]]:
    """Somebody's next place in a standup, within some days; one that they have answered or skipped is over."""
    held = slots.on_hold(tx, who.directory.plan_id)
    found = slots.slots(book, key, (tx.now + MOMENT, tx.now + FAR), held)
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
