"""Meetings that were announced, with their minutes, lessons, kudos and awards: rows and pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

KIND = "meeting"


class State(StrEnum):
    """How a meeting stands. `over`: it was held, and nobody has written the minutes."""

    ANNOUNCED = "announced"
    OVER = "over"
    RECORDED = "recorded"


class Verb(StrEnum):
    """What happens to a meeting, a lesson, kudos or an award, on the timeline."""

    ANNOUNCED = "announced"
    RECORDED = "recorded"
    LEARNED = "learned"
    PRAISED = "praised"
    AWARDED = "awarded"
    WITHDRAWN = "withdrawn"


class Meeting(Numbered, table=True):
    """One meeting. `actions` are the keys of the tasks that came out of it."""

    __tablename__ = "meetings"
    __table_args__ = (
        UniqueConstraint("plan_id", "key", "at"),
        Index("meetings_next", "next_at"),
        Index("meetings_at", "plan_id", "at"),
    )

    subjects = KIND
    plan_id: int
    key: str
    name: str
    at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    people: list[str] = Field(default=[], sa_type=JSON)
    leads: list[str] = Field(default=[], sa_type=JSON)
    state: str = State.ANNOUNCED
    notes: str = ""
    decisions: list[str] = Field(default=[], sa_type=JSON)
    lessons: list[str] = Field(default=[], sa_type=JSON)
    actions: list[str] = Field(default=[], sa_type=JSON)
    by: str = ""
    changes: int = 0


class Remark(Numbered):
    """What somebody wrote outside of minutes. `text` is Slack's markup; `withdrawn_at` is when it was taken back."""

    plan_id: int
    at: datetime = Field(sa_type=Instant)
    by: str
    text: str
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class Lesson(Remark, table=True):
    """What was learned `about` a phase or a team, by its key; of the whole plan where that is empty."""

    __tablename__ = "lessons"
    __table_args__ = (Index("lessons_at", "plan_id", "at", "id"),)

    subjects = "lesson"
    about: str = ""


class Kudos(Remark, table=True):
    """Thanks `to` a person or a team of the plan, by their key, and what for."""

    __tablename__ = "kudos"
    __table_args__ = (Index("kudos_at", "plan_id", "at", "id"),)

    subjects = "kudos"
    to: str


class Award(Remark, table=True):
    """A `title` of the plan that was given `to` a team, and what for, if that was said."""

    __tablename__ = "awards"
    __table_args__ = (Index("awards_at", "plan_id", "at", "id"),)

    subjects = "award"
    to: str
    title: str


@dataclass(frozen=True)
class Outcome:
    """Minutes as somebody writes them. A line of `actions` is `Name: what, by 2026-03-30`, or less."""

    notes: str = ""
    decisions: Sequence[str] = ()
    lessons: Sequence[str] = ()
    actions: Sequence[str] = ()


def record(meeting: Meeting, by: str, outcome: Outcome, actions: Sequence[str]) -> None:
    """Somebody writes the minutes, for the first time or anew; `actions`, keys of tasks, come to those before."""
    meeting.notes, meeting.decisions = outcome.notes.strip(), list(outcome.decisions)
    meeting.lessons, meeting.actions = list(outcome.lessons), [*meeting.actions, *actions]
    meeting.state, meeting.by, meeting.next_at = State.RECORDED, by, None
    meeting.changes += 1
