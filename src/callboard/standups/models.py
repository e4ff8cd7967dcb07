"""Standups, their rounds and check-ins: rows, states, pure transitions, and what questions and answers are about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId, Subject

ROUND, CHECK_IN = "round", "check-in"
AWAY = "away"
"""Why somebody is excused who is not there."""
HELD_UP = 60
"""Seconds; whoever is asked later than that is told why."""
BEHIND = re.compile(r"\b(yesterday|was done|have you done|did you do|since the last|completed)\b", re.IGNORECASE)
AHEAD = re.compile(r"\b(today|next|tomorrow|planned|will you)\b", re.IGNORECASE)
IN_THE_WAY = re.compile(r"\b(block\w*|impediment\w*|in the way|stuck|conflict\w*|hold\w* you)\b", re.IGNORECASE)
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")
NONE = re.compile(
    r"\W*(?:none|no|nope|nothing|nil|n/?a|all clear|all good|no blockers?|not (?:really|now|yet)|keine)?\W*",
    re.IGNORECASE,
)
MOST_LINES = 8


class State(StrEnum):
    """How a check-in stands."""

    WAITING = "waiting"
    SUBMITTED = "submitted"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"


ANSWERED = (State.SUBMITTED, State.LATE)


class Standup(SQLModel, table=True):
    """A standup of a plan. Every round up to `seen_until` is on record; at `wake_at` somebody looks again."""

    __tablename__ = "standups"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("standups_wake", "wake_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    gone: bool = False
    seen_until: datetime = Field(sa_type=Instant)
    wake_at: datetime | None = Field(default=None, sa_type=Instant)


class Round(SQLModel, table=True):
    """One occurrence of a standup: everybody who is asked on one date, each in their own zone or in the plan's."""

    __tablename__ = "standup_rounds"
    __table_args__ = (UniqueConstraint("plan_id", "standup", "day"), Index("standup_rounds_digest", "digest_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    standup: str
    day: date
    name: str
    digest_at: datetime | None = Field(default=None, sa_type=Instant)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def number(self) -> int:
        """Its row."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What its digest is about."""
        return Subject(ROUND, self.number)

    @property
    def card(self) -> str:
        """The key of its digest."""
        return f"standup:digest:{self.number}"


class CheckIn(SQLModel, table=True):
    """One person's answer in a round. `at` is when the round is for them, `asked_at` when they may be asked.

    `answers` are {ask, said}, `raised` is {line: blocker}; `changes` counts what a button drawn earlier must know of.
    """

    __tablename__ = "check_ins"
    __table_args__ = (
        UniqueConstraint("plan_id", "standup", "person", "day"),
        Index("check_ins_round", "round_id"),
        Index("check_ins_next", "next_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    standup: str
    person: str
    day: date
    round_id: int = Field(sa_type=BigId)
    zone: str
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
    answers: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    raised: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    waits_for: str = ""
    changes: int = 0

    @property
    def number(self) -> int:
        """Its row."""
        return self.id or 0

    @property
    def subject(self) -> Subject:
        """What timeline and messages are about."""
        return Subject(CHECK_IN, self.number)

    @property
    def answered(self) -> bool:
        """Whether something was said, in time or late."""
        return self.state in ANSWERED

    @property
    def early(self) -> bool:
        """Whether it was said before anybody asked."""
        return self.answered_at is not None and self.answered_at < self.asked_at


def look(one: CheckIn) -> None:
    """Note when something is to be done about it next: ask, remind, or put down as missed."""
    marks = (
        one.asked_at if one.prompted_at is None else None,
        one.remind_at if one.reminded_at is None else None,
        one.closes_at,
    )
    one.next_at = min(filter(None, marks)) if one.state == State.WAITING else None


def answer(one: CheckIn, answers: Iterable[tuple[str, str]], waits_for: str, now: datetime) -> None:
    """Somebody says something, for the first time or anew."""
    if not one.answered:
        one.state = State.SUBMITTED if now < one.closes_at else State.LATE
        one.answered_at, one.why = now, ""
    one.answers = [{"ask": ask, "said": said} for ask, said in answers]
    one.waits_for, one.changed_at, one.changes = waits_for, now, one.changes + 1
    look(one)


def excuse(one: CheckIn, why: str) -> None:
    """Nothing is expected of somebody in this round."""
    one.state, one.why, one.changes = State.EXCUSED, why, one.changes + 1
    look(one)


def expect(one: CheckIn) -> None:
    """Something is expected after all."""
    one.state, one.why, one.changes = State.WAITING, "", one.changes + 1
    look(one)


def miss(one: CheckIn) -> None:
    """Nothing was said in time."""
    one.state, one.changes = State.MISSED, one.changes + 1
    look(one)


def was_asked(one: CheckIn) -> bool:
    """Whether there was fair time to answer: an outage of ours is nobody's silence."""
    fair = one.asked_at + (one.closes_at - one.asked_at) / 2
    return one.prompted_at is not None and one.prompted_at <= fair


def day_name(day: date) -> str:
    """A date as people say it: `Monday, 30 March`."""
    return f"{day:%A}, {day.day} {day:%B}"


def looks_back(question: str) -> bool:
    """Whether a question is about what was done: what was planned last time is a good beginning of an answer."""
    return bool(BEHIND.search(question)) and not asks_for_blockers(question)


def looks_ahead(question: str) -> bool:
    """Whether a question is about what comes next."""
    return bool(AHEAD.search(question)) and not looks_back(question) and not asks_for_blockers(question)


def asks_for_blockers(question: str) -> bool:
    """Whether a question is about blockers."""
    return bool(IN_THE_WAY.search(question))


def named_lines(said: str) -> list[str]:
    """The lines of an answer that name something, without bullets; `none` names nothing."""
    found = (BULLET.sub("", line).strip() for line in said.splitlines())
    return [line for line in found if line and not NONE.fullmatch(line)][:MOST_LINES]


def in_the_way(one: CheckIn) -> list[str]:
    """The lines in which somebody named what is in the way."""
    return [line for each in one.answers if asks_for_blockers(each["ask"]) for line in named_lines(each["said"])]


def planned(one: CheckIn | None) -> str:
    """What somebody said they would do next."""
    return "\n".join(each["said"] for each in one.answers if each["said"] and looks_ahead(each["ask"])) if one else ""
