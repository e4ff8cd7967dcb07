"""What a team or a person is told of their part in a plan, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from callboard.planfile import calendar, needs
from callboard.planfile.sections import Document, Happening, named
from callboard.planning import duties
from callboard.planning.duties import Book
from callboard.planning.messages import PersonBrief, TeamView
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams import service
from callboard.teams.directory import Directory, Person
from callboard.teams.plan.directory import seen_by

if TYPE_CHECKING:
    from callboard.core.db import Tx

AHEAD = timedelta(days=3)
FIRST = 6
PASSING = ("cadence", "plan", "date", "reminder", "announcement", "on call")
"""Kinds of happenings that say nothing to somebody who begins."""


@dataclass(frozen=True)
class Stage:
    """A plan as it stands, with those who play in it."""

    tx: Tx
    book: Book

    @property
    def directory(self) -> Directory:
        return self.book.directory

    @property
    def document(self) -> Document:
        """What it says, with what people changed since."""
        return self.book.document

    @property
    def plan_id(self) -> int:
        return self.directory.plan_id

    def first(self) -> list[Happening]:
        """What happens in the first days of the plan that are not over; the same for all teams, so found once."""
        plan = plans.plan(self.tx, self.plan_id)
        start = max(self.tx.now.replace(minute=0, second=0, microsecond=0), plan.from_at)
        key, mark = ("first", self.plan_id), (plan.revision, start)
        if key not in self.tx.memo or self.tx.memo[key][0] != mark:
            comes = calendar.happenings(self.document, (start, start + AHEAD))
            self.tx.memo[key] = mark, [each for each in comes if each.kind not in PASSING]
        first: list[Happening] = self.tx.memo[key][1]
        return first


def stage(tx: Tx, plan_id: int) -> Stage:
    directory, key = service.directory(tx, plan_id), ("book", plan_id)
    book: Book | None = tx.memo.get(key)
    if book is None or book.directory is not directory:
        book = tx.memo[key] = Book(seen_by(plans.live(tx, plan_id), directory), directory)
    return Stage(tx, book)


def team_view(on: Stage, team: str) -> TeamView:
    """A team as it is greeted now."""
    called = partial(named, on.document)
    return TeamView(
        directory=on.directory,
        team=on.directory.teams[team],
        duties=on.book.of(team),
        first=tuple(_first(on, team)),
        links=tuple(duties.links(on.document)),
        waits_for=tuple(called(hold.by) for hold in holds.standing(on.tx, on.plan_id, team)),
        wants=tuple(map(called, needs.awaited(on.document, team, "wants"))),
    )


def person_brief(on: Stage, person: Person) -> PersonBrief:
    """What somebody is told of their roles."""
    written = on.document.body.get("roles") or {}
    parts = {role: written[role] for role in person.roles if isinstance(written.get(role), dict)}
    own = (on.document.body.get("people") or {}).get(person.key) or {}
    lines = [line for part in (*parts.values(), own) for line in duties.texts(part.get("brief"))]
    roles = [on.directory.role_name(role) for role, part in parts.items() if part.get("brief")]
    return PersonBrief(plan=on.directory.plan_name, roles=tuple(roles), lines=tuple(lines))


def _first(on: Stage, team: str) -> Iterator[Happening]:
    """What comes first for a team, each thing once."""
    people = {*on.directory.teams[team].leads, *on.directory.teams[team].members}
    known: set[tuple[str, str]] = set()
    for each in on.first():
        concerned = each.team == team or (not each.team and people.intersection(each.who))
        if concerned and (each.kind, each.key) not in known and len(known) < FIRST:
            known.add((each.kind, each.key))
            yield each
