"""People, teams, roles and absences as they are stored."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.timeline import BigId


class PersonRow(SQLModel, table=True):
    """A person of a plan. `written` is what the plan file says; `slack_id` what it says or what a look-up found.

    Somebody the plan no longer names is `gone`, and stays for the sake of what they did.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("people_slack", "slack_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    position: int = 0
    name: str
    slack_id: str = ""
    email: str = ""
    written: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    gone: bool = False


class TeamRow(SQLModel, table=True):
    """A team of a plan, in the order of the file."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    position: int = 0
    name: str
    written: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    gone: bool = False


class RoleRow(SQLModel, table=True):
    """A role of the plan's own, or how it calls a given one."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    position: int = 0
    name: str
    written: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    gone: bool = False


class Absence(SQLModel, table=True):
    """Whole days on which somebody is away, by their own calendar; called off, it stays. `source`: "plan" or "live"."""

    __tablename__ = "absences"
    __table_args__ = (Index("absences_person", "plan_id", "person"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str
    first_day: date
    last_day: date
    source: str
    told_by: str = ""
    told_at: datetime = Field(sa_type=Instant)
    called_off_at: datetime | None = Field(default=None, sa_type=Instant)


class CalendarFeed(SQLModel, table=True):
    """A calendar that a program may read: of a person, or of a team. Of its secret address only the digest is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        UniqueConstraint("digest"),
        Index("calendar_feeds_whose", "plan_id", "person", "team"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str = ""
    team: str = ""
    digest: str
    made_by: str
    made_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class Briefing(SQLModel, table=True):
    """What a team or a person was told of their part in the plan, so that it is told once, and then what changed.

    `kind`: "team" or "person"; `said` holds lines by topic; `turns` counts how often something was said.
    """

    __tablename__ = "briefings"
    __table_args__ = (UniqueConstraint("plan_id", "kind", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    kind: str
    key: str
    said: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    turns: int = 0
    told_at: datetime = Field(sa_type=Instant)


class TroubleNotice(SQLModel, table=True):
    """Something that came due and was given up, and of which the coordinators were told."""

    __tablename__ = "trouble_notices"

    work: str = Field(primary_key=True)
    row_id: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)


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
