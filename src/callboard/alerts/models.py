"""Alerts, the groups in which people hear of them, heartbeats, and counts of what no rule took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered

KIND, HEARTBEAT = "alert", "heartbeat"
CALM = timedelta(minutes=10)
"""What fires again so soon after its end is the same matter, and pages nobody at once."""
QUIET = timedelta(minutes=30)
"""What comes and goes pages at most so often."""
PACE = timedelta(seconds=15)
"""A card that counts is shown anew at most so often."""
OVERTAKEN = timedelta(seconds=45)
"""What one Alertmanager sends may be overtaken for so long by what another one sends; a group of one waits longer."""
STALE = timedelta(days=1)
"""A group that nobody is paged for ends when its source has said nothing for so long."""
OPEN = "closed_at IS NULL"


class Source(StrEnum):
    """Who sent it, as people read it. No id of a plan has a space, so none of these is a person."""

    ALERTMANAGER = "Prometheus Alertmanager"
    SENTRY = "Sentry webhook"
    WEBHOOK = "Alert webhook"
    HEARTBEAT = "Heartbeat watch"


class State(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"
    SETTLED = "settled"  # a person said that it is over


class Verb(StrEnum):
    """What happens to a group or a heartbeat, as the timeline keeps it."""

    FIRED = "fired"
    FIRED_AGAIN = "fired again"
    PAGED = "raised a blocker"
    RESOLVED = "resolved"
    STOPPED = "stopped"
    BACK = "is back"


class Ignored(StrEnum):
    """Why an alert did nothing but count."""

    UNMATCHED = "unmatched"
    EARLY = "early"
    LATE = "late"
    UNREADABLE = "unreadable"


class AlertGroup(Numbered, table=True):
    """Alerts that people hear of as one. `rule` names the rule, `written` is that rule as the group began.

    At `page_at` somebody is paged if it still fires, at `due_at` somebody looks at the group again. `times` counts how
    often it has begun to fire, `paged_at` when it last paged. One with 0 fires since before the plan starts, and acts
    then.
    """

    __tablename__ = "alert_groups"
    __table_args__ = (
        partial_index("alert_groups_open", OPEN, "plan_id", "key", unique=True),
        Index("alert_groups_key", "plan_id", "key", "id"),
        Index("alert_groups_rule", "plan_id", "rule", "id"),
        partial_index("alert_groups_due", "due_at IS NOT NULL", "due_at"),
        partial_index("alert_groups_blocker", "blocker IS NOT NULL", "blocker"),
    )  # fmt: skip

    subjects = KIND
    plan_id: int
    rule: str
    key: str
    title: str
    source: str
    written: dict[str, Any] = Field(sa_type=JSON)
    blocker: int | None = Field(default=None, sa_type=BigInteger)
    times: int = 1
    opened_at: datetime = Field(sa_type=Instant)
    shown_at: datetime = Field(sa_type=Instant)
    paged_at: datetime | None = Field(default=None, sa_type=Instant)
    page_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str = ""


class Alert(SQLModel, table=True):
    """One alert of a source, however often and through however many replicas it was sent."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("plan_id", "fingerprint"),
        Index("alerts_group", "group_id", "state", "received_at"),
        partial_index("alerts_over", "state <> 'firing'", "received_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    fingerprint: str
    group_id: int = Field(sa_type=BigInteger)
    title: str
    said: str = ""
    url: str = ""
    labels: dict[str, str] = Field(sa_type=JSON)
    state: str = State.FIRING
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    received_at: datetime = Field(sa_type=Instant)
    received: int = 1


class Heartbeat(SQLModel, table=True):
    """What is to be heard again and again. At `due_at` it is missing; None before it was heard first."""

    __tablename__ = "heartbeats"
    __table_args__ = (
        UniqueConstraint("plan_id", "name"),
        partial_index("heartbeats_due", "due_at IS NOT NULL", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    name: str
    every: int  # seconds
    grace: int  # seconds
    heard_at: datetime | None = Field(default=None, sa_type=Instant)
    missing_at: datetime | None = Field(default=None, sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)


class Tally(SQLModel, table=True):
    """How many alerts did nothing in a plan, for one reason, and the last of them."""

    __tablename__ = "alert_tallies"

    plan_id: int = Field(primary_key=True, sa_type=BigId)
    why: str = Field(primary_key=True)
    count: int = 0
    last: str = ""
    last_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One alert as it was sent; None for an instant that its source does not say."""

    fingerprint: str
    title: str
    labels: Mapping[str, str]
    firing: bool = True
    said: str = ""
    url: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


def is_old(alert: Alert, sent: Incoming, now: datetime) -> bool:
    """Whether what was sent is about an earlier time than what is known: repeated, or overtaken on its way.

    What fires later than that on from before its end never ended: its source was cut off, and is back.
    """
    if not sent.firing:
        ended = sent.ended_at
        return alert.state != State.FIRING or (ended is not None and ended < alert.started_at)
    over = alert.state == State.RESOLVED and alert.ended_at is not None and now < alert.received_at + OVERTAKEN
    return over and sent.started_at is not None and sent.started_at <= (alert.ended_at or sent.started_at)


def quiet_until(group: AlertGroup) -> datetime | None:
    """Until when a group that ended pages nobody if it fires again; None where it never paged."""
    if group.closed_at is None or group.paged_at is None:
        return None
    return min(group.closed_at + CALM, group.paged_at + QUIET)


def next_due(group: AlertGroup, now: datetime, ends_at: datetime | None, last: datetime) -> datetime | None:
    """When somebody looks at an open group again; `last` is when its source was last heard."""
    stale = None if group.blocker else last + STALE
    return min(filter(None, (group.page_at, stale, ends_at if ends_at and ends_at > now else None)), default=None)


def expected(heartbeat: Heartbeat, since: datetime) -> datetime:
    """When it is missing if nothing is heard `since`."""
    return since + timedelta(seconds=heartbeat.every + heartbeat.grace)
