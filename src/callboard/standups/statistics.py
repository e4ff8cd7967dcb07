"""How rounds went lately: who reported, late or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from callboard.standups import models, schedule, store
from callboard.standups.models import CheckIn, State
from callboard.teams.directory import COORDINATOR
from callboard.teams.service import Asker

if TYPE_CHECKING:
    from callboard.core.db import Tx

LATELY = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts of check-ins: of a standup, or of one person in it. Who was excused or never asked is not expected."""

    name: str
    rounds: int
    submitted: int
    late: int
    missed: int
    excused: int

    @property
    def expected(self) -> int:
        """How many were to answer."""
        return self.submitted + self.late + self.missed

    @property
    def percent(self) -> int:
        """How many of them did, in percent; all where nobody was to."""
        return round(100 * (self.submitted + self.late) / self.expected) if self.expected else 100


def figures(tx: Tx, who: Asker) -> dict[str, tuple[Figures, list[Figures]]]:
    """Each standup of the last thirty days, and in it the people whom the asker leads, and themselves."""
    book = schedule.book_of(tx, who.directory.plan_id)
    first = (tx.now - LATELY).date()
    every = [one for one in store.every(tx, who.directory.plan_id, first) if one.at <= tx.now or one.answered]
    found = {}
    for key, part in book.standups.items():
        of = [one for one in every if one.standup == key]
        if of:
            people = [key for key in book.directory.people if any(one.person == key for one in of) and _sees(who, key)]
            found[key] = (_count(part.name, of), [_count(one, [c for c in of if c.person == one]) for one in people])
    return found


def _count(name: str, ones: Iterable[CheckIn]) -> Figures:
    several = list(ones)
    states = Counter(one.state for one in several)
    unasked = sum(_unasked(one) for one in several)
    held = {one.day for one in several if one.state != State.EXCUSED and not _unasked(one)}
    return Figures(
        name=name, rounds=len(held), submitted=states[State.SUBMITTED],
        late=states[State.LATE], missed=states[State.MISSED] - unasked, excused=states[State.EXCUSED] + unasked,
    )  # fmt: skip


def _unasked(one: CheckIn) -> bool:
    return one.state == State.MISSED and not models.was_asked(one)


def _sees(who: Asker, key: str) -> bool:
    """Figures of a person are for themselves, for whoever leads them and for who coordinates."""
    directory, person = who.directory, who.directory.people[key]
    leads = any(directory.is_lead(who.person, team.key) for team in directory.teams_of(person))
    return key == who.person.key or leads or directory.has_role(who.person, COORDINATOR)
