"""Blockers: their rows, states, verbs and pure transitions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import Numbered

KIND = "blocker"
LINE, STEP = f"{KIND}.line", f"{KIND}.step"
SAME = re.compile(r"(?:the )?same as (?:blocker )?#?(\d{1,18})\W*", re.IGNORECASE)
"""What is said of a blocker that is the same thing as another one, whose number follows."""
SAME_AS = "Same as blocker {}"
"""The outcome of such a blocker, by which it is found again."""


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    GAVE_BACK = "gave back"
    SNOOZED = "snoozed"
    ESCALATED = "escalated"
    GRADED = "graded"
    HANDED_ON = "handed on"
    NOTED = "noted"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CLASSED = "classed"
    DECLINED = "declined"
    UNPROPOSED = "unproposed"


class ClassState(StrEnum):
    """How it stands with the class that a blocker was proposed for."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Blocker(Numbered, table=True):
    """Something that stops somebody's work. `changes` tells a button drawn earlier that it is old.

    `class_change` is what `changes` was when it was proposed for a class, `votes` are who said what about that.
    """

    __tablename__ = "blockers"
    __table_args__ = (
        partial_index("blockers_open", "closed_at IS NULL", "plan_id", "opened_at", "id"),
        partial_index("blockers_closed", "closed_at IS NOT NULL", "plan_id", "closed_at"),
        Index("blockers_state", "plan_id", "state", "id"),
    )

    subjects = KIND
    plan_id: int
    team: str | None = None
    reporter: str
    what: str
    category: str | None = None
    severity: str
    waits_for: str | None = None
    blocks: str | None = None
    state: str = State.OPEN
    owner: str | None = None
    owner_at: datetime | None = Field(default=None, sa_type=Instant)
    handed_to: str | None = None
    channel: str
    opened_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = None
    outcome: str | None = None
    changes: int = 0
    class_name: str | None = None
    class_state: str | None = None
    class_by: str | None = None
    class_change: int | None = None
    votes: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON)

    @property
    def is_open(self) -> bool:
        return self.state in (State.OPEN, State.ACKNOWLEDGED)


@dataclass(frozen=True)
class BlockerChanged:
    """Somebody did something to a blocker; a note does not count."""

    blocker: Blocker
    verb: Verb


@dataclass(frozen=True)
class BlockerResolved:
    """A blocker is over: resolved or withdrawn."""

    blocker: Blocker


class Settings(SQLModel, table=True):
    """What a plan says about blockers: severities in rising order with their policies, categories, the checklist."""

    __tablename__ = "blocker_settings"

    plan_id: int = Field(primary_key=True)
    severities: dict[str, str] = Field(sa_type=JSON)
    categories: list[str] = Field(default=[], sa_type=JSON)
    checklist: list[str] = Field(default=[], sa_type=JSON)


def take(blocker: Blocker, person: str, now: datetime) -> None:
    blocker.state, blocker.owner, blocker.owner_at, blocker.handed_to = State.ACKNOWLEDGED, person, now, None


def give_back(blocker: Blocker, handed_to: str | None = None) -> None:
    """Nobody has it; `handed_to` is asked to take it."""
    blocker.state, blocker.owner, blocker.owner_at, blocker.handed_to = State.OPEN, None, None, handed_to


def close(blocker: Blocker, state: State, person: str, now: datetime, outcome: str | None) -> None:
    blocker.state, blocker.closed_at, blocker.closed_by, blocker.outcome = state, now, person, outcome
    blocker.handed_to = None


def join(blocker: Blocker, other: Blocker) -> None:
    """Both are one thing: what the one blocks, the other blocks."""
    other.blocks = ", ".join(filter(None, (other.blocks, blocker.blocks))) or None


def reopen(blocker: Blocker) -> None:
    blocker.state, blocker.owner, blocker.owner_at = State.OPEN, None, None
    blocker.closed_at = blocker.closed_by = blocker.outcome = None
