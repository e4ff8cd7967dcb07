"""Emergencies: their rows, states, clocks and pure transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import Numbered

KIND = "emergency"


class State(StrEnum):
    """How it stands. `withdrawn`: a false alarm."""

    OPEN = "open"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    """What happens to an emergency, as its timeline says it."""

    DECLARED = "declared"
    TOOK = "took a role"
    HANDED = "handed a role over"
    LEFT = "left a role with the plan"
    UPDATED = "updated"
    ASKED = "was asked for an update"
    REMINDED = "was reminded of the update"
    MISSED = "missed an update"
    ADDED = "added an action"
    TICKED = "did an action"
    UNTICKED = "reopened an action"
    DECIDED = "decided"
    LEARNED = "learned"
    MET = "called a meeting"
    LEVELLED = "changed the level"
    SETTLED = "lost its cause"
    RETURNED = "has its cause again"
    OVERDUE = "is not resolved in time"
    ENDED = "ended"
    WITHDRAWN = "withdrew"
    REOPENED = "took the end back"


class Emergency(Numbered, table=True):
    """One emergency. `written` is what the plan said of its level when it began; `cause` is empty where people saw it.

    `roles` are who has each; `actions` each a text, by whom it was done and when; `told` everybody who was paged, and
    channels; `absent` whom the level names and nobody could be told. The clock of updates: `update_at` is when the next
    is due, `asked` how often it was asked for. `frozen` are the keys of the freezes of branches that it began.
    """

    __tablename__ = "emergencies"
    __table_args__ = (
        partial_index("emergencies_open", "ended_at IS NULL", "plan_id", "id"),
        partial_index("emergencies_over", "ended_at IS NOT NULL", "plan_id", "id"),
        partial_index("emergencies_wake", "wake_at IS NOT NULL", "wake_at"),
        partial_index("emergencies_once", "ended_at IS NULL AND key <> ''", "plan_id", "key", unique=True),
    )

    subjects = KIND
    plan_id: int
    level: str
    name: str
    what: str
    cause: str = ""
    key: str = ""
    team: str | None = None
    by: str | None = None
    state: str = State.OPEN
    channel: str = ""
    written: dict[str, Any] = Field(default={}, sa_type=JSON)
    roles: dict[str, str] = Field(default={}, sa_type=JSON)
    actions: list[dict[str, str]] = Field(default=[], sa_type=JSON)
    absent: list[str] = Field(default=[], sa_type=JSON)
    told: list[str] = Field(default=[], sa_type=JSON)
    decisions: list[dict[str, str]] = Field(default=[], sa_type=JSON)
    lessons: list[str] = Field(default=[], sa_type=JSON)
    frozen: list[str] = Field(default=[], sa_type=JSON)
    declared_at: datetime = Field(sa_type=Instant)
    commanded_at: datetime | None = Field(default=None, sa_type=Instant)
    resolve_at: datetime | None = Field(default=None, sa_type=Instant)
    overdue: bool = False
    update_at: datetime | None = Field(default=None, sa_type=Instant)
    asked: int = 0
    updated_at: datetime | None = Field(default=None, sa_type=Instant)
    last_update: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str | None = None
    summary: str = ""
    wake_at: datetime | None = Field(default=None, sa_type=Instant)
    changes: int = 0

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def heard_at(self) -> datetime | None:
        """When whoever commands it said last how it stands; before that, when they took command."""
        return self.updated_at or self.commanded_at

    @property
    def called(self) -> str:
        """`Emergency 3 (Critical)`."""
        return f"Emergency {self.number} ({self.name})"


@dataclass(frozen=True)
class Declared:
    """Somebody or something has declared an emergency."""

    emergency: Emergency


def set_wake(emergency: Emergency, every: timedelta | None) -> None:
    """Note when its next clock runs out; none does once it is over."""
    resolve = None if emergency.overdue else emergency.resolve_at
    coming = [at for at in (resolve, question_at(emergency, every)) if at] if emergency.is_open else []
    emergency.wake_at = min(coming, default=None)


def question_at(emergency: Emergency, every: timedelta | None) -> datetime | None:
    """When the commander is asked for the update that is due, reminded of it, or has missed it."""
    if emergency.update_at is None or not every:
        return None
    return emergency.update_at + (timedelta(), every / 2, every)[emergency.asked]


def ask(emergency: Emergency, every: timedelta, now: datetime) -> Verb | None:
    """What its clock of updates says now. Late is handled once: what was missed meanwhile is said, and asked for."""
    due, at = question_at(emergency, every), emergency.update_at
    if due is None or at is None or due > now:
        return None
    if now >= at + every:
        emergency.update_at, emergency.asked = at + (now - at) // every * every, 1
        return Verb.MISSED
    again, emergency.asked = emergency.asked > 0, 2 if now >= at + every / 2 else 1
    return Verb.REMINDED if again else Verb.ASKED


def is_aloud(emergency: Emergency, every: timedelta) -> bool:
    """Whether an update is asked for, and told as missed: the first, second, fourth and so on. Repeats slow down."""
    if emergency.update_at is None or emergency.heard_at is None:
        return True
    missed = (emergency.update_at - emergency.heard_at) // every - 1
    return missed & (missed - 1) == 0


def run_over(emergency: Emergency, now: datetime) -> bool:
    """Whether its time to be resolved has just run out."""
    late = not emergency.overdue and emergency.resolve_at is not None and emergency.resolve_at <= now
    emergency.overdue = emergency.overdue or late
    return late


def take(emergency: Emergency, role: str, person: str, now: datetime, every: timedelta | None, commander: str) -> None:
    """Somebody has a role. With a commander the response clock stops, and that of updates begins."""
    emergency.roles = {**emergency.roles, role: person}
    if role == commander:
        emergency.commanded_at = emergency.commanded_at or now
        emergency.update_at = emergency.update_at or (now + every if every else None)


def update(emergency: Emergency, said: str, now: datetime, every: timedelta | None) -> None:
    emergency.last_update, emergency.updated_at, emergency.asked = said, now, 0
    emergency.update_at = now + every if every and emergency.commanded_at else None


def tick(emergency: Emergency, place: int, by: Mapping[str, str]) -> None:
    """Mark an action as done, or as open with nothing in `by`; places begin at 0."""
    emergency.actions = [
        {"text": action["text"], **by} if number == place else action for number, action in enumerate(emergency.actions)
    ]


def close(emergency: Emergency, state: State, by: str, now: datetime, summary: str) -> None:
    emergency.state, emergency.ended_by, emergency.ended_at, emergency.summary = state, by, now, summary
    emergency.wake_at = emergency.update_at = None


def reopen(emergency: Emergency, now: datetime, every: timedelta | None) -> None:
    """It was not over: it goes on as it was, and its clock of updates begins anew."""
    emergency.state, emergency.ended_by, emergency.ended_at, emergency.summary = State.OPEN, None, None, ""
    emergency.asked, emergency.update_at = 0, now + every if every and emergency.commanded_at else None
