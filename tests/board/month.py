"""A busy month, made by chance that is the same each time: what people did, and the figures at the end of each day."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlmodel import col, select

from callboard.app import CAPABILITIES, database, sections
from callboard.blockers import service as blockers
from callboard.blockers.models import Blocker
from callboard.blockers.service import Raised
from callboard.board.figures import history
from callboard.board.figures.history import History
from callboard.branches.models import Branch, BranchesSeen, Meeting, Moved
from callboard.checkpoints import service as checkpoints
from callboard.checkpoints import store as checkpoint_rows
from callboard.conflicts import resolution
from callboard.conflicts import service as conflicts
from callboard.conflicts import store as conflict_rows
from callboard.core.clock import ManualClock
from callboard.core.db import Database, Tx
from callboard.core.errors import Refused
from callboard.core.ticks import MOMENT, Ticker
from callboard.gates import service as gates
from callboard.gates.criteria import computation
from callboard.gates.plan.measures import COMPUTED, MEASURES, MeasurePart
from callboard.gates.service import ticks
from callboard.planfile.times import parse_span
from callboard.plans import service as plans
from callboard.settings import Settings
from callboard.standups import service as standups
from callboard.standups import store as standup_rows
from callboard.standups.models import State as CheckIn
from callboard.standups.service import Report
from callboard.tasks import service as tasks
from callboard.teams import service as teams
from callboard.teams.directory import Asker

BEGINS = datetime.fromisoformat("2025-10-31T12:00:00+00:00")
FIRST_MIDNIGHT = datetime.fromisoformat("2025-10-31T23:00:00+00:00")
SEED, DEEDS_A_DAY, LATER_ON = 2025, 9, 10
PLAN = """\
callboard: 1
key: month
name: A busy month
timezone: Europe/Berlin
from: 2025-11-03 08:00
to: 2025-11-30 18:00
working_hours: {days: mon-fri, hours: "08:00-18:00"}
people:
  olga: {name: Omega lead, slack: UOLGA}
  pa: {name: Person A, slack: UPA}
  sara: {name: Sigma lead, slack: USARA}
  amp: {name: Amp, slack: UAMP, roles: [coordinator]}
teams:
  omega: {name: Omega, lead: olga, members: [pa], branches: ["omega/*"]}
  sigma: {name: Sigma, lead: sara, branches: ["sigma/*"]}
repositories: {harbor: "https://git.example.com/harbor.git"}
zones:
  - {team: omega, paths: ["/src/**"]}
escalation: {default: {steps: [{level: Lead, notify: [lead], respond_within: 4h}]}}
areas: {API: {planned: 9}, UI: {planned: 6}}
phases:
  build: {name: Build, from: 2025-11-03 08:00, to: 2025-11-14 18:00}
  ship: {name: Ship, from: 2025-11-17 08:00, to: 2025-11-28 18:00}
tasks:
  - for: {team: omega, phase: build, area: API}
    O-1: {title: One, due: 2025-11-05 16:00}
    O-2: {title: Two, due: 2025-11-07 16:00}
    O-3: {title: Three, due: 2025-11-12 16:00}
    O-4: {title: Four}
    O-5: {title: Five, status: completed}
  - for: {team: sigma, phase: ship, area: UI}
    S-1: {title: Six, due: 2025-11-18 16:00}
    S-2: {title: Seven, due: 2025-11-20 16:00, percent: 20}
    S-3: {title: Eight}
  - M-1: {title: They meet, lead_team: omega, support_teams: [sigma], phase: ship, points: {Sign-in: omega, Mail: sigma}, due: 2025-11-25 16:00}
measures:
  tests_passed: {name: Tests passed, of: 72, at_least: 68, by: [everyone]}
  response_time: {computed: true, at_most: 4h}
  resolution_time: {computed: median, at_most: 1d}
  readiness: {computed: true, weights: {gates: 2, tasks: 3, blockers: 1, risks: 1}, at_least: 80%}
  answer_rate: {computed: true, at_least: 90%}
gates:
  built: {name: Built, due: 2025-11-10 16:00, criteria: [{tasks: [O-1, O-2], are: completed}], sign_off: [{lead_of: omega}]}
  tested: {name: Tested, due: 2025-11-20 16:00, criteria: [{measure: tests_passed}], sign_off: [{lead_of: sigma}]}
  shipped: {name: Shipped, due: 2025-11-27 16:00, needs: [S-1, S-2, S-3], sign_off: [{role: coordinator}]}
standups:
  - {name: Daily, days: mon-fri, at: "09:00", who: [everyone], window: 2h, questions: [Today, Blockers]}
checkpoints:
  - {name: Early, team: omega, at: 2025-11-06 15:00, expects: {O-1: completed, O-2: 50%}, ask: [On track?]}
  - {name: Late, team: sigma, at: 2025-11-19 15:00, expects: {S-1: completed}, ask: [On track?]}
