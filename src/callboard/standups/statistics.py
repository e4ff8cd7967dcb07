"""How many reported lately, late or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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
    """Counts of check-ins: of a standup, or of one person in it. Whoever was excused or never asked is not expected."""

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
        """How many of them did, in percent; 100 where nobody was to."""
        return round(100 * (self.submitted + self.late) / self.expected) if self.expected else 100


def figures(tx: Tx, who: Asker) -> dict[str, tuple[Figures, list[Figures]]]:
    """Each standup of the last thirty days, and in it the people whom the asker leads, and themselves."""
    book = schedule.book_of(tx, who.directory.plan_id)
    first = (tx.now - LATELY).date()
    rows = [row for row in store.every(tx, who.directory.plan_id, first) if row.at <= tx.now or row.answered]
    figures = {}
    for key, part in book.standups.items():
        theirs: dict[str, list[CheckIn]] = {}
        for row in rows:
            if row.standup == key:
                theirs.setdefault(row.person, []).append(row)
        people = [person for person in book.directory.people if person in theirs and _sees(who, person)]
        if theirs:
            of_people = [_count(person, theirs[person]) for person in people]
            figures[key] = _count(part.name, [row for of_person in theirs.values() for row in of_person]), of_people
    return figures


def _count(name: str, rows: Sequence[CheckIn]) -> Figures:
    asked = [row for row in rows if row.state != State.MISSED or models.was_asked(row)]
    states = Counter(row.state for row in asked)
    excused = states[State.EXCUSED] + len(rows) - len(asked)
    return Figures(
        name=name, rounds=len({row.day for row in asked if row.state != State.EXCUSED}), excused=excused,
        submitted=states[State.SUBMITTED], late=states[State.LATE], missed=states[State.MISSED],
    )  # fmt: skip


def _sees(who: Asker, key: str) -> bool:
    """Figures of a person are for themselves, for whoever leads them and for who coordinates."""
    directory, person = who.directory, who.directory.people[key]
    leads = any(directory.is_lead(who.person, team.key) for team in directory.teams_of(person))
    return key == who.person.key or leads or directory.has_role(who.person, COORDINATOR)
