"""The row of a report that was sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered


class Report(Numbered, table=True):
    """One report, about what happened after `since`. `figures` are the percentages of then."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("plan_id", "name", "day"),)

    subjects = "report"
    plan_id: int
    name: str
    day: date
    at: datetime = Field(sa_type=Instant)
    since: datetime = Field(sa_type=Instant)
    figures: dict[str, Any] = Field(default={}, sa_type=JSON)
