"""What a trigger did, and for which cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Numbered, Subject
from callboard.emergencies.plan import TriggerPart
from callboard.teams.recipients import Concern

KIND = "trigger"
FIRED, ENDED = "fired", "not so any more"
"""What the timeline says of a trigger."""


class Firing(Numbered, table=True):
    """A trigger that fired for a cause. While that `stands` it does not fire again; it stood until `over_at`.

    A `quiet` one was so when the trigger came into the plan, or could not be known yet: nobody was told.
    """

    __tablename__ = "firings"
    __table_args__ = (
        partial_index("firings_standing", "over_at IS NULL", "plan_id", "trigger", "cause", unique=True),
        Index("firings_of", "plan_id", "trigger", "id"),
        partial_index("firings_blocker", "blocker IS NOT NULL", "plan_id", "blocker"),
    )

    subjects = KIND
    plan_id: int
    trigger: str
    event: str
    cause: str
    said: str = ""
    stands: bool = False
    quiet: bool = False
    team: str | None = None
    blocker: int | None = Field(default=None, sa_type=BigId)
    at: datetime = Field(sa_type=Instant)
    over_at: datetime | None = Field(default=None, sa_type=Instant)


NOBODY = Concern()


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Something that happened, or is so: what it is `key`ed by, what it concerns, and a sentence in Slack's markup.

    `about` is a matter that may climb itself, and `concern` whom that is about then. One that `stands` is so until it
    is not any more.
    """

    plan_id: int
    on: str
    key: str
    subject: str
    said: str
    team: str | None = None
    concern: Concern = NOBODY
    about: Subject | None = None
    stands: bool = False


@dataclass(frozen=True)
class Trigger:
    """A trigger of the plan file, and what it is known by when the file is reordered."""

    key: str
    part: TriggerPart
