"""Calendar feeds, briefings, and plan files that are not applied yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId


class CalendarFeed(SQLModel, table=True):
    """A calendar that a program may read: of a person, or of a team. Only the digest of its secret is kept.

    It is read by the rights that `made_by` has when it is read.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        UniqueConstraint("digest"),
        partial_index("calendar_feeds_whose", "ended_at IS NULL", "plan_id", "person", "team"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str = ""
    team: str = ""
    digest: str
    made_by: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class CalendarEvent(SQLModel, table=True):
    """What a feed last showed of one event: `placed` is when it is, `looks` a digest of all that it shows."""

    __tablename__ = "calendar_events"

    feed_id: int = Field(primary_key=True, sa_type=BigId)
    uid: str = Field(primary_key=True)
    placed: str
    looks: str
    sequence: int = 0
    changed_at: datetime = Field(sa_type=Instant)


class Briefed(StrEnum):
    """Who is told of their part in a plan, and who that they wait for it."""

    TEAM = "team"
    PERSON = "person"
    ON_HOLD = "on hold"


class Briefing(SQLModel, table=True):
    """What a team or a person was told of their part: `said` holds lines by topic, `turns` counts how often."""

    __tablename__ = "briefings"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    kind: str
    key: str
    said: dict[str, Any] = Field(default={}, sa_type=JSON)
    turns: int = 0


class TroubleNotice(SQLModel, table=True):
    """Something that was given up, and that the coordinators were told about."""

    __tablename__ = "trouble_notices"

    work: str = Field(primary_key=True)
    row_id: int = Field(primary_key=True, sa_type=BigInteger)


class Draft(SQLModel, table=True):
    """A plan file that somebody sent in Slack and has not applied yet."""

    __tablename__ = "plan_drafts"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    workspace: str
    by: str
    file: str
    source: str
    reason: str = ""
    at: datetime = Field(sa_type=Instant)
