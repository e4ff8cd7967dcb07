"""Climbs and the policies they follow: one table for every subject."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Subject

A_DAY = timedelta(days=1)
BACK_OFF, AT_MOST = 2.0, 4
"""How repeats slow down where the plan does not say: every 15 minutes becomes 15 min, 30 min, 1 h, 2 h, then a day."""


@dataclass(frozen=True)
class Step:
    """One rung: whom it tells, how long after the opening, and how long they have to respond."""

    level: str
    notify: tuple[str, ...]
    after: timedelta
    respond_within: timedelta | None = None
    repeat_every: timedelta | None = None
    back_off: float = BACK_OFF
    at_most: int = AT_MOST

    def pause(self, repeats: int, every: timedelta) -> timedelta:
        """How long until it is paged again, after so many repeats: each time longer, a day at most, then once a day."""
        longest = max(A_DAY, every)
        if repeats >= self.at_most:
            return longest
        return timedelta(seconds=min(every.total_seconds() * self.back_off**repeats, longest.total_seconds()))


@dataclass(frozen=True)
class Policy:
    """An escalation policy. `working`: its clocks stand still outside working hours."""

    name: str
    steps: tuple[Step, ...]
    idle_after: timedelta | None = None
    resolve_within: timedelta | None = None
    working: bool = False
    respect_quiet: bool = False

    @cached_property
    def top(self) -> int:
        return len(self.steps) - 1

    def encoded(self) -> tuple[str, dict[str, Any]]:
        """The digest that names it, and plain JSON, which `POLICY` reads."""
        body = POLICY.dump_python(self, mode="json")
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32], body


POLICY = TypeAdapter(Policy)


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
    CLIMBING = "climbing"
    HELD = "held"
    SNOOZED = "snoozed"
    EXHAUSTED = "exhausted"
    ENDED = "ended"
    OVER = "over"


DONE = (State.ENDED, State.OVER)
"""Nobody is paged any more: its subject is settled, or the plan or phase that it was about has ended."""


class Why(StrEnum):
    """Why a climb moved: which clock ran out, or who moved it."""

    OPENED = "opened"
    RESPONSE = "no response"
    IDLE = "idle"
    RESOLUTION = "unresolved"
    REPEAT = "again"
    SNOOZE = "snooze over"
    ASKED = "asked"
    EXHAUSTED = "exhausted"
    NUDGE = "nothing said yet"
    OVER = "over"
    STANDS_IN = "they stand in for somebody who was paged and is away"


UNTAKEN = frozenset({Why.OPENED, Why.RESPONSE, Why.REPEAT, Why.EXHAUSTED})
"""Why somebody is paged who need do nothing once somebody has it."""


class ClimbVerb(StrEnum):
    """What a climb does by itself, as the timeline keeps it."""

    PAGED = "paged"
    RAN_OUT = "ran out of steps"
    WOKE_UP = "woke up"
    REMINDED = "reminded"
    RAN_OVER = "outlived its plan"


class Climb(SQLModel, table=True):
    """One run of a policy for one subject.

    `response_from` starts the response clock and moves when the clock was stopped; `idle_from` and `resolve_at` start
    the other clocks. `reached` is the last step sent (-1: none), `stepped_at` the instant it was due. `due_at` is the
    next instant at which something happens by itself. `repeats` counts how often the last step was paged again,
    `idle_told` how often somebody heard that `holder` says nothing, first of all they themselves. At `ends_at` the plan
    is over, or its `phase`. `teams` are those that it concerns besides `team`.
    """

    __tablename__ = "climbs"
    __table_args__ = (
        partial_index("climbs_due", "due_at IS NOT NULL", "due_at"),
        partial_index("climbs_running", "state <> 'ended'", "plan_id", "id"),
        Index("climbs_subject", "subject_kind", "subject_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    subject_kind: str
    subject_id: int = Field(sa_type=BigInteger)
    policy: str
    team: str | None = None
    teams: list[str] | None = Field(default=None, sa_type=JSON)
    reporter: str | None = None
    holder: str | None = None
    phase: str | None = None
    assignees: list[str] = Field(sa_type=JSON)
    state: str = State.CLIMBING
    opened_at: datetime = Field(sa_type=Instant)
    response_from: datetime = Field(sa_type=Instant)
    reached: int = -1
    stepped_at: datetime = Field(sa_type=Instant)
    repetition: int = 0
    repeats: int = 0
    idle_told: int = 0
    held_at: datetime | None = Field(default=None, sa_type=Instant)
    idle_from: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_at: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    resolve_at: datetime | None = Field(default=None, sa_type=Instant)
    exhausted_at: datetime | None = Field(default=None, sa_type=Instant)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    trail: list[dict[str, Any]] = Field(sa_type=JSON)

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_kind, self.subject_id)


class Crew(NamedTuple):
    """Who is on the steps of a ladder at an instant: if anybody is, and if only people of another step are."""

    staffed: Callable[[int], bool]
    within: Callable[[int, int], bool] = lambda _step, _other: False


class Due(NamedTuple):
    """The next thing a climb does by itself, and when."""

    at: datetime
    why: Why


@dataclass(frozen=True)
class Move:
    """Something a climb did. `step` is None where no step of the ladder is paged, as when a snooze ends.

    `again`: the step was paged before. `missed` are steps whose instant passed while nobody looked, `empty` those that
    had nobody on them. `along` are those after it that were paged with it: only people of its own are on them.
    """

    why: Why
    due: datetime
    step: int | None = None
    repetition: int = 0
    again: bool = False
    missed: tuple[int, ...] = ()
    empty: tuple[int, ...] = ()
    along: tuple[int, ...] = ()
