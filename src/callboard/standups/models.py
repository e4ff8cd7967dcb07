"""Standups, rounds and check-ins: rows, states, pure transitions, and what questions and answers are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered
from callboard.core.words import lines_of

ROUND, CHECK_IN = "round", "check-in"
AWAY, UNASKED = "away", "the plan no longer asks you"
"""Why somebody is excused who is absent, or whom the plan asked before."""
HELD_UP = 60
"""Seconds after which a late prompt says why it is late."""
BEHIND = re.compile(r"\b(yesterday|was done|have you done|did you do|since the last|completed)\b", re.IGNORECASE)
AHEAD = re.compile(r"\b(today|next|tomorrow|planned|will you)\b", re.IGNORECASE)
IN_THE_WAY = re.compile(
    r"\b(block\w{0,20}|impediment\w{0,20}|in the way|stuck|conflict\w{0,20}|hold\w{0,20} you)\b", re.IGNORECASE
)
MOST_LINES = 8


class State(StrEnum):
    WAITING = "waiting"
    SUBMITTED = "submitted"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"


class Verb(StrEnum):
    SUBMITTED = "submitted"
    LATE = "late"
    CHANGED = "changed"
    SKIPPED = "skipped"
    EXCUSED = "excused"
    EXPECTED = "expected"
    MISSED = "missed"
    RAISED = "raised"


ANSWERED = (State.SUBMITTED, State.LATE)


class Standup(SQLModel, table=True):
    """A standup of a plan. Every round up to `seen_until` is on record; `wake_at` is when to look again."""

    __tablename__ = "standups"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("standups_wake", "wake_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    gone: bool = False
    seen_until: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)


class Round(Numbered, table=True):
    """One occurrence of a standup: everybody who is asked on one date, each in their own zone or in the plan's."""

    __tablename__ = "standup_rounds"
    __table_args__ = (
        UniqueConstraint("plan_id", "standup", "day"),
        partial_index("standup_rounds_digest", "posted_at IS NULL", "digest_at"),
    )

    subjects = ROUND
    plan_id: int
    standup: str
    day: date
    name: str
    digest_at: datetime | None = Field(default=None, sa_type=Instant)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def card(self) -> str:
        return f"standup:digest:{self.number}"


class CheckIn(Numbered, table=True):
    """One person's answer in a round. `at` is when the round is for them, `asked_at` when they may be asked.

    `answers` are {ask, said}, `raised` is {line: blocker}; `changes` counts what makes older buttons void.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        UniqueConstraint("plan_id", "standup", "person", "day"),
        Index("check_ins_round", "round_id"),
        Index("check_ins_next", "next_at"),
        Index("check_ins_day", "plan_id", "day", "id"),
        Index("check_ins_person", "plan_id", "person", "day", "at"),
    )

    subjects = CHECK_IN
    plan_id: int
    standup: str
    person: str
    day: date
    round_id: int = Field(sa_type=BigId)
    at: datetime = Field(sa_type=Instant)
    asked_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    remind_at: datetime | None = Field(default=None, sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = State.WAITING
    why: str = ""
    prompted_at: datetime | None = Field(default=None, sa_type=Instant)
    reminded_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    changed_at: datetime | None = Field(default=None, sa_type=Instant)
    answers: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    raised: dict[str, Any] = Field(default={}, sa_type=JSON)
    waits_for: str = ""
    changes: int = 0

    @property
    def answered(self) -> bool:
        return self.state in ANSWERED

    @property
    def early(self) -> bool:
        return self.answered_at is not None and self.answered_at < self.asked_at


def look(check_in: CheckIn) -> None:
    """Set when to ask, remind, or mark as missed next."""
    marks = (
        check_in.asked_at if check_in.prompted_at is None else None,
        check_in.remind_at if check_in.reminded_at is None else None,
        check_in.closes_at,
    )
    check_in.next_at = min(filter(None, marks)) if check_in.state == State.WAITING else None


def answer(check_in: CheckIn, answers: Iterable[tuple[str, str]], waits_for: str, now: datetime) -> None:
    if not check_in.answered:
        check_in.state = State.SUBMITTED if now < check_in.closes_at else State.LATE
        check_in.answered_at, check_in.why = now, ""
    check_in.answers = [{"ask": ask, "said": said} for ask, said in answers]
    check_in.waits_for, check_in.changed_at, check_in.changes = waits_for, now, check_in.changes + 1
    look(check_in)


def become(check_in: CheckIn, state: State, why: str = "") -> None:
    check_in.state, check_in.why, check_in.changes = state, why, check_in.changes + 1
    look(check_in)


@dataclass(frozen=True)
class CheckInsMissed:
    """People who were asked did not report before their round closed."""

    plan_id: int
    check_ins: Sequence[CheckIn]


def was_asked(check_in: CheckIn) -> bool:
    """Whether there was fair time to answer: whoever was asked late, after an outage, missed nothing."""
    fair = check_in.asked_at + (check_in.closes_at - check_in.asked_at) / 2
    return check_in.prompted_at is not None and check_in.prompted_at <= fair


def day_name(day: date) -> str:
    """A date as people say it: `Monday, 30 March`."""
    return f"{day:%A}, {day.day} {day:%B}"


def looks_back(question: str) -> bool:
    """Whether a question is about what was done: the last plan is a first draft of its answer."""
    return bool(BEHIND.search(question)) and not asks_for_blockers(question)


def looks_ahead(question: str) -> bool:
    return bool(AHEAD.search(question)) and not looks_back(question) and not asks_for_blockers(question)


def asks_for_blockers(question: str) -> bool:
    return bool(IN_THE_WAY.search(question))


def named_lines(said: str) -> list[str]:
    """The lines of an answer that say something; at most eight."""
    return lines_of(said)[:MOST_LINES]


def in_the_way(check_in: CheckIn) -> list[str]:
    return [line for each in check_in.answers if asks_for_blockers(each["ask"]) for line in named_lines(each["said"])]


def planned(check_in: CheckIn | None) -> str:
    """What somebody plans to do next, by their own words."""
    answers = check_in.answers if check_in else ()
    return "\n".join(each["said"] for each in answers if each["said"] and looks_ahead(each["ask"]))
