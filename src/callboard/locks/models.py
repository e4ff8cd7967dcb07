"""Locks: their rows, states and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject
from callboard.locks.targets import Target

KIND = "lock"
OFFERED_FOR = timedelta(minutes=15)
ALLOWANCE = "allowance"


class State(StrEnum):
    """How a lock stands. Asked: it waits for other teams' consent. Offered: it is somebody's turn to take it."""

    HELD = "held"
    ASKED = "asked"
    OFFERED = "offered"
    WAITING = "waiting"
    OVER = "over"


class Lock(SQLModel, table=True):
    """What somebody holds, asks for or waits for. `changes` counts what a button drawn earlier must know of.

    `points` is the newest commit of each repository's main branch when it was had: where to roll back to.
    `span` is for how many seconds it is held, `fixed` that its end was named; activity moves only one that was not.
    """

    __tablename__ = "locks"
    __table_args__ = (Index("locks_live", "plan_id", "state", "id"), Index("locks_next", "next_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    state: str
    holder: str
    team: str | None = None
    reason: str
    source: str = "slack"
    targets: list[str] = Field(default_factory=list, sa_type=JSON)
    homes: list[str] = Field(default_factory=list, sa_type=JSON)
    points: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    consents: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    span: int
    fixed: bool = False
    asked_at: datetime = Field(sa_type=Instant)
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    offered_until: datetime | None = Field(default=None, sa_type=Instant)
    remind_at: datetime | None = Field(default=None, sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = None
    ended_how: str | None = None
    ended_why: str | None = None
    changes: int = 0

    @property
    def number(self) -> int:
        """What people call it by."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(KIND, self.number)

    @property
    def since(self) -> datetime:
        """Since when it stands as it does."""
        return self.held_at or self.asked_at

    def keeps(self, now: datetime) -> bool:
        """Whether nobody else gets what it is for: it is not over, and not past its end."""
        ends = self.offered_until if self.state == State.OFFERED else self.expires_at
        return self.state in KEEPING and (ends is None or ends > now)

    @property
    def missing(self) -> list[str]:
        """The teams whose consent it waits for."""
        return [one["team"] for one in self.consents if not one.get("by")]


class LockTarget(SQLModel, table=True):
    """One target of a lock. `live` until the lock is over; `stem` finds those that may clash."""

    __tablename__ = "lock_targets"
    __table_args__ = (
        Index("lock_targets_live", "plan_id", "live", "stem"),
        Index("lock_targets_lock", "lock_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    lock_id: int = Field(sa_type=BigId)
    plan_id: int
    live: bool = True
    kind: str
    repository: str
    text: str
    section: str
    stem: str

    @property
    def target(self) -> Target:
        """What is meant."""
        return Target(self.kind, self.text, self.section, self.repository)  # type: ignore[arg-type]


class LockBook(SQLModel, table=True):
    """One row for each plan. Whoever locks anything takes it first: who asks at the same time, asks in turn."""

    __tablename__ = "lock_books"

    plan_id: int = Field(primary_key=True)


class Allowance(SQLModel, table=True):
    """What one person may change until then, though it is not their team's; `by` who allowed it."""

    __tablename__ = "lock_allowances"
    __table_args__ = (Index("lock_allowances_plan", "plan_id", "until"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str
    by: str
    reason: str
    targets: list[str] = Field(default_factory=list, sa_type=JSON)
    given_at: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)

    @property
    def number(self) -> int:
        """What people call it by."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(ALLOWANCE, self.number)


KEEPING = (State.HELD, State.ASKED, State.OFFERED)
"""Nobody else gets what a lock in one of these states is for."""


LIVE = (*KEEPING, State.WAITING)


def rows(lock: Lock, targets: Sequence[Target]) -> list[LockTarget]:
    """The rows of what a lock is for."""
    return [
        LockTarget(
            lock_id=lock.number, plan_id=lock.plan_id, kind=one.kind, repository=one.repository, text=one.text,
            section=one.section, stem=one.stem,
        ) for one in targets
    ]  # fmt: skip


def hold(lock: Lock, now: datetime) -> None:
    """It is held from now on."""
    lock.state, lock.held_at, lock.offered_until = State.HELD, now, None
    if not (lock.fixed and lock.expires_at and lock.expires_at > now):
        lock.expires_at = now + timedelta(seconds=lock.span)
    lock.changes += 1


def ask(lock: Lock, teams: Sequence[str], now: datetime) -> None:
    """Nobody else gets it, and it is held once these teams agree."""
    hold(lock, now)
    lock.state, lock.held_at = State.ASKED, None
    lock.consents = [{"team": team} for team in teams]


def agree(lock: Lock, team: str, person: str, now: datetime) -> None:
    """A team consents; it is held when all of them have."""
    given = {"by": person, "at": now.isoformat()}
    lock.consents = [one | (given if one["team"] == team else {}) for one in lock.consents]
    lock.changes += 1
    if not lock.missing:
        hold(lock, now)


def offer(lock: Lock, now: datetime) -> None:
    """It is the turn of whoever waited."""
    lock.state, lock.offered_until = State.OFFERED, now + OFFERED_FOR
    lock.changes += 1


def last(lock: Lock, until: datetime, *, fixed: bool) -> None:
    """It is held until then."""
    lock.expires_at, lock.fixed = until, fixed
    lock.changes += 1


def end(lock: Lock, how: str, by: str, now: datetime, why: str | None = None) -> None:
    """It is over."""
    lock.state, lock.ended_how, lock.ended_by, lock.ended_at, lock.ended_why = State.OVER, how, by, now, why
    lock.offered_until = lock.remind_at = None
    lock.changes += 1


def look(lock: Lock) -> None:
    """Note when something happens to it by itself next."""
    wanted = {
        State.HELD: (lock.expires_at, lock.remind_at),
        State.ASKED: (lock.expires_at,),
        State.OFFERED: (lock.offered_until,),
    }.get(State(lock.state), ())
    lock.next_at = min(filter(None, wanted), default=None)
