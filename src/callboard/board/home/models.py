"""Who looked at their Home lately, and at which plan; what changes there is shown only to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.timeline import Numbered

KIND = "home"
LATELY = timedelta(minutes=30)
"""So long after somebody looked, their Home is kept fresh."""
BREATH, SOON, SOMETIME = timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=1)
"""After news it is not looked for more at once; looked again for what was committed late; and looked what time does."""


class Visit(Numbered, table=True):
    """Somebody's Home. Up to entry `entry_id` of the timeline all is shown; at `look_at` it is shown anew anyway.

    `plan_id` is the plan that they look at, 0 for none. `opens` counts how often they came.
    """

    __tablename__ = "home_visits"
    __table_args__ = (UniqueConstraint("workspace", "slack_id"), Index("home_visits_fresh", "fresh_until"))

    subjects = KIND
    workspace: str
    slack_id: str
    plan_id: int = 0
    opens: int = 0
    fresh_until: datetime = Field(sa_type=Instant)
    rests_until: datetime = Field(sa_type=Instant)
    look_at: datetime = Field(sa_type=Instant)
    entry_id: int = Field(default=0, sa_type=BigInteger)
