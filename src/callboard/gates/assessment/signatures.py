"""Whether a gate has the signatures it asks for, and what each is bound to by content: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from callboard.gates.assessment.readings import Reading, digest
from callboard.gates.plan import sign_offs
from callboard.gates.plan.sign_offs import Work, shown
from callboard.gates.plan.types import ALL, SignOff
from callboard.gates.quorum import Ask, shortage
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
        people = sign_offs.signers(directory, part, about)
        ask = sign_offs.ask(directory, part, people)
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


Signed = dict[str, Any]


def signed(found: Iterable[Reading]) -> Signed:
    """What somebody vouches for who signs now: every criterion that holds, with all that it looked at.

    What does not hold yet is named under "open": the signature says nothing about it.
    """
    every = list(found)
    return {
        "held": {one.key: {"says": one.says, "stands": one.stands, "digest": one.digest} for one in every if one.holds},
        "open": [one.says for one in every if not one.holds],
    }


def content(rule: str, found: Iterable[Reading]) -> str:
    """The hash of all that a confirmation showed: rule, criteria and what each looked at."""
    return digest([rule, [(one.key, one.holds, one.digest) for one in found]])


def changed(was: Mapping[str, Any], found: Sequence[Reading]) -> list[str]:
    """What is different now from what was signed, one sentence for each criterion; empty where all is as it was."""
    now = {one.key: one for one in found}
    sentences = []
    for key, then in (was.get("held") or {}).items():
        one = now.get(key)
        if one is None:
            sentences.append(f"{then['says']}: this is asked for no more")
        elif one.digest != then["digest"]:
            sentences.append(f"{one.says}: was {then['stands']}; is {one.stands}")
    return sentences
