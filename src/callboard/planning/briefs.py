"""Briefs those who run a plan: each team once, when nothing holds it; later what changed for it; duties one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from callboard.core import outbox
from callboard.core.outbox import Post, Priority
from callboard.core.timeline import Subject
from callboard.planfile import calendar as happening
from callboard.planfile import needs
from callboard.planfile.sections import Document, Happening
from callboard.planning import duties, store
from callboard.planning.duties import Book, Duties
from callboard.planning.messages.greetings import First, PersonBrief, TeamView
from callboard.planning.models import Briefing
from callboard.plans import holds
from callboard.plans import service as plans
from callboard.teams import service
from callboard.teams.directory import Directory, Person, working_from
from callboard.teams.plan.directory import seen_by

if TYPE_CHECKING:
    from callboard.core.db import Tx

TEAM, PERSON = "team", "person"
AHEAD = timedelta(days=3)
FIRST = 6
PASSING = ("cadence", "plan", "date", "reminder", "announcement", "on call")
"""Kinds that say nothing to somebody who begins."""


@dataclass(frozen=True)
class Stage:
    """A plan as it stands, with those who play in it."""

    tx: Tx
    book: Book

    @property
    def directory(self) -> Directory:
        """Its people."""
        return self.book.directory

    @property
    def document(self) -> Document:
        """What it says, with what people changed since."""
        return self.book.document

    @property
    def plan_id(self) -> int:
        """The plan's id."""
        return self.directory.plan_id

    def first(self) -> list[Happening]:
        """What happens in the first days of the plan that are not over; the same for all teams, so found once."""
        plan = plans.plan(self.tx, self.plan_id)
        start = max(self.tx.now.replace(minute=0, second=0, microsecond=0), plan.from_at)
        key, mark = ("first", self.plan_id), (plan.revision, start)
        if key not in self.tx.memo or self.tx.memo[key][0] != mark:
            found = happening.happenings(self.document, (start, start + AHEAD))
            self.tx.memo[key] = mark, [one for one in found if one.kind not in PASSING]
        comes: list[Happening] = self.tx.memo[key][1]
        return comes


def catch_up(tx: Tx, plan_id: int) -> None:
    """Say all that is to be said and was not yet; nothing for a plan that is over or has no workspace."""
    plan = plans.plan(tx, plan_id)
    if not plan.workspace or not plan.version or tx.now > plan.to_at:
        return
    on = stage(tx, plan_id)
    told = store.briefings(tx, plan_id)
    held = {hold.target for hold in holds.standing(tx, plan_id)}
    posts = [post for team in on.directory.teams for post in _team(on, team, told.get((TEAM, team)), held)]
    for person in on.directory.people.values():
        posts += _person(on, person, told.get((PERSON, person.key)))
    outbox.enqueue(tx, posts)
    tx.session.flush()


def stage(tx: Tx, plan_id: int) -> Stage:
    """The plan as it stands."""
    directory, key = service.directory(tx, plan_id), ("book", plan_id)
    kept: Book | None = tx.memo.get(key)
    if kept is None or kept.directory is not directory:
        kept = tx.memo[key] = Book(seen_by(plans.live(tx, plan_id), directory), directory)
    return Stage(tx, kept)


def team_view(on: Stage, team: str) -> TeamView:
    """A team as it is greeted now."""
    directory, own = on.directory, on.directory.teams[team]
    waits = [hold.by for hold in holds.standing(on.tx, on.plan_id, team)]
    called = partial(duties.named, on.document)
    return TeamView(
        key=team,
        name=own.name,
        plan=directory.plan_name,
        leads=tuple(directory.called(one) for one in directory.leads_of(team) if not one.vacant),
        members=tuple(directory.called(one) for one in directory.members_of(team) if not one.vacant),
        duties=on.book.of(team),
        first=tuple(_first(on, team)),
        links=tuple(duties.links(on.document)),
        waits_for=tuple(map(called, waits)),
        wants=tuple(map(called, needs.awaited(on.document, team, "wants"))),
    )


def person_brief(on: Stage, person: Person) -> PersonBrief:
    """What somebody is told of their roles."""
    written = on.document.body.get("roles") or {}
    parts = {role: written[role] for role in person.roles if isinstance(written.get(role), dict)}
    own = (on.document.body.get("people") or {}).get(person.key) or {}
    lines = [line for part in (*parts.values(), own) for line in _lines(part.get("brief"))]
    briefed = [on.directory.role_name(role) for role, part in parts.items() if part.get("brief")]
    return PersonBrief(plan=on.directory.plan_name, roles=tuple(briefed), lines=tuple(lines))


def _team(on: Stage, team: str, told: Briefing | None, held: set[str]) -> Iterator[Post]:
    directory = on.directory
    address = directory.home_channel(team)
    if not address:
        return
    if told is None and team in held:
        yield _post(on, f"waits:{on.plan_id}:{team}", address, "teams.waits", team)
        return
    said = on.book.of(team)
    if told is None:
        _remember(on, Briefing(plan_id=on.plan_id, kind=TEAM, key=team, told_at=on.tx.now), said)
        yield _post(on, f"greeting:{on.plan_id}:{team}", address, "teams.greeting", team)
    elif told.said != said:
        lines = duties.difference(told.said, said)
        _remember(on, told, said)
        key = f"changed:{on.plan_id}:{team}:{told.turns}"
        version = plans.plan(on.tx, on.plan_id).version
        if lines:
            yield _post(on, key, address, "teams.changed", team, lines=lines, version=version)


def _person(on: Stage, person: Person, told: Briefing | None) -> Iterator[Post]:
    """Only in Slack, and within their working hours: a greeting is no page."""
    view = person_brief(on, person)
    said: Duties = {"brief": list(view.lines)}
    if not view.lines or not person.slack_id or person.vacant or (told and told.said == said):
        return
    row = told or Briefing(plan_id=on.plan_id, kind=PERSON, key=person.key, told_at=on.tx.now)
    _remember(on, row, said)
    yield _post(
        on, f"brief:{on.plan_id}:{person.key}:{row.turns}", person.slack_id, "teams.brief", person.key,
        not_before=working_from(on.directory, person, on.tx.now),
    )  # fmt: skip


def _remember(on: Stage, row: Briefing, said: Duties) -> None:
    row.said, row.turns, row.told_at = said, row.turns + 1, on.tx.now
    on.tx.session.add(row)


def _post(
    on: Stage, key: str, address: str, kind: str, of: str, not_before: datetime | None = None, **args: Any
) -> Post:
    return Post(
        key=key, plan_id=on.plan_id, workspace=on.directory.workspace, address=address, kind=kind,
        subject=Subject("plan", on.plan_id), priority=Priority.DIGEST, args={"of": of, **args}, not_before=not_before,
    )  # fmt: skip


def _first(on: Stage, team: str) -> Iterator[First]:
    """What comes first for a team, each thing once."""
    people = {*on.directory.teams[team].leads, *on.directory.teams[team].members}
    seen: set[tuple[str, str]] = set()
    for one in on.first():
        concerned = one.team == team or (not one.team and people.intersection(one.who))
        if concerned and (one.kind, one.key) not in seen and len(seen) < FIRST:
            seen.add((one.kind, one.key))
            yield First(at=one.at, kind=one.kind, name=one.name, key=one.key)


def _lines(written: Any) -> list[str]:
    several = written if isinstance(written, list) else [written] if written else []
    return [str(line) for line in several]
