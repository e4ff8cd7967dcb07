"""Locks: their rows, states and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered
from callboard.locks.targets import Target

KIND = "lock"
OFFERED_FOR = timedelta(minutes=15)
ALLOWANCE = "allowance"


class State(StrEnum):
    """How a lock stands. Asked: other teams must agree first. Offered: it is the holder's turn to take it."""

    HELD = "held"
    ASKED = "asked"
    OFFERED = "offered"
    WAITING = "waiting"
    OVER = "over"


KEEPING = (State.HELD, State.ASKED, State.OFFERED)
"""A lock in one of these states keeps others out."""
LIVE = (*KEEPING, State.WAITING)


class Verb(StrEnum):
    """What happens to a lock that goes on, as its timeline says it."""

    ACQUIRED = "acquired"
    ASKED = "asked"
    WAITED = "waited"
    OFFERED = "offered"
    AGREED = "agreed"
    RENEWED = "renewed"
    REMINDED = "reminded"
    HANDED = "handed over"
    PUSHED = "was pushed to"
    STOPPED = "stopped a push"


class End(StrEnum):
    """How a lock ended, as its timeline says it."""

    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    BROKEN = "broken"
    TAKEN = "taken"
    DECLINED = "declined"
    MISSED = "missed"


class News(StrEnum):
    TURN = "turn"
    HANDED = "handed"
    AGREED = "agreed"
    AWAITED = "awaited"
    REMINDER = "reminder"
    ENDED = "ended"


class Lock(Numbered, table=True):
    """What somebody holds, asks for or waits for. `changes` counts changes, for buttons drawn earlier.

    `points` is the newest commit of each repository's main branch when the lock began: where to roll back to.
    `span` is its length in seconds. `fixed`: its end was named, so that activity does not move it.
    """

    __tablename__ = "locks"
    __table_args__ = (partial_index("locks_live", "ended_at IS NULL", "plan_id", "id"), Index("locks_next", "next_at"))

    subjects = KIND
    plan_id: int
    state: str
    holder: str
    team: str | None = None
    reason: str
    source: str = "slack"
    targets: list[str] = Field(default=[], sa_type=JSON)
    homes: list[str] = Field(default=[], sa_type=JSON)
    points: dict[str, str] = Field(default={}, sa_type=JSON)
    consents: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
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
    def since(self) -> datetime:
        """Since when it stands as it does."""
        return self.held_at or self.asked_at

    def keeps(self, now: datetime) -> bool:
        """Whether it keeps others out: not over, and not past its end."""
        ends = self.offered_until if self.state == State.OFFERED else self.expires_at
        return self.state in KEEPING and (ends is None or ends > now)

    @property
    def missing(self) -> list[str]:
        return [consent["team"] for consent in self.consents if not consent.get("by")]


class LockTarget(SQLModel, table=True):
    """One target of a lock. `live` until the lock is over; `stem` finds those that may clash."""

    __tablename__ = "lock_targets"
    __table_args__ = (
        partial_index("lock_targets_live", "live", "plan_id", "stem", on_sqlite="live = 1"),
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
        return Target(self.kind, self.text, self.section, self.repository)  # type: ignore[arg-type]


class LockBook(SQLModel, table=True):
    """One row for each plan. Whoever locks anything takes it first, so that people lock in turn."""

    __tablename__ = "lock_books"

    plan_id: int = Field(primary_key=True)


class Allowance(Numbered, table=True):
    """What one person may change `until` then, though it is another team's; `by` who allowed it."""

    __tablename__ = "lock_allowances"
    __table_args__ = (Index("lock_allowances_plan", "plan_id", "until"),)

    subjects = ALLOWANCE
    plan_id: int
    person: str
    by: str
    reason: str
    targets: list[str] = Field(default=[], sa_type=JSON)
    until: datetime = Field(sa_type=Instant)


@dataclass(frozen=True)
class LockExpired:
    """A lock is over because its time was up."""

    lock: Lock


@dataclass(frozen=True)
class Rival:
    """A lock that stands in the way, an `example` of what both are for, and who waits for it."""

    lock: Lock
    example: str
    waiting: Sequence[Lock] = ()


def hold(lock: Lock, now: datetime) -> None:
    lock.state, lock.held_at, lock.offered_until = State.HELD, now, None
    if not (lock.fixed and lock.expires_at and lock.expires_at > now):
        lock.expires_at = now + timedelta(seconds=lock.span)
    lock.changes += 1


def ask(lock: Lock, teams: Sequence[str], now: datetime) -> None:
    """Keep others out; it is held once these teams agree."""
    hold(lock, now)
    lock.state, lock.held_at = State.ASKED, None
    lock.consents = [{"team": team} for team in teams]


def agree(lock: Lock, team: str, person: str, now: datetime) -> None:
    given = {"by": person, "at": now.isoformat()}
    lock.consents = [consent | (given if consent["team"] == team else {}) for consent in lock.consents]
    lock.changes += 1
    if not lock.missing:
        hold(lock, now)


def offer(lock: Lock, now: datetime) -> None:
    lock.state, lock.offered_until = State.OFFERED, now + OFFERED_FOR
    lock.changes += 1


def renew(lock: Lock, until: datetime, *, fixed: bool) -> None:
    lock.expires_at, lock.fixed = until, fixed
    lock.changes += 1


def end(lock: Lock, how: End, by: str, now: datetime, why: str | None = None) -> None:
    lock.state, lock.ended_how, lock.ended_by, lock.ended_at, lock.ended_why = State.OVER, how, by, now, why
    lock.offered_until = lock.remind_at = None
    lock.changes += 1


def set_next(lock: Lock) -> None:
    instants = {
        State.HELD: (lock.expires_at, lock.remind_at),
        State.ASKED: (lock.expires_at,),
        State.OFFERED: (lock.offered_until,),
    }.get(State(lock.state), ())
    lock.next_at = min(filter(None, instants), default=None)
