"""What a picture is made of. Names of people are those of the plan as it was then; every number has its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callboard.board.picture.counts import NONE, Count, Tally
from callboard.gates.models import word


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
    """A gate on the line of time. `state` is pending, ready, passed, failed or waived.

    Its `chance` to be in time was forecast, and that it is over by `middle` in half of all cases, by `often` in 85%.
    """

    key: str
    name: str
    state: str
    due: datetime | None = None
    expected: datetime | None = None
    settled: datetime | None = None
    late: bool = False
    chance: float | None = None
    middle: datetime | None = None
    often: datetime | None = None
    in_doubt: bool = False
    decision: bool = False
    criteria: Count = NONE
    met: Count = NONE
    sign_offs: Count = NONE
    """Those that stand."""
    missing: Count = NONE
    """Whose are still needed; before the criteria are met, too."""
    outcome: tuple[str, ...] = ()
    """Why it failed, in lines."""

    @property
    def word(self) -> str:
        return word(self.state, decision=self.decision)


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
    rows: Count = NONE


@dataclass(frozen=True, kw_only=True)
class Light:
    """A team's light. The worst reason is first; none where it is green."""

    team: str
    name: str
    colour: Colour
    reasons: tuple[Reason, ...] = ()
    tasks: Tally
    blockers: Count = NONE


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two teams, and how far they fit together: the points at which they meet, of tasks that both work on.

    `state` is not started, in progress, blocked or completed.
    """

    teams: tuple[str, str]
    names: tuple[str, str]
    state: str
    points: Count = NONE
    done: Count = NONE
    failed: Count = NONE


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """An open blocker and its clocks: each an instant, None where that clock does not run.

    At `next_at` somebody is paged, for `next_why`; `level` is the rung that was paged last.
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
    """A lock that keeps others out. `state` is held, asked or offered."""

    number: int
    state: str
    paths: tuple[str, ...]
    holder: str
    team: str = ""
    reason: str = ""
    since: datetime
    expires: datetime | None = None
    waiting: Count = NONE


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """Two branches of different teams that touch the same thing; `other` is empty where one is in another's zone."""

    number: int
    one: str
    other: str = ""
    teams: tuple[str, ...] = ()
    degree: str
    state: str = ""
    files: Count = NONE
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a run: when it began and will end, or will begin and end if nothing else happens; and as planned."""

    place: int
    key: str
    name: str
    state: str
    team: str = ""
    leaders: tuple[str, ...] = ()
    begins: datetime
    ends: datetime
    planned: datetime
    planned_end: datetime
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run-book or a rollback, and its two clocks.

    Clock L is the wall's: `promised` is the end that was promised, `expected` the end as it looks. Clock T is the
    run's own: it is zero at `zero`, when the run began or is to begin, and of its `reserve` so much is `reserve_used`,
    both in seconds. `limit` is when a rollback must be over.
    """

    number: int
    key: str
    name: str
    kind: str
    state: str
    drill: bool = False
    zero: datetime | None = None
    begun: bool = False
    ended: datetime | None = None
    promised: datetime | None = None
    limit: datetime | None = None
    expected: datetime | None = None
    reserve: int = 0
    reserve_used: int = 0
    steps: Count = NONE
    done: Count = NONE
    now: tuple[Step, ...] = ()
    next: tuple[Step, ...] = ()
    blocked: tuple[str, ...] = ()
    """Why it cannot begin, in lines."""
    held_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """An open emergency. `respond_by`: somebody is to take command; None once somebody has."""

    number: int
    level: str
    name: str
    what: str
    state: str
    team: str = ""
    commander: str = ""
    declared: datetime
    respond_by: datetime | None = None
    resolve_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One entry of the timeline, in words; `kind` and `key` name its subject, `said` is what a person said."""

    id: int
    at: datetime
    actor: str
    text: str
    said: str = ""
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
    opened: Count = NONE
    """The open blockers."""
    locks: tuple[Lock, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    runs: tuple[Run, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    latest: tuple[Happened, ...] = ()
    """The newest first."""
