"""Who may answer, and who makes something of the answers; with the sentence for whoever may not."""

from __future__ import annotations

from callboard.blocks import markup as m
from callboard.core.db import Tx
from callboard.core.errors import Refused
from callboard.meetings.retrospectives import store
from callboard.meetings.retrospectives.models import Line, Retrospective, Seat
from callboard.teams.directory import Asker, Person
from callboard.teams.old_buttons import refuse_old
from callboard.teams.rights import looks_on

GONE = "This retrospective is no longer there. `/plan retro` shows the newest."


def answers(tx: Tx, who: Asker, number: int) -> tuple[Retrospective, Seat]:
    """The retrospective, locked, and the seat of whoever is asked, while it is open. Raises Refused."""
    row = store.retrospective(tx, number, lock=True)
    if row is None or row.plan_id != who.directory.plan_id:
        raise Refused(GONE)
    seat = next((each for each in store.seats(tx, number) if each.person == who.person.key), None)
    if seat is None:
        raise Refused(f"You were not asked about {m.escape(row.name)}. `/plan lesson ...` keeps what you have learned.")
    if not row.is_open:
        closed = m.date(row.closes_at, "both")
        raise Refused(f"This retrospective closed {closed}. `/plan lesson ...` still keeps what you have learned.")
    if row.anonymous and seat.answered_at:
        raise Refused("You have answered. Your lines have no name, so nobody can change them.")
    return row, seat


def decides(tx: Tx, who: Asker, number: int, expected: int | None = None) -> tuple[Retrospective, Line]:
    """A line, locked, for whoever was asked, who leads the retrospective, and coordinators. Raises Refused."""
    line = store.line(tx, number, lock=True)
    row = store.retrospective(tx, line.retrospective_id, lock=True) if line else None
    if line is None or row is None or row.plan_id != who.directory.plan_id:
        raise Refused(f"No retrospective of this plan has a line {number}. `/plan retro` numbers them.")
    refuse_old(tx, who, line, f"Line {number}", expected, "`/plan retro` shows it as it is now.")
    directory = who.directory
    leads = [*directory.named(row.leads), *directory.coordinators]
    if who.person.key not in {
        *(person.key for person in leads),
        *(seat.person for seat in store.seats(tx, row.number)),
    }:
        may = directory.one_of(dict.fromkeys(leads))
        raise Refused(f"Only those who were asked can make tasks and lessons of this: ask {may or 'one of them'}.")
    return row, line


def takes(who: Asker, person: Person) -> None:
    """Refuse whoever can't have a task: a vacant seat, or somebody who only follows the plan."""
    if person.vacant or looks_on(who.directory, person):
        why = "is a vacant seat" if person.vacant else f"only follows {m.escape(who.directory.plan_name)}"
        raise Refused(f"{who.directory.called(person)} {why}. Name who does it: `/plan retro task 3 @somebody`.")
