"""The rows of the outbox: messages to one address each, and the lanes that keep their pace."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Index, Table, literal_column
from sqlmodel import Field, SQLModel

from callboard.core.db import Instant
from callboard.core.rows import partial_index
from callboard.core.timeline import BigId, Subject

ALL, EDITS = "*", "/edit"
FINAL = "state IN ('sent', 'dropped', 'folded')"
NO_CARD = f"{FINAL} AND (recipient IS NOT NULL OR NOT editable OR superseded)"
"""What nobody edits for long: neither the card of a matter, nor what stands for it in a channel."""
HOME_RESTS, CANVAS_RESTS = timedelta(seconds=5), timedelta(minutes=1)
LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Medium(StrEnum):
    """The ways in which messages leave. The values are stored."""

    SLACK = "slack"
    HOME = "home"
    CANVAS = "canvas"
    APPRISE = "apprise"
    GITHUB = "github"
    GITLAB = "gitlab"

    @property
    def edits(self) -> bool:
        """Whether a message can be changed where it was posted."""
        return self in (Medium.SLACK, Medium.HOME, Medium.CANVAS)

    @property
    def shows_blocks(self) -> bool:
        """Whether it shows `Message.blocks`; else it shows `Message.plain`."""
        return self.edits

    @property
    def looks_up(self) -> bool:
        """Whether a message whose answer was lost can be found there; else it stays uncertain."""
        return self is not Medium.APPRISE

    @property
    def rest(self) -> timedelta:
        """How long an address is left alone once a message is taken: what it shows is replaced whole, the first too."""
        return {Medium.HOME: HOME_RESTS, Medium.CANVAS: CANVAS_RESTS}.get(self, timedelta(0))

    @property
    def falls_back(self) -> bool:
        """Whether a page that is not accepted goes to the person's other media."""
        return self is Medium.SLACK


class Priority(IntEnum):
    """What goes first when a channel may take only one message."""

    PAGE = 0
    ANSWER = 1
    PROMPT = 2
    UPDATE = 3
    DIGEST = 4


def _partial(name: str, condition: str, *columns: str) -> Index:
    return partial_index(f"deliveries_{name}", condition, *columns)


class Delivery(SQLModel, table=True):
    """One message to one address. `revision` counts what it should show.

    One that `folds` may be told with others instead; `cause` is shared by many of one kind out of one transaction.
    `told_by` is the key of the message that tells it since `folded_at`. `left_as` is the stamp of a message that it
    stands for: one that could not be edited. `parked_at` is set from when its address took nothing until it does again.
    At `answered_at` its reader answered it by its link.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        _partial("waiting", "state = 'waiting'", "priority", "due_at", "id"),
        _partial("in_lanes", "state = 'waiting'", "lane", "priority", "due_at", "id"),
        _partial("final", FINAL, "plan_id", "created_at"),
        _partial("no_card", NO_CARD, "created_at"),
        _partial("sending", "state = 'sending'", "leased_until"),
        _partial("parked", "state = 'parked'", "plan_id", "id"),
        _partial("parked_due", "state = 'parked'", "due_at"),
        _partial("troubled", "parked_at IS NOT NULL", "address"),
        Index("deliveries_subject", "subject_kind", "subject_id"),
        Index("deliveries_posted", "posted_in", "posted_as"),
        Index("deliveries_address", "address", "posted_at"),
        _partial("folded", "told_by IS NOT NULL", "subject_kind", "subject_id"),
        _partial("told_by", "told_by IS NOT NULL", "told_by"),
        _partial("summaries", "kind = 'noise.summary'", "address", "id"),
        _partial("away", "kind = 'teams.away' AND posted_at IS NULL", "plan_id"),
        _partial("fallback", "fallback_at IS NOT NULL", "fallback_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    plan_id: int
    workspace: str
    medium: str
    address: str
    lane: str
    priority: int
    kind: str
    subject_kind: str
    subject_id: int = Field(sa_type=BigInteger)
    args: dict[str, Any] = Field(default={}, sa_type=JSON)
    recipient: str | None = None
    parent_key: str | None = None
    editable: bool = False
    superseded: bool = False
    folds: bool = False
    cause: str | None = None
    told_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    folded_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = "waiting"
    revision: int = 1
    created_at: datetime = Field(sa_type=Instant)
    due_at: datetime = Field(sa_type=Instant)
    fallback_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    fence: int = 0
    leased_until: datetime | None = Field(default=None, sa_type=Instant)
    doubtful_since: datetime | None = Field(default=None, sa_type=Instant)
    delayed_until: datetime | None = Field(default=None, sa_type=Instant)
    posted_in: str | None = None
    posted_as: str | None = None
    posted_at: datetime | None = Field(default=None, sa_type=Instant)
    left_as: str | None = None
    parked_at: datetime | None = Field(default=None, sa_type=Instant)
    shown: str | None = None
    error: str | None = None
    trace: str = ""

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_kind, self.subject_id)

    @property
    def is_posted(self) -> bool:
        """Whether it stands somewhere, so that it is edited; else it is posted, perhaps anew."""
        return self.posted_as is not None and self.posted_as != self.left_as


class Lane(SQLModel, table=True):
    """The pace of one address, shared by all replicas: who sends there now, and when the next message may go.

    One more stands for all addresses of a medium (see `lane_of_all`): nothing goes there before `leased_until`, and up
    to `free_at` the last address that was asked for patience is waiting. `leased_by` is the number of the process that
    sends there, if it has one: when it dies, the lane is free.
    """

    __tablename__ = "lanes"

    lane: str = Field(primary_key=True)
    leased_until: datetime = Field(sa_type=Instant)
    leased_by: int | None = None
    free_at: datetime = Field(sa_type=Instant)


DELIVERIES: Table = Delivery.__table__  # type: ignore[attr-defined]
LANES: Table = Lane.__table__  # type: ignore[attr-defined]


def is_in(state: str) -> ColumnElement[bool]:
    """True in this state, written out and not bound: a partial index is used only where its condition is seen."""
    return DELIVERIES.c.state == literal_column(f"'{state}'")
