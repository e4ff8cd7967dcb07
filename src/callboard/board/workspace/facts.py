"""What the files of a workspace say: the plan and the rows as they stand. Nothing in it depends on the hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callboard.blockers import store as blockers
from callboard.blockers.models import Blocker
from callboard.blocks.markdown import Code
from callboard.board.workspace.plan import folders, part
from callboard.conflicts import store as conflicts
from callboard.conflicts.models import Conflict
from callboard.core.db import Tx
from callboard.core.words import lasted
from callboard.emergencies import store as emergencies
from callboard.emergencies.models import Emergency
from callboard.gates import store as gates
from callboard.gates.models import YES, Gate
from callboard.locks import store as locks
from callboard.locks.models import Lock
from callboard.plans import service as plans
from callboard.plans.plan import PHASES
from callboard.runbooks import store as runbooks
from callboard.runbooks.models import Run, RunStep
from callboard.tasks import messages
from callboard.tasks import store as tasks
from callboard.tasks.models import State, Task
from callboard.teams import service as teams
from callboard.teams.directory import Directory
from callboard.teams.web import plain
from callboard.zones.plan import ZONES

LATEST = 20
"""Emergencies that are over, and are still shown."""


@dataclass(frozen=True)
class Facts:
    """A plan as it stands, and how its parts are called. `home` is the folder of each team, `joint` that of all."""

    directory: Directory
    home: Mapping[str, str]
    joint: str
    phases: Mapping[str, Any]
    zones: Sequence[Any]
    tasks: Sequence[Task]
    blockers: Sequence[Blocker]
    locks: Sequence[Lock]
    conflicts: Sequence[Conflict]
    gates: Sequence[Gate]
    signers: Mapping[int, Sequence[str]]
    runs: Sequence[tuple[Run, Sequence[RunStep]]]
    emergencies: Sequence[Emergency]

    def of(self, team: str) -> list[Task]:
        return [task for task in self.tasks if task.team == team]

    def joint_ones(self) -> list[Task]:
        """The tasks at which teams meet."""
        return [task for task in self.tasks if len(task.teams) > 1 or task.points or task.components]

    def known(self, key: str) -> Task | None:
        return next((task for task in self.tasks if task.key == key), None)

    def people(self, *keys: str | None) -> str:
        """The names of people, or who else a key means; empty for nobody."""
        return ", ".join(self.directory.name(key) for key in keys if key)

    def team(self, key: str | None) -> str:
        return self.directory.spoken_of(key) if key else ""

    def named(self, keys: Iterable[str]) -> str:
        return ", ".join(map(self.team, keys))

    def at(self, instant: datetime | str | None) -> str:
        """An instant in the plan's zone, with its name; empty for none."""
        if not instant:
            return ""
        at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        zone = self.directory.calendar.zone
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"

    def text(self, said: str) -> str:
        """What was written for Slack, as it reads in a file."""
        return plain(self.directory, said)

    def span(self, *seconds: int | None) -> str:
        """`3 h`, or `1 h to 3 h`."""
        return " to ".join(dict.fromkeys(lasted(timedelta(seconds=each)) for each in seconds if each is not None))

    def took(self, task: Task) -> str:
        """How long a task took, in working time; empty where it is not completed."""
        return messages.took(self.directory, task)

    def code(self, paths: Iterable[str]) -> list[Code]:
        return [Code(path) for path in paths]

    def done(self, some: Iterable[Task]) -> str:
        """`3 of 12 completed`, or `none`; what was dropped does not count."""
        counting = [task for task in some if task.status != State.DROPPED]
        if not counting:
            return "none"
        return f"{sum(task.status == State.COMPLETED for task in counting)} of {len(counting)} completed"


def read(tx: Tx, plan_id: int) -> Facts:
    """Everything that the files say, in a few questions."""
    live, standing = plans.live(tx, plan_id), gates.listed(tx, plan_id)
    zones = live.of(ZONES)
    signed = gates.standing.of(tx, [gate.number for gate in standing])
    return Facts(
        directory=teams.directory(tx, plan_id), home=folders(live), joint=part(live).joint,
        phases=live.of(PHASES) or {}, zones=zones or (),
        tasks=tasks.seen(tx, plan_id), blockers=blockers.open_in(tx, plan_id), locks=locks.live(tx, plan_id),
        conflicts=conflicts.standing(tx, plan_id), gates=standing,
        signers={number: [row.person for row in rows if row.verdict == YES] for number, rows in signed.items()},
        runs=[(run, runbooks.steps(tx, run.number)) for run in _runs(tx, plan_id, live.values.get("runbooks") or ())],
        emergencies=[*emergencies.open_in(tx, plan_id), *emergencies.latest(tx, plan_id, LATEST)],
    )  # fmt: skip


def _runs(tx: Tx, plan_id: int, keys: Iterable[str]) -> list[Run]:
    """The runs that go on, and the last one of each run-book; no drills."""
    found = {run.number: run for run in runbooks.open_runs(tx, plan_id)}
    for key in keys:
        if last := runbooks.latest(tx, plan_id, key):
            found[last.number] = last
    return [found[number] for number in sorted(found) if not found[number].drill]
