"""Risks and their questions: rows, states, verbs, and when an indicator trips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Numbered

RISK, QUESTION = "risk", "risk question"


class State(StrEnum):
    """How a risk stands."""

    OPEN = "open"
    HAPPENED = "happened"
    CLOSED = "closed"


class Verb(StrEnum):
    """What happens to a risk, on the timeline."""

    RAISED = "raised"
    RATED = "rated"
    HANDED = "handed over"
    TASK = "made an action a task"
    TRIPPED = "tripped"
    QUIET = "quiet again"
    ANSWERED = "answered"
    HAPPENED = "happened"
    CLOSED = "closed"
    REOPENED = "reopened"


class Said(StrEnum):
    """What somebody answers to the question of an indicator."""

    YES = "yes"
    NO = "no"


class Risk(Numbered, table=True):
    """A risk of the plan: what the plan does not say of it. `changes` counts what makes older buttons void.

    `tripped` has the indicators that are so now: `at` since when, and the figures it `says`; `trips` counts how often
    the owner was told. `answers` are by indicator and person: the newest `question`, and what they `said` last.
    `actions` are the tasks that were made of the plan's actions.
    """

    __tablename__ = "risks"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    subjects = RISK
    plan_id: int
    key: str
    state: str = State.OPEN
    word: str = ""
    settled_by: str = ""
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    blocker: int | None = Field(default=None, sa_type=BigId)
    emergency: int | None = Field(default=None, sa_type=BigId)
    tripped: dict[str, Any] = Field(default={}, sa_type=JSON)
    trips: int = 0
    answers: dict[str, Any] = Field(default={}, sa_type=JSON)
    actions: dict[str, str] = Field(default={}, sa_type=JSON)
    gone: bool = False
    changes: int = 0

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN


class Question(Numbered, table=True):
    """One person is asked the question of an indicator, once a round."""

    __tablename__ = "risk_questions"
    __table_args__ = (UniqueConstraint("risk_id", "indicator", "person", "at"),)

    subjects = QUESTION
    plan_id: int
    risk_id: int = Field(sa_type=BigId)
    indicator: str
    person: str
    question: str
    at: datetime = Field(sa_type=Instant)
    said: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True)
class RiskChanged:
    """A risk of the plan was raised, rated, closed, or something else was done with it."""

    plan_id: int


@dataclass(frozen=True)
class Reading:
    """An indicator as it is now, in Slack's markup. `trips` is None while nobody can tell."""

    trips: bool | None
    says: str


@dataclass(frozen=True)
class Moved:
    """Which indicators have become so, and which are not so any more."""

    fresh: tuple[str, ...]
    quiet: tuple[str, ...]


def trips(risk: Risk, readings: Mapping[str, Reading], now: datetime) -> dict[str, Any]:
    """Which indicators are so now. One that nobody can tell stays as it was; one that is gone is quiet."""
    was, so = risk.tripped, dict[str, Any]()
    for name, reading in readings.items():
        if reading.trips:
            so[name] = {"at": was.get(name, {}).get("at", now.isoformat()), "says": reading.says}
        elif reading.trips is None and name in was:
            so[name] = was[name]
    return so


def look(risk: Risk, readings: Mapping[str, Reading], now: datetime) -> Moved:
    """Take in how the indicators are now."""
    was, so = risk.tripped, trips(risk, readings, now)
    fresh, quiet = (tuple(name for name in one if name not in other) for one, other in ((so, was), (was, so)))
    risk.tripped = so
    risk.trips += bool(fresh)
    return Moved(fresh, quiet)


def settle(risk: Risk, state: State, person: str, now: datetime, word: str) -> None:
    """Nobody watches it any more: it is closed, or it happened."""
    risk.state, risk.settled_by, risk.settled_at, risk.word, risk.tripped = state, person, now, word, {}


def reopen(risk: Risk) -> None:
    """Take back that it was closed, or that it happened."""
    risk.state, risk.settled_by, risk.settled_at, risk.word = State.OPEN, "", None, ""
    risk.blocker, risk.emergency = None, None
