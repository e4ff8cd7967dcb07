"""What a picture is made of. Names of people are those of the plan as it was then; every number has its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing that was counted: what it is, as people call it, and how it stood.

    `key` is what a command takes: `A-1`, `12`, `gate-1`. `at` is what matters next, or since when: a deadline, an
    opening, an expiry.
    """

    kind: str
    key: str
    name: str
    state: str = ""
    team: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Count:
    """A number, and the rows it was counted from."""

    rows: tuple[Row, ...] = ()

    @property
    def number(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Some tasks. `total` leaves out dropped ones; `percent` is of all, each task counting as much as any other."""

    total: Count = Count()
    completed: Count = Count()
    in_progress: Count = Count()
    blocked: Count = Count()
    not_started: Count = Count()
    late: Count = Count()
    percent: int = 0


class PhaseState(StrEnum):
    """`held`: its time has come, and something holds it."""

    AHEAD = "ahead"
    HELD = "on hold"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True, kw_only=True)
class Phase:
    key: str
    name: str
    state: PhaseState
    begins: datetime | None = None
    ends: datetime | None = None
    held_by: tuple[str, ...] = ()
    """The names of what holds it."""
    tasks: Tally


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate on the line of time. `state` is pending, ready, passed, failed or waived."""

    key: str
    name: str
    state: str
    due: datetime | None = None
    expected: datetime | None = None
    settled: datetime | None = None
    late: bool = False
    in_doubt: bool = False
    decision: bool = False
    criteria: Count = Count()
    met: Count = Count()
    sign_offs: Count = Count()
    """Those that stand."""
    missing: Count = Count()
    """Whose are still needed; before the criteria are met, too."""
    outcome: tuple[str, ...] = ()
    """Why it failed, in lines."""


class Colour(StrEnum):
    """A team's light, from best to worst; the values are how that is said."""

    GREEN = "on track"
    YELLOW = "minor delays"
    RED = "critical"
    BLACK = "offline"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a light is what it is: what it alone would make it, a few words (`2 late tasks`), and the rows."""

    colour: Colour
    words: str
    rows: Count = Count()


@dataclass(frozen=True, kw_only=True)
class Light:
    """A team's light. The worst reason is first; none where it is green."""

    team: str
    name: str
    colour: Colour
    reasons: tuple[Reason, ...] = ()
    tasks: Tally
    blockers: Count = Count()


@dataclass(frozen=True, kw_only=True)
class Point:
    """Where two teams meet: a point of a task that both work on. `state` is that of a task."""

    name: str
    task: str
    team: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two teams, and how far they fit together. `state` is not started, in progress, blocked or completed."""

    teams: tuple[str, str]
    names: tuple[str, str]
    state: str
    points: Count = Count()
    done: Count = Count()
    failed: Count = Count()


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """An open blocker and its clocks: each an instant, None where that clock does not run.

    `level` is the rung that was last told, `told` are who is told at `next_at`.
    """

    number: int
    what: str
    """Plain text; empty once erased."""
    severity: str
    state: str
    team: str = ""
    team_name: str = ""
    reporter: str = ""
    owner: str = ""
    opened: datetime
    next_at: datetime | None = None
    next_why: str = ""
    respond_by: datetime | None = None
    resolve_by: datetime | None = None
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class Lock:
    number: int
    paths: tuple[str, ...]
    holder: str
    team: str = ""
    reason: str = ""
    since: datetime
    expires: datetime | None = None
    waiting: Count = Count()


@dataclass(frozen=True, kw_only=True)
class Collision:
    """Two branches of different teams that touch the same thing; `other` is empty where one is in another's zone."""

    number: int
    one: str
    other: str = ""
    teams: tuple[str, ...] = ()
    degree: str
    state: str = ""
    files: Count = Count()
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    place: int
    name: str
    state: str
    leaders: tuple[str, ...] = ()
    begins: datetime | None = None
    """When it began, or will if nothing else happens."""
    ends: datetime | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run-book or a rollback, and its two clocks.

    Clock L: `promised`, the end that was promised. Clock T: the run's own, zero at `zero`, standing where `stands`
    is not None (a whole number of seconds of planned work); `reserve_left` of `reserve` is left, in seconds.
    """

    number: int
    key: str
    name: str
    kind: str
    state: str
    drill: bool = False
    zero: datetime | None = None
    promised: datetime | None = None
    expected: datetime | None = None
    reserve: int = 0
    reserve_left: int = 0
    steps: Count = Count()
    done: Count = Count()
    now: tuple[Step, ...] = ()
    next: tuple[Step, ...] = ()
    blocked: tuple[str, ...] = ()
    """Why it cannot begin or go on, in lines."""


@dataclass(frozen=True, kw_only=True)
class Emergency:
    number: int
    level: str
    what: str
    state: str
    team: str = ""
    commander: str = ""
    declared: datetime
    respond_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One entry of the timeline, in words; `kind` and `key` name its subject."""

    id: int
    at: datetime
    actor: str
    text: str
    kind: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a plan looked like at an instant.

    `revision` is the id of the last entry that it was folded from. Nothing of it changes by itself before `until`
    (None: never), so that whoever draws it may keep the drawing until then, or until the revision is another.
    """

    plan: str
    name: str
    zone: str
    version: int
    revision: int
    at: datetime
    until: datetime | None = None
    begins: datetime
    ends: datetime
    tasks: Tally
    phases: tuple[Phase, ...] = ()
    gates: tuple[Gate, ...] = ()
    lights: tuple[Light, ...] = ()
    pairs: tuple[Pair, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    opened: Count = Count()
    """The open blockers."""
    locks: tuple[Lock, ...] = ()
    collisions: tuple[Collision, ...] = ()
    runs: tuple[Run, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    latest: tuple[Happened, ...] = ()
    """The newest first."""
