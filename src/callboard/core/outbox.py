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
    BindParameter,
    Boolean,
    ColumnElement,
    Index,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    text,
    tuple_,
    update,
)
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col, select

from callboard.core import timeline
from callboard.core.bulk import Bulk
from callboard.core.db import Instant
from callboard.core.subject import Subject
from callboard.core.ticks import hindered
from callboard.core.timeline import BigId

if TYPE_CHECKING:
    from callboard.core.db import Tx

LEASE = timedelta(seconds=15)
PACE = timedelta(seconds=1)
BURST = timedelta(seconds=2)
DOUBT = timedelta(seconds=3)
# Where a message can be looked up, it may show up later than it was accepted.
SHOWN_AFTER = timedelta(seconds=10)
PAUSE_OF_A_PAGE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=60)
FALLBACK_AFTER = timedelta(seconds=60)
UNACCEPTED = "pages unaccepted"
STUCK_AFTER = timedelta(minutes=5)
COUNTED = ("waiting", "sending", "parked")
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
    """The pace of one address, shared by all replicas: who sends there now, and when the next message may go."""

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
    medium: str = "slack"
    args: dict[str, Any] = field(default_factory=dict)
    recipient: str | None = None
    parent_key: str | None = None
    editable: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True)
class Message:
    """What a renderer makes: plain text, and the medium's own blocks where it has any."""

    text: str
    blocks: Sequence[dict[str, Any]] = ()
    title: str = ""


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


def enqueue(tx: Tx, posts: Iterable[Post]) -> None:
    """Add messages in one statement. A key that is there already is left as it is."""
    rows = [_row(tx, post) for post in posts]
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
    row = DELIVERIES.c
    was_sent = row.state == "sent"
    tx.connection.execute(
        update(DELIVERIES)
        .where(which, row.editable, row.state.in_(("waiting", "sending", "sent")))
        .values(
            revision=row.revision + 1,
            state=case((was_sent, "waiting"), else_=row.state),
            priority=case((was_sent, int(Priority.UPDATE)), else_=row.priority),
            due_at=case((was_sent, bindparam("touched_at", tx.now, type_=Instant())), else_=row.due_at),
            **also,
        )
    )
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
MINE = select(Delivery).where(_ROW.id == bindparam("row")).with_for_update()
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
_STILL_MINE = and_(_ROW.id == bindparam("row"), _ROW.fence == bindparam("taken_as"), _ROW.state == "sending")
_SHOWS: BindParameter[int] = bindparam("shows")
_CHANGED = or_(_ROW.revision > _SHOWS, bindparam("unlike", type_=Boolean()))
ACCEPTING = (
    update(DELIVERIES)
    .where(_STILL_MINE)
    .values(
        sent_revision=_SHOWS,
        posted_in=func.coalesce(bindparam("in_place"), _ROW.posted_in),
        posted_as=func.coalesce(bindparam("as_stamp"), _ROW.posted_as),
        posted_at=func.coalesce(_ROW.posted_at, _NOW),
        shown=func.coalesce(bindparam("looks"), _ROW.shown),
        lane=bindparam("next_lane"),
        attempts=0,
        state=case((_CHANGED, "waiting"), else_="sent"),
        priority=case((_CHANGED, int(Priority.UPDATE)), else_=_ROW.priority),
        due_at=case((_CHANGED, _NOW), else_=_ROW.due_at),
        **dict.fromkeys(("fallback_at", "doubtful_since", "error")),
    )
    .returning(_ROW.id)
)
LEAVING = (
    update(DELIVERIES)
    .where(_STILL_MINE)
    .values(sent_revision=_SHOWS, state=case((_ROW.revision == _SHOWS, "sent"), else_="waiting"), attempts=0)
    .returning(_ROW.id)
)
LANE = select(LANES.c.free_at).where(LANES.c.lane == bindparam("name")).with_for_update()
PACING = (
    update(LANES)
    .where(LANES.c.lane == bindparam("name"))
    .values(leased_until=_NOW, free_at=bindparam("free_again", type_=Instant()))
)
FREEING = update(LANES).where(LANES.c.lane == bindparam("name")).values(leased_until=_NOW)


