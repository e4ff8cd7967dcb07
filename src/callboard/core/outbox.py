"""What is to be said about what to whom, kept until a medium has taken it; the words are made when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Index,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    text,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy import select as select_columns
from sqlmodel import Field, SQLModel, col, select

from callboard.core.db import Instant
from callboard.core.rows import Bulk
from callboard.core.timeline import BigId, Subject

if TYPE_CHECKING:
    from callboard.core.db import Tx

LEASE = timedelta(seconds=15)
BURST = timedelta(seconds=2)
# Where a message can be looked up, it may show up later than it was accepted.
SHOWN_AFTER = timedelta(seconds=10)
FALLBACK_AFTER = timedelta(seconds=60)
COUNTED = ("waiting", "sending", "parked")
ALL, EDITS = "*", "/edit"
SLACK = "slack"
CAN_EDIT = frozenset({SLACK})
"""The media that can change what they have posted; the others say it again."""
LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class Priority(IntEnum):
    """What goes first when a channel may take only one message."""

    PAGE = 0
    ANSWER = 1
    PROMPT = 2
    UPDATE = 3
    DIGEST = 4


def _partial(name: str, state: str, *columns: str) -> Index:
    """An index of what is in one of the states that few rows are in, however many were sent."""
    only = text(f"state = '{state}'")
    return Index(f"deliveries_{name}", *columns, sqlite_where=only, postgresql_where=only)


class Delivery(SQLModel, table=True):
    """One message to one address. `revision` counts what it should show, `sent_revision` what was last shown there."""

    __tablename__ = "deliveries"
    __table_args__ = (
        _partial("waiting", "waiting", "priority", "due_at", "id"),
        _partial("in_lanes", "waiting", "lane", "priority", "due_at", "id"),
        _partial("sending", "sending", "leased_until"),
        _partial("parked", "parked", "plan_id", "id"),
        Index("deliveries_subject", "subject_kind", "subject_id"),
        Index("deliveries_posted", "posted_in", "posted_as"),
        Index(
            "deliveries_fallback",
            "fallback_at",
            sqlite_where=text("fallback_at IS NOT NULL"),
            postgresql_where=text("fallback_at IS NOT NULL"),
        ),
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
    args: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    recipient: str | None = None
    parent_key: str | None = None
    editable: bool = False
    superseded: bool = False
    state: str = "waiting"
    revision: int = 1
    sent_revision: int = 0
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
    shown: str | None = None
    error: str | None = None
    trace: str = ""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return Subject(self.subject_kind, self.subject_id)


class Lane(SQLModel, table=True):
    """The pace of one address, shared by all replicas: who sends there now, and when the next message may go.

    One more stands for all addresses of a medium (see `lane_of_all`): nothing goes there before `leased_until`, and up
    to `free_at` the last address that was asked for patience is waiting.
    """

    __tablename__ = "lanes"

    lane: str = Field(primary_key=True)
    leased_until: datetime = Field(sa_type=Instant)
    free_at: datetime = Field(sa_type=Instant)


DELIVERIES: Table = Delivery.__table__  # type: ignore[attr-defined]
LANES: Table = Lane.__table__  # type: ignore[attr-defined]
ENQUEUING = Bulk(DELIVERIES)


def is_in(state: str) -> ColumnElement[bool]:
    """True in this state, written out and not bound: a partial index is used only where its condition is seen."""
    return DELIVERIES.c.state == literal_column(f"'{state}'")


def lane_of_all(row: Any) -> ColumnElement[str]:
    """The lane of all addresses to which a message may go like this one; edits are counted apart."""
    edited = case((row.posted_as.is_(None), ""), else_=EDITS)
    return type_coerce(row.workspace + "/" + row.medium + "/" + ALL + edited, String)


@dataclass(frozen=True)
class Reach:
    """How somebody is told: a medium of the outbox, and the address there."""

    medium: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """A message to be sent. `key` is what makes it one: posting the same key again changes nothing.

    `kind` names the renderer, `parent_key` the message whose thread it goes to. An `editable` message is shown anew
    whenever its subject is touched. A page carries `recipient`, the person who falls back to other media.
    """

    key: str
    plan_id: int
    workspace: str
    address: str
    kind: str
    subject: Subject
    priority: Priority = Priority.UPDATE
    medium: str = SLACK
    args: dict[str, Any] = field(default_factory=dict)
    recipient: str | None = None
    parent_key: str | None = None
    editable: bool = False
    not_before: datetime | None = None


def sent_again(delivery: Delivery, reach: Reach, key: str) -> Post:
    """The same message by another medium."""
    return Post(
        key=key, plan_id=delivery.plan_id, workspace=delivery.workspace, medium=reach.medium, address=reach.address,
        kind=delivery.kind, subject=delivery.subject, priority=Priority(delivery.priority), args=delivery.args,
        recipient=delivery.recipient,
    )  # fmt: skip


@dataclass(frozen=True)
class Message:
    """What a renderer makes: text, blocks for Slack, HTML for mail where there is any.

    `plain` is for media that show words only, such as mail, SMS and telephone; `text` where it is empty.
    """

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    title: str = ""
    html: str = ""
    plain: str = ""


@dataclass(frozen=True)
class Drop:
    """What a renderer answers when the message is no longer true. The reason goes on the timeline."""

    reason: str


Renderer = Callable[["Tx", Delivery], Message | Drop]


@dataclass(frozen=True)
class DeliveriesParked:
    """Messages that no try will bring to their address as it is."""

    deliveries: Sequence[Delivery]


@dataclass(frozen=True)
class PagesUnaccepted:
    """Pages that their medium has not accepted within `FALLBACK_AFTER`."""

    deliveries: Sequence[Delivery]


def enqueue(tx: Tx, posts: Iterable[Post | None]) -> None:
    """Add messages in one statement. A key that is there already is left as it is."""
    rows = [_row(tx, post) for post in posts if post is not None]
    if rows:
        tx.defer(ENQUEUING, rows)
        tx.nudge("outbox")


def touch(tx: Tx, kind: str, ids: Collection[int], *, superseded: bool = False) -> None:
    """Have every editable message about these subjects shown anew. Many touches before it is sent make one edit.

    Those that a later one has taken the place of are left alone, unless `superseded` are meant as well.
    """
    if ids:
        about_these = and_(DELIVERIES.c.subject_kind == kind, DELIVERIES.c.subject_id.in_(ids))
        _show_anew(tx, about_these if superseded else and_(about_these, ~DELIVERIES.c.superseded))


def supersede(tx: Tx, later: Sequence[Post]) -> None:
    """Earlier pages to the same people about the same subjects are shown once more, as history, and then left alone."""
    row = DELIVERIES.c
    for kind, about_kind in {(post.kind, post.subject.kind) for post in later}:
        posts = [post for post in later if (post.kind, post.subject.kind) == (kind, about_kind)]
        earlier = and_(
            row.subject_kind == about_kind,
            row.subject_id.in_({post.subject.id for post in posts}),
            tuple_(row.subject_id, row.recipient).in_({(post.subject.id, post.recipient) for post in posts}),
            row.kind == kind,
            row.key.not_in([post.key for post in posts]),
            ~row.superseded,
        )
        _show_anew(tx, earlier, superseded=True)


def _show_anew(tx: Tx, which: ColumnElement[bool], **also: Any) -> None:
    tx.flush()
    tx.connection.execute(SHOWING_ANEW.where(which).values(also), {"at_present": tx.now})
    tx.nudge("outbox")


def about(tx: Tx, subject: Subject) -> Sequence[Delivery]:
    """Every message about a subject, oldest first."""
    tx.flush()
    return tx.session.exec(
        select(Delivery)
        .where(Delivery.subject_kind == subject.kind, Delivery.subject_id == subject.id)
        .order_by(col(Delivery.id))
    ).all()


def posted(tx: Tx, channel: str, stamp: str) -> Delivery | None:
    """The message that was posted in `channel` as `stamp`."""
    tx.flush()
    return tx.session.exec(
        select(Delivery).where(Delivery.posted_in == channel, Delivery.posted_as == stamp).limit(1)
    ).first()


def troubled(tx: Tx, subject: Subject) -> Sequence[Any]:
    """The messages about a subject that were never posted and are held back, or that are parked, oldest first."""
    tx.flush()
    return tx.connection.execute(TROUBLED, {"kind_of": subject.kind, "id_of": subject.id, "at_present": tx.now}).all()


def thread_of(tx: Tx, delivery: Delivery) -> tuple[str, str] | None:
    """Channel and stamp of the message in whose thread this one belongs."""
    if delivery.parent_key is None:
        return None
    parent = tx.connection.execute(PARENT, {"parent": delivery.parent_key}).one()
    return (parent.posted_in or "", parent.posted_as or "")


_ROW = DELIVERIES.c
_NOW = bindparam("at_present", type_=Instant())
_WAS_SENT = _ROW.state == "sent"
SHOWING_ANEW = (
    update(DELIVERIES)
    .where(_ROW.editable, _ROW.state.in_(("waiting", "sending", "sent")))
    .values(
        revision=_ROW.revision + 1,
        state=case((_WAS_SENT, "waiting"), else_=_ROW.state),
        priority=case((_WAS_SENT, int(Priority.UPDATE)), else_=_ROW.priority),
        due_at=case((_WAS_SENT, _NOW), else_=_ROW.due_at),
    )
)
PARENT = select(_ROW.posted_in, _ROW.posted_as).where(_ROW.key == bindparam("parent"))
TROUBLED = (
    select_columns(_ROW.kind, _ROW.recipient, _ROW.address, _ROW.state, _ROW.posted_as, _ROW.delayed_until, _ROW.error)
    .where(
        _ROW.subject_kind == bindparam("kind_of"),
        _ROW.subject_id == bindparam("id_of"),
        or_(_ROW.state == "parked", and_(_ROW.posted_as.is_(None), _ROW.delayed_until > _NOW)),
    )
    .order_by(_ROW.id)
)


_PARENT, _OF_ALL = DELIVERIES.alias("parent").c, LANES.alias("of_all").c
WAITING_IN_LANES = (
    select_columns(
        func.min(_ROW.due_at),
        *(
            func.coalesce(func.min(at), LONG_AGO, type_=Instant())
            for at in (LANES.c.leased_until, LANES.c.free_at, _OF_ALL.leased_until)
        ),
    )
    .outerjoin(LANES, LANES.c.lane == _ROW.lane)
    .outerjoin(_OF_ALL.lane.table, _OF_ALL.lane == lane_of_all(_ROW))
    .outerjoin(_PARENT.key.table, _PARENT.key == _ROW.parent_key)
    .where(is_in("waiting"), or_(_ROW.parent_key.is_(None), _PARENT.posted_as.is_not(None)))
    .group_by(_ROW.lane)
)
"""When the first message of each lane is due, and from when on the lane and that of all addresses are free."""


def unpark(tx: Tx, workspace: str, addresses: Collection[str]) -> int:
    """Try the parked messages to these addresses again; return how many there are."""
    tx.flush()
    tried = tx.connection.execute(
        update(DELIVERIES)
        .where(DELIVERIES.c.workspace == workspace, DELIVERIES.c.address.in_(addresses), is_in("parked"))
        .values(state="waiting", due_at=tx.now, attempts=0, error=None)
    )
    tx.nudge("outbox")
    return int(tried.rowcount)


def in_trouble(tx: Tx, plan_id: int) -> Sequence[Delivery]:
    """What is parked, of one plan, newest first."""
    tx.flush()
    return tx.session.exec(
        select(Delivery).where(Delivery.plan_id == plan_id, is_in("parked")).order_by(col(Delivery.id).desc()).limit(50)
    ).all()


def counts(tx: Tx) -> dict[str, int]:
    """How many messages are in each state that somebody may have to look at."""
    asked = [select(func.count()).where(is_in(state)).scalar_subquery() for state in COUNTED]
    return dict(zip(COUNTED, tx.connection.execute(select(*asked)).one(), strict=True))


def next_due(tx: Tx) -> datetime | None:
    """When the next waiting message may go, as far as is known now; None when nothing waits."""
    found = tx.connection.execute(WAITING_IN_LANES)
    return min((max(due, leased, free - BURST, all_free) for due, leased, free, all_free in found), default=None)


def _row(tx: Tx, post: Post) -> dict[str, Any]:
    due_at = max(post.not_before or tx.now, tx.now)
    falls_back = post.priority == Priority.PAGE and post.medium == SLACK and post.recipient
    return {
        "key": post.key,
        "plan_id": post.plan_id,
        "workspace": post.workspace,
        "medium": post.medium,
        "address": post.address,
        "lane": f"{post.workspace}/{post.medium}/{post.address}",
        "priority": int(post.priority),
        "kind": post.kind,
        "subject_kind": post.subject.kind,
        "subject_id": post.subject.id,
        "args": post.args,
        "recipient": post.recipient,
        "parent_key": post.parent_key,
        "editable": post.editable,
        "superseded": False,
        "state": "waiting",
        "revision": 1,
        "sent_revision": 0,
        "created_at": tx.now,
        "due_at": due_at,
        "fallback_at": due_at + FALLBACK_AFTER if falls_back else None,
        "attempts": 0,
        "fence": 0,
        "trace": tx.trace,
    }
