"""Climbs and the policies they follow: one table for every subject, and pure transitions that take `now`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

Plus = Callable[[datetime, timedelta], datetime]


@dataclass(frozen=True)
class Step:
    """One rung: whom it tells, how long after the opening, and how long they have to respond."""

    level: str
    notify: tuple[str, ...]
    after: timedelta
    respond_within: timedelta | None = None
    repeat_every: timedelta | None = None


@dataclass(frozen=True)
class Policy:
    """An escalation policy. `working`: the response clock stands still outside working hours."""

    name: str
    steps: tuple[Step, ...]
    idle_after: timedelta | None = None
    resolve_within: timedelta | None = None
    working: bool = False
    respect_quiet: bool = False

    @cached_property
    def top(self) -> int:
        """The index of the last step."""
        return len(self.steps) - 1


class PolicyText(SQLModel, table=True):
    """A policy as a climb began with it; the same text is stored once."""

    __tablename__ = "policies"

    digest: str = Field(primary_key=True)
    body: dict[str, Any] = Field(sa_type=JSON)


class PlanPolicy(SQLModel, table=True):
    """Which policy a plan's name stands for now."""

    __tablename__ = "plan_policies"

    plan_id: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    digest: str


class State(StrEnum):
    """How a climb stands."""

    CLIMBING = "climbing"
    HELD = "held"
    SNOOZED = "snoozed"
    EXHAUSTED = "exhausted"
    ENDED = "ended"


class Why(StrEnum):
    """Which clock ran out, or who turned it."""

    OPENED = "opened"
    RESPONSE = "no response"
    IDLE = "idle"
    RESOLUTION = "unresolved"
    REPEAT = "again"
    SNOOZE = "snooze over"
    ASKED = "asked"
    EXHAUSTED = "exhausted"