velocity: {per: week, targets: [3, 3, 4, 2]}
risks:
  - {risk: One is overloaded, probability: high, impact: medium, owner: amp}
"""  # noqa: E501
TASKS = ("O-1", "O-2", "O-3", "O-4", "O-5", "O-6", "S-1", "S-2", "S-3", "M-1")
LATER = PLAN.replace("    O-4: {title: Four}\n", "    O-6: {title: Grown}\n").replace(
    "probability: high, impact: medium", "probability: high, impact: high"
)
"""The version of the tenth day: a task has left, another has come."""


@dataclass
class Month:
    """A database in which a month goes by, and what was seen on the way: each figure at the end of each day.

    Nobody sends what is to be said: figures do not need that.
    """

    db: Database
    clock: ManualClock
    ticker: Ticker
    figures: dict[date, dict[str, tuple[float, ...]]] = field(default_factory=dict)
    done: int = 0

    @classmethod
    def at(cls, url: str) -> Self:
        clock = ManualClock(BEGINS)
        db = database(Settings(database_url=url), clock)
        return cls(db, clock, Ticker(db, [work for each in CAPABILITIES for work in each.due]))

    def apply(self, text: str) -> None:
        checked = plans.check(text, "month.yml", sections())
        assert not checked.errors, checked.errors
        self.db.transact(plans.apply, checked, author="test", workspace="T1")

    async def until(self, instant: datetime) -> None:
        """Let time pass, stopping at every instant at which something is due on the way."""
        while (due := min(filter(None, await self.ticker.look()), default=None)) is not None and due <= instant:
            self.clock.move_to(max(due, self.clock.now()))
            while await self.ticker.tick():
                pass
        self.clock.move_to(instant)

    def read(self) -> History:
        return self.db.transact(lambda tx: history.read(tx, 1))

    async def live(self, seed: int = SEED, days: int = 30) -> Self:
        """Day by day, and a new version of the plan on the tenth."""
        chance = random.Random(seed)
        self.apply(PLAN)
        for number in range(days):
            midnight = FIRST_MIDNIGHT + timedelta(days=number)
            for hour in sorted(chance.choices(range(7, 17), k=DEEDS_A_DAY)):
                now = midnight + timedelta(hours=hour, minutes=chance.randrange(60))
                if now > self.clock.now():
                    await self.until(now)
                    self.done += _does(self.db, chance)
            if number == LATER_ON:
                self.apply(LATER)
            await self.until(midnight + timedelta(days=1) - MOMENT)
            self.figures[(midnight + timedelta(hours=2)).date()] = self.db.transact(figures)
        return self


def figures(tx: Tx) -> dict[str, tuple[float, ...]]:
    """Every figure as gates read it from the rows."""
    measures = plans.live(tx, 1).of(MEASURES) or {}
    return {
        name: computation.figure(tx, 1, name, measures.get(name) or MeasurePart(computed=True)).values
        for name in COMPUTED if name != "file_conflicts"
    } | {"file_conflicts": (float(len(conflicts.going(tx, 1))),)}  # fmt: skip


def _does(db: Database, chance: random.Random) -> bool:
    """Somebody does something, if they may."""
    deed: Callable[[Tx, Asker, random.Random], Any] = chance.choice(DEEDS)
    who = chance.choice(("olga", "pa", "sara", "amp"))
    try:
        db.transact(lambda tx: deed(tx, _asker(tx, who), chance))
    except (Refused, IndexError):
        return False
    return True


def _asker(tx: Tx, who: str) -> Asker:
    directory = teams.directory(tx, 1)
    return Asker(directory, directory.people[who])


def _task(what: Callable[..., Any]) -> Callable[..., Any]:
    return lambda tx, who, chance: what(tx, who, chance.choice(TASKS))


def _progress(tx: Tx, who: Asker, chance: random.Random) -> None:
    tasks.progress(tx, who, chance.choice(TASKS), chance.choice((10, 40, 80)))


def _point(tx: Tx, who: Asker, chance: random.Random) -> None:
    tasks.point(tx, who, "M-1", chance.choice(("Sign-in", "Mail")), chance.choice(("blocked", "completed")))


def _raise(tx: Tx, who: Asker, chance: random.Random) -> None:
    blockers.raise_blocker(tx, who, Raised(what=f"something is down: {chance.randrange(1000)}"))


def _blocker(what: Callable[..., Any]) -> Callable[..., Any]:
    def does(tx: Tx, who: Asker, chance: random.Random) -> None:
        what(tx, who, chance.choice(tx.session.exec(select(Blocker.id).order_by(col(Blocker.id))).all()))

    return does


def _hand(tx: Tx, who: Asker, chance: random.Random) -> None:
    number = chance.choice(tx.session.exec(select(Blocker.id).order_by(col(Blocker.id))).all())
    blockers.reassign(tx, who, number or 0, who.directory.people["olga"])


def _sign(tx: Tx, who: Asker, chance: random.Random) -> None:
    key = chance.choice(("built", "tested", "shipped"))
    look, _ = gates.may_sign(tx, who, key)
    gates.sign(tx, who, key, look.content)


def _waive(tx: Tx, who: Asker, chance: random.Random) -> None:
    until = tx.now + timedelta(days=2)
    gates.waive(tx, who, chance.choice(("built", "tested")), "it must go", risk_of_adding="a", risk_of_cutting="b",
                until=until)  # fmt: skip


def _report(tx: Tx, who: Asker, chance: random.Random) -> None:
    gates.report(tx, who, "tests_passed", f"{chance.randrange(60, 73)}/72")


def _reports(tx: Tx, who: Asker, chance: random.Random) -> None:
    waiting = [row for row in standup_rows.every(tx, 1, date(2025, 11, 1)) if row.state == CheckIn.WAITING]
    row = chance.choice(waiting)
    asker = Asker(who.directory, who.directory.people[row.person])
    if chance.random() < 0.2:
        standups.skip(tx, asker, row.standup, row.day, "ill")
    else:
        standups.submit(tx, asker, row.standup, row.day, Report([("Today", "work")]))


def _answers(tx: Tx, who: Asker, chance: random.Random) -> None:
    inquiry = chance.choice(checkpoint_rows.open_inquiries(tx, 1))
    checkpoints.on_it(tx, who, inquiry.number)


def _later(tx: Tx, who: Asker, chance: random.Random) -> None:
    """A due date moves."""
    path = ("tasks", chance.choice(("O-2", "O-3", "S-1")), "due")
    plans.edit(tx, 1, path, f"2025-11-{chance.randrange(5, 29):02} 16:00", author=who.person.key)


def _shift(tx: Tx, who: Asker, chance: random.Random) -> None:
    if chance.random() < 0.2:
        plans.shift(tx, 1, parse_span("1d"), tx.now, author=who.person.key)


def _scan(tx: Tx, _who: Asker, chance: random.Random) -> None:
    names = chance.sample(("omega/a", "omega/b", "sigma/a", "sigma/b"), 3)
    branches = {name: _branch(tx, name) for name in names}
    clash = chance.choice(((), ("src/auth.py",), ("src/auth.py", "src/menu.py")))
    pairs = [(one, other) for one in names for other in names if one < other and one[0] != other[0]]
    met = [pair for pair in pairs if chance.random() < 0.6]
    meetings = [Meeting(one, other, ["src/auth.py", "src/menu.py"], clash) for one, other in met]
    moved = [Moved(branch, tx.now) for branch in branches.values() if chance.random() < 0.7]
    conflicts.on_branches_seen(tx, BranchesSeen(1, "harbor", branches, meetings, moved, tx.now))


def _branch(tx: Tx, name: str) -> Branch:
    found = tx.session.exec(select(Branch).where(Branch.name == name)).first()
    if found is None:
        team = name.partition("/")[0]
        found = Branch(plan_id=1, mirror_id=1, repository="harbor", name=name, head="a" * 40, base="0" * 40, team=team,
                       person="olga" if team == "omega" else "sara", author="", files=1, touched=[])  # fmt: skip
        tx.session.add(found)
        tx.session.flush()
    return found


def _conflict(what: Callable[..., Any]) -> Callable[..., Any]:
    def does(tx: Tx, who: Asker, chance: random.Random) -> None:
        what(tx, who, chance.choice(conflict_rows.standing(tx, 1)).number)

    return does


def _decide(tx: Tx, who: Asker, number: int) -> None:
    resolution.decide(tx, who, number, "omega rebases")


DEEDS = (
    _task(tasks.start), _progress, _progress, _task(tasks.complete), _task(tasks.complete), _task(tasks.complete),
    _task(tasks.reopen), _point, _point, _point,
    lambda tx, who, chance: tasks.drop(tx, who, chance.choice(TASKS), "not needed") if chance.random() < 0.2 else None,
    _raise, _raise, _blocker(blockers.acknowledge), _blocker(blockers.resolve), _blocker(blockers.resolve),
    _blocker(blockers.reopen), _blocker(blockers.withdraw), _hand, _sign, _sign, _waive, _report, _reports, _reports,
    _reports, _answers, _later, _shift, _scan, _scan, _conflict(conflicts.accept), _conflict(conflicts.reopen),
    _conflict(_decide),
    lambda tx, who, chance: ticks.untick(tx, who, "built", "1"),
)  # fmt: skip