def accepted(
    tx: Tx, taken: Delivery, *, posted_in: str | None = None, posted_as: str | None = None, shown: str | None = None
) -> None:
    """The medium has it. What was touched meanwhile waits again, as an edit; so does what looks nobody knows how."""
    edit_lane = f"{taken.workspace}/{taken.medium}/{posted_in or taken.posted_in}/edit"
    settled = tx.connection.execute(
        ACCEPTING,
        {
            "row": taken.id,
            "taken_as": taken.fence,
            "at_present": tx.now,
            "shows": taken.revision,
            "unlike": shown is None and taken.editable,
            "in_place": posted_in or None,
            "as_stamp": posted_as or None,
            "looks": shown or None,
            "next_lane": edit_lane if taken.editable and posted_as else taken.lane,
        },
    ).first()
    if settled is None:
        return
    _release(tx, taken.lane, used=True)
    if taken.delayed_until is not None and taken.posted_at is None:
        touch(tx, taken.subject_kind, [taken.subject_id])
    tx.nudge("outbox")


def dropped(tx: Tx, taken: Delivery, reason: str) -> None:
    """It was no longer true: it is not sent, and the timeline says why."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    _release(tx, taken.lane, used=False)
    delivery.fallback_at = None
    delivery.sent_revision = delivery.revision
    delivery.state = "sent" if delivery.posted_as else "dropped"
    if delivery.state == "dropped":
        timeline.record(
            tx,
            delivery.plan_id,
            delivery.subject,
            "dropped a message",
            kind=delivery.kind,
            to=delivery.recipient or delivery.address,
            reason=reason,
        )
    tx.session.add(delivery)


def unchanged(tx: Tx, taken: Delivery) -> None:
    """It already shows what it should: nothing was sent."""
    found = {"row": taken.id, "taken_as": taken.fence, "shows": taken.revision}
    if tx.connection.execute(LEAVING, found).first() is not None:
        _release(tx, taken.lane, used=False)


def delayed(tx: Tx, taken: Delivery, until: datetime) -> None:
    """The medium asks for patience with this address: its whole lane waits, and what is said elsewhere says so."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    delivery.state, delivery.due_at, delivery.attempts = "waiting", until, 0
    tx.session.add(delivery)
    tx.session.flush()
    tx.connection.execute(update(LANES).where(LANES.c.lane == taken.lane).values(leased_until=until))
    row = DELIVERIES.c
    held = and_(row.lane == taken.lane, row.state == "waiting", row.posted_as.is_(None))
    subjects = tx.connection.execute(
        update(DELIVERIES).where(held).values(delayed_until=until).returning(row.subject_kind, row.subject_id)
    ).all()
    for kind in {kind for kind, _ in subjects}:
        touch(tx, kind, {subject_id for of, subject_id in subjects if of == kind})


def doubtful(tx: Tx, taken: Delivery, error: str) -> None:
    """The answer was lost: it is looked up before it is sent again."""
    _retry(tx, taken, tx.now + DOUBT, error, in_doubt=True)


def failed(tx: Tx, taken: Delivery, error: str) -> None:
    """It was not accepted, for a reason that passes: it is tried again, less and less often."""
    longest = PAUSE_OF_A_PAGE if taken.priority == Priority.PAGE else LONGEST_PAUSE
    pause = min(timedelta(seconds=2 ** min(taken.attempts, 6)), longest)
    _retry(tx, taken, tx.now + pause, error, in_doubt=False)


