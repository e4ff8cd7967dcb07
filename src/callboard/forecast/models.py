"""Forecasts of gates and phases as they were made, and when each plan is forecast next."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered

KIND = "forecast"


class Course(Numbered, table=True):
    """The forecasts of a plan: the newest was made at `at`, the next at `next_at`; `fence` counts claims.

    `slip` is how many times its estimate work takes so far, which `seen` done tasks have shown; of `open_tasks`,
    `guessed` have no estimate, and are guessed from their `ground`. `history` says how many {tasks, plans} tell it, and
    how many plans tell how far work slipped. For the plans after it: of `took` done tasks half took `usual` seconds of
    work at most. `told` is the chance of each gate that people know of.
    """

    __tablename__ = "forecast_courses"
    __table_args__ = (UniqueConstraint("plan_id"), Index("forecast_courses_next", "next_at"))

    subjects = KIND
    plan_id: int
    at: datetime | None = Field(default=None, sa_type=Instant)
    next_at: datetime | None = Field(default=None, sa_type=Instant)
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    slip: float = 1.0
    seen: int = 0
    open_tasks: int = 0
    guessed: int = 0
    ground: str = ""
    history: dict[str, int] = Field(default={}, sa_type=JSON)
    took: int = 0
    usual: float = 0.0
    told: dict[str, float] = Field(default={}, sa_type=JSON)


OVER = "over_at IS NOT NULL AND counted_at IS NULL"


class Forecast(SQLModel, table=True):
    """What was expected of a gate or phase at an instant: its `chance` to be over by `due_at`, and four dates.

    In one run of ten it is over by `early_at`, in half of all by `middle_at`, in 85 of a hundred by `often_at`, in nine
    of ten by `late_at`; none where that is years away. `pace_at` is what a line through the last week says. `paths` are
    ids with their shares, `helps` are {team, task, gain}. It was over at `over_at`, and is `judged_at` then or when it
    was due. One forecast of each case is `counted_at`.
    """

    __tablename__ = "forecasts"
    __table_args__ = (
        Index("forecasts_of", "plan_id", "at"),
        partial_index("forecasts_open", "over_at IS NULL", "plan_id", "key"),
        partial_index("forecasts_over", OVER, "over_at"),
        partial_index("forecasts_counted", "counted_at IS NOT NULL", "plan_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    plan_id: int
    kind: str
    key: str
    at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    chance: float | None = None
    early_at: datetime | None = Field(default=None, sa_type=Instant)
    middle_at: datetime | None = Field(default=None, sa_type=Instant)
    often_at: datetime | None = Field(default=None, sa_type=Instant)
    late_at: datetime | None = Field(default=None, sa_type=Instant)
    pace_at: datetime | None = Field(default=None, sa_type=Instant)
    paths: list[list[Any]] = Field(default=[], sa_type=JSON)
    helps: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    over_at: datetime | None = Field(default=None, sa_type=Instant)
    judged_at: datetime | None = Field(default=None, sa_type=Instant)
    counted_at: datetime | None = Field(default=None, sa_type=Instant)
