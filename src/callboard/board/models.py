"""Reports that were sent, with the figures that the next one is compared with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

KIND = "report"


class Report(Numbered, table=True):
    """One report, about what happened after `since`. `figures` are the percentages of then."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("plan_id", "name", "day"),)

    subjects = KIND
    plan_id: int
    name: str
    day: date
    at: datetime = Field(sa_type=Instant)
    since: datetime = Field(sa_type=Instant)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