def park(tx: Tx, taken: Delivery, error: str) -> None:
    """No further try will help as things are. Whoever subscribes to `DeliveriesParked` makes it known."""
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    delivery.state, delivery.error = "parked", error
    tx.session.add(delivery)
    tx.session.flush()
    _release(tx, taken.lane, used=False)
    timeline.record(
        tx,
        delivery.plan_id,
        delivery.subject,
        "parked a message",
        kind=delivery.kind,
        to=delivery.recipient or delivery.address,
        reason=error,
    )
    touch(tx, delivery.subject_kind, [delivery.subject_id])
    tx.publish(DeliveriesParked([delivery]))


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
    parent = aliased(Delivery)
    found = tx.session.exec(
        select(
            func.min(Delivery.due_at),
            func.coalesce(func.min(Lane.leased_until), LONG_AGO, type_=Instant()),
            func.coalesce(func.min(Lane.free_at), LONG_AGO, type_=Instant()),
        )
        .outerjoin(Lane, col(Lane.lane) == col(Delivery.lane))
        .outerjoin(parent, col(parent.key) == col(Delivery.parent_key))
        .where(
            is_in("waiting"),
            or_(col(Delivery.parent_key).is_(None), col(parent.posted_as).is_not(None)),
        )
        .group_by(col(Delivery.lane))
    )
    return min((max(due, leased, free - BURST) for due, leased, free in found), default=None)


def unaccepted_pages(tx: Tx, limit: int) -> Sequence[int]:
    """Ids of pages that no medium has accepted by the instant they were to fall back."""
    ids = tx.session.exec(
        select(Delivery.id)
        .where(col(Delivery.fallback_at) <= tx.now, ~hindered(UNACCEPTED, Delivery.id, tx.now))
        .order_by(col(Delivery.fallback_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [i for i in ids if i is not None]


def fall_back(tx: Tx, ids: Sequence[int]) -> None:
    """Tell whoever knows other ways to the person; each page falls back once.

    A page that no medium has refused yet is only waiting for its turn: it gets some minutes more.
    """
    pages = tx.session.exec(
        select(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.fallback_at).is_not(None))
    ).all()
    unaccepted = []
    for page in pages:
        refused = page.error or page.delayed_until or page.doubtful_since
        if refused or page.due_at + STUCK_AFTER <= tx.now:
            unaccepted.append(page)
            page.fallback_at = None
        else:
            page.fallback_at = page.due_at + STUCK_AFTER
        tx.session.add(page)
    tx.session.flush()
    if unaccepted:
        tx.publish(PagesUnaccepted(unaccepted))


def next_fall_back(tx: Tx) -> datetime | None:
    """When the next page falls back."""
    waiting = ~hindered(UNACCEPTED, Delivery.id, tx.now)
    return tx.session.exec(select(func.min(Delivery.fallback_at)).where(waiting)).one()


def _row(tx: Tx, post: Post) -> dict[str, Any]:
    due_at = max(post.not_before or tx.now, tx.now)
    falls_back = post.priority == Priority.PAGE and post.medium == "slack" and post.recipient
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


def _mine(tx: Tx, taken: Delivery) -> Delivery | None:
    """The row as it is now, locked; None when another replica has taken it since."""
    delivery = tx.session.execute(MINE, {"row": taken.id}).scalar_one()
    return delivery if delivery.fence == taken.fence and delivery.state == "sending" else None


def _release(tx: Tx, lane: str, *, used: bool) -> None:
    freed = {"name": lane, "at_present": tx.now}
    free_at = tx.connection.execute(LANE, {"name": lane}).scalar() if used else None
    if free_at is None:
        tx.connection.execute(FREEING, freed)
    else:
        tx.connection.execute(PACING, {**freed, "free_again": max(free_at, tx.now) + PACE})


def _retry(tx: Tx, taken: Delivery, at: datetime, error: str, *, in_doubt: bool) -> None:
    delivery = _mine(tx, taken)
    if delivery is None:
        return
    delivery.state, delivery.due_at, delivery.error = "waiting", at, error
    if in_doubt and delivery.posted_as is None:
        delivery.doubtful_since = tx.now
    _release(tx, taken.lane, used=in_doubt)
    tx.session.add(delivery)