class Climb(SQLModel, table=True):
    """One run of a policy for one subject.

    `response_from` starts the response clock and moves when the clock was stopped; `idle_from` and `resolve_at` start
    the other clocks. `reached` is the last step sent (-1: none), `stepped_at` the instant it was due. `due_at` is the
    next instant at which something happens by itself.
    """

    __tablename__ = "climbs"
    __table_args__ = (
        Index(
            "climbs_due", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")
        ),
        Index("climbs_subject", "subject_kind", "subject_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    subject_kind: str
    subject_id: int = Field(sa_type=BigInteger)
    policy: str
    team: str | None = None
    reporter: str | None = None
    assignees: list[str] = Field(sa_type=JSON)
    state: str = State.CLIMBING
    opened_at: datetime = Field(sa_type=Instant)
    response_from: datetime = Field(sa_type=Instant)
    reached: int = -1
    stepped_at: datetime = Field(sa_type=Instant)
    repetition: int = 0
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    idle_from: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_at: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    resolve_at: datetime | None = Field(default=None, sa_type=Instant)
    exhausted_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    trail: list[dict[str, Any]] = Field(sa_type=JSON)

    @property
    def subject(self) -> Subject:
        """What is being escalated."""
        return Subject(self.subject_kind, self.subject_id)


class Due(NamedTuple):
    """The next thing a climb does by itself, and when."""

    at: datetime
    why: Why


@dataclass(frozen=True)
class Move:
    """Something a climb did. `step` is None where nobody on the ladder is paged (a snooze that ended, exhausted).

    `missed` are steps whose instant passed while nobody looked, `empty` those that had nobody on them.
    """

    why: Why
    due: datetime
    step: int | None = None
    repetition: int = 0
    missed: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()


def begin(climb: Climb, policy: Policy) -> None:
    """Set the clocks of a climb that has just been opened."""
    climb.resolve_at = climb.opened_at + policy.resolve_within if policy.resolve_within else None


def step_due(climb: Climb, policy: Policy, step: int, plus: Plus) -> datetime:
    """The instant at which a step is due when nobody responds."""
    return plus(climb.response_from, policy.steps[step].after)


def next_due(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    """The earliest of the clocks that run."""
    own = _own_clock(climb, policy, plus)
    if climb.resolve_at is None or climb.state == State.ENDED or (own and own.at <= climb.resolve_at):
        return own
    return Due(climb.resolve_at, Why.RESOLUTION)


def _own_clock(climb: Climb, policy: Policy, plus: Plus) -> Due | None:
    """The one clock that a climb's state lets run."""
    last = policy.steps[policy.top]
    match climb.state:
        case State.CLIMBING if climb.reached < policy.top:
            return Due(step_due(climb, policy, climb.reached + 1, plus), Why.RESPONSE)
        case State.CLIMBING if last.respond_within:
            return Due(plus(climb.stepped_at, last.respond_within), Why.EXHAUSTED)
        case State.CLIMBING | State.EXHAUSTED if last.repeat_every:
            return Due(plus(climb.stepped_at, last.repeat_every), Why.REPEAT)
        case State.HELD if policy.idle_after and climb.idle_from:
            return Due(climb.idle_from + policy.idle_after, Why.IDLE)
        case State.SNOOZED if climb.snoozed_until:
            return Due(climb.snoozed_until, Why.SNOOZE)
    return None


def advance(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Callable[[int], bool]) -> list[Move]:
    """Do everything that is due by `now`, each clock at most once: late is handled, never repeated, never skipped.

    `staffed(step)` says whether a step has anybody to page. Sets `due_at`.
    """
    moves: list[Move] = []
    done: set[Why] = set()
    if climb.state != State.ENDED and climb.resolve_at and climb.resolve_at <= now:
        moves += _unresolved(climb, policy, now, plus, staffed)
    while (due := next_due(climb, policy, plus)) and due.at <= now:
        paged = any(move.step is not None for move in moves)
        if due.why in done or (paged and due.why in (Why.REPEAT, Why.IDLE)):
            _catch_up(climb, policy, due, now, plus)
            continue
        done.add(due.why)
        moves += _run_out(climb, policy, due, now, plus, staffed)
    climb.due_at = due.at if due else None
    return moves


def _run_out(
    climb: Climb, policy: Policy, due: Due, now: datetime, plus: Plus, staffed: Callable[[int], bool]
) -> list[Move]:
    match due.why:
        case Why.RESPONSE:
            return _respond(climb, policy, now, plus, staffed)
        case Why.IDLE:
            climb.idle_from = due.at
            return _send(climb, policy, climb.reached + 1, due, staffed)
        case Why.REPEAT:
            return [_repeat(climb, due)]
        case Why.SNOOZE:
            _resume(climb, due.at)
            return [Move(Why.SNOOZE, due.at)]
        case _:
            return [_exhaust(climb, due)]


def _unresolved(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Callable[[int], bool]) -> list[Move]:
    """Go straight to the last step; where that was sent already, page it once more."""
    due = Due(climb.resolve_at or now, Why.RESOLUTION)
    climb.resolve_at = None
    if climb.reached == policy.top:
        return [_repeat(climb, due)]
    left = range(climb.reached + 1, policy.top)
    missed = [k for k in left if climb.state == State.CLIMBING and step_due(climb, policy, k, plus) <= due.at]
    return _send(climb, policy, policy.top, due, staffed, tuple(missed))


def _respond(climb: Climb, policy: Policy, now: datetime, plus: Plus, staffed: Callable[[int], bool]) -> list[Move]:
    """Send the step that is due now and what is due with it; what was due before and was not sent is missed."""
    when: dict[int, datetime] = {}
    for step in range(climb.reached + 1, len(policy.steps)):
        at = step_due(climb, policy, step, plus)
        if at > now:
            break
        when[step] = at
    latest = max(when.values())
    together = [k for k in when if when[k] == latest]
    missed = tuple(k for k in when if k < together[0])
    moves: list[Move] = []
    for step in together:
        if step > climb.reached:
            why = Why.OPENED if step == 0 else Why.RESPONSE
            moves += _send(climb, policy, step, Due(latest, why), staffed, missed)
            missed = ()
    return moves


def _send(
    climb: Climb, policy: Policy, step: int, due: Due, staffed: Callable[[int], bool], missed: tuple[int, ...] = ()
) -> list[Move]:
    """Page this step, or the first one after it that has anybody; past the last one the climb is exhausted."""
    empty: list[int] = []
    while step <= policy.top and not staffed(step):
        empty.append(step)
        step += 1
    if step > policy.top:
        climb.reached = policy.top
        return [_exhaust(climb, due, missed, tuple(empty))]
    climb.reached, climb.stepped_at = step, due.at
    return [Move(due.why, due.at, step, climb.repetition, missed, tuple(empty))]


def _repeat(climb: Climb, due: Due) -> Move:
    climb.repetition += 1
    if due.why == Why.REPEAT:
        climb.stepped_at = due.at
    return Move(due.why, due.at, climb.reached, climb.repetition)


def _exhaust(climb: Climb, due: Due, missed: tuple[int, ...] = (), empty: tuple[int, ...] = ()) -> Move:
    climb.state, climb.exhausted_at, climb.stepped_at = State.EXHAUSTED, due.at, due.at
    return Move(Why.EXHAUSTED, due.at, None, climb.repetition, missed, empty)


def _resume(climb: Climb, at: datetime) -> None:
    """End a snooze: the response clock goes on where it stood, the idle clock starts anew."""
    if climb.snoozed_at is not None:
        _shift(climb, at - climb.snoozed_at)
    climb.snoozed_at = climb.snoozed_until = None
    climb.state = State.HELD if climb.held_at else State.EXHAUSTED if climb.exhausted_at else State.CLIMBING
    if climb.held_at:
        climb.idle_from = at


def _shift(climb: Climb, paused: timedelta) -> None:
    climb.response_from += paused
    climb.stepped_at += paused


def _catch_up(climb: Climb, policy: Policy, due: Due, now: datetime, plus: Plus) -> None:
    """Move a clock that ran out several times while nobody looked to its next instant after `now`."""
    match due.why:
        case Why.IDLE if policy.idle_after and climb.idle_from:
            climb.idle_from += ((now - climb.idle_from) // policy.idle_after) * policy.idle_after
        case Why.REPEAT:
            every = policy.steps[policy.top].repeat_every
            while every and plus(climb.stepped_at, every) <= now:
                climb.stepped_at = plus(climb.stepped_at, every)
        case _:
            message = f"{due.why} ran out twice"
            raise AssertionError(message)


def hold(climb: Climb, now: datetime) -> None:
    """Somebody has it: the response clock stops, the idle clock starts."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    climb.state, climb.held_at, climb.idle_from = State.HELD, now, now


def let_go(climb: Climb, now: datetime) -> None:
    """Nobody has it any more: the response clock goes on where it stood."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    if climb.held_at is not None:
        _shift(climb, now - climb.held_at)
    climb.held_at = climb.idle_from = None
    climb.state = State.EXHAUSTED if climb.exhausted_at else State.CLIMBING


def stir(climb: Climb, now: datetime) -> None:
    """Something was said or done about it: the idle clock starts anew."""
    if climb.idle_from is not None:
        climb.idle_from = now


def snooze(climb: Climb, now: datetime, until: datetime) -> None:
    """Page nobody until then, except that the resolution clock runs on."""
    climb.snoozed_at = climb.snoozed_at or now
    climb.state, climb.snoozed_until = State.SNOOZED, until


def ask(climb: Climb, policy: Policy, now: datetime, staffed: Callable[[int], bool]) -> list[Move]:
    """Go on to the next step because somebody asked for it; the steps after it keep their instants."""
    if climb.state == State.SNOOZED:
        _resume(climb, now)
    return _send(climb, policy, climb.reached + 1, Due(now, Why.ASKED), staffed)


def end(climb: Climb) -> None:
    """Stop every clock for good."""
    climb.state = State.ENDED
    climb.due_at = climb.resolve_at = climb.idle_from = climb.snoozed_until = None
