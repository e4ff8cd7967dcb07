"""Runs of run-books and rollbacks, and their steps: rows, states, pure transitions, and what is published of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import Numbered

RUN, STEP = "run", "step"
"""What subjects are called."""
CAUSE = "failed step"
"""In the `plan` of a rollback: which step's failure asked for it."""
RESTS = "rests"
"""The same: why nobody is asked about it for the moment."""


class Kind(StrEnum):
    """What a run follows."""

    RUNBOOK = "run-book"
    ROLLBACK = "rollback"


class State(StrEnum):
    """How a run stands. `called`: a rollback that somebody else must agree to; `offered`: it may begin when told to."""

    PLANNED = "planned"
    BLOCKED = "blocked"
    OFFERED = "offered"
    CALLED = "called"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class StepState(StrEnum):
    """How a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


OVER = frozenset({State.DONE, State.STOPPED})
READY = frozenset({State.PLANNED, State.BLOCKED, State.OFFERED})
"""The states of a run-book that has not begun."""
SETTLED = frozenset({StepState.DONE, StepState.SKIPPED})
"""The states in which nothing waits for a step any more."""
USUAL = timedelta(minutes=30)
"""After how long somebody is asked about a step for which the plan says no length."""


class Verb(StrEnum):
    """What happens to a run or a step, as the timeline keeps it."""

    PLANNED = "planned"
    BEGUN = "begun"
    BLOCKED = "blocked"
    OFFERED = "offered"
    CALLED = "called"
    AGREED = "agreed to"
    STARTED = "started"
    CONFIRMED = "confirmed"
    DELAYED = "delayed"
    SKIPPED = "skipped"
    FAILED = "failed"
    BACK = "took back"
    TICKED = "ticked"
    ACKNOWLEDGED = "acknowledged"
    HANDED = "handed over"
    LATE = "late"
    OVERDUE = "over its limit"
    STOPPED = "stopped"
    ENDED = "ended"


class Run(Numbered, table=True):
    """One run. `plan` holds what the plan said when it was made: it keeps that, whatever is applied later.

    It is looked at again at `wake_at`. It may not go on after `closes_at`, when its window closes, and is to be over
    by `limit_at`, a rollback's own limit. While something has it on hold, `held` says what. `of_run` is the run that
    a rollback takes back.
    """

    __tablename__ = "runs"
    __table_args__ = (
        partial_index("runs_wake", "wake_at IS NOT NULL", "wake_at"),
        partial_index("runs_open", "ended_at IS NULL", "plan_id", "id"),
        partial_index("runs_closed", "ended_at IS NOT NULL", "plan_id", "key", "id"),
    )

    subjects = RUN
    plan_id: int
    key: str
    kind: str = Kind.RUNBOOK
    name: str
    drill: bool = False
    state: str = State.PLANNED
    planned_at: datetime = Field(sa_type=Instant)
    planned_until: datetime = Field(sa_type=Instant)
    expected_until: datetime = Field(sa_type=Instant)
    promised_at: datetime | None = Field(default=None, sa_type=Instant)
    closes_at: datetime | None = Field(default=None, sa_type=Instant)
    limit_at: datetime | None = Field(default=None, sa_type=Instant)
    begun_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)
    plan: dict[str, Any] = Field(default={}, sa_type=JSON)
    blocked: list[str] = Field(default=[], sa_type=JSON)
    held: str = ""
    called_by: str = ""
    reason: str = ""
    agreed: list[str] = Field(default=[], sa_type=JSON)
    of_run: int | None = Field(default=None, sa_type=BigInteger)
    changes: int = 0

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def ready(self) -> bool:
        """Whether it is a run-book that has not begun."""
        return self.kind == Kind.RUNBOOK and self.state in READY

    @property
    def card(self) -> str:
        """The key of its one card."""
        return f"run:{self.number}:card"


class RunStep(Numbered, table=True):
    """One step of a run, by its `place` from 1. `needs` are the places that it waits for.

    It does not begin before `not_before`; `takes` is how many seconds it is planned to last, `extra` how many more
    somebody has said. `leaders` are who-expressions, `plan` what else the plan says of it. `told_at` is when its people
    heard that it begins soon, `asked_at` when its leader was asked about its end, `paged_at` when they were paged.
    """

    __tablename__ = "run_steps"
    __table_args__ = (UniqueConstraint("run_id", "place"), UniqueConstraint("run_id", "key"))

    subjects = STEP
    run_id: int = Field(sa_type=BigInteger)
    plan_id: int
    place: int
    key: str
    title: str
    state: str = StepState.WAITING
    reserve: bool = False
    needs: list[int] = Field(default=[], sa_type=JSON)
    leaders: list[str] = Field(default=[], sa_type=JSON)
    team: str = ""
    takes: int = 0
    extra: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    planned_at: datetime = Field(sa_type=Instant)
    planned_until: datetime = Field(sa_type=Instant)
    expected_at: datetime = Field(sa_type=Instant)
    expected_until: datetime = Field(sa_type=Instant)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""
    reason: str = ""
    link: str = ""
    plan: dict[str, Any] = Field(default={}, sa_type=JSON)
    ticks: dict[str, str] = Field(default={}, sa_type=JSON)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    paged_at: datetime | None = Field(default=None, sa_type=Instant)
    changes: int = 0

    @property
    def waits_for_somebody(self) -> bool:
        """Whether it begins only when somebody starts it, whatever the hour."""
        return self.state == StepState.WAITING and bool(self.plan.get("by_hand"))

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    @property
    def items(self) -> list[str]:
        """Its checklist."""
        return self.plan.get("items") or []

    @property
    def open_items(self) -> list[str]:
        """What of its checklist is not ticked."""
        return [text for number, text in enumerate(self.items, 1) if str(number) not in self.ticks]

    @property
    def within(self) -> timedelta | None:
        """How long it may last before somebody is paged."""
        seconds = self.plan.get("within")
        return timedelta(seconds=seconds) if seconds else None

    @property
    def ask_at(self) -> datetime | None:
        """When whoever leads it is asked whether it is done; None before it has begun, and once they were asked."""
        if self.started_at is None or self.asked_at is not None:
            return None
        return self.expected_until if self.takes else self.started_at + USUAL + timedelta(seconds=self.extra)

    @property
    def overdue_at(self) -> datetime | None:
        """When somebody is paged unless it is done; None where the plan sets no limit, or it has not begun."""
        if self.started_at is None or self.within is None:
            return None
        return self.started_at + self.within + timedelta(seconds=self.extra)


STANDS = ("key", "name", "kind", "drill", "state", "planned_at", "promised_at", "limit_at", "begun_at", "ended_at",
          "blocked", "held")  # fmt: skip
STEP_STANDS = ("id", "key", "title", "state", "reserve", "needs", "leaders", "team", "takes", "extra", "not_before",
               "planned_at", "planned_until", "started_at", "ended_at")  # fmt: skip
"""What of a run and of a step the timeline keeps: its forecast follows from that."""


def stands(row: Run | RunStep) -> dict[str, Any]:
    """How a run or a step stands, as the timeline keeps it."""
    values = {name: getattr(row, name) for name in (STANDS if isinstance(row, Run) else STEP_STANDS)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def asked_at(run: Run) -> datetime:
    """When people were asked for their word on a rollback."""
    asked = run.plan.get("asked_at")
    return datetime.fromtimestamp(asked, UTC) if asked else run.planned_at


def begin(step: RunStep, now: datetime) -> None:
    step.state, step.started_at, step.ended_at, step.ended_by = StepState.RUNNING, now, None, ""
    step.extra, step.reason, step.link = 0, "", ""
    step.asked_at = step.paged_at = None
    step.changes += 1


def end(step: RunStep, state: StepState, now: datetime, by: str, reason: str = "", link: str = "") -> None:
    step.state, step.ended_at, step.ended_by, step.reason, step.link = state, now, by, reason, link
    step.changes += 1


def take_back(step: RunStep, now: datetime) -> None:
    """What ended goes on as before; what has begun waits until somebody starts it."""
    if step.state == StepState.RUNNING or step.started_at is None:
        step.state, step.started_at, step.not_before = StepState.WAITING, None, None
        step.plan = {**step.plan, "by_hand": True}
    else:
        step.state = StepState.RUNNING
        step.asked_at = step.paged_at = None
        step.extra = max(step.extra, round((now - step.started_at).total_seconds()) - step.takes)
    step.ended_at, step.ended_by, step.reason = None, "", ""
    step.changes += 1


def delay(step: RunStep, now: datetime, span: timedelta) -> None:
    """A step lasts so much longer than is expected now; one that waits begins so much later."""
    if step.state == StepState.RUNNING and step.started_at:
        until = max(step.expected_until, now) + span
        step.extra = round((until - step.started_at).total_seconds()) - step.takes
        step.asked_at = step.paged_at = None
    else:
        step.not_before = max(step.expected_at, now) + span
        step.told_at = None
    step.changes += 1
