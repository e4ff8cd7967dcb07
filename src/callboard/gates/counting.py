"""Whether a gate has the signatures it asks for, and whose are missing: pure, each person counted once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callboard.gates import signers
from callboard.gates.quorum import Ask, shortage
from callboard.gates.signatures import ALL, SignOff, shown
from callboard.gates.signers import Work
from callboard.teams.directory import Directory, Person


@dataclass(frozen=True)
class Given:
    """A signature that counts: for whose seat, by whom, and when."""

    seat: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Slot:
    """One sign-off that is asked for: of whom, how many, who gave it, and whether that will do."""

    part: SignOff
    says: str
    count: int
    people: tuple[Person, ...]
    given: tuple[Given, ...]
    stale: tuple[Given, ...]
    met: bool

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still give it; nobody where it is met."""
        seats = {one.seat for one in self.given}
        return () if self.met else tuple(person for person in self.people if person.key not in seats)


@dataclass(frozen=True)
class Tally:
    """All sign-offs of a gate together. `met` where every one is, by people who each sign once."""

    slots: tuple[Slot, ...]
    met: bool

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who can still sign something that is not met."""
        return tuple(dict.fromkeys(person for slot in self.slots for person in slot.missing))

    def of(self, person: str) -> list[Slot]:
        """The sign-offs that somebody's seat can give."""
        return [slot for slot in self.slots if any(one.key == person for one in slot.people)]


def tally(directory: Directory, parts: Sequence[SignOff], about: Work, given: Iterable[Given], now: datetime) -> Tally:
    """Count what was signed against what is asked for."""
    every = list(given)
    asks, slots = [], []
    for part in parts:
        people = signers.signers(directory, part, about)
        ask = signers.ask(directory, part, people)
        fresh = [one for one in every if one.seat in ask.people and not stale(part, one.at, now)]
        old = [one for one in every if one.seat in ask.people and one not in fresh]
        signed = {one.seat for one in fresh}
        asks.append(replace(ask, people={key: own for key, own in ask.people.items() if key in signed}))
        slots.append(Slot(part, _says(directory, part, ask), ask.count, people, tuple(fresh), tuple(old), met=False))
    met = met_together(asks)
    counted = tuple(replace(slot, met=number in met) for number, slot in enumerate(slots))
    return Tally(counted, len(met) == len(slots))


def met_together(asks: Sequence[Ask]) -> set[int]:
    """The numbers of the asks that are met, taken in order: one signature serves one ask."""
    met: list[int] = []
    for number in range(len(asks)):
        if shortage([asks[each] for each in (*met, number)]) is None:
            met.append(number)
    return set(met)


def stale(part: SignOff, at: datetime, now: datetime) -> bool:
    """Whether a signature of that time is too old for a sign-off."""
    return part.fresh is not None and at + part.fresh <= now


def fades(parts: Iterable[SignOff], at: datetime) -> list[datetime]:
    """When a signature of that time becomes too old, for each sign-off that says so."""
    return [at + part.fresh for part in parts if isinstance(part.fresh, timedelta)]


def _says(directory: Directory, part: SignOff, ask: Ask) -> str:
    how_many = "all of " if part.count == ALL else f"{ask.count} of " if ask.count > 1 else ""
    return (
        f"{how_many}{shown(part, directory.spoken_of)}{', of different teams' if ask.by_team and ask.count > 1 else ''}"
    )
