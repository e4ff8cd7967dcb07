"""People, teams, roles and absences as they are stored; and what is published when they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId


class Item(SQLModel):
    """What people, teams and roles have in common; `position` is their place in the file."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    key: str
    position: int = 0
    name: str
    written: dict[str, Any] = Field(default={}, sa_type=JSON)
    gone: bool = False


class PersonRow(Item, table=True):
    """A person of a plan. `slack_id` is from the file or was looked up; who left the plan is `gone`, and stays."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("plan_id", "key"), Index("people_slack", "slack_id"))

    slack_id: str = ""
    email: str = ""
    lost: str = ""
    """Why their Slack account takes nothing, in Slack's word; empty while it does."""


class TeamRow(Item, table=True):
    """A team of a plan."""

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)


class RoleRow(Item, table=True):
    """A role of the plan's own, or the plan's name for a given one."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("plan_id", "key"),)


class Source(StrEnum):
    """Where an absence was noted: in the plan file, or by somebody while the plan runs."""

    PLAN = "plan"
    LIVE = "live"


class Absence(SQLModel, table=True):
    """Whole days on which somebody is away, by their own calendar."""

    __tablename__ = "absences"
    __table_args__ = (
        partial_index("absences_noted", "called_off_at IS NULL", "plan_id", "first_day"),
        partial_index("absences_written", "source = 'plan'", "plan_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    person: str
    first_day: date
    last_day: date
    source: str
    called_off_at: datetime | None = Field(default=None, sa_type=Instant)


@dataclass(frozen=True)
class PersonAway:
    """Somebody's absences changed: who said so, and what, as `away 2026-03-30`."""

    plan_id: int
    person: str
    by: str = field(default="", compare=False)
    said: str = field(default="", compare=False)


@dataclass(frozen=True)
class PeopleLinked:
    """Slack ids of people of a plan were found."""

    plan_id: int


@dataclass(frozen=True)
class ChannelsSeen:
    """The bot is in other channels of a plan than it was, or knows now that it is not."""

    plan_id: int


@dataclass(frozen=True)
class ChannelRemade:
    """Another channel has the name of one that is archived or deleted."""

    plan_id: int
    name: str
    slack_id: str


@dataclass(frozen=True)
class AccountChanged:
    """Somebody's Slack account takes nothing any more, in Slack's word `why`, or it takes messages again."""

    plan_id: int
    person: str
    row_id: int
    why: str
