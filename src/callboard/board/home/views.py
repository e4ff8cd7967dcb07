"""What a Home shows, read from the plan that its person looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from callboard.board.home import desk, duties, glance, waits
from callboard.board.home.desk import Desk
from callboard.board.home.duties import Chapter
from callboard.board.home.glance import Glance
from callboard.board.home.models import Visit
from callboard.board.home.overview import Overview, Reader
from callboard.core.db import Tx
from callboard.planning.rights import ADMINS, ANYBODY, STARTERS
from callboard.plans import service as plans
from callboard.plans.models import Plan
from callboard.teams import several_plans
from callboard.teams.directory import Asker, Directory
from callboard.teams.rights import who_adds

MOST_COUNTED = 6
"""In so many other plans what waits for somebody is counted: each is looked up whole."""


@dataclass(frozen=True, kw_only=True)
class Mine:
    """What waits for somebody, and what they wait for."""

    plan: str
    duties: Sequence[Chapter]
    waits: Sequence[str]
    looks_on: bool


@dataclass(frozen=True, kw_only=True)
class HomeView:
    """The Home of somebody in a plan. `teams` are those they lead; `plans` are all of theirs, by key.

    `elsewhere` counts what waits for them in the others that are not over, those with the most first.
    """

    plan: Plan
    directory: Directory
    plans: dict[str, str]
    elsewhere: Mapping[str, int]
    mine: Mine
    glance: Glance
    teams: dict[str, list[str]]
    desk: Desk | None
    is_new: bool
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The Home of somebody who is in no plan: those that run, who can add them, and who can begin one."""

    running: Sequence[str]
    adds: str = ""
    starters: Sequence[str] = field(default=())
    admins: bool = False
    anybody: bool = False


def home(tx: Tx, visit: Visit) -> HomeView | Outside:
    own = several_plans.own(tx, visit.workspace, visit.slack_id)
    directory = next((each for each in own if each.plan_id == visit.plan_id), own[0] if own else None)
    person = directory.by_slack(visit.slack_id) if directory else None
    if directory is None or person is None:
        return _outside(tx, visit.workspace)
    reader = Reader(tx, Asker(directory, person), _overview(tx, directory.plan_id))
    return of(reader, own, is_new=visit.opens == 1)


def _overview(tx: Tx, plan_id: int) -> Overview:
    """One of each plan for all whose Homes are written together."""
    shared: dict[int, Overview] = tx.local.setdefault("overviews", {})
    return shared.setdefault(plan_id, Overview(tx, plan_id))


def _elsewhere(reader: Reader, own: Sequence[Directory]) -> dict[str, int]:
    """How much waits for them in each other plan that is not over, of the first of many."""
    tx, slack_id, found = reader.tx, reader.who.person.slack_id or "", dict[str, int]()
    others = [each for each in several_plans.present(own, tx.now) if each.plan_id != reader.plan_id]
    for other in others[:MOST_COUNTED]:
        if person := other.by_slack(slack_id):
            there = duties.of(Reader(tx, Asker(other, person), _overview(tx, other.plan_id)))
            found[other.plan_key] = sum(chapter.total for chapter in there)
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def of(reader: Reader, own: Sequence[Directory], *, is_new: bool = False) -> HomeView:
    """The Home of somebody in one of their `own` plans."""
    directory = reader.who.directory
    return HomeView(
        elsewhere=_elsewhere(reader, own),
        plan=reader.overview.once(plans.plan), directory=directory, mine=mine(reader),
        glance=reader.overview.drawn(Glance, glance.of), plans=several_plans.names(own),
        teams=desk.of_teams(reader), desk=desk.of(reader), is_new=is_new, now=reader.tx.now,
    )  # fmt: skip


def mine(reader: Reader) -> Mine:
    return Mine(
        plan=reader.who.directory.plan_name, duties=duties.of(reader), waits=waits.of(reader), looks_on=reader.looks_on
    )


def _outside(tx: Tx, workspace: str) -> Outside:
    running = several_plans.running(tx, workspace)
    may = tx.of(STARTERS)
    return Outside(
        running=[directory.plan_name for directory in running], adds=who_adds(running) if running else "",
        starters=[word for word in may if word not in (ADMINS, ANYBODY)], admins=ADMINS in may, anybody=ANYBODY in may,
    )  # fmt: skip
