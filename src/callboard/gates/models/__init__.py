"""Gates, ticks, measurements, signatures and waivers: their rows, states and pure transitions.

polls: the polls of decisions
words: what happens to gates, and what people are told
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered
from callboard.gates.models.polls import Poll
from callboard.gates.models.words import News, Verb
from callboard.teams.recipients import Concern

__all__ = ["News", "Poll", "Verb"]

KIND, BETWEEN = "gate", "/"
"""What subjects are called, and what stands between a gate and its item: `enhancement/KEP-1001`."""


class State(StrEnum):
    """How a gate stands."""

    PENDING = "pending"
    READY = "ready"
    PASSED = "passed"
    FAILED = "failed"
    WAIVED = "waived"


YES, NO = "yes", "no"
"""The verdicts of a signature."""
SETTLED = frozenset({State.PASSED, State.WAIVED})
"""The states in which a gate no longer holds anything."""


def word(state: str, *, decision: bool) -> str:
    """How a gate stands, as people say it: one that was missed can still pass, and a decision is GO or NO-GO."""
    match state:
        case State.PASSED:
            return "GO" if decision else state
        case State.FAILED:
            return "NO-GO" if decision else "overdue"
    return state


class Mark(StrEnum):
    """How a signature stands. Only `standing` counts; a change of what was signed makes it `void`."""

    STANDING = "standing"
    VOID = "void"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


@dataclass(frozen=True)
class GateSettled:
    """A gate passed or was waived. `teams` are those whose tasks it is about."""

    plan_id: int
    key: str
    teams: tuple[str, ...]


@dataclass(frozen=True)
class EmergencyCalled:
    """What the plan says of a missed gate calls for an emergency of a level."""

    gate: Gate
    level: str
    team: str | None


@dataclass(frozen=True)
class GateTurned:
    """A gate was missed, rejected, is no-go, in doubt or no longer. `why` is a line for each reason."""

    gate: Gate
    verb: Verb
    why: tuple[str, ...]
    concern: Concern


@dataclass(frozen=True)
class MeasureReported:
    """Somebody, or a program, reported a measure of a plan."""

    plan_id: int
    measure: str


class Gate(Numbered, table=True):
    """How far people are with a gate. What it asks for is in the plan; `rule` is a hash of that.

    `passed_on` is what was met when it passed; `doubt` says what changed since. `wake_at` is when it is looked at next;
    what was due by `seen_until` is done. Every criterion has been met since `ready_at`. `attempt` counts the
    tries of a decision, from 1. `cause` is the key of the gate because of which it is late; once that is gone, it is
    `expected_at`. `standing` marks what the timeline has of how it stands.
    """

    __tablename__ = "gates"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("gates_wake", "wake_at"))

    subjects = KIND
    plan_id: int
    key: str
    name: str
    state: str = State.PENDING
    decision: bool = False
    rule: str = ""
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_until: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)
    ready_at: datetime | None = Field(default=None, sa_type=Instant)
    missed_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    settled_by: str = ""
    passed_on: dict[str, Any] = Field(default={}, sa_type=JSON)
    doubt: list[str] = Field(default=[], sa_type=JSON)
    outcome: list[str] = Field(default=[], sa_type=JSON)
    cause: str = ""
    expected_at: datetime | None = Field(default=None, sa_type=Instant)
    owner: str | None = None
    attempt: int = 1
    standing: str = ""
    changes: int = 0
    shown: bool = False
    gone: bool = False

    @property
    def item(self) -> str:
        """The item that it is for; empty for a gate of the plan file."""
        return self.key.partition(BETWEEN)[2]

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    @property
    def word(self) -> str:
        return word(self.state, decision=self.decision)

    @property
    def card(self) -> str:
        """The key of its one card."""
        return f"{KIND}:{self.id}:card"


class Tick(SQLModel, table=True):
    """A criterion that somebody ticked; `evidence` is what they named."""

    __tablename__ = "gate_ticks"
    __table_args__ = (UniqueConstraint("gate_id", "criterion"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    gate_id: int
    criterion: str
    by: str
    at: datetime = Field(sa_type=Instant)
    evidence: str = ""


class Measurement(SQLModel, table=True):
    """One report of a measure of the plan; the newest counts. `unit` is that of an Amount, time is in seconds."""

    __tablename__ = "measurements"
    __table_args__ = (Index("measurements_of", "plan_id", "measure", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    measure: str
    value: float
    unit: str = ""
    link: str = ""
    by: str
    at: datetime = Field(sa_type=Instant)


class Signature(SQLModel, table=True):
    """A sign-off, or with the verdict NO a rejection: by whom, for whose seat, and what exactly was signed."""

    __tablename__ = "gate_signatures"
    __table_args__ = (
        Index("gate_signatures_of", "gate_id", "id"),
        partial_index("gate_signatures_standing", "ended_at IS NULL", "gate_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    gate_id: int
    person: str
    seat: str
    verdict: str = YES
    reason: str = ""
    digest: str = ""
    signed: dict[str, Any] = Field(default={}, sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
    state: str = Mark.STANDING
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    why: list[str] = Field(default=[], sa_type=JSON)

    @property
    def polled(self) -> bool:
        """Whether it is a GO in a poll, which is bound to the evidence and not to conditions of others."""
        return bool(self.signed.get("polled"))

    @property
    def on_behalf_of(self) -> str | None:
        """Whose seat it is, where that is not their own."""
        return None if self.seat == self.person else self.seat


class Call(SQLModel, table=True):
    """What one person has to do with the sign-offs of a gate.

    They were last asked at `called_at`, `wants` to be told when it is ready, and `handed_to` a deputy what is theirs.
    """

    __tablename__ = "gate_calls"
    __table_args__ = (UniqueConstraint("gate_id", "person"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    gate_id: int
    person: str
    wants: bool = False
    called_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_to: str | None = None


class Waiver(SQLModel, table=True):
    """An exception record: who let a gate go although it was not met, why, what is risked, and until when."""

    __tablename__ = "gate_waivers"
    __table_args__ = (partial_index("gate_waivers_standing", "ended_at IS NULL", "gate_id", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    gate_id: int
    by: str
    at: datetime = Field(sa_type=Instant)
    why: str
    risk_of_adding: str = ""
    risk_of_cutting: str = ""
    until_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


def weigh(gate: Gate, now: datetime, *, lacks: bool) -> None:
    """It is ready, or `lacks` something; what failed stays so. What it is already is not set: that would be a write."""
    state = gate.state if gate.state == State.FAILED else State.PENDING if lacks else State.READY
    ready_at = None if lacks else gate.ready_at or now
    if (gate.state, gate.ready_at) != (state, ready_at):
        gate.state, gate.ready_at = state, ready_at


def settle(gate: Gate, state: State, by: str, now: datetime) -> None:
    """It passed or was waived; what was missed before stays on record."""
    gate.state, gate.settled_at, gate.settled_by, gate.owner = state, now, by, None
    gate.cause, gate.expected_at = "", None
    gate.changes += 1


def unsettle(gate: Gate) -> None:
    """A waiver ended: it has to pass after all."""
    gate.state, gate.settled_at, gate.settled_by = State.PENDING, None, ""
    gate.changes += 1


def miss(gate: Gate, now: datetime, outcome: list[str]) -> None:
    """It did not pass by its time; `outcome` names what failed."""
    gate.state, gate.missed_at, gate.outcome = State.FAILED, now, outcome
    gate.changes += 1


def blame(gate: Gate, cause: str) -> None:
    """It is late only because another gate is."""
    gate.cause, gate.expected_at = cause, None
    gate.changes += 1


def expect(gate: Gate, at: datetime) -> None:
    """What kept it is gone: from then on it is late by itself."""
    gate.cause, gate.expected_at = "", at
    gate.changes += 1


def try_again(gate: Gate) -> None:
    """What was missed opens for its next attempt."""
    gate.state, gate.attempt, gate.owner, gate.ready_at = State.PENDING, gate.attempt + 1, None, None
    gate.cause, gate.expected_at = "", None
    gate.changes += 1


def end(signature: Signature, mark: Mark, now: datetime, why: list[str] | None = None) -> None:
    """A signature no longer counts."""
    signature.state, signature.ended_at, signature.why = mark, now, why or []


def stands(gate: Gate) -> dict[str, Any]:
    """How the row of a gate stands, as the timeline keeps it."""
    return {
        "key": gate.key, "state": str(gate.state), "due": iso(gate.due_at), "expected": iso(gate.expected_at),
        "settled": iso(gate.settled_at), "doubt": bool(gate.doubt),
    }  # fmt: skip


def iso(at: datetime | None) -> str:
    """An instant as text; empty without."""
    return at.isoformat() if at else ""
